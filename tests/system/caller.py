# SPDX-License-Identifier: BSD-2-Clause
"""Capability calls made by hand: an EL0 program is stopped, and an SVC of its own is executed with registers of ours. So
the kernel meets a manager or a monitor that does anything."""
import struct

from held import Image
from interface import STATUS, VALUES

SVC = bytes.fromhex("010000d4")
EL0 = 0


class Caller(Image):
    """A program with its entry and its header's place in physical memory, stopped at its entry."""

    def __init__(self, held, elf, header, core="01"):
        super().__init__(held, elf, core)
        self.core = core
        _magic, self.address, self.entry, size = struct.unpack("<4Q", held.read(header, 32))
        offset = held.read(header, size).find(SVC)
        if offset < 0 or offset % 4:
            raise ValueError("the program has no SVC")
        self.svc = self.address + offset

    def arrive(self):
        """Lets the machine run until the program is entered; its arguments."""
        self.core = self.held.gdb.run_to([self.entry], EL0)
        self.held.gdb.breakpoint(self.svc + 4)
        return [self.held.gdb.register(self.core, f"x{number}") for number in range(8)]

    def call(self, label, slot=0, *arguments):
        """(status by name, three results)."""
        gdb = self.held.gdb
        values = [VALUES[f"BH_{label}"], slot, *arguments] + [0] * (6 - len(arguments))
        for number, value in enumerate(values):
            gdb.set_register(self.core, f"x{number}", value)
        gdb.set_register(self.core, "pc", self.svc)
        while gdb.resume() != self.core:
            pass
        if gdb.level(self.core) != EL0 or gdb.register(self.core, "pc") != self.svc + 4:
            raise RuntimeError("the call did not return")
        status, *results = [gdb.register(self.core, f"x{number}") for number in range(4)]
        return STATUS[status - (status >> 63 << 64)].removeprefix("BH_").removeprefix("ERR_"), results

    def must(self, *call):
        status, results = self.call(*call)
        assert status == "OK", f"{call[0]}: {status}"
        return results


def manager(held, elf):
    """The manager, before its first instruction; with the number of root Memory capabilities."""
    gdb = held.gdb
    # the first time that the program's entry is met at EL0, the kernel's tables are on
    header = next(at for at, page in held.loaded.items() if page.startswith(b"BKHPROG1"))
    entry = struct.unpack_from("<Q", held.read(header, 24), 16)[0]
    core = gdb.run_to([entry], EL0)
    caller = Caller(held, elf, header, core)
    assert header == caller.manager[0], "the first program in memory is the manager"
    gdb.breakpoint(caller.svc + 4)
    caller.roots = gdb.register(core, "x3")
    return caller
