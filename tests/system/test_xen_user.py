# SPDX-License-Identifier: BSD-2-Clause
"""A Xen user's tree, as it is: modules that the boot loader has put into RAM, in both ways to hand it over."""
import subprocess

import pytest
from bulkheadlib.boards import BOARDS
from bulkheadlib.places import GUESTS, ROOT

SYSTEM = ROOT / "config/xen-user.dts"
MODULES = {0x50000000: "linux", 0x54000000: "initramfs", 0x55000000: "linux", 0x59000000: "initramfs"}
CORES, MEMORY = 3, 2048
# Our own words have no place in it.
OURS = "bulkhead,"


def whole(folder):
    """The board's own tree with the /chosen of the system in it, as a boot loader leaves it."""
    board = folder / "board.dtb"
    subprocess.run(["qemu-system-aarch64", "-M", f"{BOARDS['qemu-virt'].machine},dumpdtb={board}", "-cpu", "cortex-a53",
                    "-smp", str(CORES), "-m", str(MEMORY), "-nic", "none", "-nographic"], check=True, capture_output=True)
    text = subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", board], check=True, capture_output=True,
                          text=True).stdout + SYSTEM.read_text().replace("/dts-v1/;", "")
    tree = folder / "whole.dtb"
    subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", tree, "-"], input=text, check=True, text=True)
    return tree


def tool(command, folder, packed, *more):
    where = [SYSTEM] if packed else [whole(folder), "--machine-tree"]
    modules = [f"--module={address:#x}={GUESTS / file}" for address, file in MODULES.items()]
    return subprocess.run([ROOT / "tools/bulkhead", command, *where, *modules, f"--cpus={CORES}", f"--memory={MEMORY}",
                           *more], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "whole"])
def test_boots_to_user_space(logs, tmp_path, packed):
    assert OURS not in SYSTEM.read_text()
    done = tool("run", tmp_path, packed, "--timeout=120", "--until=domU1: user space reached, 2 cpus",
                "--until=domU2: user space reached, 1 cpu")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "partmgr: warning: /chosen: xen,xen-bootargs: has no meaning here, ignored" in done.stdout
    assert "error" not in done.stdout.split("partitions on")[0]


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "whole"])
def test_the_checker_says_the_same(tmp_path, packed):
    done = tool("check", tmp_path, packed)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "/chosen: xen,xen-bootargs: has no meaning here, ignored" in done.stdout
    assert "0 errors, 1 warning" in done.stdout
