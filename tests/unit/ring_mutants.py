#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Breaks one rule of the ring between partitions at a time: its unit tests must notice.

ring_mutants.py COMPILER FOLDER RESULT: builds in FOLDER and writes RESULT, a junit file. The mutants stand in
ring_mutants.toml."""
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tomllib

import junit

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCE = "libcap/ring/ring.c"
SECONDS = 60  # a mutant that hangs is one that was noticed
FLAGS = ["-g", "-O1", "-std=gnu11", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
# Program -> whether it is linked with the ring; the other one includes it, from the first folder that has it.
TESTS = {"test_ring": True, "test_ring_hostile": False}


def notices(compiler, folder, text):
    """True when a test fails with this text in place of the ring's source."""
    source = folder / SOURCE
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(text)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CMOCKA_")}
    for test, linked in TESTS.items():
        program = folder / test
        subprocess.run([compiler, *FLAGS, f"-I{folder}", f"-I{ROOT}", f"-I{ROOT}/libcap/include", ROOT / f"tests/unit/{test}.c",
                        *([source] if linked else []), "-lcmocka", "-o", program], check=True, capture_output=True, text=True)
        try:
            if subprocess.run([program], env=environment, capture_output=True, timeout=SECONDS, check=False).returncode:
                return True
        except subprocess.TimeoutExpired:
            return True
    return False


def judge(compiler, folder, name, mutant):
    """None, or what is wrong with it."""
    text = (ROOT / SOURCE).read_text()
    if mutant is None:
        return "fails without a mutant" if notices(compiler, folder, text) else None
    if text.count(mutant["old"]) != 1:
        return f"{SOURCE} has {text.count(mutant['old'])} times: {mutant['old']}"
    try:
        return None if notices(compiler, folder, text.replace(mutant["old"], mutant["new"])) else "no test fails"
    except subprocess.CalledProcessError as error:
        return f"{name}: {error.stderr}"


def main(compiler, folder, result):
    mutants = {"nothing broken": None, **tomllib.loads(pathlib.Path(__file__).with_suffix(".toml").read_text())}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        wrong = dict(zip(mutants, pool.map(lambda pair: judge(compiler, folder / pair[0].replace(" ", "-"), *pair), mutants.items())))
    return junit.write(result, "ring_mutants", mutants, {name: reason for name, reason in wrong.items() if reason})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3])))
