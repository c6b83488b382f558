# SPDX-License-Identifier: BSD-2-Clause
"""What the guests are made of: Debian's arm64 kernel and busybox, and the target's libfdt, all in the cache."""
import pathlib
import shutil
import tempfile

from . import arm64, cpio
from .places import CACHE, GUESTS, LIBFDT, ROOT
from .say import Failure, say

INIT = ROOT / "tools/guest/init"


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


def _kernel(packages, folder):
    name = packages.newest_kernel()
    packages.unpack(name, folder)
    _move(_only(folder, "boot/vmlinuz-*"), GUESTS / "linux")


def _busybox(packages, folder):
    packages.unpack("busybox-static", folder)
    # bookworm has it in /bin, later releases in /usr/bin
    _move(_only(folder, "**/bin/busybox"), GUESTS / "busybox")


def _libfdt(packages, folder):
    packages.unpack("libfdt-dev", folder)
    for header in folder.glob("usr/include/*fdt*.h"):
        _move(header, LIBFDT / "include" / header.name)
    _move(_only(folder, "usr/lib/aarch64-linux-gnu/libfdt.a"), LIBFDT / "lib/libfdt.a")


# The last file that each step puts in place stands for all of it.
STEPS = {GUESTS / "linux": _kernel, GUESTS / "busybox": _busybox, LIBFDT / "lib/libfdt.a": _libfdt}


def initramfs():
    """Writes the guests' initial RAM disk; leaves an equal one alone."""
    busybox = GUESTS / "busybox"
    if not busybox.exists():
        raise Failure(f"{busybox} is missing: run tools/bulkhead setup")
    data = cpio.initramfs(files={"init": (0o755, INIT.read_bytes()), "bin/busybox": (0o755, busybox.read_bytes())},
                          links={"bin/sh": "busybox"}, folders=["bin", "dev", "proc", "sys"])
    target = GUESTS / "initramfs"
    if not target.exists() or target.read_bytes() != data:
        say("writing the guests' initial RAM disk")
        target.write_bytes(data)


def ensure():
    """Fetches what the cache lacks."""
    wanted = [step for file, step in STEPS.items() if not file.exists()]
    if wanted:
        GUESTS.mkdir(parents=True, exist_ok=True)
        packages = arm64.Packages()
        for step in wanted:
            with tempfile.TemporaryDirectory(dir=CACHE) as folder:
                step(packages, pathlib.Path(folder))
    initramfs()
