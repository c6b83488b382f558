# SPDX-License-Identifier: BSD-2-Clause
"""Proofs from outside: the machine is stopped at its first guest instruction, and what proofs.py says holds of it."""
import proofs
import pytest
from bulkheadlib import guests
from bulkheadlib.boards import BOARDS
from bulkheadlib.places import DEMO
from conftest import BUILD, Lab
from held import Held

SMALL = [("one", 1, "hello.bin"), ("two", 2, "hello.bin"), ("three", 1, "hello.bin")]


def snapshot(folder, system, cpus, memory, timeout, board="qemu-virt"):
    lab = Lab(folder, None)
    image = lab.pack(system(lab), board=board)
    with Held(image, cpus, memory, board=board) as held:
        image.unlink()  # QEMU has read it
        yield proofs.Snapshot(held, BUILD / BOARDS[board].kernel("kernel.elf"), timeout, board)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Bare-metal guests on all cores."""
    yield from snapshot(tmp_path_factory.mktemp("small"), lambda lab: lab.describe(*SMALL), 4, 128, 60)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """What tools/bulkhead demo runs."""
    guests.initramfs()
    yield from snapshot(tmp_path_factory.mktemp("demo"), lambda lab: DEMO, 4, 768, 120)


@pytest.mark.parametrize("proof", proofs.PROOFS, ids=lambda proof: proof.__name__)
def test_small_system(small, proof):
    proof(small)


@pytest.mark.parametrize("proof", proofs.PROOFS, ids=lambda proof: proof.__name__)
def test_demo_system(demo, proof):
    proof(demo)


def test_memory_is_read_physically(small):
    """The two ways to look at physical memory agree: the stub's, and the file that QEMU has as its RAM."""
    for address in (small.load, small.root(1), small.physical("manager_image"), small.held.gdb.register("01", "pc")):
        if small.held.in_ram(address, 64):
            assert small.held.gdb.read(address, 64) == small.held.read(address, 64)
