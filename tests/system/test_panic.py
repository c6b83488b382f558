# SPDX-License-Identifier: BSD-2-Clause
"""A fault of the kernel itself: told once, on a stack of its own, and every core stops."""
import pathlib
import tempfile

import pytest
from bulkheadlib.boards import BOARDS
from bulkheadlib.qemu import Run
from conftest import BUILD
from gdbstub import Gdb
from held import PAGE, symbols

EL2 = 2


@pytest.mark.parametrize("board", BOARDS)
def test_stack_overflow_stops_every_core(lab, board):
    """One core's stack pointer is put into the guard page below its stack: its next push faults, at EL2."""
    names = symbols(BUILD / BOARDS[board].kernel("kernel.elf"))
    system = lab.describe(("one", 1, "control.bin", "periods=60000"), ("two", 1, "control.bin", "periods=60000"))
    image = lab.pack(system, board=board)
    with tempfile.TemporaryDirectory() as folder:
        socket = pathlib.Path(folder, "gdb")
        with Run(lab.machine(image, cpus=2, memory=128, board=BOARDS[board].machine,
                             extra=["-S", "-gdb", f"unix:{socket},server=on,wait=off"])) as run:
            with Gdb(socket) as gdb:
                stop, trap = names["arch_halt"][0], names["trap_enter"][0]
                gdb.run_to((names["seal_commit"][0], EL2))
                core = gdb.run_to((trap, EL2))
                stack = names["stacks_start"][0]
                size = names["stacks_end"][0] - stack
                assert stack < gdb.register(core, "sp") <= stack + size
                gdb.set_register(core, "sp", stack + PAGE // 2)
                first = gdb.run_to((stop, EL2))
                gdb.breakpoint(stop)
                while {gdb.register(each, "pc") for each in gdb.threads} != {stop}:
                    gdb.resume()
                gdb.breakpoint(stop, False)
                for core in gdb.threads:
                    gdb.step(core)  # goes on behind it: the log shows it as reached
                assert first in gdb.threads
                said = []
                for line in run.lines(30):
                    said.append(line)
                    if "panic" in line:
                        break
    assert sum("bulkhead: panic: exception at EL2" in line for line in said) == 1, said
