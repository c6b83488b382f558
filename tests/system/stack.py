# SPDX-License-Identifier: BSD-2-Clause
"""The deepest way through an EL0 program and its libraries, by its instructions: no run has to find it."""
import re
import subprocess

# who is called through a pointer: placement policies, how the plan reads memory, zlib's allocator
BY_POINTER = re.compile(r"(first_fit|top_down|zero_copy)\w*_(memory|core|keeps)|(images|machine)_(read|write|known)|gunzip_(alloc|free)"
                        r"|zc(alloc|free)|vmmio_\w+|\w+_(read|write)(\.\w+)*")
# libfdt's way round in aliases of aliases, which uart_follow() in partmgr/plan/uart.c keeps closed: only paths go in
CLOSED = {("fdt_path_offset_namelen", "fdt_get_alias_namelen"), ("fdt_path_offset_namelen", "fdt_path_offset")}
CONSTANT = re.compile(r"(mov|movk)\s+([wx]\d+), #(0x[0-9a-f]+|\d+)(?:, lsl #(\d+))?")


class Program:
    """Frames and calls of an ELF file's functions."""

    def __init__(self, elf):
        text = subprocess.run(["aarch64-linux-gnu-objdump", "-d", "--no-show-raw-insn", elf], capture_output=True, text=True,
                              check=True).stdout
        self.frames, self.calls, self.indirect, self.unknown = {}, {}, set(), []
        name, numbers = None, {}
        for line in text.splitlines():
            if start := re.match(r"[0-9a-f]+ <(.+)>:", line):
                name, numbers = start[1], {}
                self.frames[name], self.calls[name] = 0, set()
            elif name and (at := re.match(r"\s+[0-9a-f]+:\s+(.*)", line)):
                self._read(name, at[1], numbers)
        for one, other in CLOSED:
            self.calls.get(one, set()).discard(other)
        called = set().union(*self.calls.values())
        self.pointed = {each for each in self.frames if each not in called and BY_POINTER.fullmatch(each)}

    def _read(self, name, text, numbers):
        if found := CONSTANT.match(text):
            value = int(found[3], 0) << int(found[4] or 0)
            register = found[2].replace("w", "x")
            numbers[register] = value if found[1] == "mov" else numbers.get(register, 0) | value
        elif found := re.match(r"st[pr]\s.*\[sp, #-(\d+)\]!", text):
            self.frames[name] += int(found[1])
        elif found := re.match(r"sub\s+sp, sp, #(0x[0-9a-f]+|\d+)(?:, lsl #(\d+))?", text):
            self.frames[name] += int(found[1], 0) << int(found[2] or 0)
        elif found := re.match(r"(?:sub\s+sp, sp, (x\d+)|mov\s+sp, (x\d+))", text):
            if found[1] in numbers:
                self.frames[name] += numbers[found[1]]
            else:
                self.unknown.append(f"{name}: {text}")
        elif found := re.match(r"b(?:l|\.\w+)?\s.*<([^+>]+)>", text):
            self.calls[name] |= {found[1]} - {name}
            if text.startswith("bl ") and found[1] == name:
                self.unknown.append(f"{name} calls itself")
        elif re.match(r"blr\s", text):
            self.indirect.add(name)

    def deepest(self, start):
        """(bytes, the functions on the way) from a function down; raises ValueError where that has no end."""
        done, open_ = {}, []

        def down(name):
            if name in open_:
                raise ValueError(" -> ".join([*open_[open_.index(name):], name]))
            if name not in done:
                open_.append(name)
                ways = [down(each) for each in
                        sorted(self.calls[name] & set(self.frames) | (self.pointed if name in self.indirect else set()))]
                below = max(ways, default=(0, []), key=lambda way: way[0])
                done[name] = self.frames[name] + below[0], [name, *below[1]]
                open_.pop()
            return done[name]
        return down(start)
