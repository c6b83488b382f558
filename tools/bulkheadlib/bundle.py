# SPDX-License-Identifier: BSD-2-Clause
"""The one file to boot: the kernel, and behind it the bundle of monitor, modules and system tree.

Bundle, little endian: u64 magic, u32 count, u32 zero, then count entries {char name[16]; u64 offset; u64 size};
offsets count from the bundle's start and are multiples of 4 KiB."""
import pathlib
import struct
import subprocess

from .places import GUESTS
from .say import Failure

MAGIC = 0x314c444e42484b42
PAGE = 4096
IMAGE_MAGIC_AT, IMAGE_SIZE_AT = 0x38, 0x10  # the arm64 Image header
SOURCE, PLACE = "bulkhead,file", "bulkhead,image"


def _round(size):
    return -(-size // PAGE) * PAGE


def compile_tree(path):
    """The binary form of a .dts file; a .dtb is taken as it is."""
    if path.suffix == ".dtb":
        return path.read_bytes()
    try:
        done = subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-i", path.parent, path], capture_output=True,
                              check=False)
    except FileNotFoundError as missing:
        raise Failure("dtc is not installed: run tools/bulkhead setup") from missing
    if done.returncode:
        raise Failure(f"dtc refuses {path}:\n{done.stderr.decode()}")
    return done.stdout


def find(name, folders):
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    raise Failure(f"module {name} is in none of {', '.join(map(str, folders))}")


def _nodes(tree, quiet, node=0, path=""):
    """(offset, path) of a node and all below it."""
    yield node, path or "/"
    child = tree.first_subnode(node, quiet)
    while child >= 0:
        yield from _nodes(tree, quiet, child, f"{path}/{tree.get_name(child)}")
        child = tree.next_subnode(child, quiet)


class Bundle:
    """Entries in the order of their being added; equal contents are kept once."""

    def __init__(self):
        self.entries = []

    def add(self, name, data):
        """The index of the entry that holds the data."""
        for index, (_name, known) in enumerate(self.entries):
            if known == data:
                return index
        self.entries.append((name, data))
        return len(self.entries) - 1

    def offsets(self, count):
        """Where entries begin, in a bundle that will have so many."""
        offset = _round(16 + 32 * count)
        for _name, data in self.entries:
            yield offset
            offset = _round(offset + len(data))

    def pack(self):
        places = list(self.offsets(len(self.entries)))
        image = bytearray(struct.pack("<QII", MAGIC, len(self.entries), 0))
        for (name, data), offset in zip(self.entries, places):
            image += struct.pack("<16sQQ", name.encode()[:15], offset, len(data))
        for (_name, data), offset in zip(self.entries, places):
            image += bytes(offset - len(image)) + data
        return bytes(image) + bytes(-len(image) % PAGE)


def _place_modules(bundle, blob, folders):
    """Adds every module file to the bundle and its place to the tree; gives the tree back."""
    try:
        import libfdt  # here and not above: on a new machine setup, in this same process, installs it
    except ModuleNotFoundError as missing:
        raise Failure("python3-libfdt is not installed: run tools/bulkhead setup") from missing
    quiet = [libfdt.NOTFOUND]
    tree = libfdt.Fdt(bytearray(blob))
    modules = []
    for node, path in _nodes(tree, quiet):
        prop = tree.getprop(node, SOURCE, quiet)
        if not isinstance(prop, int):
            name = prop.as_str()
            modules.append((path, bundle.add(pathlib.Path(name).name, find(name, folders).read_bytes())))
    tree.resize(len(blob) + 64 * (len(modules) + 1))
    # The tree itself is the last entry: its size moves nothing else.
    places = list(bundle.offsets(len(bundle.entries) + 1))
    for path, index in modules:
        value = struct.pack(">QQ", places[index], len(bundle.entries[index][1]))
        tree.setprop(tree.path_offset(path), PLACE, value)
        tree.delprop(tree.path_offset(path), SOURCE)
    tree.pack()
    return bytes(tree.as_bytearray())[:tree.totalsize()]


def write_image(build, system, output, kernel="kernel.bin", tree=None, beside=None):
    """Packs a system description with what was built into one bootable file. tree: its binary form, if not the
    description's own (tests pass broken ones). beside: a file for the tree, which then is not in the bundle."""
    system = pathlib.Path(system)
    for name in (kernel, "monitor.bin", "console.bin"):
        if not (build / name).exists():
            raise Failure(f"{build / name} is missing: run tools/bulkhead build")
    image = bytearray((build / kernel).read_bytes())
    if image[IMAGE_MAGIC_AT:IMAGE_MAGIC_AT + 4] != b"ARM\x64":
        raise Failure(f"{build / kernel} has no arm64 Image header")
    reserved = struct.unpack_from("<Q", image, IMAGE_SIZE_AT)[0]
    if reserved % PAGE or reserved < len(image):
        raise Failure(f"{build / kernel}: image_size {reserved:#x} does not cover its {len(image):#x} bytes")

    bundle = Bundle()
    bundle.add("monitor", (build / "monitor.bin").read_bytes())
    bundle.add("console", (build / "console.bin").read_bytes())
    blob = compile_tree(system) if tree is None else tree
    blob = _place_modules(bundle, blob, [system.parent, build / "guests", GUESTS])
    if beside is None:
        bundle.add("system", blob)
    else:
        beside.write_bytes(blob)
    image += bytes(reserved - len(image)) + bundle.pack()
    struct.pack_into("<Q", image, IMAGE_SIZE_AT, len(image))
    output = pathlib.Path(output)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(image)
    return output
