# SPDX-License-Identifier: BSD-2-Clause
"""Which kernel functions the tests have reached: QEMU logs each block that it translates at the kernel's addresses.

The log names no exception level, so a block counts only when its instructions are the kernel's at that place: the start
code runs at physical addresses, which are some guest's addresses too."""
import bisect
import re
import struct
import subprocess

BASE, SIZE = 0x800000000000, 0x100000  # where the kernel is linked
PHYSICAL = 0x40200000  # where QEMU loads it: RAM + 2 MiB
INSTRUCTION = re.compile(rb"^0x([0-9a-f]+): +([0-9a-f]{8})\b", re.MULTILINE)


def qemu_arguments(log):
    return ["-d", "in_asm", "-dfilter", f"{BASE:#x}+{SIZE:#x},{PHYSICAL:#x}+{SIZE:#x}", "-D", str(log)]


def functions(elf):
    """(address, name) of the functions in executable sections, ascending."""
    text = subprocess.run(["aarch64-linux-gnu-nm", "-n", elf], check=True, capture_output=True, text=True).stdout
    symbols = re.findall(r"^([0-9a-f]{16}) [tTW] ([^$\s]\S*)$", text, re.MULTILINE)
    # marks of the linker script are no functions
    marks = re.findall(r"(\w+) = ", elf.with_name("kernel.lds").read_text())
    return [(int(address, 16), name) for address, name in symbols if name not in marks]


def linked_from(elf, folder):
    """Names of the functions that the linker took from objects of a folder, by its map."""
    text = elf.with_suffix(".map").read_text().partition("Linker script and memory map")[2]
    return set(re.findall(rf"^ \.text\.(\S+)\s+0x[0-9a-f]+\s+0x[0-9a-f]+ \S*{folder}/", text, re.MULTILINE))


def reached(table, image, logs):
    """Names of the functions in which a translated instruction lies. image: the kernel's flat binary."""
    starts = [address for address, _name in table]
    hits = set()
    for log in logs:
        for block in log.read_bytes().split(b"IN: ")[1:]:
            code = [(int(address, 16), int(word, 16)) for address, word in INSTRUCTION.findall(block)]
            code = [(at if at >= BASE else at - PHYSICAL + BASE, word) for at, word in code]
            if all(at - BASE + 4 <= len(image) and struct.unpack_from("<I", image, at - BASE)[0] == word
                   for at, word in code):
                hits.update(starts[bisect.bisect_right(starts, at) - 1] for at, _word in code)
    # several symbols may stand at one address
    return {name for address, name in table if address in hits}


def allowed(file):
    """Function -> why no test reaches it: lines `function reason`."""
    pairs = (line.split(None, 1) for line in file.read_text().splitlines() if line.strip() and line[0] != "#")
    return {pair[0]: pair[1:] for pair in pairs}
