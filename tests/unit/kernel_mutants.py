#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Breaks one rule of the virtual interrupts' or the partitions' state machine at a time: the tests must notice.

kernel_mutants.py BUILD RESULT: BUILD is the host's build folder, RESULT a junit file. The mutants stand in
kernel_mutants.toml."""
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tomllib

import junit

ROOT = pathlib.Path(__file__).resolve().parents[2]
SEQUENCES, SECONDS = 10000, 60  # of each kind; a mutant that hangs is one that was noticed

PROGRAMS = {"virq": "test_kernel_virq_many", "life": "test_kernel_life_race"}
STEPS = {"test_kernel_life_race": "test_kernel_life"}  # tried too: cases of the same sources


class Workshop:
    """Builds a program with one source changed, from what the build has of the others."""

    def __init__(self, build, target):
        self.build = build
        self.target = target
        self.folder = build / "mutants"
        # where fake/image.lds finds what the kernel's sources can write
        self.object = self.folder / "kernel/mutant.c.o"
        self.object.parent.mkdir(exist_ok=True, parents=True)
        self.commands = {}
        for entry in json.loads((build / "compile_commands.json").read_text()):
            arguments = shlex.split(entry["command"])
            target = arguments[arguments.index("-o") + 1]
            if f"/{self.target}.dir/" in target:
                self.commands[entry["file"]] = (entry["directory"], arguments, target)

    def _run(self, arguments, directory):
        done = subprocess.run(arguments, cwd=directory, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{shlex.join(arguments)}:\n{done.stderr}")

    def program(self, name, old, new):
        source = ROOT / "kernel" / name
        text = source.read_text()
        if text.count(old) != 1:
            raise RuntimeError(f"kernel/{name} has {text.count(old)} times: {old}")
        changed, result = self.folder / source.name, self.folder / self.target
        changed.write_text(text.replace(old, new))
        directory, arguments, target = self.commands[str(source)]
        arguments = [str(changed) if word == str(source) else word for word in arguments]
        arguments[arguments.index("-o") + 1] = str(self.object)
        # beside its headers; a variable that nobody uses any more is no news
        self._run(arguments + [f"-I{source.parent}", "-Wno-error"], directory)
        objects = [str(self.object) if there == target else there
                   for _directory, _arguments, there in self.commands.values()]
        sanitize = [word for word in arguments if word.startswith("-fsanitize")]
        self._run([arguments[0], *sanitize, "-no-pie", "-T", str(ROOT / "tests/unit/fake/image.lds"), *objects, "-lcmocka",
                   "-o", str(result)], directory)
        return result


def notices(program, sequences):
    """True when the program fails, or does not end."""
    environment = {**os.environ, "BULKHEAD_SEED": "1", "BULKHEAD_SEQUENCES": str(sequences), "BULKHEAD_SHORTEN": "0"}
    for name in ("CMOCKA_MESSAGE_OUTPUT", "CMOCKA_XML_FILE"):
        environment.pop(name, None)
    try:
        return subprocess.run([program], env=environment, capture_output=True, timeout=SECONDS, check=False).returncode
    except subprocess.TimeoutExpired:
        return True


def judge(build, target, mutants):
    """Mutant -> what is wrong with it, of those that nobody notices."""
    tests = [Workshop(build, name) for name in filter(None, (STEPS.get(target), target))]
    wrong = {}
    for name, mutant in mutants.items():
        try:
            if not any(notices(test.program(mutant["file"], mutant["old"], mutant["new"]), SEQUENCES) for test in tests):
                wrong[name] = "no test fails"
        except RuntimeError as error:
            wrong[name] = str(error)
    if any(notices(build / "tests/unit" / test.target, 200) for test in tests):
        wrong["nothing broken"] = f"{target} fails without a mutant"
    return wrong


def main(build, result):
    wrong = {}
    parts = tomllib.loads(pathlib.Path(__file__).with_suffix(".toml").read_text())
    for part, mutants in parts.items():
        wrong.update(judge(build, PROGRAMS[part], mutants))
    names = ["nothing broken", *(name for mutants in parts.values() for name in mutants)]
    return junit.write(result, "kernel_mutants", names, wrong)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])))
