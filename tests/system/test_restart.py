# SPDX-License-Identifier: BSD-2-Clause
"""Partitions that begin anew: by their own reset, after failures with a budget, or not at all; what the machine does at
the end; and a partition beside them that notices nothing."""
import re
import subprocess
import time

import linux_report
import pytest
from bulkheadlib.boards import BOARDS
from bulkheadlib.qemu import Run
from conftest import BUILD, HERE
from differences import judge
from lives import KERNEL, boot, failures, starts

CRASH, EXIT = 8, 9  # enum bh_stop_reason
VICTIM = 2  # its core
ROUNDS = 6000
SUM = 4 + ROUNDS * (5 + 5 * 4096)  # instructions of tests/guests/checksum_asm.S
STRICT = 'bulkhead,on-unhandled = "fail"; bulkhead,on-failure = "restart"; '


@pytest.mark.parametrize("board", BOARDS)
def test_begins_anew_a_thousand_times(lab, board):
    times = 1000 if board == "qemu-virt" else 50
    console = boot(lab, args=f"times={times}", board=board)
    judge(console.partitions["again"].output)
    assert starts(console) == times + 1
    assert console.partitions["again"].ended == "off"
    judge(console.partitions["victim"].output)  # the partition beside it has noticed nothing
    assert console.status == 0


@pytest.mark.parametrize("board, cpus", [("qemu-virt", 1), ("qemu-virt", 4), ("qemu-virt-gicv2", 3)])
def test_begins_anew_in_every_way(lab, board, cpus):
    """SYSTEM_RESET, SYSTEM_RESET2, a crash and an unhandled exit, from each vCPU and from all at once, while the others
    are busy, wait, are off, are being started, suspended or in their monitor. The guest reads its record each time."""
    console = boot(lab, cpus, STRICT + "bulkhead,restart-budget = <100 3600>;", "times=60 how=9", board=board)
    judge(console.partitions["again"].output)
    assert starts(console) == 61
    assert failures(console) == [(CRASH, "begins anew"), (EXIT, "begins anew")] * 15
    judge(console.partitions["victim"].output)
    assert console.status == 0


def test_a_guest_that_is_stopped_at_any_moment(lab):
    """By one that may, also while it is loaded; it ends itself meanwhile in every way."""
    hello = KERNEL.format(file="victim.bin", args="rounds=100")
    path = lab.folder / "torment.dts"
    path.write_text(f"""/dts-v1/; / {{ chosen {{
again: again {{ compatible = "xen,domain"; memory = <0 0x1000>; cpus = <2>; vpl011; bulkhead,stays;
    bulkhead,on-unhandled = "fail"; bulkhead,on-failure = "restart"; bulkhead,restart-budget = <100000 3600>;
    {KERNEL.format(file="restart.bin", args="times=1000000 how=9 others=1")} }};
torment {{ compatible = "xen,domain"; memory = <0 0x1000>; cpus = <1>; vpl011; bulkhead,controls = <&again>;
    {KERNEL.format(file="torment.bin", args="times=400")} }};
victim {{ compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; vpl011; {hello} }};
}}; }};""")
    console = lab.boot(path, timeout=60)
    assert not [line for line in console.partitions["again"].output if "wrong, the first" in line]
    judge(console.partitions["torment"].output)
    judge(console.partitions["victim"].output)
    assert console.status == 0


def test_failures_have_a_budget(lab):
    console = boot(lab, life='bulkhead,on-failure = "restart"; bulkhead,restart-budget = <3 600>;', args="times=99 how=2")
    assert failures(console) == [(CRASH, "begins anew")] * 3 + [(CRASH, "stopped")]
    assert all("syndrome 0xdead address 0xbeef" in line for line in console.find("failed, reason"))
    assert starts(console) == 4
    judge(console.partitions["victim"].output)
    assert console.status == 0  # stopped for good, it has ended like the other


