# SPDX-License-Identifier: BSD-2-Clause
"""Shared memory over the lives of those who share it."""
import pytest
from bulkheadlib.boards import BOARDS
from lives import starts
from test_guests import judge
from test_shared import PLAIN, describe, domain


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
