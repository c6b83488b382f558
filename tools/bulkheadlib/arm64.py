# SPDX-License-Identifier: BSD-2-Clause
"""Debian's packages as files, arm64 ones or those of another suite: fetched with package lists of our own in the cache,
so that nothing about the machine's own architectures and packages changes and root is not needed."""
import os
import pathlib
import re
import subprocess
import tempfile

from .places import CACHE
from .say import Failure, run, say


ARCHIVE = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian {suite} main\n"


def own_architecture():
    """This machine's, as Debian calls it."""
    return subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True).stdout.strip()


class Packages:
    """A private view of the machine's package sources, or of one suite of Debian's, for one architecture only."""

    def __init__(self, architecture="arm64", suite=None):
        state = CACHE / (f"apt-{suite}" if suite else "apt")
        for folder in ("lists/partial", "archives/partial"):
            (state / folder).mkdir(parents=True, exist_ok=True)
        (state / "status").touch()
        self.architecture = architecture
        self.options = [
            "-o", f"APT::Architecture={architecture}", "-o", f"APT::Architectures::={architecture}",
            "-o", f"Dir::State={state}", "-o", f"Dir::State::lists={state}/lists",
            "-o", f"Dir::State::status={state}/status", "-o", f"Dir::Cache={state}",
            "-o", f"Dir::Cache::archives={state}/archives", "-o", "APT::Sandbox::User=", "-o", "Acquire::Retries=3",
            "-o", "Acquire::Languages=none", "-o", "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
        ]
        if suite:
            (state / "sources.list").write_text(ARCHIVE.format(suite=suite))
            self.options += ["-o", f"Dir::Etc::SourceList={state}/sources.list", "-o", "Dir::Etc::SourceParts=/dev/null"]
        say(f"fetching Debian's {architecture} package lists{f' of {suite}' if suite else ''} into the cache")
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
        say(f"downloading {package} ({self.architecture})")
        with tempfile.TemporaryDirectory(dir=CACHE) as name:
            # apt runs in the folder that the file goes to
            run(["apt-get", "-q", *self.options, "download", package], cwd=name)
            archives = list(pathlib.Path(name).glob("*.deb"))
            if len(archives) != 1:
                raise Failure(f"apt-get download {package} gave {len(archives)} files")
            run(["dpkg-deb", "-x", os.fspath(archives[0]), os.fspath(folder)])
