# SPDX-License-Identifier: BSD-2-Clause
"""The one file to boot: the kernel, and behind it the bundle of programs and, where they are packed, modules and system
tree.

Bundle, little endian: u64 magic, u32 count, u32 zero, then count entries {char name[16]; u64 offset; u64 size};
offsets count from the bundle's start and are multiples of 4 KiB."""
import pathlib
import struct
import sys

from .places import GUESTS
from .say import Failure
from .trees import compile_tree, get, libfdt

MAGIC = 0x314c444e42484b42
PAGE = 4096
IMAGE_MAGIC_AT, IMAGE_SIZE_AT = 0x38, 0x10  # the arm64 Image header
BLOCK, KERNEL_LIMIT = 2 << 20, 8 << 20  # the kernel's image is a multiple of the one, at most the other
SOURCE, PLACE = "bulkhead,file", "bulkhead,image"


def _round(size):
    return -(-size // PAGE) * PAGE


def unfound(name, folders):
    return "is no file's name" if name is None else f"{name} is in none of {folders}"


def unusable(name, folders):
    """Why there is no module in a file of that name, or None."""
    file = name and find(name, folders)
    if not file:
        return unfound(name, ", ".join(map(str, folders)))
    try:
        with file.open("rb") as opened:
            return None if opened.read(1) else f"{file} is empty"
    except OSError as error:
        return f"{file}: {error.strerror}"


class Missing(Failure):
    """Module files that are in no folder, or hold nothing."""

    def __init__(self, modules):
        self.modules = modules  # (the module's node, what is wrong)
        self.source = None  # the description's Tree, for who knows it
        super().__init__("\n".join(f"{node}: module {wrong}" for node, wrong in modules))


def find(name, folders):
    """The file, or None."""
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


def _nodes(tree, quiet, node=0, path=""):
    """(offset, path) of a node and all below it."""
    yield node, path or "/"
    child = tree.first_subnode(node, quiet)
    while child >= 0:
        yield from _nodes(tree, quiet, child, f"{path}/{tree.get_name(child)}")
        child = tree.next_subnode(child, quiet)


def _string(prop):
    """A property's one string; None when it is none."""
    try:
        return prop.as_str()
    except ValueError:
        return None


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
    fdt = libfdt()
    quiet = [fdt.NOTFOUND]
    try:
        tree = fdt.Fdt(bytearray(blob))
    except fdt.FdtException as bad:
        raise Failure(f"this is no device tree: {bad}") from bad
    modules = []
    for node, path in _nodes(tree, quiet):
        prop = get(tree, node, SOURCE)
        if prop is not None:
            name = _string(prop)
            modules.append((node, path, name, name and find(name, folders)))
    missing = [(path, wrong) for _node, path, name, _file in modules if (wrong := unusable(name, folders))]
    if missing:
        raise Missing(missing)
    modules = [(node, bundle.add(file.name, file.read_bytes())) for node, _path, _name, file in modules]
    tree.resize(len(blob) + 64 * (len(modules) + 1))
    # The tree itself is the last entry: its size moves nothing else.
    places = list(bundle.offsets(len(bundle.entries) + 1))
    for node, index in reversed(modules):  # what changes behind a node leaves it where it is
        value = struct.pack(">QQ", places[index], len(bundle.entries[index][1]))
        tree.setprop(node, PLACE, value)
        tree.delprop(node, SOURCE)
    tree.pack()
    return bytes(tree.as_bytearray())[:tree.totalsize()]


def offset(image):
    """Where in a bootable file the bundle begins; None when it is none of ours."""
    for at in range(BLOCK, min(len(image), KERNEL_LIMIT + BLOCK), BLOCK):
        if image[at:at + 8] == struct.pack("<Q", MAGIC) and image[IMAGE_MAGIC_AT:IMAGE_MAGIC_AT + 4] == b"ARM\x64":
            return at
    return None


def _begin(build, kernel):
    """(the kernel's image with all that it reserves, a Bundle with the programs that every system needs)."""
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
    return image + bytes(reserved - len(image)), bundle


def _end(image, bundle, output):
    """Writes the bootable file: its header's image_size covers the bundle, too."""
    image += bundle.pack()
    struct.pack_into("<Q", image, IMAGE_SIZE_AT, len(image))
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(image)
    return output


def write_bare(build, kernel, output):
    """The bootable file without a system: that is in the tree that the boot loader hands over."""
    return _end(*_begin(build, kernel), pathlib.Path(output))


def write_image(build, system, output, kernel="kernel.bin", tree=None, beside=None, root=None):
    """Packs a system description with what was built into one bootable file. tree: its binary form, if not the
    description's own (tests pass broken ones). beside: a file for the tree, which then is not in the bundle. root: where
    the files are that it names, if not beside it."""
    system = pathlib.Path(system)
    image, bundle = _begin(build, kernel)
    blob = compile_tree(system).blob if tree is None else tree
    blob = _place_modules(bundle, blob, [root or system.parent, build / "guests", GUESTS])
    if beside is None:
        bundle.add("system", blob)
    else:
        beside.write_bytes(blob)
    return _end(image, bundle, pathlib.Path(output))


if __name__ == "__main__":  # the build's step: FOLDER KERNEL OUTPUT
    write_bare(pathlib.Path(sys.argv[1]), *sys.argv[2:])
