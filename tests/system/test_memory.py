# SPDX-License-Identifier: BSD-2-Clause
"""Guests' memory maps and whose RAM is where: the examples of config/, booted; and stage 2 as it is in memory."""
import re

import proofs
import pytest
import walks
from conftest import BUILD
from held import Held

GIB = 1 << 30
TIMEOUT = 180


def messages(console, name):
    return "\n".join(console.partitions[name].output)


def ranges(text):
    """What Linux tells of its RAM: {(first, last)}."""
    return {(int(first, 16), int(last, 16)) for first, last in
            re.findall(r"node +\d+: \[mem (0x[0-9a-f]+)-(0x[0-9a-f]+)\]", text)}


@pytest.mark.parametrize("board", ["qemu-virt", "qemu-virt-gicv2"])
def test_xen_layout(lab, board):
    """Linux with Xen's addresses and 3.5 GiB in two banks, all of which it uses, on both interrupt controllers."""
    console = lab.boot("xen-layout", cpus=2, memory=5120, timeout=TIMEOUT, board=board)
    text = messages(console, "linux")
    assert console.partitions["linux"].find(r"user space reached, 2 cpus")
    assert "sbsa-uart" in text and "22000000" in text
    found = ranges(text)
    assert min(found)[0] == 0x40000000 and max(found) == (0x200000000, 0x200000000 + GIB // 2 - 1)
    assert re.search(r"Memory: \d+K/3670016K available", text)
    assert console.status == 0


def test_more_than_4_gib(lab):
    """One bank of 4.25 GiB that reaches beyond 4 GiB, on a machine with RAM on two nodes."""
    system = lab.describe(("linux", 1, "linux", "console=ttyAMA0 loglevel=7 panic=-1", 4352, "initramfs"))
    nodes = ["-object", "memory-backend-ram,id=a,size=1024M", "-object", "memory-backend-ram,id=b,size=6144M",
             "-numa", "node,memdev=a", "-numa", "node,memdev=b"]
    console = lab.boot(system, cpus=1, memory=7168, timeout=TIMEOUT, extra=nodes)
    text = messages(console, "linux")
    assert console.partitions["linux"].find(r"user space reached, 1 cpus")
    assert max(ranges(text))[1] == 0x40000000 + 17 * GIB // 4 - 1
    assert re.search(r"Memory: \d+K/4456448K available", text)
    assert console.status == 0


def test_static(lab):
    console = lab.boot("static", cpus=3, timeout=TIMEOUT)
    assert console.partitions["linux"].find(r"user space reached, 2 cpus")
    assert console.partitions["control"].find(r"control: [1-9]\d* periods")
    assert max(ranges(messages(console, "linux")))[1] == 0x4fffffff
    assert console.status == 0


def test_direct(lab):
    console = lab.boot("direct", cpus=3, timeout=TIMEOUT)
    text = messages(console, "linux")
    assert console.partitions["linux"].find(r"user space reached, 2 cpus")
    assert console.partitions["control"].find(r"control: [1-9]\d* periods")
    assert ranges(text) == {(0x80000000, 0x8bffffff), (0xa0000000, 0xa3ffffff)}
    assert console.status == 0


def test_eight(lab):
    console = lab.boot("eight", cpus=8, timeout=TIMEOUT)
    assert len(console.partitions) == 8
    for index in range(8):
        assert console.partitions[f"loop-{index}"].find(rf"control: {200 + 100 * index} whole periods")
    assert {partition.ended for partition in console.partitions.values()} == {"off"}
    assert console.status == 0


def joined(leaves):
    """{(guest, physical, size)} of RAM that a guest can write, neighbours joined."""
    found = []
    for leaf in sorted(leaves, key=lambda leaf: leaf.at):
        if not walks.s2_write(leaf) or walks.s2_device(leaf):
            continue
        if found and sum(found[-1][::2]) == leaf.at and sum(found[-1][1:]) == leaf.to:
            found[-1][2] += leaf.size
        else:
            found.append([leaf.at, leaf.to, leaf.size])
    return {tuple(piece) for piece in found}


@pytest.mark.parametrize("system, expected", [
    ("static", {0: {(0x40000000, 0x70000000, 0x08000000), (0x48000000, 0x90000000, 0x08000000)},
                1: {(0x40000000, 0xa0000000, 0x01000000)}}),
    ("direct", {0: {(0x80000000, 0x80000000, 0x0c000000), (0xa0000000, 0xa0000000, 0x04000000)}}),
])
def test_guests_have_exactly_that_ram(lab, system, expected):
    """From physical memory, at the first guest instruction."""
    with Held(lab.pack(system), cpus=3, memory=2048) as held:
        snap = proofs.Snapshot(held, BUILD / "kernel.elf")
        for partition, pieces in expected.items():
            assert joined(snap.leaves(snap.root(1 + proofs.SPACES * partition))) == pieces
        named = [(to, size) for pieces in expected.values() for _at, to, size in pieces]
        for name, partition, _space, leaf in snap.spaces():
            for to, size in named:
                if leaf.touches(to, to + size):
                    assert (leaf.to, leaf.size) and any(
                        leaf.touches(piece[1], piece[1] + piece[2]) for piece in expected.get(partition, ())), \
                        f"{name}: {leaf} is the RAM of another partition"
