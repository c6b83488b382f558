# SPDX-License-Identifier: BSD-2-Clause
"""Kernels in every format, made of a bare-metal guest's raw binary for 0x40080000; and files that are broken."""
import gzip
import struct
import zlib

BASE = 0x40080000  # where the guests' binaries are linked
ROOM = 0x100000  # enough for any of them with BSS and stacks


def image(raw, size=ROOM + 0x1000, flags=0):
    """An arm64 Image: a page whose first instruction branches over the header, so that the rest is where it belongs."""
    header = struct.pack("<IIQQQQQQ4sI", 0x14000400, 0, 0x7f000, size, flags, 0, 0, 0, b"ARM\x64", 0)
    return header.ljust(0x1000, b"\0") + raw


def uimage(data, load=BASE, entry=BASE, compression=0, arch=22):
    def header(crc):
        return struct.pack(">IIIIIIIBBBB32s", 0x27051956, crc, 0, len(data), load, entry, zlib.crc32(data), 5, arch, 2,
                           compression, b"guest")
    return header(zlib.crc32(header(0))) + data


def elf(raw, physical=BASE, virtual=BASE, kind=2, bits=2, order=1, machine=183, room=ROOM):
    """One segment, at an odd offset, with its BSS."""
    offset = 0x78 + 8
    return (struct.pack("<4sBBB9xHHIQQQIHHHHHH", b"\x7fELF", bits, order, 1, kind, machine, 1, virtual, 64, 0, 0, 64, 56, 1,
                        0, 0, 0) +
            struct.pack("<IIQQQQQQ", 1, 7, offset, virtual, physical, len(raw), room, 0x1000)).ljust(offset, b"\0") + raw


def pack(data):
    return gzip.compress(data, 1, mtime=0)


def good(raw):
    """name -> (file, properties of its module)."""
    return {
        "raw": (raw, ""),
        "moved": (bytes(0x1000) + raw, f"bulkhead,load = <0 {BASE - 0x1000:#x}>; bulkhead,entry = <{BASE:#x}>;"),
        "image": (image(raw), ""),
        "image-gz": (pack(image(raw)), ""),
        "uimage": (uimage(raw), ""),
        "uimage-gz": (uimage(pack(raw), compression=1), ""),
        "elf": (elf(raw, virtual=0xffff800008000000), ""),
        "elf-dyn-gz": (pack(elf(raw, 0, 0, kind=3)), ""),
    }


def broken(raw, linux):
    """name -> (file, properties, what is said of it). linux: an arm64 Image that is an EFI application too."""
    bent = bytearray(pack(raw))
    bent[-8] ^= 1
    header = bytearray(uimage(raw))
    header[40] ^= 1
    data = bytearray(uimage(raw))
    data[-1] ^= 1
    zimage = bytearray(raw)
    zimage[0x24:0x28] = b"\x18\x28\x6f\x01"
    over = elf(raw, 0x40e00000, 0x40e00000)
    return {
        "elf-32": (elf(raw, bits=1), "", "a 32-bit ELF"),
        "elf-big": (elf(raw, order=2), "", "a big-endian ELF"),
        "elf-x86": (elf(raw, machine=62), "", "an ELF for machine 62, AArch64 is 183"),
        "elf-cut": (elf(raw)[:-1], "", f"a truncated ELF: {len(raw):#x} bytes at offset 0x80 are not in its "
                    f"{len(raw) + 0x7f:#x}"),
        "elf-on-tree": (over, "", "0x100000 bytes at 0x40e00000 overlap the device tree, 0x10000 bytes at 0x40e00000"),
        "elf-away": (elf(raw, 0x80000000), "", "0x100000 bytes at 0x80000000 are not in its RAM, 0x1000000 bytes at "
                     "0x40000000"),
        "gzip-bent": (bytes(bent), "", "damaged gzip: incorrect data check"),
        "gzip-cut": (pack(linux)[:1 << 20], "", "truncated gzip"),
        "gzip-large": (pack(bytes(0x1000001)), "", "gzip that unpacks to more than 16777216 bytes, which its end says or "
                       "its memory holds: truncated, damaged, or too large"),
        "uimage-head": (bytes(header), "", "a uImage whose header has a wrong checksum"),
        "uimage-data": (bytes(data), "", "a uImage whose data have a wrong checksum"),
        "uimage-cut": (uimage(raw)[:-1], "", f"a truncated uImage: {len(raw) - 1} of its {len(raw)} bytes are there"),
        "uimage-32": (uimage(raw, arch=2), "", "a uImage for 32-bit Arm"),
        "zimage": (bytes(zimage), "", "a 32-bit Arm zImage"),
        "image-big": (image(raw, flags=1), "", "a big-endian arm64 Image"),
        "image-cut": (linux[:1 << 20], "", "a truncated arm64 Image"),
        "xz": (b"\xfd7zXZ\0" + raw, "", "compressed by xz, only gzip can be unpacked"),
        "away": (raw, "bulkhead,load = <0x3f000000>;", f"{len(raw):#x} bytes at 0x3f000000 are not in its RAM, "
                 "0x1000000 bytes at 0x40000000"),
        "entry": (raw, "bulkhead,entry = <0x40000000>;", "entry 0x40000000 is no instruction of it: it lies from "
                  f"0x40080000 to {BASE + len(raw) - 1:#x}"),
    }
