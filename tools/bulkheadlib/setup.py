# SPDX-License-Identifier: BSD-2-Clause
"""tools/bulkhead setup: everything that building, running and testing need."""
from . import guests, packages
from .places import CACHE
from .say import say

HELP = "install what is missing: Debian packages, and the guests' kernels and user space in the cache"


def arguments(_parser):
    pass


def ensure():
    packages.ensure()
    guests.ensure()


def main(_options):
    ensure()
    say(f"{len(packages.PACKAGES)} packages are installed; in {CACHE} are, from Debian's arm64 packages:")
    for file, (_step, package, why) in guests.FILES.items():
        print(f"  {file.relative_to(CACHE)} ({package}): {why}")
    return 0
