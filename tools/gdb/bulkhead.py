# SPDX-License-Identifier: BSD-2-Clause
"""Commands for gdb-multiarch at QEMU's stub: who runs where, and stops in the partition that is meant. doc/debugging.md.

A breakpoint of the stub is a virtual address, on every core and at every exception level: guests share addresses with
each other, monitors with all programs at EL0. What tells them apart is the level (PSTATE, in cpsr) and VTTBR_EL2, which
the kernel gives each space of each partition. Both are conditions of every stop here."""
import os

import gdb

SPACES = ("guest", "monitor, loading", "monitor")  # enum bh_space
LEVEL = "($cpsr & 0xc)"  # 4 times the exception level


class State:
    """What the script of the run has told, and what was read from the kernel since."""
    names = []
    build = "."
    spaces = {}  # VTTBR_EL2 -> (partition, kind)


def number(expression):
    return int(gdb.parse_and_eval(expression)) & (1 << 64) - 1


def index(name):
    """The kernel's number of a partition: 0 is the manager."""
    if name not in State.names:
        raise gdb.GdbError(f"there is no partition {name!r}; there are: {', '.join(State.names)}")
    return 1 + State.names.index(name)


def go_on(location, condition):
    """Runs until there, on the core on which the condition holds; selects that core."""
    point = gdb.Breakpoint(location, type=gdb.BP_HARDWARE_BREAKPOINT, internal=True)
    point.silent = True
    point.condition = condition
    hits = 0
    try:
        gdb.execute("continue", to_string=True)
        hits = point.hit_count
    finally:
        point.delete()
    if not hits:
        raise gdb.GdbError("the machine stopped elsewhere first")


def learn():
    """Reads the spaces; the core must be at EL2, behind the seal."""
    for at, name in enumerate(["manager", *State.names]):
        for kind, text in enumerate(SPACES):
            value = number(f"partitions[{at}].space[{kind}].vttbr")
            if value:
                State.spaces[value] = name, text


def known():
    """Sees to it that the spaces are known."""
    if not State.spaces:
        go_on("*uspace_enter", "machine_sealed")
        learn()


def symbols(name):
    """Loads those of a program of the build, or of any file. Programs at EL0 share addresses: the last one counts."""
    for other in ("monitor", "console", "partmgr"):
        if name in ("monitor", "console", "partmgr") and other != name:
            try:
                gdb.execute(f"remove-symbol-file {State.build}/{other}.elf", to_string=True)
            except gdb.error:
                pass  # it was not there
    path = os.path.join(State.build, f"{name}.elf")
    path = path if os.path.exists(path) else os.path.join(State.build, "guests", f"{name}.elf")
    path = path if os.path.exists(path) else name
    if not any(os.path.realpath(file.filename) == os.path.realpath(path) for file in gdb.objfiles() if file.filename):
        gdb.execute(f"add-symbol-file {path}", to_string=True)


class Bulkhead(gdb.Command):
    """Debug Bulkhead: type `help bulkhead` for the commands below it."""

    def __init__(self):
        super().__init__("bulkhead", gdb.COMMAND_RUNNING, prefix=True)


class Command(gdb.Command):
    """One below it; its docstring is its help."""

    def __init__(self, word):
        super().__init__(f"bulkhead {word}", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        words = gdb.string_to_argv(argument)
        if not self.least <= len(words) <= self.most:
            raise gdb.GdbError(self.__doc__)
        self.run(*words)


class Names(Command):
    """bulkhead names BUILD NAME...: the build's folder and all partitions, in the order of the description."""
    least, most = 1, 64

    def run(self, build, *names):
        State.build, State.names = build, list(names)


class Guest(Command):
    """bulkhead guest NAME: go on to the first instruction of that partition's guest, now or when it begins anew."""
    least, most = 1, 1

    def run(self, name):
        wanted = index(name)
        vcpu = "((struct vcpu *)$x1)"
        go_on("*vcpu_reset", f"{LEVEL} == 8 && {vcpu}->partition->index == {wanted} && {vcpu}->index == 0")
        learn()
        entry, space = number(f"{vcpu}->entry"), number(f"partitions[{wanted}].space[0].vttbr")
        go_on(f"*{entry:#x}", f"{LEVEL} == 4 && $VTTBR_EL2 == {space}")
        print(f"{name}: first instruction of the guest, at {entry:#x} on core {gdb.selected_thread().num - 1}")


class Monitor(Command):
    """bulkhead monitor NAME FUNCTION: go on until the monitor of that partition comes to a function or *ADDRESS."""
    least, most = 2, 2

    def run(self, name, function):
        index(name)
        known()
        symbols("monitor")
        own = [value for value, (owner, text) in State.spaces.items() if owner == name and text.startswith("monitor")]
        go_on(function, f"{LEVEL} == 0 && ({' || '.join(f'$VTTBR_EL2 == {value}' for value in own)})")
        print(f"{name}: its monitor is at {function} on core {gdb.selected_thread().num - 1}")


class Symbols(Command):
    """bulkhead symbols PROGRAM: load those of monitor, console, partmgr, a guest of the build, or a file."""
    least, most = 1, 1

    def run(self, name):
        symbols(name)


class Where(Command):
    """bulkhead where: what each core does."""
    least, most = 0, 0

    def run(self):
        before = gdb.selected_thread()
        for thread in sorted(gdb.selected_inferior().threads(), key=lambda each: each.num):
            thread.switch()
            level, at = number(LEVEL) >> 2, number("$pc")
            if level >= 2 and not at:
                print(f"core {thread.num - 1}: not started")
                continue
            owner, text = State.spaces.get(number("$VTTBR_EL2"), ("?", "its space is not known yet"))
            what = "kernel" if level == 2 else "firmware" if level == 3 else f"{owner}, {text}"
            if level == 1:
                what = f"{owner}, guest's kernel"
            symbol = gdb.execute(f"info symbol {at:#x}", to_string=True).split(" in ")[0] if level == 2 else ""
            symbol = "" if symbol.startswith("No symbol") else symbol
            print(f"core {thread.num - 1}: EL{level}, {what}, pc {at:#x} {symbol}".rstrip())
        before.switch()


Bulkhead()
for kind, name in ((Names, "names"), (Guest, "guest"), (Monitor, "monitor"), (Symbols, "symbols"), (Where, "where")):
    kind(name)
