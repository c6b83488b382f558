# SPDX-License-Identifier: BSD-2-Clause
"""The planning program, bulkhead-check: what it is asked about, and its answer."""
import json
import pathlib
import subprocess

from . import preparation
from .places import build_dir
from .say import Failure
from .trees import compile_tree

GOOD, ERRORS, NOT_CHECKED = 0, 1, 2  # its exit status


def subject(parser):
    """What is checked; answer() needs these."""
    preparation.arguments(parser)
    parser.add_argument("--machine", type=pathlib.Path, metavar="TREE",
                        help="the tree of the machine, .dts or .dtb, in place of what QEMU hands over")


def described(path, folder):
    """(file, Tree) of a machine's tree that was given."""
    tree = compile_tree(path, places=True)
    output = pathlib.Path(folder, "hardware.dtb")
    output.write_bytes(tree.blob)
    return output, tree


def hardware(machine, folder):
    """The tree that this machine would hand over, as QEMU itself writes it."""
    output = pathlib.Path(folder, "hardware.dtb")
    qemu = machine.command()
    qemu[qemu.index("-M") + 1] += f",dumpdtb={output}"
    done = subprocess.run(qemu, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
                          pass_fds=machine.files)
    if done.returncode or not output.exists():
        raise Failure(f"QEMU refuses this machine:\n{done.stderr.strip()}", NOT_CHECKED)
    return output


def command(board, image, image_at, bundle_at, tree, tree_at, modules):
    """How it is asked about a bootable file and a tree at these addresses; bundle_at: the bundle's place in the file.
    modules: (address, file) of what lies there, too."""
    words = [build_dir("tools") / "bulkhead-check", "--board", board, "--image", image, "--image-at", hex(image_at),
               "--bundle", hex(bundle_at), "--tree", tree, "--tree-at", hex(tree_at)]
    for address, path in modules:
        words += ["--module", f"{address:#x}={path}"]
    return list(map(str, words))


def ask(*about):
    """What it says of what command() describes."""
    done = subprocess.run(command(*about), capture_output=True, check=False, close_fds=False)
    if done.returncode not in (GOOD, ERRORS):
        raise Failure(f"bulkhead-check: {done.stderr.decode(errors='replace').strip()}", NOT_CHECKED)
    return json.loads(done.stdout)
