# SPDX-License-Identifier: BSD-2-Clause
"""Where things lie: the source tree, the build folders and the cache outside of the source tree."""
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("BULKHEAD_CACHE") or pathlib.Path.home() / ".cache/bulkhead")
GUESTS = CACHE / "guests"
LIBFDT = CACHE / "libfdt"
LIBZ = CACHE / "libz"
DEMO = ROOT / "config/demo.dts"


def build_dir(preset):
    return ROOT / "build" / preset
