# SPDX-License-Identifier: BSD-2-Clause
"""One program at a time: locks that others see, and that go with the program that has them."""
import contextlib
import fcntl
import sys
import time

PATIENCE = 3  # s for which nobody is told that we wait

_held = set()  # files that this program has locked


def _soon(file):
    """True when the lock could be had."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > end:
                return False
            time.sleep(0.05)


@contextlib.contextmanager
def alone(path, what):
    """Nobody else does this at the same time. Who asks for what it has already gets it."""
    if path in _held:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as file:
        if not _soon(file):
            print(f"bulkhead: waiting until another {what} has ended: {path}", file=sys.stderr, flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        _held.add(path)
        try:
            yield
        finally:
            _held.remove(path)