@pytest.mark.parametrize("life, how, expected, ended", [
    ("", 2, [(CRASH, "stopped")], None),
    ('bulkhead,on-unhandled = "fail";', 3, [(EXIT, "stopped")], None),
    ('bulkhead,on-reset = "stop";', 0, [], "reset"),
    ('bulkhead,on-failure = "reset-platform";', 2, [(CRASH, "resets the platform")], None)])
def test_what_follows(lab, life, how, expected, ended):
    console = boot(lab, 1, life, f"times=99 how={how}", None)
    assert failures(console) == expected
    assert starts(console) == 1
    assert console.partitions["again"].ended == ended
    # QEMU ends at a reset, too (-no-reboot)
    assert len(console.find("every partition has ended")) == (expected[-1:] != [(CRASH, "resets the platform")])
    assert console.status == 0


@pytest.mark.parametrize("end", ["off", "reset", "stay"])
def test_the_end_of_the_machine(lab, end):
    console = boot(lab, 1, args="times=1", victim=None, chosen=f'bulkhead,on-end = "{end}";',
                   until="every partition has ended" if end == "stay" else None)
    assert console.find("every partition has ended")
    assert (console.status is None) == (end == "stay")


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    """Counts instructions of one range, core by core."""
    library = tmp_path_factory.mktemp("plugin") / "count.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, HERE / "count.c"], check=True)
    return library


def counted(lab, plugin, life, args, **options):
    """The console, and how many instructions each core has executed in checksum_run()."""
    symbols = subprocess.run(["aarch64-linux-gnu-nm", BUILD / "guests/checksum.elf"], check=True, capture_output=True,
                             text=True).stdout
    first, end = (re.search(rf"(\w+) T {name}$", symbols, re.MULTILINE)[1] for name in ("checksum_run", "checksum_end"))
    out = lab.folder / "counts"
    out.unlink(missing_ok=True)
    console = boot(lab, 2, life, args, ("checksum.bin", f"rounds={ROUNDS}"),
                   extra=["-plugin", f"{plugin},first=0x{first},end=0x{end},out={out}"], **options)
    judge(console.partitions["victim"].output)
    assert console.status == 0
    return console, [int(line) for line in out.read_text().split()]


def test_a_sum_costs_what_it_costs_alone(lab, plugin):
    """A partition that sums up executes as many instructions beside one that never stops failing and beginning anew,
    for whose end the machine does not wait, as beside one that has long ended."""
    quiet, alone = counted(lab, plugin, "", "times=0")
    console, beside = counted(lab, plugin, STRICT + "bulkhead,restart-budget = <100000 3600>; bulkhead,stays;",
                              "times=100000 how=9")
    assert alone[VICTIM] == beside[VICTIM] == SUM
    assert quiet.partitions["victim"].output == console.partitions["victim"].output
    begins = next(at for at, line in enumerate(console.lines) if "[victim] begins" in line)
    ends = next(at for at, line in enumerate(console.lines) if "[victim] ok" in line)
    assert sum("again started" in line for line in console.lines[begins:ends]) > 10
    assert starts(quiet) == 1


def test_linux_reboots(lab):
    """Debian's kernel by `reboot`: it comes up as the first time, in the same memory."""
    linux_report.write_ramdisk(BUILD)
    path = lab.describe(("linux", 2, "linux", f"{linux_report.BOOTARGS} test.rounds=0 test.end=reset", 256,
                         linux_report.RAMDISK), ("victim", 1, "victim.bin", "rounds=50"))
    path.write_text(path.read_text().replace('bulkhead,on-reset = "stop";', ""))
    ends = lines = 0
    with Run(lab.machine(lab.pack(path), cpus=3)) as run:
        for line in run.lines(240):
            print(line)
            lines += "Booting Linux on physical CPU" in line
            assert "failed, reason" not in line and "Kernel panic" not in line
            ends += line.startswith("linux ended reset")
            if ends == 2:
                time.sleep(0.1)
                break
    assert lines == 2
