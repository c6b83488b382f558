# SPDX-License-Identifier: BSD-2-Clause
"""The size of the trusted base: lines over the files that the compiler read for the EL2 image, and bytes of its text."""
import json
import pathlib
import re
import shutil
import sys
import tempfile

from .boards import BOARDS, FIRST
from .places import ROOT
from .say import run

LINES_LIMIT = 4800
TEXT_LIMIT = 32768


def sources(build, board=FIRST):
    """The files of ours in the dependency lists of the objects of a board's kernel, relative to the source tree."""
    objects = re.compile(rf"CMakeFiles/kernel(_objects)?{board.suffix}\.dir/")
    text = run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True).stdout
    found, ours = set(), False
    for line in text.splitlines():
        if line and not line[0].isspace():
            ours = bool(objects.match(line))
        elif ours and line.strip():
            path = pathlib.Path(build, line.strip()).resolve()
            if path.is_relative_to(ROOT) and not path.is_relative_to(ROOT / "build"):
                found.add(path.relative_to(ROOT))
    return sorted(found)


def lines(files):
    """Lines of code per file, comments and blank lines apart, after formatting at 100 columns."""
    if not files:
        return {}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for file in files:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / file, folder / file)
        shutil.copyfile(ROOT / ".clang-format", folder / ".clang-format")
        formatted = [folder / file for file in files if file.suffix in (".c", ".h")]
        if formatted:
            run(["clang-format", "-i", "--style=file", *formatted])
        done = run(["cloc", "--json", "--quiet", "--by-file", "--skip-uniqueness", *[folder / file for file in files]],
                   capture_output=True, text=True)
        counts = json.loads(done.stdout)
        return {file: counts[str(folder / file)]["code"] for file in files if str(folder / file) in counts}


def text_bytes(elf):
    """Bytes of .text, less the zeros that fill its last page."""
    with tempfile.TemporaryDirectory() as name:
        text = pathlib.Path(name, "text")
        run(["aarch64-linux-gnu-objcopy", "-O", "binary", "-j", ".text", elf, text])
        return len(text.read_bytes().rstrip(b"\0"))


def measure(build, board=FIRST):
    """{"lines", "driver", "text", "files"} of a board's kernel that was built there; the lines of the driver that only
    this board has are apart, those of the first board's are part of all."""
    counts = lines(sources(build, board))
    driver = sum(count for file, count in counts.items() if any(file.is_relative_to(path) for path in board.driver))
    return {"lines": sum(counts.values()) - driver, "driver": driver, "files": counts,
            "text": text_bytes(build / board.kernel("kernel.elf"))}


def report(build):
    """Prints the sizes; true when those of the first board are within their limits."""
    for board in BOARDS.values():
        sizes = measure(build, board)
        if board is FIRST:
            good = sizes["lines"] <= LINES_LIMIT and sizes["text"] <= TEXT_LIMIT
            print(f"EL2 lines: {sizes['lines']} of {LINES_LIMIT} in {len(sizes['files'])} files")
            print(f"EL2 text:  {sizes['text']} of {TEXT_LIMIT} bytes")
        else:
            print(f"{board.name}: its own driver has {sizes['driver']} lines, all of EL2 {sizes['text']} bytes of text")
    sys.stdout.flush()
    return good
