# SPDX-License-Identifier: BSD-2-Clause
"""tools/bulkhead test: builds everything, runs every test, ends in one line of totals."""
import os
import subprocess
import xml.etree.ElementTree as xml

from . import build, setup
from .places import DEMO, build_dir
from .say import Failure, say

HELP = "build everything and run all tests: unit tests on this machine, system tests in QEMU"


def arguments(parser):
    parser.add_argument("-k", metavar="EXPRESSION", dest="subset",
                        help="only tests whose name matches (ctest -R for unit tests, pytest -k for system tests)")


def _cases(file):
    """(passed, failed, skipped) of one junit file; names the failed ones."""
    passed = failed = skipped = 0
    for case in xml.parse(file).iter("testcase"):
        trouble = case.find("failure") if case.find("failure") is not None else case.find("error")
        if trouble is not None:
            failed += 1
            reason = (trouble.get("message") or trouble.text or "").strip().splitlines()
            say(f"failed: {file.stem}: {case.get('name')}: {reason[0] if reason else ''}")
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def _totals(results, status):
    """The sums over a folder's junit files. A run that failed with no failed case (a crash) counts as one failure."""
    passed = failed = skipped = 0
    for file in results.glob("*.xml"):
        try:
            numbers = _cases(file)
        except xml.ParseError:  # the program died while it wrote
            numbers = (0, 1, 0)
        passed, failed, skipped = (a + b for a, b in zip((passed, failed, skipped), numbers))
    return passed, failed or int(status != 0), skipped


def _ctest(preset, subset):
    """Runs one preset's tests; (passed, failed, skipped)."""
    folder = build_dir(preset)
    results = folder / "results"
    for old in results.glob("*.xml"):
        old.unlink()
    environment = dict(os.environ)
    command = ["ctest", "--test-dir", folder, "--no-tests=ignore"]
    if preset == "host":
        command += ["--output-on-failure", "--parallel", str(os.cpu_count())] + (["-R", subset] if subset else [])
    else:
        command += ["--verbose", "-R", "^system$"]  # they take long: show them as they go
        if subset:
            environment["PYTEST_ADDOPTS"] = f"-k '{subset}'"
    say(f"running the tests of {preset}")
    status = subprocess.run(command, env=environment, check=False).returncode
    return _totals(results, status)


def main(options):
    setup.ensure(tests=True)
    try:
        for preset in ("host", "debug", "release"):
            build.compile_preset(preset)
        build.pack("release", DEMO)
    except Failure as failure:
        say(str(failure))
        print("0 passed, 1 failed")
        return 1
    sums = [sum(column) for column in zip(*(_ctest(preset, options.subset) for preset in ("host", "release")))]
    passed, failed, skipped = sums
    if skipped:
        say(f"{skipped} skipped")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0
