# SPDX-License-Identifier: BSD-2-Clause
"""Debian's U-Boot for QEMU, unmodified, as a guest: to its prompt, and on to a Linux in its RAM."""
import struct
import zlib

from bulkheadlib import guests
from bulkheadlib.places import GUESTS, ROOT

SYSTEM = ROOT / "config/uboot.dts"


def environment(**variables):
    """A saved environment as U-Boot keeps it: checksum, strings, an empty one behind them."""
    text = "".join(f"{name}={value}\0" for name, value in variables.items()).encode() + b"\0"
    text = text.ljust(guests.ENVIRONMENT - 4, b"\xff")
    return struct.pack("<I", zlib.crc32(text)) + text


def test_to_its_prompt(lab):
    """Nothing is typed: it looks for something to boot everywhere, and none of the devices is there."""
    console = lab.boot(SYSTEM, until="=> ")
    uboot = console.partitions["uboot"]
    assert uboot.find(r"^U-Boot 20\d\d")
    assert uboot.find(r"^DRAM:  256 MiB")
    assert uboot.find("bad CRC, using default environment")
    assert not uboot.find("Abort|ERROR")


def test_a_saved_environment_boots_linux(lab):
    ramdisk = (GUESTS / "initramfs").stat().st_size
    command = f"crc32 44000000 {ramdisk:x}; booti 40400000 44000000:{ramdisk:x} 40000000"
    (lab.folder / "u-boot-env").write_bytes(environment(
        bootdelay=0, fdt_high="0xffffffffffffffff", initrd_high="0xffffffffffffffff",
        bootargs="console=ttyAMA0 loglevel=6 panic=-1", bootcmd=command))
    (lab.folder / "uboot.dts").write_text(SYSTEM.read_text())
    console = lab.boot(lab.folder / "uboot.dts", timeout=120)
    uboot = console.partitions["uboot"]
    checksum = zlib.crc32((GUESTS / "initramfs").read_bytes())
    assert uboot.find(f"==> {checksum:08x}$")
    assert uboot.find("bulkhead-guest: user space reached, 2 cpus")
    assert uboot.ended == "off"
    assert console.status == 0
