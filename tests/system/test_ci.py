# SPDX-License-Identifier: BSD-2-Clause
"""The ready jobs in doc/ci: their script lines are run as they stand, in a copy of the tree, by a shell as a CI's. Only
apt-get is another one: it notes what it was asked."""
import json
import os
import shutil
import subprocess
import xml.etree.ElementTree as xml

import pytest
import yaml
from bulkheadlib.places import CACHE, ROOT

JOBS = ROOT / "doc/ci"
APT = """#!/bin/sh
echo "$*" >> "$(dirname "$0")/asked"
"""


def github():
    job = yaml.safe_load((JOBS / "github.yml").read_text())["jobs"]["boot"]
    return job, [step["run"] for step in job["steps"] if "run" in step], {}


def gitlab():
    job = yaml.safe_load((JOBS / "gitlab.yml").read_text())["boot"]
    return job, ["\n".join(job["before_script"] + job["script"])], job["variables"]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A fresh checkout with the cache that an earlier job has left."""
    folder = tmp_path_factory.mktemp("ci") / "checkout"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns("build", ".git", "__pycache__"))
    (folder / ".bulkhead-cache").symlink_to(CACHE)
    (folder.parent / "bin").mkdir()
    (folder.parent / "bin/apt-get").write_text(APT)
    (folder.parent / "bin/apt-get").chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("read", [github, gitlab])
def test_the_job_does_what_it_says(copy, read):
    _job, scripts, variables = read()
    tools = copy.parent / "bin"
    environment = {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(copy.parent), "CI": "true"}
    for name, value in variables.items():
        environment[name] = value.replace("$CI_PROJECT_DIR", str(copy))
    shutil.rmtree(copy / "results", ignore_errors=True)
    for script in scripts:
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script], cwd=copy, env=environment, timeout=300,
                              check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, done.stdout
    assert (tools / "asked").read_text().count("update") >= 1
    result = json.loads((copy / "results/demo.json").read_text())
    assert result["status"] == 0 and result["end"] == "until"
    assert {case.get("name") for case in xml.parse(copy / "results/demo.xml").getroot().iter("testcase")} == {
        "linux-a", "linux-b", "control", "(system)"}
    assert json.loads((copy / "results/demo-plan.json").read_text())["ok"]
    assert "<svg" in (copy / "results/demo.html").read_text()
    assert "user space reached" in (copy / "results/demo/linux-a.log").read_text()
    assert not (copy.parent / ".cache").exists(), "the cache is elsewhere than the job keeps it"


def test_what_the_jobs_keep():
    """Results of failed runs too, and the cache at the place that the scripts name."""
    job, scripts, _variables = github()
    steps = {step["uses"].partition("@")[0]: step for step in job["steps"] if "uses" in step}
    assert set(steps) == {"actions/checkout", "actions/cache", "actions/upload-artifact"}
    upload = steps["actions/upload-artifact"]
    assert upload["if"] == "always()" and upload["with"]["path"] == "results"
    assert steps["actions/cache"]["with"]["path"] == ".bulkhead-cache"
    other, lines, variables = gitlab()
    assert other["artifacts"]["when"] == "always" and other["artifacts"]["paths"] == ["results"]
    assert other["artifacts"]["reports"]["junit"] == "results/*.xml"
    assert variables["BULKHEAD_CACHE"] == "$CI_PROJECT_DIR/" + other["cache"]["paths"][0]
    # GitHub finds "on" a boolean in YAML 1.1, as we do: it must be there at all
    assert True in yaml.safe_load((JOBS / "github.yml").read_text())
    boots = [line for script in scripts + lines for line in script.splitlines() if "bulkhead run" in line]
    assert len(boots) == 2 and boots[0] == boots[1]
