# SPDX-License-Identifier: BSD-2-Clause
"""The console service: whole lines of all partitions, in turns; what is typed; what is dropped; its end."""
import re
import subprocess

import pytest
from bulkheadlib import guests
from bulkheadlib.console import Console
from bulkheadlib.places import ROOT
from bulkheadlib.qemu import Run
from conftest import BUILD, HERE

SWITCH = "\x01\x01\x01"
LINES = 300


def describe(lab, *domains, console="", options=""):
    """Domains as Lab.describe takes them, with a console service."""
    path = lab.describe(*domains)
    node = f'console {{ compatible = "bulkhead,console"; {console} }};'
    text = path.read_text().replace("chosen {", f"chosen {{ {node}", 1).replace("vpl011;", f"vpl011; {options}")
    path.write_text(text)
    return path


def chatter(number, lines=LINES):
    return f"{number} " + "".join(chr(ord("a") + (number + at) % 26) for at in range(number * 7 % 100)) + "."


def check_chatter(partition, lines=LINES):
    assert partition.output[:lines] == [chatter(number) for number in range(lines)]
    assert partition.output[lines].startswith("sent ")
    assert partition.ended == "off"


@pytest.mark.parametrize("cpus, board", [(4, "qemu-virt"), (3, "qemu-virt"), (3, "qemu-virt-gicv2")],
                         ids=["own core", "shared core", "shared core, gicv2"])
def test_no_line_is_lost_or_torn(lab, cpus, board):
    """Three partitions say all they can at once; one of them looks at no flag of its UART's FIFO but the last."""
    names = "one", "two", "three"
    console = lab.boot(describe(lab, *((name, 1, "chatter.bin", f"lines={LINES}") for name in names)), cpus=cpus,
                       board=board, timeout=60)
    for name in names:
        check_chatter(console.partitions[name])
    assert not console.find("lost")
    assert console.status == 0
    turns = [line[1:4] for line in console.lines if re.match(r"\[(one|two|three)\] \d", line)]
    assert sum(a != b for a, b in zip(turns, turns[1:])) > LINES // 2, "they do not take turns"


def test_what_is_dropped_is_counted(lab):
    """On a core with a guest that never waits, the service has a tenth of the time at most, or less than that."""
    system = describe(lab, ("flood", 1, "chatter.bin", f"lines={10 * LINES} blind=1"),
                      console='bulkhead,core = <0>; bulkhead,budget = <50 20000>;',
                      options='bulkhead,console-full = "drop";')
    console = lab.boot(system, cpus=1, timeout=60)
    lost = [int(match[1]) for line in console.lines if (match := re.fullmatch(r"flood lost (\d+) characters", line))]
    sent = sum(len(chatter(number)) + 1 for number in range(10 * LINES))
    last = f"sent {sent}"
    sent += len(last) + 1
    assert lost, "nothing was dropped: this test asks too little"
    whole = {chatter(number) for number in range(10 * LINES)} | {last}
    # a line is whole, or what is missing to its end is counted behind it
    got = unsure = 0
    for line, follows in zip(console.lines, console.lines[1:]):
        if line.startswith("[flood] "):
            cut = follows.startswith("flood lost ")
            assert line[8:] in whole or cut, line
            got += len(line[8:]) + (not cut)
            unsure += cut and line[8:] in whole  # whether its line feed came nobody can see
    assert got + sum(lost) <= sent <= got + unsure + sum(lost)
    assert console.partitions["flood"].ended == "off"


def test_lines_with_time_stamps(lab):
    path = describe(lab, ("hello", 1, "hello.bin", "x"), console="bulkhead,stamps;")
    console = lab.boot(path, cpus=2)
    stamped = [match for line in console.lines if (match := re.fullmatch(r"(\d+\.\d{6}) (\[hello\] .*|hello .*)", line))]
    assert len(stamped) >= 3
    times = [float(match[1]) for match in stamped]
    assert times == sorted(times) and 0 < times[-1] < 100
    assert console.partitions["hello"].find("hello from EL1")


def converse(lab, system, steps, timeout=60, **options):
    """Boots, and types the next step's keys when its text has been seen; the console."""
    console, steps = Console(), list(steps)
    with Run(lab.machine(lab.pack(system), keyboard=True, **options)) as run:
        for line in run.lines(timeout):
            print(line)
            console.feed(line)
            if steps and re.search(steps[0][0], line):
                run.type(steps.pop(0)[1].encode())
        console.status = run.status
    assert not steps, f"never seen: {steps[0][0]}"
    return console


def test_typed_input_reaches_who_is_chosen(lab):
    """Behind the FIFO's levels, without FIFO, more at once than the FIFO holds, to one guest and to another."""
    long = "x" * 60
    console = converse(lab, describe(lab, ("one", 1, "echo.bin"), ("two", 1, "echo.bin")), [
        (r"^\[two\] type$", "first\r"), (r"^\[one\] heard 5: first", f"{long}\r"),
        (r"^\[one\] heard 60: x", "nofifo\r"), (r"^\[one\] heard 6: nofifo", f"{long[:40]}\r"),
        (r"^\[one\] heard 40", SWITCH), (r"^console: input goes to two$", "second\r"),
        (r"^\[two\] heard 6: second", "\x01\x01a\r"), (r"^\[two\] heard 3", f"off\r{SWITCH}"),
        (r"^console: input goes to one$", "off\r")], cpus=2)
    assert {partition.ended for partition in console.partitions.values()} == {"off"}
    assert console.status == 0


