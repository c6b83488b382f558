# SPDX-License-Identifier: BSD-2-Clause
"""What a run needs before the machine begins: the build, the image, QEMU's arguments."""
import argparse
import os
import pathlib
import re
import shlex
from dataclasses import dataclass

from . import boards, build, bundle, guests, setup, trees
from .loading import imagebuilder
from .places import ROOT, build_dir
from .qemu import Machine
from .say import Failure

RAM = 0x40000000  # where QEMU's virt board has it
KERNEL = RAM + 0x200000  # where QEMU loads an arm64 Image to, as U-Boot does
TREE_ALIGNMENT = 0x200000  # of the tree that it hands over


def tree_address(memory, image):
    """Where QEMU puts the tree: behind 128 MiB, or half the RAM if that is less, and behind the image."""
    return -(-max(RAM + min(memory // 2, 128 << 20), KERNEL + image) // TREE_ALIGNMENT) * TREE_ALIGNMENT


def arguments(parser):
    parser.add_argument("system", type=pathlib.Path, metavar="SYSTEM", help="a .dts or .dtb file, a configuration file of ImageBuilder's, or a name in config/")
    parser.add_argument("--preset", default="release", choices=["release", "debug"])
    boards.arguments(parser)
    parser.add_argument("--cpus", type=int, default=4)
    parser.add_argument("--memory", type=int, default=2048, help="MiB (default: 2048)")
    parser.add_argument("--cpu", default="cortex-a53", help="cortex-a53, cortex-a72, max, ...")
    parser.add_argument("--icount", type=int, metavar="SHIFT",
                        help="virtual time counts instructions, of 2^SHIFT ns each: runs are alike")
    parser.add_argument("--module", action="append", default=[], type=_module, metavar="ADDRESS=FILE",
                        help="put a file at a physical address before the machine begins, for modules with a reg")
    trees.arguments(parser)
    imagebuilder.arguments(parser)
    parser.add_argument("--machine-tree", action="store_true",
                        help="SYSTEM is the machine's whole tree, hardware too: it is handed over as such, not packed")
    parser.add_argument("--qemu-args", default="", help="more arguments for QEMU, as one string")


def _module(text):
    address, equals, name = text.partition("=")
    if not equals or not re.fullmatch(r"0x[0-9a-fA-F]+|\d+", address):
        raise argparse.ArgumentTypeError(f"{text!r} is not ADDRESS=FILE")
    return int(address, 0), pathlib.Path(name)


@dataclass
class Prepared:
    machine: Machine
    tree: bytes
    source: trees.Tree
    facts: dict  # for the reports
    folder: pathlib.Path  # the build
    debugger: object = None  # a folder that is there as long as this is


def find(system):
    """A path, or a name in config/."""
    named = ROOT / "config" / f"{system}.dts"
    if not system.is_file() and len(system.parts) == 1 and named.is_file():
        return pathlib.Path(os.path.relpath(named))  # the same words in every checkout
    if not system.is_file():
        raise Failure(f"there is no system {system}")
    return system


def _loaded(options):
    """QEMU's arguments for the modules."""
    for address, path in options.module:
        try:
            size = path.stat().st_size
            path.open("rb").close()
        except OSError as bad:
            raise Failure(f"--module: {bad}") from bad
        end = RAM + (options.memory << 20)
        if not size or address < RAM or address + size > end:
            raise Failure(f"--module: {path} has {size:#x} bytes, at {address:#x}: "
                          f"the machine's RAM is {RAM:#x} to {end:#x}")
        name = os.fspath(path.absolute()).replace(",", ",,")
        yield from ("-device", f"loader,file={name},addr={address:#x},force-raw=on")


def _in_memory(name):
    """A file without a name in any folder: gone with the last program that has it open."""
    descriptor = os.memfd_create(name, 0)
    os.set_inheritable(descriptor, True)
    return descriptor, pathlib.Path(f"/proc/self/fd/{descriptor}")


def board(options):
    return boards.BOARDS[options.board]


def prepare(options, places=False):
    """Everything up to the machine itself; whatever is wrong is a Failure. places: the source's with where things stand."""
    try:
        extra = shlex.split(options.qemu_args)
    except ValueError as bad:
        raise Failure(f"--qemu-args: {bad}") from bad
    system = find(options.system)
    extra += _loaded(options)
    descriptor, image = _in_memory("system.img")
    files = [descriptor]
    beside = None
    if options.machine_tree:
        descriptor, beside = _in_memory("system.dtb")
        files.append(descriptor)
        extra += ["-dtb", str(beside)]
    with build.alone():
        setup.ensure()
        folder = build.compile_preset(options.preset)
        guests.initramfs()
        if imagebuilder.is_one(system):
            source = imagebuilder.read(system, options.dom0).tree
        else:
            source = trees.compile_tree(system, options.overlay, places)
        try:
            bundle.write_image(folder, system, image, board(options).kernel(), source.blob, beside, options.root)
        except bundle.Missing as missing:
            missing.source = source
            raise
    machine = Machine(image, options.cpus, options.memory, options.cpu, options.icount, extra, board(options).machine,
                      tuple(files))
    facts = {"system_file": str(options.system), "board": options.board, "cpu": options.cpu, "cpus": options.cpus,
             "memory": options.memory, "icount": options.icount, "timeout": options.timeout,
             "command": shlex.join(machine.command())}
    return Prepared(machine, source.blob, source, facts, build_dir(options.preset))
