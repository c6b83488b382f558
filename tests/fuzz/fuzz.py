#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs a fuzzer over its kept inputs and on from there, from the same seed unless it is asked for more.

fuzz.py BUILD NAME [--result FILE] [--runs N] [--seconds S [--keep]] [--seed N]: BUILD has fuzz_NAME. --seconds looks for
new inputs for so long, from another seed; --keep then makes tests/fuzz/corpus/NAME anew of all that is known."""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"
RUNS = {"plan": 25000, "tree": 60000, "format": 1000000, "ring": 60000, "bundle": 400000}  # some ten seconds each
LENGTH = {"plan": 300, "tree": 8192, "format": 8192, "ring": 256, "bundle": 4096}
LIMITS = ("-rss_limit_mb=1024", "-malloc_limit_mb=64", "-timeout=10")


def inputs(name, folder):
    """The kept inputs in a folder of the fuzzer's own: what it finds stays out of the sources."""
    for file in sorted((CORPUS / name).iterdir()):
        shutil.copy(file, folder)
    return folder


def fuzz(build, options, folder, artifacts):
    """What the fuzzer says, and whether it found nothing bad."""
    command = [build / f"fuzz_{options.name}", *LIMITS, f"-seed={options.seed}", f"-max_len={LENGTH[options.name]}",
               "-len_control=0", "-print_final_stats=1", f"-artifact_prefix={artifacts}/"]
    command.append(f"-max_total_time={options.seconds}" if options.seconds
                   else f"-runs={options.runs or RUNS[options.name]}")
    done = subprocess.run([*map(str, command), str(folder)], capture_output=True, text=True, errors="replace", check=False)
    return done.stderr, done.returncode == 0


def keep(build, name, folder):
    """The smallest inputs that together reach all code that is known become the kept ones."""
    with tempfile.TemporaryDirectory() as merged:
        subprocess.run([build / f"fuzz_{name}", "-merge=1", "-use_counters=0", f"-max_len={LENGTH[name]}", merged, folder, CORPUS / name],
                       check=True, capture_output=True)
        shutil.rmtree(CORPUS / name)
        shutil.copytree(merged, CORPUS / name)


def judge(build, options):
    """None, or what is wrong."""
    artifacts = build / "found" / options.name
    shutil.rmtree(artifacts, ignore_errors=True)
    artifacts.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        text, good = fuzz(build, options, inputs(options.name, folder), artifacts)
        if good and options.keep:
            keep(build, options.name, folder)
    if not good:
        sys.stderr.write(text[-8000:])
        first = re.search(r"^(oracle: .*|.*runtime error: .*|.*ERROR: .*)$", text, re.MULTILINE)
        return f"{first.group(1) if first else 'failed'}; the input is in {artifacts}"
    count = re.search(r"number_of_executed_units:\s*(\d+)", text)
    reached = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", text)
    print(f"fuzz_{options.name}: {count.group(1)} inputs, {reached[-1][0]} edges, {reached[-1][2]} kept in memory")
    wanted = 0 if options.seconds else options.runs or RUNS[options.name]
    return None if int(count.group(1)) >= wanted else f"only {count.group(1)} inputs"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("name", choices=RUNS)
    parser.add_argument("--result", type=pathlib.Path)
    parser.add_argument("--runs", type=int)
    parser.add_argument("--seconds", type=int)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.seconds and options.seed == 1:
        options.seed = int(time.time())
        print(f"seed {options.seed}")
    wrong = judge(options.build, options)
    if wrong:
        print(wrong, file=sys.stderr)
    if options.result:
        suite = xml.Element("testsuite", name="fuzz")
        case = xml.SubElement(suite, "testcase", name=f"fuzz_{options.name}")
        if wrong:
            xml.SubElement(case, "failure", message=wrong)
        options.result.parent.mkdir(exist_ok=True)
        xml.ElementTree(suite).write(options.result)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
