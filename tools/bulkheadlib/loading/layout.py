# SPDX-License-Identifier: BSD-2-Clause
"""Where in RAM a boot loader is to put things: free pieces, lowest address first, away from what must stay."""
import struct

from .flat import numbers

BLOCK = 2 << 20
SCRIPT = 4 << 20  # at the start of RAM: where scripts are loaded to, and where QEMU leaves its tree
KEEP = 64 << 20  # at the end of each piece of RAM, and below 4 GiB: U-Boot, its stack and heap
FOUR_GIB = 1 << 32
RAW = 0x80000  # where a raw binary begins in a guest's RAM
PACKED = (b"\x1f\x8b", b"\x7fELF", b"\x27\x05\x19\x56")  # gzip, ELF, uImage: loaded in parts or elsewhere


def up(number, unit=BLOCK):
    return -(-number // unit) * unit


class Free:
    """Pieces of memory, [base, end) each, in their order."""

    def __init__(self, pieces=()):
        self.pieces = []
        for base, end in sorted(pieces):
            if self.pieces and base <= self.pieces[-1][1]:
                self.pieces[-1] = (self.pieces[-1][0], max(end, self.pieces[-1][1]))
            elif base < end:
                self.pieces.append((base, end))

    def take(self, base, end):
        """What lies there is not free any more."""
        left = []
        for low, high in self.pieces:
            left += [(low, min(high, base)), (max(low, end), high)]
        self.pieces = [(low, high) for low, high in left if low < high]

    def within(self, start, end):
        self.take(0, start)
        self.take(end, 1 << 64)

    def place(self, size):
        """Takes the lowest room; None when there is none."""
        for low, high in self.pieces:
            base = up(low)
            if base + size <= high:
                self.take(base, base + size)
                return base
        return None


def _regs(node, cells):
    return [(base, base + size) for base, size in numbers(node.properties.get("reg", b""), cells)]


def _banks(flat):
    """The RAM that a machine's tree names."""
    cells = flat.root.cells()
    return Free(piece for node in flat.root.children if node.string("device_type") == "memory"
                for piece in _regs(node, cells))


def usable(flat, limits=None, keep=KEEP):
    """Where things may be put: the tree's RAM within limits, (start, end), without what it reserves and the loader's
    own."""
    free = _banks(flat)
    if limits:
        free.within(*limits)
    for base, end in list(free.pieces):
        free.take(end - keep, end)
        if base < FOUR_GIB < end:
            free.take(FOUR_GIB - keep, FOUR_GIB)
    if free.pieces:
        free.take(free.pieces[0][0], free.pieces[0][0] + SCRIPT)
    for base, size in flat.reserved:
        free.take(base, base + size)
    reserved = flat.root.child("reserved-memory")
    for node in reserved.children if reserved else ():
        for base, end in _regs(node, reserved.cells(flat.root.cells())):
            free.take(base, end)
    return free


def room(data):
    """What a file needs in RAM: an arm64 Image clears its BSS behind it."""
    if data[0x38:0x3c] == b"ARM\x64":
        return max(len(data), struct.unpack_from("<Q", data, 0x10)[0])
    return len(data)


def begins(data):
    """Where in a guest's RAM a kernel must lie that is to stay there; None where it cannot."""
    if data[0x38:0x3c] == b"ARM\x64":
        return struct.unpack_from("<Q", data, 8)[0] % BLOCK
    return None if data.startswith(PACKED) else RAW
