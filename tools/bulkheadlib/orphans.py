# SPDX-License-Identifier: BSD-2-Clause
"""Programs that are still there when the one that wanted them has ended: found by a word in their environment, which
whatever they start has, too."""
import contextlib
import os
import pathlib
import signal
import time

NAME = "BULKHEAD_STARTED_BY"


def mark():
    """An environment for programs that are to be found again, and the word in it."""
    start = pathlib.Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
    word = f"{NAME}={os.getpid()}-{start}"
    return {**os.environ, NAME: word.partition("=")[2]}, word


def find(word):
    """Process id -> command line."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if word.encode() in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:  # it has ended, or is another user's
            continue
    return found


def end(word):
    """Ends them, and what they start meanwhile; what they were."""
    ended = {}
    while found := find(word):
        for process in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        ended.update(found)
        time.sleep(0.05)
    return list(ended.values())
