# SPDX-License-Identifier: BSD-2-Clause
"""The table of properties as data, and descriptions of systems that are tried out on the plan, on this host."""
import pathlib
import re
import subprocess
import sys
from dataclasses import dataclass

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))  # when this is the program

from bulkheadlib import build  # noqa: E402
from bulkheadlib.places import ROOT, build_dir  # noqa: E402
from bulkheadlib.say import run  # noqa: E402

TABLE = ROOT / "partmgr/plan/binding.def"
ROW = re.compile(r'^PROPERTY\((\w+), "([^"]+)", (\w+), (\w+), (\d+), (\d+), "([^"]*)"\)$', re.MULTILINE)
KIND = re.compile(r"^KIND\((\w+), (\w+)\)$", re.MULTILINE)
NOTE = re.compile(r'^NOTE\((\w+),\s*"((?:[^"\\]|\\.)*)"\)$', re.MULTILINE)
DOCUMENT = ROOT / "doc/configuration.md"
HEAD = "| name | what to do |\n|---|---|\n"
MODULE = 0x10000  # bytes that a file is taken to have
BUNDLE = 0x20000  # where the first one lies in the bundle of tests/unit/plan_fixture.h


@dataclass(frozen=True)
class Property:
    kind: str
    name: str
    type: str
    fate: str
    low: int
    high: int
    words: list


def kinds():
    """Kind of node -> what becomes of other properties."""
    return dict(KIND.findall(TABLE.read_text()))


def properties():
    rows = ROW.findall(TABLE.read_text())
    assert len(rows) == TABLE.read_text().count("\nPROPERTY("), "a row that is written otherwise"
    return [Property(kind, name, type_, fate, int(low), int(high), words.split())
            for kind, name, type_, fate, low, high, words in rows]


def accepts():
    """The program that plans, up to date."""
    folder = build_dir("host")
    with build.alone():
        if not (folder / "build.ninja").exists():
            run(["cmake", "--preset", "host"], cwd=ROOT, stdout=subprocess.DEVNULL)
        run(["ninja", "-C", folder, "--quiet", "plan_accepts"], stdout=subprocess.DEVNULL)
    return folder / "tests/unit/plan_accepts"


def packed(text):
    """Names places where the text names files, as the packer does."""
    names = sorted(set(re.findall(r'bulkhead,file = "([^"]+)"', text)))
    return re.sub(r'bulkhead,file = "([^"]+)"',
                  lambda file: f"bulkhead,image = <0 {BUNDLE + MODULE * names.index(file[1]):#x} 0 {MODULE:#x}>", text)


def compiled(text, path):
    """Compiles the inside of a root node. What dtc warns of counts, but for reg without a unit address."""
    done = subprocess.run(["dtc", "-I", "dts", "-O", "dtb", "-o", path, "-W", "no-unit_address_vs_reg", "-"],
                          input=f"/dts-v1/; / {{ {text} }};", capture_output=True, text=True, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return path


def planned(program, text, path):
    """What the plan says of the inside of a root node: lines."""
    done = subprocess.run([program, compiled(packed(text), path)], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout.splitlines()


def notes():
    """The rows that doc/configuration.md has of notes.def."""
    found = NOTE.findall((ROOT / "partmgr/plan/notes.def").read_text())
    return [f"| {name.lower().replace('_', '-')} | " + re.sub(r"([<|])", r"\\\1", text.replace('\\"', '"')) + " |"
            for name, text in found]


def write_notes():
    """Writes them there, at the end: `/usr/bin/python3 tests/system/descriptions.py`."""
    DOCUMENT.write_text(DOCUMENT.read_text().partition(HEAD)[0] + HEAD + "\n".join(notes()) + "\n")


if __name__ == "__main__":
    write_notes()
