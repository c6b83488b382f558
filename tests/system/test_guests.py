# SPDX-License-Identifier: BSD-2-Clause
"""Guests that check their own machine and report in TAP: under Bulkhead, and on QEMU's bare board, which they must
find alike."""
import re

import pytest
from bulkheadlib.qemu import Machine, Run
from conftest import BUILD

GUESTS = {"gic": 1, "timers": 1, "psci": 2, "smp": 4, "overflow": 1, "faults": 1, "idregs": 1, "fp": 2,
          "uart": 2}  # vCPUs


def judge(lines):
    """Asserts that a TAP report is whole and holds no failure."""
    results = [match for match in (re.match(r"(not )?ok (\d+)\b(.*)", line) for line in lines) if match]
    plans = [match for match in (re.match(r"1\.\.(\d+)$", line) for line in lines) if match]
    failed = [match[0] for match in results if match[1]]
    assert not failed, "; ".join(failed)
    assert len(plans) == 1, "no plan: the guest did not come to its end"
    assert [int(match[2]) for match in results] == list(range(1, int(plans[0][1]) + 1))
    assert results


@pytest.mark.parametrize("cpu", ["cortex-a53", "cortex-a72", "max"])
@pytest.mark.parametrize("guest", GUESTS)
def test_under_bulkhead(lab, guest, cpu):
    console = lab.boot(lab.describe((guest, GUESTS[guest], f"{guest}.bin")), timeout=30, cpu=cpu)
    judge(console.partitions[guest].output)
    assert console.partitions[guest].ended == "off"
    assert console.status == 0


@pytest.mark.parametrize("guest", GUESTS)
def test_on_the_bare_board(guest):
    machine = Machine(BUILD / f"guests/{guest}.bin", cpus=GUESTS[guest], memory=64, board="virt,gic-version=3")
    with Run(machine) as run:
        lines = list(run.lines(30))
    for line in lines:
        print(line)
    judge(lines)


def test_eight_cores_in_one_partition(lab):
    console = lab.boot(lab.describe(("smp", 8, "smp.bin")), cpus=8)
    judge(console.partitions["smp"].output)


def test_eight_partitions(lab):
    names = [f"p{number}" for number in range(8)]
    console = lab.boot(lab.describe(*((name, 1, "hello.bin", name) for name in names)), cpus=8)
    for name in names:
        assert console.partitions[name].find(f"hello from EL1, args: {name}$")
        assert console.partitions[name].ended == "off"


def test_guests_side_by_side(lab):
    console = lab.boot(lab.describe(("smp", 4, "smp.bin"), ("overflow", 1, "overflow.bin"), ("gic", 1, "gic.bin"),
                                    ("idregs", 1, "idregs.bin"), ("fp", 1, "fp.bin")), cpus=8)
    assert set(console.partitions) == {"smp", "overflow", "gic", "idregs", "fp"}
    for partition in console.partitions.values():
        judge(partition.output)
    assert console.status == 0

