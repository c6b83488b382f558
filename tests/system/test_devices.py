# SPDX-License-Identifier: BSD-2-Clause
"""Hostile use of what monitors and the console service emulate: every register, width and value; keys by the thousand."""
import random
import re

import pytest
from bulkheadlib.boards import BOARDS
from bulkheadlib.console import Console
from bulkheadlib.qemu import Run
from test_control import DOMAIN
from test_guests import judge

AGAIN = 'bulkhead,stays; bulkhead,on-failure = "restart"; bulkhead,restart-budget = <100000 3600>; bulkhead,watchdog = '
SWITCH = b"\x01\x01\x01"


def describe(lab, *domains):
    """Each (name, file, bootargs, more properties), with a console service."""
    text = "".join(DOMAIN.format(name=name, file=file, args=args, more=more, memory=0x1000, ramdisk="")
                   for name, file, args, more in domains)
    path = lab.folder / "devices.dts"
    path.write_text(f'/dts-v1/; / {{ chosen {{ console {{ compatible = "bulkhead,console"; }}; {text} }}; }};')
    return path


@pytest.mark.parametrize("board", BOARDS)
def test_registers(lab, board):
    """UARTs stay usable, watchdogs do nothing but run out, who is controlled begins anew; nobody else notices."""
    console = lab.boot(describe(
        lab, ("uart", "devices.bin", "seed=1 rounds=10000", ""), ("sum", "checksum.bin", "rounds=200", ""),
        ("sbsa", "devices.bin", "seed=2 dog=1 rounds=10", AGAIN + '"sbsa";'),
        ("sp805", "devices.bin", "seed=3 dog=2 rounds=10", AGAIN + '"sp805";'),
        ("worker", "victim.bin", "rounds=1000000", "bulkhead,stays;"),
        ("keeper", "devices.bin", "seed=4 rounds=10000 control=1",
         "bulkhead,controls = <&worker>; bulkhead,platform-reset;")), cpus=6, board=board)
    for name in "uart", "sum", "keeper":
        judge([line for line in console.partitions[name].output if not line.startswith(".")])
    failures = [line for line in console.lines if " failed, " in line]
    assert failures, "no watchdog has run out"
    assert all(re.match("(sbsa|sp805) failed, reason 0xa ", line) for line in failures)
    assert console.status == 0


def test_keys(lab):
    """Bytes of all kinds, and switch keys in storms; then both can be typed at as ever."""
    chance, console, storms = random.Random(1), Console(), 40
    with Run(lab.machine(lab.pack(describe(lab, ("one", "echo.bin", "", ""), ("two", "echo.bin", "", ""))), cpus=3,
                         keyboard=True)) as run:
        for line in run.lines(60):
            print(line)
            console.feed(line)
            if line.startswith("one started") or (storms and "] heard" in line):
                storms -= 1
                # One line's end each: what is in flight has room, and nothing is lost.
                keys = bytes(key for key in chance.choices(range(256), k=100) if key not in b"\r\n")
                run.type(keys + b"\x01" * chance.randrange(12) + b".\r" if storms else b"\rmark\roff\r")
            if re.match("(one|two) ended off", line):
                run.type(SWITCH + b"\rmark\roff\r")
        console.status = run.status
    assert console.status == 0
    for name in "one", "two":
        assert "heard 4: mark" in console.partitions[name].output
        assert console.partitions[name].ended == "off"
