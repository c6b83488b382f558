# SPDX-License-Identifier: BSD-2-Clause
"""What the guests are made of: Debian's arm64 kernels, busybox and U-Boot, and the manager's libraries, all in the cache."""
import os
import pathlib
import shutil
import tempfile

from . import arm64, cpio, lock
from .places import CACHE, GUESTS, LIBFDT, LIBZ, ROOT
from .say import Failure, say

INIT = ROOT / "tools/guest/init"
ENVIRONMENT = 0x40000  # bytes; CONFIG_ENV_SIZE of Debian's u-boot.bin
MODULES = ["sp805_wdt.ko", "sbsa_gwdt.ko"]  # of the kernel with all drivers
# Of the cloud kernel, in the order that they are to be loaded in.
VIRTIO = ["virtio_ring.ko", "virtio.ko", "virtio_mmio.ko", "virtio_blk.ko", "failover.ko", "net_failover.ko", "virtio_net.ko"]


def _only(folder, pattern):
    found = sorted(folder.glob(pattern))
    if not found:
        raise Failure(f"the package has no {pattern}")
    return found[-1]


def _move(source, target):
    """Into place in one step, so that an interrupted setup leaves nothing half done."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    shutil.copyfile(source, part)
    part.rename(target)


def _kernel(packages, package, folder, target):
    packages.unpack(packages.newest_kernel(package), folder)
    _move(_only(folder, "boot/vmlinuz-*"), target)


def _kernel_and_modules(packages, package, folder, target, kernel="linux-standard", modules=MODULES):
    """The target is a module; its kernel, of the same package, comes first."""
    _kernel(packages, package, folder, GUESTS / kernel)
    for name in modules:
        _move(_only(folder, f"lib/modules/**/{name}"), target.with_name(name))


def _cloud_and_modules(packages, package, folder, target):
    _kernel_and_modules(packages, package, folder, target, "linux", VIRTIO)


def _busybox(packages, package, folder, target):
    packages.unpack(package, folder)
    # bookworm has it in /bin, later releases in /usr/bin
    _move(_only(folder, "**/bin/busybox"), target)


def _libfdt(packages, package, folder, target):
    packages.unpack(package, folder)
    for header in folder.glob("usr/include/*fdt*.h"):
        _move(header, LIBFDT / "include" / header.name)
    _move(_only(folder, "usr/lib/aarch64-linux-gnu/libfdt.a"), target)


def _libz(packages, package, folder, target):
    packages.unpack(package, folder)
    for header in folder.glob("usr/include/z*.h"):
        _move(header, LIBZ / "include" / header.name)
    _move(_only(folder, "usr/lib/aarch64-linux-gnu/libz.a"), target)


def _uboot(packages, package, folder, target):
    packages.unpack(package, folder)
    _move(_only(folder, "usr/lib/u-boot/qemu_arm64/u-boot.bin"), target)


# What the cache holds: file -> (how it gets there, from which package, what it is for). Of several files of one step
# this is the last that gets in place, and stands for all.
FILES = {
    GUESTS / "virtio" / VIRTIO[-1]: (_cloud_and_modules, "linux-image-cloud-arm64",
                                     "the kernel of the demo's Linux guests, and its drivers for disk and network"),
    GUESTS / "modules" / MODULES[-1]: (_kernel_and_modules, "linux-image-arm64",
                                       "the kernel with all drivers, and its watchdogs', for tests"),
    GUESTS / "busybox": (_busybox, "busybox-static", "the user space of both"),
    GUESTS / "u-boot.bin": (_uboot, "u-boot-qemu", "the boot loader of config/uboot.dts"),
    LIBFDT / "lib/libfdt.a": (_libfdt, "libfdt-dev", "device trees in the manager"),
    LIBZ / "lib/libz.a": (_libz, "zlib1g-dev", "compressed kernels in the manager"),
}


def _write(target, data):
    """In one step: another program may be reading it."""
    part = target.with_name(f"{target.name}.{os.getpid()}")
    part.write_bytes(data)
    part.rename(target)


def initramfs(target=GUESTS / "initramfs", init=INIT, programs=()):
    """Writes an initial RAM disk, the demo guests' unless told otherwise; leaves an equal one alone. init: its first
    process; programs: paths of more that go to /bin."""
    busybox = GUESTS / "busybox"
    if not busybox.exists():
        raise Failure(f"{busybox} is missing: run tools/bulkhead setup")
    files = {f"bin/{path.name}": (0o755, path.read_bytes()) for path in (busybox, *programs)}
    data = cpio.initramfs(files={"init": (0o755, init.read_bytes()), **files}, links={"bin/sh": "busybox"},
                          folders=["bin", "dev", "proc", "sys"])
    if not target.exists() or target.read_bytes() != data:
        say(f"writing {target}")
        _write(target, data)


def channels(build):
    """The initial RAM disk of config/channels.dts, with a program of that build: it does what the kernel's command line
    says behind --."""
    initramfs(build / "guests/initramfs-channels", INIT.with_name("init-channels"), [build / "guests/bulkring"])


def initramfs_virtio():
    """That of config/disk.dts, with the drivers that the kernel has as modules."""
    initramfs(GUESTS / "initramfs-virtio", ROOT / "tools/guest/init-virtio", [GUESTS / "virtio" / name for name in VIRTIO])


def erased_flash():
    """The flash in which U-Boot looks for a saved environment: it finds none."""
    target = GUESTS / "u-boot-env"
    if not target.exists():
        _write(target, b"\xff" * ENVIRONMENT)


def ensure():
    """Fetches what the cache lacks."""
    if not all(file.exists() for file in FILES):
        with lock.alone(CACHE / ".lock", "setup"):
            _fetch()
    initramfs()
    initramfs_virtio()
    erased_flash()


def _fetch():
    GUESTS.mkdir(exist_ok=True)
    packages = arm64.Packages()
    for file, (step, package, _why) in FILES.items():
        if not file.exists():
            with tempfile.TemporaryDirectory(dir=CACHE) as folder:
                step(packages, package, pathlib.Path(folder), file)
