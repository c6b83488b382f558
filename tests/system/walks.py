# SPDX-License-Identifier: BSD-2-Clause
"""Translation tables as the Arm manual has them (DDI 0487, D8), read from physical memory."""
import struct
from dataclasses import dataclass

OUTPUT = 0xfffffffff000


@dataclass(frozen=True)
class Leaf:
    """One stretch of a space, a page or a block."""
    at: int  # input address
    to: int  # physical
    size: int
    entry: int

    def touches(self, start, end):
        return self.to < end and start < self.to + self.size

    def __str__(self):
        return f"{self.at:#x} -> {self.to:#x} ({self.size:#x} bytes, descriptor {self.entry:#x})"


def entries(read, table, count):
    return struct.unpack(f"<{count}Q", read(table, 8 * count))


def leaves(read, table, level, count=512, at=0, tables=None):
    """All leaves below a table. read(address, size): physical memory. tables: is told every table's address."""
    shift = 39 - 9 * level
    if tables is not None:
        tables.add(table)
    for index, entry in enumerate(entries(read, table, count)):
        here, to = at + (index << shift), entry & OUTPUT
        if not entry & 1:
            continue
        if level < 3 and entry & 2:
            yield from leaves(read, to, level + 1, 512, here, tables)
        elif level < 3 or entry & 2:
            yield Leaf(here, to & ~((1 << shift) - 1), 1 << shift, entry)


def stage2(read, vttbr, vtcr, tables=None):
    """Leaves of a guest's or program's space. Knows the kernel's granule (4 KiB) and the start levels 0 to 2."""
    if vtcr >> 14 & 3:
        raise ValueError(f"VTCR_EL2 {vtcr:#x}: not the 4 KiB granule")
    bits, level = 64 - (vtcr & 63), 2 - (vtcr >> 6 & 3)
    count = 1 << (bits - (39 - 9 * level))
    return leaves(read, vttbr & OUTPUT, level, count, 0, tables)


def stage1(read, ttbr):
    """Leaves of EL2's own space (48 bits, 4 KiB), not below tables with rights of their own: those are refused."""
    return leaves(read, ttbr & OUTPUT, 0)


# Stage 2 descriptors.
def s2_read(leaf):
    return bool(leaf.entry >> 6 & 1)


def s2_write(leaf):
    return bool(leaf.entry >> 7 & 1)


def s2_exec(leaf):
    return not leaf.entry >> 54 & 1


def s2_shared_write_back(leaf):
    """Normal, write-back, Inner Shareable."""
    return leaf.entry >> 2 & 15 == 15 and leaf.entry >> 8 & 3 == 3


def s2_uncached(leaf):
    """Normal, Non-cacheable: Outer Shareable, whatever the field says; it says so."""
    return leaf.entry >> 2 & 15 == 5 and leaf.entry >> 8 & 3 == 2


def s2_device(leaf):
    """Device-nGnRE."""
    return leaf.entry >> 2 & 15 == 1


# Stage 1 descriptors of EL2.
def s1_write(leaf):
    return not leaf.entry >> 7 & 1


def s1_exec(leaf):
    return not leaf.entry >> 54 & 1
