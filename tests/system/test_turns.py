# SPDX-License-Identifier: BSD-2-Clause
"""Guest and monitor take turns on a core: each finds its own registers, none goes on that has not begun, and whatever
a vCPU does ends with its partition."""
from bulkheadlib.qemu import Machine, Run
from conftest import BUILD
from differences import judge
from test_hostile import describe_rogues
from test_watchdog import boot as boot_watchdog, hangs


def test_on_the_bare_board():
    with Run(Machine(BUILD / "guests/turns.bin", cpus=1, memory=64, board="virt,gic-version=3,its=off")) as run:
        judge(list(run.lines(10)))


def test_registers_stay_with_whose_they_are(lab):
    console = lab.boot(lab.describe(("turns", 1, "turns.bin")), cpus=1, timeout=8)
    judge(console.partitions["turns"].output)
    assert console.status == 0


def test_a_vcpu_that_never_traps_ends_with_its_partition(lab):
    console = lab.boot(lab.describe(("turns", 2, "turns.bin", "second=1"), ("hello", 1, "hello.bin")), cpus=3,
                       timeout=8)
    assert console.partitions["turns"].ended == "off"
    assert console.status == 0


def boot_rogue(lab, name, guest):
    system = describe_rogues(lab, (name, 1, guest, ""), ("hello", 1, "hello.bin", ""))
    return lab.boot(system, kernel="kernel-rogue.bin", cpus=2, timeout=8)


def test_nobody_goes_on_who_has_not_begun(lab):
    """The monitor answers BH_UPCALL_LOAD as if a vCPU waited for the answer."""
    console = boot_rogue(lab, "rogue-resume", "hello.bin")
    assert console.find("partition 0x1 failed, reason 0x6")
    assert console.status == 0


def test_a_deadline_before_the_start(lab):
    """Its upcall may come before the vCPU has begun."""
    console = boot_rogue(lab, "rogue-early", "hello.bin")
    assert not console.find("failed, reason"), "the monitor's answer to its timer ends the partition"
    assert console.status == 0


def test_a_timer_stays_when_its_vcpu_goes_off(lab):
    """Of the watchdog: the vCPU that armed it, and all the others."""
    lines = boot_watchdog(lab, "sbsa", args="first=2 last=4", timeout=10).partitions["hangs"].output
    assert [way for way, _begin, _period in hangs(lines)] == [2, 3, 4]
    judge(lines)
