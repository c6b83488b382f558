# SPDX-License-Identifier: BSD-2-Clause
"""Boots an image in QEMU, gives its console line by line, and never leaves a QEMU behind."""
import contextlib
import ctypes
import os
import pathlib
import selectors
import signal
import subprocess
import time
from dataclasses import dataclass, field

from .boards import FIRST
from .say import Failure

PR_SET_PDEATHSIG = 1


class Timeout(Exception):
    """The machine did not end in time."""


@dataclass
class Machine:
    """The board that a system boots on."""
    image: os.PathLike
    cpus: int = 4
    memory: int = 2048  # MiB
    cpu: str = "cortex-a53"
    icount: int | None = None
    extra: list = field(default_factory=list)
    board: str = FIRST.machine  # QEMU's -M
    files: tuple = ()  # descriptors that QEMU is to have
    keyboard: bool = False  # Run.type() reaches the UART; else it has no input
    program: os.PathLike = "qemu-system-aarch64"

    def command(self):
        # Else the time that all cores wait is this machine's, and so are the date and the seeds in the tree: no two
        # runs would be alike.
        icount = [] if self.icount is None else ["-icount", f"shift={self.icount},sleep=off", "-seed", "1",
                                                 "-rtc", "base=2000-01-01,clock=vm"]
        # -nographic would take Ctrl-A for itself
        terminal = ["-display", "none", "-serial", "stdio", "-monitor", "none"] if self.keyboard else ["-nographic"]
        return [os.fspath(self.program), "-M", self.board, "-cpu", self.cpu,
                "-smp", str(self.cpus), "-m", str(self.memory), "-nic", "none", *terminal, "-no-reboot",
                *icount, "-kernel", os.fspath(self.image), *self.extra]


def ends_with_us():
    """For a child, before it becomes another program: the kernel ends it when this program ends, however it does."""
    parent, prctl = os.getpid(), ctypes.CDLL(None).prctl

    def ask():
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before we could ask
            os._exit(1)
    return ask


class Run:
    """A running machine: `with Run(machine) as run: for line in run.lines(timeout): ...`"""

    def __init__(self, machine, errors=subprocess.STDOUT):
        """errors: a file for what QEMU itself says; else it stands between the console's lines."""
        try:
            # A group of its own, so that all of it can be ended at once; no terminal is needed.
            self.process = subprocess.Popen(machine.command(), stdout=subprocess.PIPE, stderr=errors,
                                            stdin=subprocess.PIPE if machine.keyboard else subprocess.DEVNULL,
                                            start_new_session=True, preexec_fn=ends_with_us(),
                                            pass_fds=getattr(machine, "files", ()))
        except FileNotFoundError as missing:
            raise Failure("qemu-system-aarch64 is not installed: run tools/bulkhead setup") from missing
        self.status = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Ends it, whatever it does; status is what it ended with by itself, else negative."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.status = self.process.wait()
        self.process.stdout.close()
        if self.process.stdin:
            self.process.stdin.close()

    def type(self, keys):
        """Types bytes at a machine with a keyboard, all at once."""
        os.write(self.process.stdin.fileno(), keys)

    def _threads(self):
        """(ran, waited for one of this host's processors) in s, of each thread of the machine."""
        found = []
        for file in pathlib.Path("/proc", str(self.process.pid), "task").glob("*/schedstat"):
            with contextlib.suppress(OSError):  # the thread has gone
                found.append([int(word) / 1e9 for word in file.read_text().split()[:2]])
        return found

    def _waited(self):
        """The longest that a thread of the machine has waited."""
        return max((waited for _ran, waited in self._threads()), default=0)

    def _timeout(self, timeout, silent):
        """Says whether it slept, turned in circles, or was only slow."""
        before = self._threads()
        time.sleep(1)
        busy = sum(ran for ran, _waited in self._threads()) - sum(ran for ran, _waited in before)
        return Timeout(f"still running after {timeout:g} s; silent for {silent:.1f} s, using {busy:.2f} processors, "
                       f"waited {self._waited():.0f} s for them")

    def chunks(self, timeout=None, idle=None):
        """The console's bytes as they come, and b"" when for `idle` seconds none have; raises Timeout. Ends when QEMU
        has ended.

        Time in which the machine waited for a processor of this host does not count: on a busy one it is only slow."""
        start = heard = time.monotonic()
        end = None if timeout is None else start + timeout
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while True:
                waits = [max(end - time.monotonic(), 0)] if end is not None else []
                ready = selector.select(min(waits + [idle] if idle else waits, default=None))
                if end is not None and time.monotonic() >= end:
                    end = start + timeout + self._waited()
                    if time.monotonic() >= end:
                        raise self._timeout(timeout, time.monotonic() - heard)
                if not ready:
                    if idle:
                        yield b""
                    continue
                data = os.read(self.process.stdout.fileno(), 65536)
                if not data:
                    break
                heard = time.monotonic()
                yield data
        self.status = self.process.wait()

    def lines(self, timeout=None):
        """Console lines as they come, without line ends; else as chunks()."""
        rest = b""
        try:
            for data in self.chunks(timeout):
                *whole, rest = (rest + data).split(b"\n")
                for line in whole:
                    yield line.rstrip(b"\r").decode(errors="replace")
        except Timeout:
            if rest:
                yield rest.decode(errors="replace")
            raise
        if rest:
            yield rest.decode(errors="replace")
