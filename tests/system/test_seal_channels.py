# SPDX-License-Identifier: BSD-2-Clause
"""Who may ring whom, read from the capability tables and the Events of a machine at its first guest instruction."""
import proofs
import pytest
from interface import VALUES
from test_doorbells import GPIO, channel, describe
from test_seal import snapshot

ONE, TWO, THREE = 1, 2, 3  # as the kernel counts partitions
INTID = 224
LINE = 32 * 31 + VALUES["BH_MON_BADGE_LINE"]  # badges stand behind 31 banks of interrupts


def system(lab):
    """Two channels with the same partition at one end, which is told of one by its PL061; and a stranger."""
    return describe(lab, ("one", "hello.bin", "", [channel("a", 1, "b"), channel("c", 2, "d", GPIO)]),
                    ("two", "hello.bin", "", [channel("b", 1, "a")]),
                    ("three", "hello.bin", "", [channel("d", 1, "c")]), ("four", "hello.bin", "", []))


@pytest.fixture(scope="module")
def snap(tmp_path_factory):
    yield from snapshot(tmp_path_factory.mktemp("channels"), system, 4, 128, 60)


def events(snap):
    """Number -> (partition, interrupt) that it leads to."""
    size = snap.names["partitions"][1] // (1 + proofs.PARTITIONS)
    pool, found = snap.content("events"), {}
    for at in range(0, len(pool), 16):
        partition, intid = int.from_bytes(pool[at:at + 8], "little"), int.from_bytes(pool[at + 8:at + 12], "little")
        if partition:
            found[at // 16] = (partition - snap.virtual("partitions")) // size, intid
    return found


def holders(snap):
    """(partition, slot) -> (rights, number) of all Events in partitions' tables."""
    pool, found = snap.content("partition_caps"), {}
    table = len(pool) // proofs.PARTITIONS
    for at in range(0, len(pool), proofs.CAP):
        if pool[at] == VALUES["BH_TYPE_EVENT"]:
            found[at // table + 1, at % table // proofs.CAP] = pool[at + 1], int.from_bytes(pool[at + 6:at + 8], "little")
    return found


def test_only_the_peers_may_ring(snap):
    slot, rights = VALUES["BH_MON_DOORBELL"], VALUES["BH_RIGHT_SIGNAL"] | VALUES["BH_RIGHT_GUEST"]
    where = events(snap)
    rung = {place: (given, where[number]) for place, (given, number) in holders(snap).items()}
    assert rung == {(ONE, slot): (rights, (TWO, INTID)), (ONE, slot + 1): (rights, (THREE, INTID)),
                    (TWO, slot): (rights, (ONE, INTID)), (THREE, slot): (rights, (ONE, LINE))}
    assert len(where) == 4, "there are more doorbells"
