# SPDX-License-Identifier: BSD-2-Clause
"""Disks and flash that U-Boot finds things on, made without root."""
import struct
import subprocess
import zlib

from bulkheadlib import guests

MIB = 1 << 20
FLASH = 64 * MIB  # a bank of the board


def disk(folder, output):
    """A disk with one bootable partition, ext4, that holds what the folder holds."""
    size = sum(path.stat().st_size for path in folder.rglob("*")) // MIB + 16
    with output.open("wb") as file:
        table = struct.pack("<B3sB3sII", 0x80, bytes(3), 0x83, bytes(3), MIB // 512, size * MIB // 512)
        file.write(bytes(446) + table + bytes(48) + b"\x55\xaa")
        file.truncate(MIB + size * MIB)
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-O", "^has_journal", "-d", folder, "-E", f"offset={MIB}", output,
                    f"{size}M"], check=True)
    return output


def environment(**variables):
    """A saved environment as U-Boot keeps it: checksum, strings, an empty one behind them."""
    text = "".join(f"{name}={value}\0" for name, value in variables.items()).encode() + b"\0"
    text = text.ljust(guests.ENVIRONMENT - 4, b"\xff")
    return struct.pack("<I", zlib.crc32(text)) + text


def flash(output, **variables):
    """The second bank of the board's flash, with a saved environment."""
    with output.open("wb") as file:
        file.write(environment(**variables))
        file.truncate(FLASH)
    return output
