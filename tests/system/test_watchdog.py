# SPDX-License-Identifier: BSD-2-Clause
"""The virtual watchdogs: a guest that hangs, in whatever way, begins anew; who kicks its own does not; others notice nothing."""
import re

import pytest
from test_guests import judge

SYSTEM = """/dts-v1/; / {{ chosen {{
hangs {{ compatible = "xen,domain"; memory = <0 0x1000>; cpus = <3>; vpl011; bulkhead,watchdog = "{kind}"; {life}
    kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "watchdog.bin"; bootargs = "{args}"; }}; }};
victim {{ compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; vpl011;
    kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "victim.bin"; bootargs = "rounds=200"; }}; }};
}}; }};"""
RESTART = 'bulkhead,on-failure = "restart"; bulkhead,restart-budget = <99 600>;'
WATCHDOG = 10  # BH_STOP_WATCHDOG
WAYS = 7  # in which the guest hangs
LATE = 100  # periods that an end may come late (way 6 refreshes for some): the simulator shares its host
WS1 = 4
HANGS = re.compile(r"hangs (\d+) at (\d+), (\d+): ")
FAILED = re.compile(r"failed with (\d+) on core (\d+) at (\d+), status 0x(\w+)")
# The core whose Timer keeps the time: the one that armed or refreshed it last.
KEEPER = {2: 1, 4: 1}


def boot(lab, kind, life=RESTART, args="", **options):
    path = lab.folder / "watchdog.dts"
    path.write_text(SYSTEM.format(kind=kind, life=life, args=args))
    return lab.boot(path, cpus=4, **options)


def hangs(lines):
    """(way, when it was armed or before, period) of each hang."""
    return [tuple(map(int, match.groups())) for match in map(HANGS.match, lines) if match]


def failures(lines):
    """(reason, vCPU, when, status of the watchdog in the next life) of each failure."""
    found = [match.groups() for match in map(FAILED.match, lines) if match]
    return [(int(reason), int(core), int(when), int(status, 16)) for reason, core, when, status in found]


@pytest.mark.parametrize("board", ["qemu-virt", "qemu-virt-gicv2"])
@pytest.mark.parametrize("kind", ["sbsa", "sp805"])
def test_hangs(lab, kind, board):
    console = boot(lab, kind, board=board)
    lines = console.partitions["hangs"].output
    assert [way for way, _begin, _period in hangs(lines)] == list(range(WAYS))
    assert len(failures(lines)) == WAYS
    for (way, begin, period), (reason, core, end, status) in zip(hangs(lines), failures(lines)):
        assert reason == WATCHDOG
        assert core == KEEPER.get(way, 0)
        assert 2 * period <= end - begin < (2 + LATE) * period, f"way {way}"
        assert status == (WS1 if kind == "sbsa" else 0)
    judge(lines)
    assert console.partitions["hangs"].ended == "off"
    judge(console.partitions["victim"].output)  # the partition beside it has noticed nothing
    assert console.status == 0


@pytest.mark.parametrize("kind, status", [("sbsa", WS1 | 1), ("sp805", 0)])
def test_it_may_run_from_the_start(lab, kind, status):
    life = RESTART + " bulkhead,watchdog-start = <1>;"
    lines = boot(lab, kind, life=life, args="runs=1").partitions["hangs"].output
    assert [(reason, known) for reason, _core, _when, known in failures(lines)] == [(WATCHDOG, status)]
    judge(lines)


def test_without_a_policy_it_stops(lab):
    console = boot(lab, "sbsa", life="")
    assert len(hangs(console.partitions["hangs"].output)) == 1
    assert len(console.find(f"failed, reason 0x{WATCHDOG:x} ")) == 1
    judge(console.partitions["victim"].output)
    assert console.status == 0
