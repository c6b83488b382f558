# SPDX-License-Identifier: BSD-2-Clause
"""What an interrupt whose cause stays costs a neighbour on another core: its core enters the kernel as often as without.
By QEMU's log of exceptions; how many the neighbour has of its own its program says, and not how long it takes."""
import collections
import re

import pytest
from bulkheadlib.boards import BOARDS
from bulkheadlib.console import Console
from bulkheadlib.qemu import Machine, Run
from test_passthrough import RTC, RTC_AT, compile_tree, describe, ends

# the lines that follow one may be another core's
TAKEN = re.compile(r"^Taking exception \d+ \[([^\]]+)\] on CPU (\d+)$", re.MULTILINE)
OWNER, NEIGHBOUR = 0, 1  # their cores
STORM_MS, ROUNDS = 300, 40  # of 10 ms: longer than the storm
LEAST = 50  # interrupts, which on a loaded host can be few
KICKS = 2  # of a core when the machine begins: one, or it has looked by itself


def exceptions(lab, board, file, arguments=""):
    """Core -> {kind: how many it took}."""
    tree = compile_tree(lab, "rtc", RTC % {"guest": 0x9010000})
    image = lab.pack(describe(lab, "rtc", tree, ("rtc", 1, file, arguments),
                              ("neighbour", 1, "stranger.bin", f"rounds={ROUNDS} {RTC_AT}")), board=board)
    log, console = lab.folder / "exceptions", Console()
    with Run(Machine(image, 2, board=BOARDS[board].machine, extra=["-d", "int", "-D", str(log)])) as run:
        for line in run.lines(60):
            print(line)
            console.feed(line)
        console.status = run.status
    ends(console, "rtc", "neighbour")
    found = collections.defaultdict(collections.Counter)
    for kind, core in TAKEN.findall(log.read_text(errors="replace")):
        found[int(core)][kind] += 1
    return found


@pytest.mark.parametrize("board", BOARDS)
def test_a_neighbour_pays_nothing(lab, board):
    quiet, storm = exceptions(lab, board, "hello.bin"), exceptions(lab, board, "rtc.bin", f"storm={STORM_MS}")
    assert storm[OWNER]["IRQ"] > LEAST, "there was no storm"
    few, many = quiet[NEIGHBOUR].pop("IRQ", 0), storm[NEIGHBOUR].pop("IRQ", 0)
    assert many <= few + KICKS, f"a storm disturbs the neighbour's core: {few} interrupts without it, {many} with it"
    assert storm[NEIGHBOUR] == quiet[NEIGHBOUR], "a storm makes the neighbour's core enter the kernel"
    assert quiet[NEIGHBOUR]["Data Abort"] >= 2 * ROUNDS, "the log tells too little of the neighbour"
