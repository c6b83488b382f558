# SPDX-License-Identifier: BSD-2-Clause
"""Services: a program at EL0 that shares a core with a guest. What enters it, what it may cost the guest, its failures."""
import shutil

from differences import judge


def boot(lab, args, board="qemu-virt", beside=(), **options):
    shutil.copy(lab.build / "test_service.bin", lab.folder)
    system = lab.describe(("asks", 1, "service.bin", args, 16, "test_service.bin"), *beside)
    return lab.boot(system, kernel="kernel-services.bin", board=board, cpus=1 + len(beside), timeout=30, **options)


def test_shares_a_core_and_no_more_than_its_budget(lab):
    """Time is instructions here."""
    console = boot(lab, "times=1", icount=0)
    judge(console.partitions["asks"].output)
    assert [line.rsplit(": ", 1)[1] for line in console.find("partition 0x2 failed")] == ["begins anew", "stopped"]
    assert console.status == 0


def test_stuck_for_ever_it_costs_its_budget(lab):
    console = boot(lab, "times=1 stuck=1", icount=0)
    judge(console.partitions["asks"].output)
    assert console.partitions["asks"].ended == "off"
    assert console.status == 0
