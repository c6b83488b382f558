# SPDX-License-Identifier: BSD-2-Clause
"""Debian's U-Boot for QEMU, unmodified, as a guest: somebody types at it, restarts it over and over, and boots a Linux
from its memory, while a neighbour's memory, registers and interrupts stay what they are."""
import zlib

from bulkheadlib.console import Console
from bulkheadlib.places import GUESTS, ROOT
from bulkheadlib.qemu import Run
from differences import judge
from disks import environment
from terminal import Terminal

SYSTEM = ROOT / "config/uboot.dts"
# the first in the description is the one that is typed at until the switch
VICTIM = """chosen {
    victim {
        compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; vpl011;
        kernel {
            compatible = "multiboot,kernel", "multiboot,module";
            bulkhead,file = "victim.bin"; bootargs = "rounds=4000";
        };
    };
"""
RESETS = 10
SWITCH = "\x01\x01\x01"  # Ctrl-A three times


def crc32(name):
    """U-Boot's command and answer for a file that is in its RAM at `place`."""
    data = (GUESTS / name).read_bytes()
    return f"{len(data):x}", f"{zlib.crc32(data):08x}"


def command(terminal, text, answer):
    """Types a line at a prompt, and waits for the answer and the next prompt."""
    terminal.type(f"{text}\r")
    terminal.expect(f"^\\[uboot\\] {answer}$")
    terminal.expect(r"^\[uboot\] => ")


def to_the_prompt(terminal):
    terminal.expect(r"^\[uboot\] U-Boot 20\d\d")
    terminal.expect("bad CRC, using default environment")
    terminal.expect("Hit any key to stop autoboot")
    terminal.type(" ")
    terminal.expect(r"^\[uboot\] => ")


def boot_linux(terminal):
    """From U-Boot's prompt to a shell that can be typed at, and to its end."""
    size, checksum = crc32("initramfs")
    command(terminal, f"crc32 44000000 {size}", f".*==> {checksum}")
    terminal.type("setenv bootargs console=ttyAMA0 loglevel=4 panic=-1 rdinit=/bin/sh\r")
    terminal.expect(r"^\[uboot\] => ")
    terminal.type(f"booti 40400000 44000000:{size} 40000000\r")
    terminal.expect("Starting kernel")
    terminal.expect(r"^\[uboot\] .*# ", 120)
    terminal.type("busybox mount -t proc proc /proc; echo $((6 * 7)) $(busybox grep -c ^processor /proc/cpuinfo)\r")
    terminal.expect(r"^\[uboot\] 42 2$")
    terminal.type("busybox poweroff -f\r")
    terminal.expect("^uboot ended off")


def test_typed_at(lab):
    path = lab.folder / "typed.dts"
    path.write_text(SYSTEM.read_text().replace("chosen {", VICTIM, 1))
    with Run(lab.machine(lab.pack(path), cpus=4, keyboard=True)) as run:
        terminal = Terminal(run)
        terminal.expect("^victim started")  # the console began before it
        terminal.type(SWITCH)
        terminal.expect("^console: input goes to uboot$")
        to_the_prompt(terminal)
        command(terminal, "echo one two", "one two")
        for number in range(RESETS):
            command(terminal, f"setenv times {number}; printenv times", f"times={number}")
            terminal.type("reset\r")
            terminal.expect("^uboot ended reset")
            to_the_prompt(terminal)
        command(terminal, "printenv times", '.*"times" not defined')
        command(terminal, "mw.l 42000000 12345678; md.l 42000000 1", "42000000: 12345678 .*")
        boot_linux(terminal)
        terminal.rest()
    console = Console()
    for line in terminal.text.splitlines():
        console.feed(line)
    judge(console.partitions["victim"].output)
    assert console.partitions["victim"].ended == "off"
    assert run.status == 0


def test_a_saved_environment(lab):
    """Nobody types; and U-Boot cannot write what it calls flash."""
    size, checksum = crc32("linux")
    (lab.folder / "u-boot-env").write_bytes(environment(
        bootdelay=0, bootcmd=f"crc32 40400000 {size}; echo the end; mw 4000000 0", preboot="echo saved: ${bootdelay}"))
    (lab.folder / "uboot.dts").write_text(SYSTEM.read_text())
    console = lab.boot(lab.folder / "uboot.dts", until="esr 0x")
    uboot = console.partitions["uboot"]
    assert uboot.find("^saved: 0$")
    assert uboot.find(f"==> {checksum}$")
    assert uboot.find("the end")
    assert uboot.find('"Synchronous Abort" handler, esr 0x96000050')
