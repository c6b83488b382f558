# SPDX-License-Identifier: BSD-2-Clause
"""The table of properties as data, and descriptions of systems that are tried out on the plan, on this host."""
import re
import subprocess
from dataclasses import dataclass

from bulkheadlib import build
from bulkheadlib.places import ROOT, build_dir
from bulkheadlib.say import run

TABLE = ROOT / "partmgr/plan/binding.def"
ROW = re.compile(r'^PROPERTY\((\w+), "([^"]+)", (\w+), (\w+), (\d+), (\d+), "([^"]*)"\)$', re.MULTILINE)
KIND = re.compile(r"^KIND\((\w+), (\w+)\)$", re.MULTILINE)
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
