# SPDX-License-Identifier: BSD-2-Clause
"""A service on the core of a guest that it does not serve."""
import pytest
from bulkheadlib.boards import BOARDS
from differences import judge
from test_service import boot


@pytest.mark.parametrize("board", BOARDS)
def test_serves_another_core_beside_a_busy_guest(lab, board):
    console = boot(lab, "", board, [("victim", 1, "victim.bin", "rounds=500")])
    judge(console.partitions["asks"].output)
    judge(console.partitions["victim"].output)
    assert console.status == 0
