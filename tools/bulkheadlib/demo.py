# SPDX-License-Identifier: BSD-2-Clause
"""tools/bulkhead demo: the demo system, live, and then what became of each partition."""
import sys

from . import boards, build, setup
from .console import Console, Partition
from .places import DEMO
from .qemu import Machine, Run, Timeout
from .say import columns, say

HELP = "boot two Linux guests and a bare-metal control loop side by side, and tell how it went"
TIMEOUT = 180
LINUX = {"linux-a": 2, "linux-b": 1}  # as in config/demo.dts: vCPUs
CONTROL = "control"
COLOURS = (36, 33, 35, 32, 34, 31)


def arguments(parser):
    parser.add_argument("--timeout", type=float, default=TIMEOUT, metavar="SECONDS")
    boards.arguments(parser)


def failures(console, status):
    """Why this was not the demo that it should be: a list, empty when it was."""
    reasons = []
    if status:
        reasons.append(f"QEMU ended with status {status}")
    get = lambda name: console.partitions.get(name, Partition(name))
    for name, cpus in LINUX.items():
        guest = get(name)
        reached = guest.find(r"user space reached, (\d+) cpus")
        if not reached:
            reasons.append(f"{name} did not reach user space")
        elif int(reached[1]) != cpus:
            reasons.append(f"{name} sees {reached[1]} CPUs, not {cpus}")
    control = get(CONTROL)
    if not control.find(r"control: [1-9]\d* periods"):
        reasons.append(f"{CONTROL} did not print its periods")
    for guest in map(get, (*LINUX, CONTROL)):
        if guest.ended != "off":
            reasons.append(f"{guest.name} did not power off" + (f": it ended {guest.ended}" if guest.ended else ""))
    if not reasons and any(get(name).ended_at > control.ended_at for name in LINUX):
        reasons.append(f"{CONTROL} ended before the others: it did not run through all of it")
    return reasons


def watch(image, timeout=TIMEOUT, show=lambda name, line: None, machine=None):
    """Boots the image to its end; the console and the reasons why it failed."""
    console = Console()
    with Run(machine or Machine(image)) as running:
        try:
            for line in running.lines(timeout):
                show(console.feed(line), line)
        except Timeout as late:
            waiting = [name for name, partition in console.partitions.items() if not partition.ended]
            reason = f"{late}; not ended: {', '.join(waiting) or 'the machine itself'}"
            return console, [reason, *failures(console, 0)]
    return console, failures(console, running.status)


class Painter:
    """A colour per partition, on a terminal."""

    def __init__(self, terminal):
        self.terminal = terminal
        self.names = []

    def show(self, name, line):
        if self.terminal and name:
            if name not in self.names:
                self.names.append(name)
            line = f"\033[{COLOURS[self.names.index(name) % len(COLOURS)]}m{line}\033[0m"
        print(line, flush=True)


def table(console):
    """The partitions in the order in which they began."""
    rows = [("partition", "cores", "memory", "first instruction", "ended", "after")]
    for partition in sorted(console.partitions.values(), key=lambda p: (p.started is None, p.started)):
        rows.append((partition.name, str(partition.cores), partition.memory,
                     "-" if partition.started is None else f"{partition.started / 1000:.1f} ms",
                     partition.ended or "-",
                     "-" if partition.ended_at is None else f"{partition.ended_at / 1e6:.2f} s"))
    return columns(rows)


def main(options):
    board = boards.BOARDS[options.board]
    with build.alone():
        setup.ensure()
        build.compile_preset("release")
        image = build.pack("release", DEMO, board=board)
    say(f"booting config/demo.dts on 4 cores (cortex-a53), 2 GiB, {board.name}")
    console, reasons = watch(image, options.timeout, Painter(sys.stdout.isatty()).show,
                             Machine(image, board=board.machine))
    print()
    print(table(console))
    print()
    for reason in reasons:
        say(f"failed: {reason}")
    if not reasons:
        say("all partitions did what they should")
    return 1 if reasons else 0
