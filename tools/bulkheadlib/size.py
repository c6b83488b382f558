# SPDX-License-Identifier: BSD-2-Clause
"""The size of the trusted base: lines over the files that the compiler read for the EL2 image, and bytes of its text."""
import json
import pathlib
import re
import shutil
import tempfile

from .places import ROOT
from .say import run

LINES_LIMIT = 4400
TEXT_LIMIT = 32768
# Drivers that a board may do without, counted apart: paths relative to the source tree.
OPTIONAL = ()
OBJECTS = re.compile(r"CMakeFiles/kernel(_objects)?\.dir/")


def sources(build):
    """The files of ours in the dependency lists of the kernel's objects, relative to the source tree."""
    text = run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True).stdout
    found, ours = set(), False
    for line in text.splitlines():
        if line and not line[0].isspace():
            ours = bool(OBJECTS.match(line))
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


def measure(build):
    """{"lines", "optional", "text", "files"} of the kernel that was built there."""
    counts = lines(sources(build))
    optional = sum(count for file, count in counts.items() if str(file) in OPTIONAL)
    return {"lines": sum(counts.values()) - optional, "optional": optional, "files": counts,
            "text": text_bytes(build / "kernel.elf")}


def report(build):
    """Prints the sizes; true when both are within their limits."""
    sizes = measure(build)
    print(f"EL2 lines: {sizes['lines']} of {LINES_LIMIT} in {len(sizes['files'])} files"
          f" (optional drivers: {sizes['optional']})")
    print(f"EL2 text:  {sizes['text']} of {TEXT_LIMIT} bytes", flush=True)
    return sizes["lines"] <= LINES_LIMIT and sizes["text"] <= TEXT_LIMIT
