# SPDX-License-Identifier: BSD-2-Clause
"""tools/bulkhead test itself: what it counts, what it leaves running, and that nobody builds beside it."""
import subprocess
import sys

import pytest
from bulkheadlib import lock, orphans
from bulkheadlib.places import ROOT
from bulkheadlib.suite import Result

CASES = """<testsuites><testsuite><testcase name="good"/><testcase name="bad"><failure message="why&#10;and how"/></testcase>
<testcase name="broken"><error>because</error></testcase><testcase name="later"><skipped/></testcase></testsuite></testsuites>"""
PROGRAMS = """<testsuite><testcase name="test_a" time="2.5" status="fail"/><testcase name="test_b" time="1" status="run"/>
<testcase name="test_c" time="0" status="{status}"/></testsuite>"""
# Says that it waits, then that it is alone.
BUILDS = """import sys, pathlib; from bulkheadlib import lock; lock.PATIENCE = 0
with lock.alone(pathlib.Path(sys.argv[1]), "build"): print("alone", flush=True)"""


def report(folder, name, text):
    (folder / name).write_text(text)
    return folder / name


def test_cases_are_counted(tmp_path, capsys):
    result = Result()
    result.read(report(tmp_path, "test_a.xml", CASES))
    assert (result.passed, result.failed, result.skipped) == (1, 2, 1)
    assert capsys.readouterr().out == "bulkhead: failed: test_a: bad: why\nbulkhead: failed: test_a: broken: because\n"


def test_a_report_that_was_cut_off_is_a_failure(tmp_path):
    result = Result()
    result.read(report(tmp_path, "test_a.xml", CASES[:90]))
    assert (result.passed, result.failed) == (0, 1)


def test_no_report_at_all_is_a_failure(tmp_path):
    result = Result()
    result.programs(tmp_path / "programs.xml", tmp_path)
    assert result.failed == 1


@pytest.mark.parametrize("status, failed", [("run", 0), ("fail", 1), ("notrun", 1)])
def test_a_program_that_ends_without_a_word_is_a_failure(tmp_path, status, failed):
    """And one whose cases have failed is none more."""
    results = tmp_path / "results"
    results.mkdir()
    report(results, "test_a.xml", CASES)
    report(results, "test_b.xml", "<testsuite/>")
    result = Result()
    result.programs(report(tmp_path, "programs.xml", PROGRAMS.format(status=status)), results)
    assert result.failed == failed and result.times[0] == (2.5, "test_a")


def test_what_is_left_running_is_found_and_ended():
    environment, word = orphans.mark()
    stays = subprocess.Popen(["sleep", "600"])
    left = subprocess.Popen(["sh", "-c", "sleep 600 & wait"], env=environment)
    both = ["sh -c sleep 600 & wait", "sleep 600"]
    try:
        while sorted(orphans.find(word).values()) != both:  # the second one begins as a copy of the first
            assert left.poll() is None
        assert sorted(orphans.end(word)) == both
        assert left.wait() == -9 and stays.poll() is None
        assert not orphans.find(word)
    finally:
        for process in (stays, left):
            process.kill()
            process.wait()


def test_one_builds_at_a_time(tmp_path):
    file = tmp_path / "lock"
    with lock.alone(file, "build"):
        with lock.alone(file, "build"):  # it has it already
            pass
        other = subprocess.Popen([sys.executable, "-c", BUILDS, file], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                 cwd=ROOT / "tools")
        assert "waiting until another build has ended" in other.stderr.readline()
        assert other.poll() is None
    assert other.communicate()[0] == "alone\n" and other.returncode == 0
