# SPDX-License-Identifier: BSD-2-Clause
"""The proofs of test_seal.py on a system whose partitions share memory: two areas, with a stranger to each."""
import proofs
import pytest
from test_seal import snapshot
from test_seal import test_small_system  # noqa: F401  it runs here with what is below
from test_shared import PLAIN, WARM, describe, domain

HOSTS = 0x46000000, 0x46200000
READS, WRITES = False, True
ONE, TWO, THREE = range(3)


def system(lab):
    plain, warm = ({**area, "where": f"0 {host:#x}"} for area, host in zip((PLAIN, WARM), HOSTS))
    return describe(lab, domain("one", "owner", plain, warm, file="hello.bin"),
                    domain("two", "reader", plain, file="hello.bin"),
                    domain("three", "borrower", warm, file="hello.bin"))


def areas():
    bases, sizes = ([int(area[key], 16) for area in (PLAIN, WARM)] for key in ("guest", "size"))
    return [proofs.Area(HOSTS[0], sizes[0], False, {ONE: (bases[0], WRITES), TWO: (bases[0], READS)}),
            proofs.Area(HOSTS[1], sizes[1], True, {ONE: (bases[1], WRITES), THREE: (bases[1], WRITES)})]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    for snap in snapshot(tmp_path_factory.mktemp("shared"), system, 3, 128, 60):
        snap.areas = areas()
        yield snap


def test_blocks_are_used(small):
    """The large area costs one descriptor a peer."""
    leaves = {(leaf.at, leaf.size) for _name, _partition, space, leaf in small.spaces()
              if space == proofs.GUEST and leaf.to == HOSTS[1]}
    assert leaves == {(int(WARM["guest"], 16), int(WARM["size"], 16))}
