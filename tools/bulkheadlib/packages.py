# SPDX-License-Identifier: BSD-2-Clause
"""The Debian packages that building and testing need: which are missing, and how they are installed."""
import os
import shutil
import subprocess

from .say import Failure, run, say

PACKAGES = {
    "gcc-aarch64-linux-gnu": "compiles kernel, manager and monitor",
    "picolibc-aarch64-linux-gnu": "the manager's C library",
    "libc6-dev-arm64-cross": "the C library of the programs for Linux guests",
    "gcc": "compiles the unit tests",
    "libc6-dev": "compiles the unit tests",
    "cmake": "the build",
    "ninja-build": "the build",
    "device-tree-compiler": "compiles system descriptions",
    "libfdt-dev": "device trees in the unit tests",
    "zlib1g-dev": "compressed kernels in the unit tests",
    "cpp": "includes and macros in system descriptions",
    "python3-libfdt": "device trees in the packer",
    "libcmocka-dev": "unit tests",
    "pkg-config": "finds cmocka",
    "python3-pytest": "system tests",
    "qemu-system-arm": "the machine that everything boots on",
    "gdb-multiarch": "proofs from outside: reads the stopped machine",
    "git": "applies the patches of the mutants",
    "clang-format": "the form in which lines are counted",
    "cloc": "counts lines",
    "u-boot-tools": "makes scripts and files for U-Boot",
}
# What only tests of the tools need: large, so that a demo does without.
FOR_TESTS = {
    "clang": "compiles the fuzzers",
    "libclang-rt-14-dev": "libFuzzer and the sanitizers of clang",
    "chromium": "opens the report's page and measures it",
    "fonts-dejavu-core": "letters for it",
    "python3-yaml": "reads the ready CI jobs and the schema in doc/bindings",
    "e2fsprogs": "makes disks for U-Boot and for Linux guests, and checks them",
    "dt-schema": "holds descriptions against that schema",
}


def missing(names):
    """The packages that dpkg does not know as installed."""
    query = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names],
                           capture_output=True, text=True, check=False)
    installed = {line.split()[0] for line in query.stdout.splitlines() if line.endswith(" installed")}
    return [name for name in names if name not in installed]


def root_prefix():
    """What to put before a command that root must run; None when this user may not."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0:
        return ["sudo"]
    return None


def ensure(tests=False):
    """Installs what is missing, or says exactly what that is; tests: what only they need, too."""
    needed = {**PACKAGES, **FOR_TESTS} if tests else PACKAGES
    wanted = missing(needed)
    if not wanted:
        return
    for name in wanted:
        say(f"missing: {name} ({needed[name]})")
    prefix = root_prefix()
    if prefix is None:
        raise Failure("neither root nor sudo without a password; please run:\n"
                      f"  apt-get install --no-install-recommends {' '.join(wanted)}")
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]
    say("updating the package lists")
    run([*apt, "update"])
    say(f"installing {len(wanted)} packages")
    run([*apt, "install", "--no-install-recommends", *wanted])
    left = missing(needed)
    if left:
        raise Failure(f"still missing after the installation: {' '.join(left)}")