def test_a_shell_on_linux(lab):
    """Typed at through the switch, beside a guest that has the first turn."""
    init = lab.folder / "init"
    init.write_text("#!/bin/busybox sh\necho a shell\nexec /bin/busybox sh -i\n")
    ramdisk = lab.folder / "shell"
    guests.initramfs(ramdisk, init)
    system = describe(lab, ("echo", 1, "echo.bin"),
                      ("linux", 1, "linux", "console=ttyAMA0 quiet panic=-1", 256, "shell"))
    console = converse(lab, system, [
        (r"^\[linux\] a shell$", SWITCH), (r"^console: input goes to linux$", "echo $((6*7))-answer\r"),
        (r"^\[linux\] 42-answer$", f"/bin/busybox poweroff -f\r{SWITCH}"), (r"^console: input goes to echo$", "off\r")],
        timeout=90, cpus=2)
    assert {partition.ended for partition in console.partitions.values()} == {"off"}


def spoil(image, program, symbol):
    """The program's function begins with BRK: it fails when it gets there."""
    elf = BUILD / f"{program}.elf"
    text = subprocess.run(["aarch64-linux-gnu-nm", elf], check=True, capture_output=True, text=True).stdout
    at = int(re.search(rf"^(\w+) \w {symbol}$", text, re.MULTILINE)[1], 16) - 0x200000
    data, content = bytearray(image.read_bytes()), (BUILD / f"{program}.bin").read_bytes()
    start = data.index(content)
    data[start + at:start + at + 4] = (0xd4200000).to_bytes(4, "little")
    image.write_bytes(data)


def test_guests_go_on_without_the_console(lab):
    """It fails at a key. What they say then is lost, and each comes to its end all the same."""
    system = describe(lab, ("one", 1, "chatter.bin", "lines=3000 pause=100"),
                      ("two", 1, "chatter.bin", "lines=20 pause=100000"))
    image = lab.pack(system)
    spoil(image, "console", "mux_key")
    console = Console()
    with Run(lab.machine(image, cpus=3, keyboard=True)) as run:
        for line in run.lines(60):
            print(line)
            console.feed(line)
            if line.startswith("[two] 3 "):
                run.type(b"k")
    assert console.find("bulkhead: partition 0x3 failed, reason 0x6")
    assert console.find("bulkhead: every partition has ended")


def test_it_goes_on_for_those_who_stay(lab):
    """Nobody is waited for: the console prints all they say, and neither it nor the machine ends."""
    system = describe(lab, ("one", 1, "chatter.bin", f"lines={LINES}"), ("two", 1, "chatter.bin", f"lines={LINES}"),
                      options="bulkhead,stays;")
    console = lab.boot(system, cpus=3, until="ended off")
    assert console.status is None, "the machine has ended"
    name = next(name for name, partition in console.partitions.items() if partition.ended)
    check_chatter(console.partitions[name])


def test_it_waits_for_who_has_not_begun(lab):
    """Of two one stays, and the other one has not been started yet by it: the machine goes on."""
    system = describe(lab, ("keeper", 1, "control.bin", "periods=1000"), ("late", 1, "hello.bin"))
    text = system.read_text().replace("keeper {", "keeper { bulkhead,stays; capabilities = <1>;", 1)
    system.write_text(text.replace("late {", 'late { bulkhead,start = "manual";', 1))
    console = lab.boot(system, cpus=3, until="keeper ended off")
    assert console.status is None, "the machine has ended"
    assert console.partitions["keeper"].ended == "off"


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    """Counts instructions of one range, core by core."""
    library = tmp_path_factory.mktemp("plugin") / "count.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, HERE / "count.c"], check=True)
    return library


def counted(lab, plugin, lines, first, end):
    """Instructions of a range of addresses on the core of a partition that sums up, beside one that says so many
    lines."""
    out = lab.folder / "counts"
    system = describe(lab, ("flood", 1, "chatter.bin", f"lines={lines}"), ("sum", 1, "checksum.bin", "rounds=300"))
    console = lab.boot(system, cpus=3, extra=["-plugin", f"{plugin},first={first:#x},end={end:#x},out={out}"])
    check_chatter(console.partitions["flood"], lines)
    assert console.partitions["sum"].ended == "off"
    return int(out.read_text().split()[1])


@pytest.mark.parametrize("first, end", [(0x800000000000, 0x800100000000), (0x200000, 0x600000)], ids=["EL2", "EL0"])
def test_a_flood_costs_the_others_nothing(lab, plugin, first, end):
    """What the kernel, and what programs at EL0 execute on a core whose guest says little, with and without a flood of
    lines elsewhere: alike, but for when somebody happened to ask to be woken. An instruction a character would be
    30,000."""
    lines = 600
    alone, beside = counted(lab, plugin, 1, first, end), counted(lab, plugin, lines, first, end)
    assert sum(len(chatter(number)) for number in range(lines)) > 30000
    assert abs(beside - alone) < 6000, f"{alone} instructions without, {beside} with"


def test_lines_without_the_service_stay_whole(lab):
    """With the longest name: what the kernel keeps together is a line with its end."""
    name, text = "n" * 31, "x" * 500
    limit = int(re.search(r"LIMIT_LINE\s+(\d+)u", (ROOT / "config/pools.h").read_text())[1])
    console = lab.boot(lab.describe((name, 1, "hello.bin", text)))
    lines = [line for line in console.lines if line.startswith(f"[{name}] ")]
    assert max(map(len, lines)) + 1 <= limit and len(lines) >= 4
    assert "".join(console.partitions[name].output).count("x") == 500 + "hello from EL1, args: ".count("x")
