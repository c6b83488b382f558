# SPDX-License-Identifier: BSD-2-Clause
"""tools/bulkhead test: builds everything, runs every test, ends in one line of totals."""
import contextlib
import os
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as xml
from dataclasses import dataclass, field

from . import build, lock, orphans, setup
from .places import DEMO, ROOT, build_dir
from .say import Failure, say

HELP = "build everything and run all tests: unit tests on this machine, system tests in QEMU"
PRESETS = ("host", "tools", "debug", "release")
SLOWEST = 10  # programs that are named
NOTHING_MATCHES = 5  # pytest's status


def arguments(parser):
    parser.add_argument("-k", metavar="EXPRESSION", dest="subset",
                        help="only tests whose name matches (ctest -R for unit tests, pytest -k for system tests)")


@dataclass
class Result:
    """What became of the tests so far; times: (seconds, program)."""
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    times: list = field(default_factory=list)

    def fail(self, program, case, reason):
        self.failed += 1
        say(f"failed: {program}: {case}: {(reason.strip().splitlines() or [''])[0]}")

    def read(self, file):
        """Adds the cases of a junit file."""
        try:
            cases = list(xml.parse(file).iter("testcase"))
        except xml.ParseError:
            self.fail(file.stem, "report", "the program died while it wrote")
            return
        for case in cases:
            trouble = case.find("failure") if case.find("failure") is not None else case.find("error")
            if trouble is not None:
                self.fail(file.stem, case.get("name"), trouble.get("message") or trouble.text or "")
            elif case.find("skipped") is not None:
                self.skipped += 1
            else:
                self.passed += 1

    def programs(self, file, results):
        """Adds what ctest's own report knows: the times, and programs that failed without saying so in theirs."""
        if not file.exists():
            self.fail("ctest", "report", "it has ended without one")
            return
        for case in xml.parse(file).iter("testcase"):
            name = case.get("name")
            self.times.append((float(case.get("time")), name))
            told = b"".join(report.read_bytes() for report in results.glob("*.xml")
                            if report.stem.partition("-")[0] == name)
            if case.get("status") != "run" and b"<failure" not in told and b"<error" not in told:
                self.fail(name, "program", case.get("status"))


def _ctest(preset, environment, *options):
    """Runs a preset's tests side by side; ctest's own report."""
    report = build_dir(preset) / "programs.xml"
    report.unlink(missing_ok=True)
    subprocess.run(["ctest", "--test-dir", build_dir(preset), "--no-tests=ignore", "--output-on-failure", "--parallel",
                    str(len(os.sched_getaffinity(0))), "--output-junit", report, *options], env=environment, check=False)
    return report


def _tests(preset, subset, environment, result):
    """All of a preset's, or those whose names match."""
    results, report = build_dir(preset) / "results", None
    for old in results.glob("*.xml"):
        old.unlink()
    say(f"running the tests of {preset}")
    if preset == "host":
        report = _ctest(preset, environment, *(["-R", subset] if subset else []))
    elif not subset:
        shutil.rmtree(build_dir(preset) / "reach", ignore_errors=True)  # of an earlier run
        report = _ctest(preset, environment, "-L", "system")
    else:
        status = subprocess.run(["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", subset,
                                 f"--junitxml={results}/system.xml", ROOT / "tests/system"], check=False,
                                env={**environment, "BULKHEAD_BUILD": str(build_dir(preset))}).returncode
        if status not in (0, 1, NOTHING_MATCHES):
            result.fail("pytest", "status", str(status))
    for file in sorted(results.glob("*.xml")):
        result.read(file)
    if report:
        result.programs(report, results)


@contextlib.contextmanager
def _surroundings(result):
    """Of the tests: an environment with a folder for temporary files, and nothing that they start outlives them."""
    environment, word = orphans.mark()
    folder = tempfile.mkdtemp(prefix="bulkhead-test-")
    try:
        yield {**environment, "TMPDIR": folder}
        for command in orphans.end(word):
            result.fail("tests", "left running", command)
    finally:
        orphans.end(word)
        if result.failed:
            say(f"the tests' files are in {folder}")
        else:
            shutil.rmtree(folder)


def main(options):
    setup.ensure(tests=True)
    result = Result()
    with lock.alone(ROOT / "build/.test.lock", "run of the tests"):
        try:
            for preset in PRESETS:
                build.compile_preset(preset)
            build.pack("release", DEMO)
        except Failure as failure:
            say(str(failure))
            print("0 passed, 1 failed")
            return 1
        with _surroundings(result) as environment:
            for preset in ("host", "release"):
                _tests(preset, options.subset, environment, result)
    for seconds, program in sorted(result.times, reverse=True)[:SLOWEST]:
        say(f"{seconds:4.0f} s {program}")
    if result.skipped:
        say(f"{result.skipped} skipped")
    print(f"{result.passed} passed, {result.failed} failed")
    return 1 if result.failed or not result.passed else 0
