# SPDX-License-Identifier: BSD-2-Clause
"""Partitions that control others: what they were given, and nothing else; by HVC, by the page, and by bulkctl."""
import re

import linux_report
import pytest
from bulkheadlib import guests
from bulkheadlib.boards import BOARDS
from bulkheadlib.places import ROOT
from conftest import BUILD
from test_guests import judge

DOMAIN = """{name}: {name} {{ compatible = "xen,domain"; memory = <0 {memory}>; cpus = <1>; vpl011; {more}
    kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "{file}"; bootargs = "{args}"; }};
    {ramdisk} }};
"""
NAMED = "&worker &hostile &late"


def describe(lab, *domains):
    """Each (name, file, bootargs, more properties[, KiB, ramdisk]), with its name as its label."""
    text = "".join(DOMAIN.format(name=name, file=file, args=args, more=more, memory=rest[0] if rest else 0x4000,
                                 ramdisk=rest[1] if rest else "")
                   for name, file, args, more, *rest in domains)
    path = lab.folder / "control.dts"
    path.write_text(f"/dts-v1/; / {{ chosen {{ {text} }}; }};")
    return path


def workers(hostile="hostile.bin", rounds=400):
    """Whom the tests control: two that run for ever, and one that begins when it is told to and then checks that nobody
    disturbs it."""
    return [("worker", "victim.bin", "rounds=1000000", ""), ("hostile", hostile, "seed=7 rounds=1000000", ""),
            ("late", "victim.bin", f"rounds={rounds}", 'bulkhead,start = "manual";')]


def judge_late(console):
    """What its controller did to others while it ran has not disturbed it. It may have begun once more afterwards."""
    output = console.partitions["late"].output
    judge(output[:output.index("# 0 failed") + 1])


@pytest.mark.parametrize("board", BOARDS)
def test_by_hvc_and_by_page(lab, board):
    """A bare-metal controller."""
    hostile = "hostile.bin" if board == "qemu-virt" else "victim.bin"  # it wants a GICv3
    system = describe(lab, ("controller", "controller.bin", "targets=3", f"bulkhead,controls = <{NAMED}>;"),
                      *workers(hostile), ("stranger", "hello.bin", "", ""))
    console = lab.boot(system, cpus=5, board=board)
    judge(console.partitions["controller"].output)
    judge_late(console)
    assert console.status == 0


@pytest.mark.parametrize("how", [1, 2])
def test_platform_reset(lab, how):
    """QEMU ends at a reset here, before anybody has."""
    system = describe(lab, ("controller", "controller.bin", f"reset={how}",
                            "capabilities = <1>; bulkhead,platform-reset;"), workers()[0])
    console = lab.boot(system, cpus=2)
    assert console.status == 0
    assert not console.find("ended")
    assert not console.partitions["controller"].output


def commands(lines):
    """What the guest's script ran: (command, output, status) each."""
    found, command, output = [], None, []
    for line in lines:
        if status := re.fullmatch(r"test: status (\d+)", line):
            found.append((command, output, int(status[1])))
        elif line.startswith("test: "):
            command, output = line.removeprefix("test: "), []
        else:
            output.append(line)
    return found


def rows(output):
    """Of a list: name -> [state, last stop, restarts, failures, upcalls, interrupts, traps]."""
    assert output[0].split() == "name state last stop restarts failures upcalls interrupts traps".split()
    table = [line.split() for line in output[1:]]
    return {name: [state, why, *map(int, numbers)] for name, state, why, *numbers in table}


RAMDISK = 'ramdisk { compatible = "multiboot,ramdisk", "multiboot,module"; bulkhead,file = "initramfs-control"; };'
CRASHER = ("crasher", "restart.bin", "times=9 how=2", "")  # says that it has crashed
CRASH = r"crasher: \d+\.\d{6} s: crashed, vcpu 0, pc 0x40\w+, syndrome 0xdead, address 0xbeef"
PAGE = 0xb000000
SCRIPT = [  # what tests/guests/linux/control runs, the status, and what it says on one line; None: see below
    ("bulkctl", 0, None), ("bulkctl log", 0, CRASH), ("bulkctl log worker", 0, ""),
    ("bulkctl stop stranger", 2, "bulkctl: stranger: no partition of this name is controlled from here"),
    ("bulkctl stop linux", 2, "bulkctl: linux: no partition of this name is controlled from here"),
    ("bulkctl reset-platform", 1, "bulkctl: cannot reset the platform: not granted"),
    ("bulkctl start worker", 1, "bulkctl: cannot start worker: it is running"),
    ("bulkctl start late", 0, ""), ("bulkctl stop worker hostile", 0, ""),
    ("bulkctl stop worker", 1, "bulkctl: cannot stop worker: it is stopped"),
    ("bulkctl list", 0, None),
    (f"/bin/busybox devmem {PAGE + 0x300} 64", 0, "0x0*104"),  # stopped, by itself
    (f"/bin/busybox devmem {PAGE + 0x310} 8", 0, "0x00"), (f"/bin/busybox devmem {PAGE + 0x311} 8 0", 0, ""),
    (f"/bin/busybox devmem {PAGE + 0x310} 32 0", 0, ""),  # starts it
    ("bulkctl stop late", 0, ""), ("bulkctl frobnicate", 2, None)]


def test_linux_runs_bulkctl(lab):
    guests.initramfs(BUILD / "guests/initramfs-control", ROOT / "tests/guests/linux/control",
                     [BUILD / "guests/bulkctl"])
    named = f'bulkhead,controls = <{NAMED} &crasher>; bulkhead,on-reset = "stop";'
    system = describe(lab, ("linux", "linux", linux_report.BOOTARGS, named, 128 << 10, RAMDISK),
                      *workers(rounds=2000), CRASHER,
                      ("stranger", "hello.bin", "", ""))
    console = lab.boot(system, cpus=6, timeout=120)
    output = console.partitions["linux"].output
    found = commands(output)
    assert [(command, status) for command, _said, status in found] == [(command, status) for command, status, _ in SCRIPT]
    for (command, said, _status), (_command, _wanted, text) in zip(found, SCRIPT, strict=True):
        assert text is None or re.fullmatch(text, "\n".join(said)), f"{command}: {said}"
    judge_late(console)
    loops = int(console.partitions["linux"].find(r"test: loops (\d+)")[1])
    before, after = rows(found[0][1]), rows(found[10][1])
    assert list(before) == list(after) == ["worker", "hostile", "late", "crasher"]
    assert before["worker"][:4] == ["running", "-", 0, 0] and before["late"] == ["stopped", "-", 0, 0, 0, 0, 0]
    assert before["crasher"] == after["crasher"] and before["crasher"][:4] == ["stopped", "crashed", 0, 1]
    assert after["worker"][:4] == ["stopped", "stopped", loops, 0] and loops >= 2
    assert all(new > old > 0 for new, old in zip(after["worker"][4:], before["worker"][4:], strict=True))
    assert after["hostile"][0] == "stopped" and after["late"][:2] == ["stopped", "off"]
    assert "test: ends" in output and console.partitions["linux"].ended == "off"
    assert console.status == 0
