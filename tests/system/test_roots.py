# SPDX-License-Identifier: BSD-2-Clause
"""Managers made for tests: guests with far too many rights, a device with its interrupt, a monitor that cannot run."""
import pytest
from bulkheadlib.boards import BOARDS
from differences import judge


@pytest.mark.parametrize("board", BOARDS)
def test_granted_rights(lab, board):
    system = lab.describe(("first", 1, "grants.bin"), ("second", 1, "grants.bin", "neighbour=1"))
    console = lab.boot(system, kernel="kernel-grants.bin", cpus=2, board=board)
    assert not console.find("authority over a neighbour was given away")
    judge(console.partitions["first"].output)
    judge(console.partitions["second"].output)
    assert console.status == 0


def test_a_broken_monitor_ends_its_own_partition_only(lab):
    """The second partition's monitor faults at its first instruction; the others do not notice."""
    system = lab.describe(("first", 1, "hello.bin"), ("broken", 1, "hello.bin"), ("third", 1, "hello.bin"))
    console = lab.boot(system, kernel="kernel-grants.bin", cpus=3)
    assert console.partitions["first"].ended == "off"
    assert console.partitions["third"].ended == "off"
    assert "broken" not in console.partitions or not console.partitions["broken"].output
    assert any("partition 0x2 failed, reason 0x6" in line for line in console.lines)
    assert console.status == 0
