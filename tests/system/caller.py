# SPDX-License-Identifier: BSD-2-Clause
"""Capability calls made by hand: an EL0 program is stopped, and an SVC of its own is executed with registers of ours.
So the kernel meets a manager or a monitor that does anything."""
import struct

from held import Image
from interface import STATUS, VALUES

SVC = bytes.fromhex("010000d4")
EL0 = 0
CALL_TIMEOUT = 10  # s; on a busy host a core may stand still for a while


class Caller(Image):
    """The program whose image lies at a physical address, run until it is entered the next time."""

    def __init__(self, held, elf, program):
        _magic, base, entry, size = struct.unpack("<4Q", held.read(program, 32))
        offset = held.read(program, size).find(SVC)
        if offset < 0 or offset % 4:
            raise ValueError("the program has no SVC")
        self.svc = base + offset
        self.core = held.gdb.run_to((entry, EL0))
        held.gdb.breakpoint(self.svc + 4)
        super().__init__(held, elf, self.core)

    def call(self, label, slot=0, *arguments):
        """(status by name, three results)."""
        gdb = self.held.gdb
        values = [VALUES[f"BH_{label}"], slot, *arguments] + [0] * (6 - len(arguments))
        for number, value in enumerate(values):
            gdb.set_register(self.core, f"x{number}", value)
        gdb.set_register(self.core, "pc", self.svc)
        try:
            while gdb.resume(CALL_TIMEOUT) != self.core:
                pass
        except TimeoutError as timeout:
            raise RuntimeError("the call did not return") from timeout
        if gdb.level(self.core) != EL0 or gdb.register(self.core, "pc") != self.svc + 4:
            raise RuntimeError("the call did not return")
        status, *results = [gdb.register(self.core, f"x{number}") for number in range(4)]
        return STATUS[status - (status >> 63 << 64)].removeprefix("BH_").removeprefix("ERR_"), results

    def must(self, *call):
        status, results = self.call(*call)
        assert status == "OK", f"{call[0]}: {status}"
        return results
