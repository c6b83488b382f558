# SPDX-License-Identifier: BSD-2-Clause
"""The same description is the same system: each example is packed, planned and told to its guests twice, byte for byte."""
import os
import struct
import subprocess

import pytest
from bulkheadlib import build, bundle, planner, preparation
from bulkheadlib.boards import BOARDS
from bulkheadlib.places import ROOT
from bulkheadlib.qemu import Machine
from conftest import BUILD

EXAMPLES = sorted((ROOT / "config").glob("*.dts"))
CPUS, MEMORY = 8, 6144


@pytest.fixture(scope="module", autouse=True)
def program():
    build.compile_preset("tools")


def answer(image, tree, folder, fill, board):
    """What the planning program prints and writes in a folder, with memory that holds other things to begin with."""
    folder.mkdir()
    kernel = (BUILD / BOARDS[board].kernel()).read_bytes()
    command = planner.command(board, image, preparation.KERNEL, struct.unpack_from("<Q", kernel, bundle.IMAGE_SIZE_AT)[0],
                              tree, preparation.tree_address(MEMORY << 20, image.stat().st_size), [])
    done = subprocess.run([*command, "--guest-trees", folder], capture_output=True, check=False, cwd=folder,
                          env={**os.environ, "MALLOC_PERTURB_": str(fill)})
    assert done.returncode == planner.GOOD, done.stdout + done.stderr
    return done.stdout, {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_twice_the_same(tmp_path, example, board):
    kernel = BOARDS[board].kernel()
    images = [bundle.write_image(BUILD, example, tmp_path / name, kernel) for name in ("one.img", "two.img")]
    assert images[0].read_bytes() == images[1].read_bytes()
    # QEMU puts another seed into each tree that it makes: both have the same one
    tree = planner.hardware(Machine(images[0], cpus=CPUS, memory=MEMORY, board=BOARDS[board].machine), tmp_path)
    (first, trees), (second, others) = (answer(image, tree, tmp_path / name, fill, board)
                                        for image, name, fill in zip(images, "ab", (0x55, 0xaa)))
    assert first == second
    assert trees == others and (trees or example.stem == "empty")
    for name in trees:
        subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", "-o", os.devnull, tmp_path / "a" / name], check=True)


def test_there_are_examples():
    assert len(EXAMPLES) > 5
