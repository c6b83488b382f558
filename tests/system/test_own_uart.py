# SPDX-License-Identifier: BSD-2-Clause
"""A partition that has the board's UART: it is typed at without anything between, begins anew with it, and the others
neither reach it nor are heard."""
import re

import pytest
from bulkheadlib import guests
from bulkheadlib.boards import BOARDS
from bulkheadlib.qemu import Run
from terminal import Terminal

WRONG = 'bulkhead,on-failure = "reset-platform";'  # ends QEMU, without the kernel's last line
ENDED = r"^bulkhead: every partition has ended$"


def describe(lab, owner, *domains, options=""):
    """Domains as Lab.describe takes them, of which one has the board's UART, and can be reset."""
    path = lab.describe(*domains)
    own = 'bulkhead,uart = "physical";'
    text = re.sub(rf'(^ ?{owner} {{.*?)vpl011; bulkhead,on-reset = "stop";', rf"\1{own}",
                  path.read_text().replace("{ chosen {", "{ chosen {\n"), flags=re.MULTILINE | re.DOTALL)
    assert own in text
    path.write_text(text.replace("vpl011;", options) if options else text)
    return path


def talk(lab, system, board="qemu-virt", **options):
    return Run(lab.machine(lab.pack(system, board=board), board=BOARDS[board].machine, keyboard=True, **options))


@pytest.mark.parametrize("board", BOARDS)
def test_typed_at_and_begun_anew(lab, board):
    """By receive interrupts alone; the reset comes while one is in hand. Its neighbour fails if it notices anything."""
    long = "x" * 60
    system = describe(lab, "echo", ("stranger", 1, "stranger.bin", "rounds=100"), ("echo", 1, "echo.bin"),
                      options=WRONG)
    with talk(lab, system, board, cpus=2) as run:
        terminal = Terminal(run)
        for _life in range(3):
            terminal.expect("^type$")
            terminal.type("first\r")
            terminal.expect("^first\nheard 5: first$")
            terminal.type(f"{long}\r")
            terminal.expect(f"^heard 60: {long}$")
            terminal.type("reset\r")
            terminal.expect("^heard 5: reset$")
        terminal.expect("^type$")
        terminal.type("off\r")
        terminal.expect(ENDED)
        terminal.rest()
        assert run.status == 0
    said = terminal.text[terminal.text.index("\ntype\n"):]
    assert not re.search(r"started|failed|stranger|!", said), "somebody else has written to the UART"


def test_others_have_nowhere_to_write(lab):
    """Those with an emulated UART find it taking all that they write; a warning says that nobody sees it."""
    system = describe(lab, "echo", ("echo", 1, "echo.bin"), ("mute", 1, "chatter.bin", "lines=300"))
    with talk(lab, system, cpus=2) as run:
        terminal = Terminal(run)
        terminal.expect(r"^partmgr: warning: /chosen/mute: vpl011: leads nowhere: the machine's UART is echo's$")
        terminal.expect("^type$")
        terminal.type("off\r")
        terminal.expect(ENDED)
        terminal.rest()
        assert run.status == 0
    assert "[mute]" not in terminal.text and "mute started" not in terminal.text and "sent " not in terminal.text


def test_linux(lab):
    """Debian's, with its own driver: a shell, its interrupts, a reboot, a shell again."""
    init = lab.folder / "init"
    init.write_text("#!/bin/busybox sh\n/bin/busybox mkdir -p /proc\n/bin/busybox mount -t proc proc /proc\n"
                    "echo a shell\nexec /bin/busybox sh -i\n")
    guests.initramfs(lab.folder / "shell", init)
    system = describe(lab, "linux", ("stranger", 1, "stranger.bin", "rounds=300"),
                      ("linux", 2, "linux", "console=ttyAMA0 quiet panic=-1", 256, "shell"), options=WRONG)
    with talk(lab, system, cpus=3) as run:
        terminal = Terminal(run)
        for end in ("reboot -f", "poweroff -f"):
            terminal.expect("^a shell$", timeout=90)
            terminal.type("echo $((6*7))-answer\r")
            terminal.expect("^42-answer$")
            terminal.type("/bin/busybox grep pl011 /proc/interrupts\r")
            counts = terminal.expect(r"^ *\d+: +(\d+) +(\d+) .*Level +uart-pl011$")
            assert int(counts[1]) + int(counts[2]) > 1, "its interrupts do not come"
            terminal.type(f"/bin/busybox {end}\r")
        terminal.expect(ENDED)
        terminal.rest()
        assert run.status == 0


@pytest.mark.parametrize("chosen, error", [
    ('console { compatible = "bulkhead,console"; };', "bulkhead,uart: the console service has it already"),
    ("", "bulkhead,uart: one has it already")], ids=["console service", "two"])
def test_only_one_may_have_it(lab, chosen, error):
    own = 'bulkhead,uart = "physical";'
    path = lab.describe(("one", 1, "hello.bin"), ("two", 1, "hello.bin"))
    text = path.read_text().replace("chosen {", f"chosen {{ {chosen}", 1)
    path.write_text(text.replace("vpl011;", own, 1 if chosen else 2))
    where = "one" if chosen else "two"
    console = lab.boot(path, cpus=2, until="nothing started")
    assert console.find(f"partmgr: error: /chosen/{where}: {error}")
