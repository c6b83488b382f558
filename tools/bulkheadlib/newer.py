# SPDX-License-Identifier: BSD-2-Clause
"""A newer QEMU beside Debian 12's, from its backports, in the cache: it enforces what silicon does with unaligned accesses
to Device memory. Only tests use it. Its libraries and data are those of the QEMU that is installed."""
import pathlib
import tempfile

from . import arm64
from .places import CACHE
from .say import Failure

SUITE, PACKAGE, BINARY = "bookworm-backports", "qemu-system-arm", "usr/bin/qemu-system-aarch64"
QEMU = CACHE / "newer-qemu/qemu-system-aarch64"


def ensure():
    """Fetches it unless it is there."""
    if QEMU.exists():
        return
    packages = arm64.Packages(arm64.own_architecture(), SUITE)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        packages.unpack(PACKAGE, folder)
        found = pathlib.Path(folder, BINARY)
        if not found.exists():
            raise Failure(f"{PACKAGE} of {SUITE} has no {BINARY}")
        QEMU.parent.mkdir(exist_ok=True)
        found.rename(QEMU)
