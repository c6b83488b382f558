# SPDX-License-Identifier: BSD-2-Clause
"""Debian's arm64 packages as files: fetched with package lists of our own in the cache, so that nothing about the
machine's own architectures changes and root is not needed."""
import os
import pathlib
import re
import subprocess
import tempfile

from .places import CACHE
from .say import Failure, run, say


class Packages:
    """A private view of the machine's package sources, for arm64 only."""

    def __init__(self):
        state = CACHE / "apt"
        for folder in ("lists/partial", "archives/partial"):
            (state / folder).mkdir(parents=True, exist_ok=True)
        (state / "status").touch()
        self.options = [
            "-o", "APT::Architecture=arm64", "-o", "APT::Architectures::=arm64",
            "-o", f"Dir::State={state}", "-o", f"Dir::State::lists={state}/lists",
            "-o", f"Dir::State::status={state}/status", "-o", f"Dir::Cache={state}",
            "-o", f"Dir::Cache::archives={state}/archives", "-o", "APT::Sandbox::User=", "-o", "Acquire::Retries=3",
            "-o", "Acquire::Languages=none", "-o", "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
        ]
        say("fetching Debian's arm64 package lists into the cache")
        run(["apt-get", "-q", *self.options, "update"])

    def newest_kernel(self, meta):
        """The kernel package that a meta package (linux-image-arm64, linux-image-cloud-arm64) stands for today."""
        text = subprocess.run(["apt-cache", *self.options, "depends", meta], capture_output=True, text=True,
                              check=False).stdout
        found = re.search(r"Depends: (linux-image-\d\S+-arm64)", text)
        if not found:
            raise Failure(f"the package sources know no {meta} for arm64")
        return found.group(1)

    def unpack(self, package, folder):
        """Downloads a package and unpacks it into the folder."""
        say(f"downloading {package} (arm64)")
        with tempfile.TemporaryDirectory(dir=CACHE) as name:
            # apt runs in the folder that the file goes to
            run(["apt-get", "-q", *self.options, "download", package], cwd=name)
            archives = list(pathlib.Path(name).glob("*.deb"))
            if len(archives) != 1:
                raise Failure(f"apt-get download {package} gave {len(archives)} files")
            run(["dpkg-deb", "-x", os.fspath(archives[0]), os.fspath(folder)])
