# SPDX-License-Identifier: BSD-2-Clause
"""The proofs of test_seal.py on a system with the console service, which shares its core with a guest."""
import proofs
import pytest
from test_console import describe
from test_seal import SMALL, snapshot


@pytest.fixture(scope="module")
def console(tmp_path_factory):
    yield from snapshot(tmp_path_factory.mktemp("console"), lambda lab: describe(lab, *SMALL), 4, 128, 60)


@pytest.mark.parametrize("proof", proofs.PROOFS, ids=lambda proof: proof.__name__)
def test_console_system(console, proof):
    proof(console)


def test_somebody_has_the_uart(console):
    assert console.console() is not None
