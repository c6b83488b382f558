# SPDX-License-Identifier: BSD-2-Clause
"""Shared memory over the lives of those who share it."""
import pytest
from bulkheadlib.boards import BOARDS
from lives import starts
from test_guests import judge
from test_shared import PLAIN, WARM, describe, domain


@pytest.mark.parametrize("board", BOARDS)
def test_a_peer_that_begins_anew(lab, board):
    """It and the others find in the area what was there before."""
    times = 50
    console = lab.boot(describe(
        lab, domain("again", "owner", PLAIN, file="shared_life.bin", args=f"times={times}", more="bulkhead,stays;"),
        domain("watcher", "borrower", PLAIN, file="shared_life.bin", args=f"watch={times + 1}")), cpus=2, board=board,
        until="watcher ended")
    judge(console.partitions["watcher"].output)
    assert starts(console) >= times


def test_begins_anew_while_others_write(lab):
    """In every way, with hostile peers in the area; each time it finds its machine as after reset."""
    life = ('bulkhead,on-unhandled = "fail"; bulkhead,on-failure = "restart"; bulkhead,restart-budget = <100 3600>; '
            'bulkhead,on-reset = "restart";')
    storm = "storm=200000 me={} writers=2 caches={}"
    console = lab.boot(describe(
        lab, domain("again", "owner", PLAIN, WARM, file="restart.bin", args="times=40 how=9", more=life),
        domain("writer", "borrower", PLAIN, WARM, args=storm.format(1, 1)),
        domain("bare", "borrower", PLAIN, WARM, args=storm.format(2, 0))), cpus=3)
    judge(console.partitions["again"].output)
    assert starts(console) == 41
    assert all(console.partitions[name].ended == "off" for name in ("writer", "bare"))
    assert not console.find("panic")
    assert console.status == 0
