# SPDX-License-Identifier: BSD-2-Clause
"""Every proof has a mutant on which it fails, and no proof fails on a mutant of another."""
import re

import mutants
import proofs
import pytest
from bulkheadlib.places import ROOT
from conftest import BUILD

# They prove that the tests themselves look at the right thing.
OF_THE_TESTS = {"test_memory_is_read_physically", "test_forged_capabilities_count",
                "test_every_operation_is_one_or_the_other"}


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    return mutants.Workshop(tmp_path_factory.mktemp("mutants"), BUILD)


@pytest.mark.parametrize("patch", mutants.patches(), ids=lambda patch: patch.stem)
def test_mutant_is_found(workshop, patch):
    workshop.judge(patch)


def test_every_proof_has_a_mutant():
    broken = {test for patch in mutants.patches() for test in mutants.expectation(patch)[1]}
    wanted = {f"test_small_system[{proof.__name__}]" for proof in proofs.PROOFS}
    text = "".join((ROOT / f"tests/system/{file}").read_text() for file in ("test_authority.py", "test_sealed.py"))
    for test in set(re.findall(r"^def (test_\w+)", text, re.MULTILINE)) - OF_THE_TESTS:
        # of a test with parameters one case is enough: the parameters are data
        wanted.add(next((name for name in broken if name.partition("[")[0] == test), test))
    assert not wanted - broken
