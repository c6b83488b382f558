# SPDX-License-Identifier: BSD-2-Clause
"""Binary device trees as objects that can be changed, and back."""
import struct
from dataclasses import dataclass, field

BEGIN, END, PROPERTY, NOP, LAST = 1, 2, 3, 4, 9
HEADER = struct.Struct(">10I")
MAGIC, VERSION, COMPATIBLE = 0xd00dfeed, 17, 16
ROOT_CELLS = (2, 1)  # where nothing is said


@dataclass
class Node:
    name: str = ""
    properties: dict = field(default_factory=dict)  # name -> bytes
    children: list = field(default_factory=list)

    def child(self, name):
        """The child of that name, or None."""
        return next((node for node in self.children if node.name == name), None)

    def walk(self, path=""):
        """(path, node) of this one and all below it."""
        yield path or "/", self
        for node in self.children:
            yield from node.walk(f"{path}/{node.name}")

    def at(self, path):
        """The node at a path below this one, or None."""
        node = self
        for name in filter(None, path.split("/")):
            node = node and node.child(name)
        return node

    def strings(self, name):
        return [part.decode(errors="surrogateescape") for part in self.properties.get(name, b"").split(b"\0") if part]

    def string(self, name):
        """A property's one string; None when it is none."""
        found = self.strings(name)
        return found[0] if len(found) == 1 else None

    def cells(self, inherited=ROOT_CELLS):
        """(#address-cells, #size-cells) of its children."""
        return tuple(int.from_bytes(self.properties[name], "big") if len(self.properties.get(name, b"")) == 4 else default
                     for name, default in zip(("#address-cells", "#size-cells"), inherited))


@dataclass
class Flat:
    root: Node
    reserved: list  # (base, size)
    boot: int = 0  # the core that boots


def read(blob):
    """The Flat in a binary tree that trees.damage() finds nothing wrong with."""
    head = HEADER.unpack_from(blob)
    structure, strings, reserves = head[2:5]
    reserved = []
    while any(entry := struct.unpack_from(">QQ", blob, reserves + 16 * len(reserved))):
        reserved.append(entry)
    at, path = structure, [Node()]
    while (tag := int.from_bytes(blob[at:at + 4], "big")) != LAST:
        at += 4
        if tag == BEGIN:
            stop = blob.index(b"\0", at)
            path.append(Node(blob[at:stop].decode(errors="surrogateescape")))
            path[-2].children.append(path[-1])
            at = -(-(stop + 1) // 4) * 4
        elif tag == END:
            path.pop()
        elif tag == PROPERTY:
            length, offset = struct.unpack_from(">II", blob, at)
            name = blob[strings + offset:blob.index(b"\0", strings + offset)].decode(errors="surrogateescape")
            path[-1].properties[name] = bytes(blob[at + 8:at + 8 + length])
            at += 8 + -(-length // 4) * 4
    return Flat(path[0].children[0], reserved, head[7])


def write(flat):
    """The binary form."""
    structure, strings, offsets = bytearray(), bytearray(), {}

    def text(word):
        return word.encode(errors="surrogateescape") + b"\0"

    def pad():
        structure.extend(bytes(-len(structure) % 4))

    def node(one):
        structure.extend(struct.pack(">I", BEGIN) + text(one.name))
        pad()
        for name, value in one.properties.items():
            if name not in offsets:
                offsets[name] = len(strings)
                strings.extend(text(name))
            structure.extend(struct.pack(">III", PROPERTY, len(value), offsets[name]) + value)
            pad()
        for child in one.children:
            node(child)
        structure.extend(struct.pack(">I", END))

    node(flat.root)
    structure.extend(struct.pack(">I", LAST))
    reserves = b"".join(struct.pack(">QQ", *entry) for entry in [*flat.reserved, (0, 0)])
    start = HEADER.size + len(reserves)
    total = start + len(structure) + len(strings)
    head = HEADER.pack(MAGIC, total, start, start + len(structure), HEADER.size, VERSION, COMPATIBLE, flat.boot,
                       len(strings), len(structure))
    return head + reserves + bytes(structure) + bytes(strings)


def numbers(data, sizes):
    """Tuples of big-endian numbers of so many cells each, as often as the data holds them."""
    width = 4 * sum(sizes)
    found = []
    for at in range(0, len(data) - width + 1 if width else 0, width):
        row = []
        for cells in sizes:
            row.append(int.from_bytes(data[at:at + 4 * cells], "big"))
            at += 4 * cells
        found.append(tuple(row))
    return found
