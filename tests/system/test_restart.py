# SPDX-License-Identifier: BSD-2-Clause
"""Partitions that begin anew: by their own reset, after failures with a budget, or not at all; the others notice nothing."""
import re

import pytest
from test_guests import judge

SYSTEM = """/dts-v1/; / {{ chosen {{
again {{ compatible = "xen,domain"; memory = <0 0x1000>; cpus = <{cpus}>; vpl011; {life}
    kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "restart.bin"; bootargs = "{args}"; }}; }};
victim {{ compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; vpl011;
    kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "victim.bin"; bootargs = "rounds=200"; }}; }};
}}; }};"""


def boot(lab, cpus=3, life="", args="", timeout=120, **options):
    path = lab.folder / "restart.dts"
    path.write_text(SYSTEM.format(cpus=cpus, life=life, args=args))
    return lab.boot(path, timeout=timeout, **options)


def starts(console):
    return sum(bool(re.match(r"again started ", line)) for line in console.lines)


@pytest.mark.parametrize("board", ["qemu-virt", "qemu-virt-gicv2"])
def test_begins_anew_a_thousand_times(lab, board):
    times = 1000 if board == "qemu-virt" else 50
    console = boot(lab, args=f"times={times}", board=board)
    judge(console.partitions["again"].output)
    assert starts(console) == times + 1
    assert console.partitions["again"].ended == "off"
    judge(console.partitions["victim"].output)  # the partition beside it has noticed nothing
    assert console.status == 0


def test_failures_have_a_budget(lab):
    console = boot(lab, life='bulkhead,on-failure = "restart"; bulkhead,restart-budget = <3 600>;', args="times=99 how=2")
    failed = console.find("failed, reason 0x8 ")
    assert [line.rsplit(": ", 1)[1] for line in failed] == ["begins anew"] * 3 + ["stopped"]
    assert all("syndrome 0xdead address 0xbeef" in line for line in failed)
    assert starts(console) == 4
    judge(console.partitions["victim"].output)
    assert console.status == 0  # stopped for good, it has ended like the other


def test_a_failure_stops_by_itself(lab):
    console = boot(lab, cpus=1, args="times=99 how=2")
    assert len(console.find("failed, reason 0x8 ")) == 1
    assert starts(console) == 1


def test_a_reset_may_be_the_end(lab):
    console = boot(lab, cpus=2, life='bulkhead,on-reset = "stop";', args="times=99 how=0")
    assert starts(console) == 1
    assert console.partitions["again"].ended == "reset"


def test_a_failure_may_reset_the_platform(lab):
    console = boot(lab, cpus=1, life='bulkhead,on-failure = "reset-platform";', args="times=99 how=2")
    assert not console.find("every partition has ended")  # QEMU ends at a reset here (-no-reboot)
    assert console.status == 0
