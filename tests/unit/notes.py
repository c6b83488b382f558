#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every name of partmgr/plan/notes.def is reached: a mistake that no test makes may well not be found.

notes.py BUILD RESULT: BUILD is the host's build folder, RESULT a junit file. Runs the unit tests of the plan, which tell
what they have seen (notes_seen.c), and takes the notes of tests/trees/bad from the heads of these files, which
tests/system/test_check.py holds against what the checker and the machine say."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import junit

ROOT = pathlib.Path(__file__).resolve().parents[2]
OTHERS = {"BUNDLE_BAD": "test_checker_and_machine_agree_on_a_damaged_bundle"}  # whose tests are in tests/system/test_check.py
SLOW = ("test_plan_hostile", "test_plan_large")  # what they reach is not told


def names():
    return set(re.findall(r"^NOTE\((\w+),", (ROOT / "partmgr/plan/notes.def").read_text(), re.MULTILINE))


def of_unit_tests(build):
    """Name -> a unit test in which it comes up."""
    seen = {}
    programs = [path for path in sorted((build / "tests/unit").glob("test_plan*")) if path.is_file() and path.name not in SLOW]
    for program in programs:
        with tempfile.NamedTemporaryFile("r") as file:
            environment = {name: value for name, value in os.environ.items() if not name.startswith("CMOCKA_")}
            subprocess.run([program], env={**environment, "PLAN_NOTES": file.name}, capture_output=True, timeout=120, check=True)
            seen.update((line.strip(), program.name) for line in file)
    return seen


def of_trees():
    return {word.upper().replace("-", "_"): path.name for path in (ROOT / "tests/trees/bad").glob("*.dts")
            for line in re.findall(r"Notes: (.*)", path.read_text()) for word in re.findall(r"[a-z][a-z0-9-]+", line)}


def of_system_tests():
    text = (ROOT / "tests/system/test_check.py").read_text()
    return {name: test for name, test in OTHERS.items() if f"def {test}(" in text}


def main(build, result):
    wanted, seen = names(), {**of_trees(), **of_system_tests(), **of_unit_tests(build)}
    return junit.write(result, "notes", sorted(wanted), dict.fromkeys(wanted - set(seen), "no test has it"))


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])))
