# SPDX-License-Identifier: BSD-2-Clause
"""The proofs of test_seal.py on a system in which one guest has the board's UART."""
import proofs
import pytest
from test_own_uart import describe
from test_seal import SMALL, snapshot

OWNER = 1


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    for snap in snapshot(tmp_path_factory.mktemp("own"), lambda lab: describe(lab, SMALL[OWNER][0], *SMALL), 4, 128, 60):
        snap.uart_owner = OWNER
        yield snap


@pytest.mark.parametrize("proof", proofs.PROOFS, ids=lambda proof: proof.__name__)
def test_system_with_an_owner(own, proof):
    proof(own)


def test_the_owner_has_it_where_its_tree_says(own):
    found = {(partition, space, leaf.at) for _name, partition, space, leaf in own.spaces() if leaf.to == proofs.UART[0]}
    assert (OWNER, proofs.GUEST, proofs.UART[0]) in found
