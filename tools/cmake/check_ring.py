# SPDX-License-Identifier: BSD-2-Clause
"""Fails when the ring's object may do to shared memory what Device memory or a peer does not take.

check_ring.py OBJDUMP OBJECT: only loads and stores of whole aligned words in general registers are good: no exclusives,
no atomic read-modify-write, no bytes, no unaligned offsets, no FP/SIMD registers and no calls (memcpy least of all).
What attaches, puts, takes and waits has the LDAR and STLR that order it."""
import re
import subprocess
import sys

# Pairs are two accesses of 64 bits, each single-copy atomic (DDI 0487, B2.2.1).
GOOD = {"ldr": 1, "str": 1, "ldur": 1, "stur": 1, "ldar": 1, "stlr": 1, "ldp": 2, "stp": 2}
MEMORY = re.compile(r"^(?:ld|st|cas|swp|prf|dc$)")
ACCESS = re.compile(r"^(?P<first>[wx](?:\d+|zr)),(?: [wx](?:\d+|zr),)? \[(?:x\d+|sp)(?:, #(?P<offset>-?\d+))?"
                    r"(?P<index>, x\d+(?:, lsl #(?P<shift>\d+))?|, [wx]\d+, [su]xt[wx](?: #\d+)?)?\]!?(?:, #(?P<post>-?\d+))?$")
ORDERED = {"bh_ring_attach_producer": ("ldar", "stlr"), "bh_ring_attach_consumer": ("ldar", "stlr"),
           "bh_ring_put": ("ldar", "stlr"), "bh_ring_take": ("ldar", "stlr"), "bh_ring_must_ring": ("ldar", "dsb"),
           "bh_ring_wait": ("stlr", "ldar"), "bh_ring_awake": ("stlr",)}

# What the compiler may leave as functions of their own.
HELPERS = {"bh_ring_attach_producer": ["ring_attach"], "bh_ring_attach_consumer": ["ring_attach"],
           "bh_ring_put": ["ring_look"], "bh_ring_take": ["ring_look"]}


def functions(disassembly):
    """Name -> its instructions, each as (mnemonic, operands)."""
    found, name = {}, None
    for line in disassembly.splitlines():
        head = re.match(r"^[0-9a-f]+ <(\w+)[.\w]*>:$", line)
        name = head.group(1) if head else name
        fields = line.split("\t")
        if len(fields) > 1 and not head:
            found.setdefault(name, []).append((fields[1].strip(), re.sub(r"\s*(//.*|<.*>)", "", fields[2]) if len(fields) > 2 else ""))
    return found


def good_access(mnemonic, operands):
    """True for a whole word at a multiple of its size. An index is scaled by the same size."""
    access = ACCESS.match(operands)
    if mnemonic not in GOOD or not access:
        return False
    size = 8 if access["first"].startswith("x") else 4
    offsets = [int(access[name]) for name in ("offset", "post") if access[name]]
    scaled = not access["index"] or re.search(rf"#{size.bit_length() - 1}$", access["index"]) or access["index"].count(",") == 1
    return bool(scaled) and all(offset % size == 0 for offset in offsets)


def follows(instructions, order):
    """True when these mnemonics stand there, in this order."""
    names = iter(mnemonic for mnemonic, _operands in instructions)
    return all(wanted in names for wanted in order)


def offenders(disassembly, undefined):
    """What is wrong, in words."""
    found = functions(disassembly)
    yield from (f"calls {name}" for name in undefined)
    for name, instructions in found.items():
        for mnemonic, operands in instructions:
            if MEMORY.match(mnemonic) and not good_access(mnemonic, operands):
                yield f"{name}: {mnemonic} {operands}"
    for name, order in ORDERED.items():
        if not follows([pair for part in (*HELPERS.get(name, ()), name) for pair in found.get(part, [])], order):
            yield f"{name}: no {' and then '.join(order)}"


def main():
    objdump, built = sys.argv[1:]
    run = lambda *options: subprocess.run([objdump, *options, built], check=True, capture_output=True, text=True).stdout
    undefined = re.findall(r"\*UND\*\s+\S+\s+(?:\.\w+ )?(\S+)$", run("-t"), re.MULTILINE)
    found = list(offenders(run("-d", "--no-show-raw-insn"), undefined))
    for line in found[:10]:
        print(f"{built}: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
