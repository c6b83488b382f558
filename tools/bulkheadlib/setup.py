# SPDX-License-Identifier: BSD-2-Clause
"""tools/bulkhead setup: everything that building, running and testing need."""
from . import guests, newer, packages
from .places import CACHE
from .say import say

HELP = "install what is missing: Debian packages, and the guests' kernels and user space in the cache"


def arguments(_parser):
    pass


def ensure(tests=False):
    """What building and running need; tests: what only they need, too."""
    packages.ensure(tests)
    guests.ensure()
    if tests:
        newer.ensure()


def main(_options):
    ensure(tests=True)
    count = len(packages.PACKAGES) + len(packages.FOR_TESTS)
    say(f"{count} packages are installed; in {CACHE} are, from Debian's arm64 packages:")
    for file, (_step, package, why) in guests.FILES.items():
        print(f"  {file.relative_to(CACHE)} ({package}): {why}")
    say(f"{newer.QEMU.relative_to(CACHE)}, from {newer.SUITE}: a newer QEMU, for tests")
    return 0
