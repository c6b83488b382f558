# SPDX-License-Identifier: BSD-2-Clause
"""Builds and judges mutants: patches under tests/mutants/ that break one guarantee each.

Above its diff a patch says in words what it breaks, then in one line for each test that must fail
    Fails: FILE::TEST: TEXT
where TEXT stands in the message of the failure. Of FILE no other test may fail."""
import os
import pathlib
import re
import shutil
import subprocess
import xml.etree.ElementTree as xml

from bulkheadlib.places import ROOT

FOLDER = ROOT / "tests/mutants"
PROGRAMS = ("monitor_image", "console_image", "rogue_monitor_image", "test_service_image")
FAILS = re.compile(r"^Fails: (\S+\.py)::(\S+): (.+)$", re.MULTILINE)
NOT_COPIED = {".git", "build"}  # of the source tree
SKIP = "not demo"  # the same proofs on a larger system


def expectation(patch):
    """(file, {test: text})."""
    found = FAILS.findall(patch.read_text().partition("\n--- ")[0])
    files = {file for file, _test, _text in found}
    if len(files) != 1:
        raise ValueError(f"{patch.name} must name tests of one file that fail")
    return files.pop(), {test: text for _file, test, text in found}


def targets(file):
    """What a file of tests boots, by its text: all kernels that it names, for the boards that it names."""
    text = (ROOT / "tests/system" / file).read_text()
    kernels = {"kernel", *re.findall(r"\b(kernel-\w+)\.bin", text)}
    boards = ("", "-gicv2") if "gicv2" in text or "BOARDS" in text else ("",)
    return [f"{kernel}{board}_image" for kernel in sorted(kernels) for board in boards] + list(PROGRAMS)


class Workshop:
    """A copy of the tree with a build folder of its own, in which one mutant after the other is built."""

    def __init__(self, folder, build):
        self.tree = folder / "tree"
        self.build = self.tree / "build/release"
        # not by git's list: the sources may be an archive, or a clone of another user's, which git refuses
        shutil.copytree(ROOT, self.tree, ignore=lambda path, names:
                        NOT_COPIED if pathlib.Path(path) == ROOT else {"__pycache__"})
        self._run("cmake", "--preset", "release")
        # no mutant touches the guests
        shutil.copytree(build / "guests", self.build / "guests", dirs_exist_ok=True)

    def _run(self, *command, **options):
        done = subprocess.run(command, cwd=self.tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False, **options)
        if done.returncode:
            raise RuntimeError(f"{' '.join(map(str, command))}:\n{done.stdout}")

    def _compile(self, file):
        self._run("ninja", "-C", str(self.build), *targets(file))

    def failures(self, file):
        """Test -> message of what fails in a file of tests, run against what was built."""
        result = self.build / "mutant.xml"
        result.unlink(missing_ok=True)
        environment = {**os.environ, "BULKHEAD_BUILD": str(self.build), "PYTHONDONTWRITEBYTECODE": "1"}
        environment.pop("PYTEST_ADDOPTS", None)
        done = subprocess.run(["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short",
                               f"--junitxml={result}", "-k", SKIP, f"tests/system/{file}"],
                              cwd=self.tree, env=environment, capture_output=True, text=True, check=False)
        if not result.exists():
            raise RuntimeError(f"the tests did not run:\n{done.stdout}{done.stderr}")
        found = {}
        for case in xml.parse(result).iter("testcase"):
            for kind in ("failure", "error"):
                if case.find(kind) is not None:
                    found[case.get("name")] = case.find(kind).get("message")
        return found

    def judge(self, patch):
        """Raises AssertionError unless exactly the named tests fail on the mutant, for the named reasons."""
        file, expected = expectation(patch)
        # strict: a patch that needs guessing is stale
        self._run("git", "apply", "--check", str(patch))
        self._run("git", "apply", str(patch))
        try:
            self._compile(file)
            found = self.failures(file)
        finally:
            self._run("git", "apply", "-R", str(patch))
        for test, text in expected.items():
            assert test in found, f"{test} holds on the mutant"
            assert text in found[test], f"{test} fails on the mutant for another reason: {found[test]}"
        others = {test: message.splitlines()[0] for test, message in found.items() if test not in expected}
        assert not others, f"the mutant breaks more: {others}"


def patches():
    return sorted(pathlib.Path(FOLDER).glob("*.patch"))
