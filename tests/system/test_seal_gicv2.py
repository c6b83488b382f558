# SPDX-License-Identifier: BSD-2-Clause
"""The proofs of test_seal.py on the board with a GICv2, where guests share a device: the page of the CPU interface."""
import proofs
import pytest
from bulkheadlib import guests
from bulkheadlib.boards import BOARDS
from bulkheadlib.places import DEMO
from conftest import BUILD, Lab
from held import Held
from test_authority import begin, root_memory_leaves_out
from test_seal import SMALL, snapshot
from test_seal import test_demo_system, test_small_system  # noqa: F401  they run here with what is below

BOARD = "qemu-virt-gicv2"


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Bare-metal guests on all cores."""
    yield from snapshot(tmp_path_factory.mktemp("small"), lambda lab: lab.describe(*SMALL), 4, 128, 60, BOARD)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """What tools/bulkhead demo runs."""
    guests.initramfs()
    yield from snapshot(tmp_path_factory.mktemp("demo"), lambda lab: DEMO, 4, 768, 120, BOARD)


def test_root_memory_leaves_out_kernel_and_devices(tmp_path):
    lab = Lab(tmp_path, None)
    image = lab.pack(lab.describe(("one", 1, "hello.bin")), board=BOARD)
    with Held(image, 2, 64, board=BOARD) as held:
        manager = begin(held, BUILD / BOARDS[BOARD].kernel("kernel.elf"))
        root_memory_leaves_out(manager, proofs.DEVICES[BOARD].forbidden)
    image.unlink()
