# SPDX-License-Identifier: BSD-2-Clause
"""Debian's kernels, the standard and the cloud one, busy on all CPUs while these are switched off and on, on the core
models that QEMU has; on the bare board, where the same must hold; and side by side with others."""
import os
import re

import linux_report
import pytest
from bulkheadlib.places import GUESTS
from bulkheadlib.qemu import Machine, Run
from conftest import BUILD
from test_hostile import SAYS

STANDARD, CLOUD = "linux-standard", "linux"
MIB = 256
TIMEOUT = 120  # s without those in which it waits for the host's processors, which eight CPUs do most of the time


@pytest.fixture(scope="module", autouse=True)
def ramdisk():
    return linux_report.write_ramdisk(BUILD)


def guest(name, kernel, cpus, args=""):
    """A domain for Lab.describe."""
    return name, cpus, kernel, f"{linux_report.BOOTARGS} {args}".strip(), MIB, linux_report.RAMDISK


def one_by_one(cpus):
    """QEMU's arguments for more CPUs than the host can run side by side.

    Linux's spin locks are queues: whose turn it is may have no processor, while all others spin, because WFE does not
    wait in QEMU's threads. Then eight CPUs' ticks take longer than from one to the next, and nothing else happens any
    more. In one thread, WFE lets the next CPU run."""
    return ["-accel", "tcg,thread=single"] if cpus > 2 * os.cpu_count() else []


good = {}  # console of each run that was: some tests look at another's


def busy(lab, *what):
    """The console of a run, see run()."""
    if what not in good:
        good[what] = run(lab, *what)
    return good[what]


def run(lab, kernel, cpus, cpu, rounds, end="off", board="qemu-virt"):
    """Boots one guest with all cores, judges it, and gives its console."""
    system = lab.describe(guest("linux", kernel, cpus, f"test.rounds={rounds} test.end={end}"))
    console = lab.boot(system, cpus=cpus, cpu=cpu, board=board, timeout=TIMEOUT, extra=one_by_one(cpus))
    assert linux_report.complaints(console.partitions["linux"].output, cpus, rounds) == []
    assert console.partitions["linux"].ended == end
    assert console.status == 0
    return console


@pytest.mark.parametrize("kernel, cpus, rounds, end", [
    (STANDARD, 1, 0, "off"), (STANDARD, 2, 2, "reset"), (STANDARD, 4, 2, "off"), (STANDARD, 8, 1, "off"),
    (CLOUD, 1, 0, "reset"), (CLOUD, 2, 4, "off"), (CLOUD, 8, 1, "off")])
def test_busy(lab, kernel, cpus, rounds, end):
    busy(lab, kernel, cpus, "cortex-a53", rounds, end)


@pytest.mark.parametrize("cpu, kernel, cpus", [
    ("cortex-a57", CLOUD, 2), ("cortex-a72", STANDARD, 2), ("cortex-a76", STANDARD, 2), ("neoverse-n1", CLOUD, 4),
    ("max", STANDARD, 4)])
def test_busy_on(lab, cpu, kernel, cpus):
    busy(lab, kernel, cpus, cpu, 2)


@pytest.mark.parametrize("cpu, kernel, cpus, rounds", [
    ("cortex-a53", STANDARD, 2, 4), ("cortex-a53", CLOUD, 8, 1), ("cortex-a72", CLOUD, 1, 0), ("max", CLOUD, 4, 2)])
def test_busy_on_a_gicv2(lab, cpu, kernel, cpus, rounds):
    busy(lab, kernel, cpus, cpu, rounds, "off", "qemu-virt-gicv2")


def bare(kernel, cpus, rounds):
    """The lines of the same guest on the board without Bulkhead."""
    arguments = ["-initrd", str(BUILD / "guests" / linux_report.RAMDISK), "-append",
                 f"{linux_report.BOOTARGS} test.rounds={rounds}"]
    machine = Machine(GUESTS / kernel, cpus=cpus, memory=MIB, extra=arguments, board="virt,gic-version=3")
    with Run(machine) as run:
        lines = list(run.lines(TIMEOUT))
    for line in lines:
        print(line)
    return lines


# What Linux finds out about its machine: the features of cores, the timer, PSCI and the controller.
FOUND = [r"CPU features: .*", r"arch_timer: .*", r"psci: (?!CPU\d).*", r"CPU: All CPU.*", r"Detected VIPT.*",
         r"Root IRQ handler.*", r"GICv3: .*(PPIs|Extended).*", r"random: crng init done", r"KASLR .*"]
# The board's PSCI is of SMCCC 1.0 (DEN0028 7.2, as in tests/guests/expected-differences), and guests have no AArch32 at
# EL1 (doc/caveats.md).
DIFFERENT = re.compile(r"psci: SMC Calling Convention v1\.[01]$|CPU features: detected: 32-bit EL1 Support$")


def found(lines):
    """How the guest sees its machine, as a set of lines."""
    report = linux_report.Report(lines)
    texts = {match[0] for pattern in FOUND for match in report.messages(pattern)}
    return {text for text in texts if not DIFFERENT.match(text)} | set(report.section("cpuinfo"))


def test_the_bare_board_looks_the_same(lab):
    board = bare(STANDARD, 2, 2)
    assert linux_report.complaints(board, 2, 2) == []
    ours = busy(lab, STANDARD, 2, "cortex-a53", 2, "reset").partitions["linux"].output
    assert found(ours) == found(board)


def test_side_by_side(lab):
    """Two busy Linux guests, a control loop, and hostile neighbours that must not disturb them."""
    system = lab.describe(guest("standard", STANDARD, 2), guest("cloud", CLOUD, 2),
                          ("control", 1, "control.bin", "periods=5000"), ("victim", 1, "victim.bin", "rounds=2000"),
                          ("instructions", 1, "hostile.bin", "seed=7 rounds=500"),
                          ("interrupts", 1, "hostile_gic.bin", "seed=7 rounds=10"))
    console = lab.boot(system, cpus=8, timeout=TIMEOUT)
    for name in ("standard", "cloud"):
        assert linux_report.complaints(console.partitions[name].output, 2, 2) == []
    assert console.partitions["control"].find(r"periods elapsed, all accounted for")
    assert not [line for line in console.partitions["victim"].output if line.startswith("not ok")]
    assert console.partitions["victim"].find(r"^1\.\.\d+$")
    assert {partition.ended for partition in console.partitions.values()} == {"off"}
    assert console.status == 0
    assert not [line for line in console.lines if line.startswith("bulkhead: ") and not SAYS.match(line)]
    assert not console.find("exception at EL2")


# Edits of a good console, each of which the judge must see.
FALSE = [
    (r"(fpcheck: .*) 0 wrong", r"\1 1 wrong", "FP registers"),
    (r"CPUs 3, 0 wrong", "CPUs 1, 0 wrong", "too little"),
    (r"test: talk a 3 .*", "test: talk a 3 the quick", "talk a"),
    (r"test: talked b \d+", "test: talked b 1", "talk b"),
    (r"test: cpu 0 is 0", "test: cpu 0 is not 0", "not switched"),
    (r"<6>(\[.*\] )psci: CPU1 killed.*", r"<6>\1nothing", "killed"),
    (r"Err:          0", "Err:          1", "Err"),
    (r"<6>(\[.*\] )Checked W.*", r"<4>\1Checked, no", "warns"),
    (r"(<6>\[.*\] )Checked W.*", r"\1rcu: INFO: rcu_sched self-detected stall on CPU", "trouble"),
    (r"(<5>\[.*\] )VFS: Disk quotas .*", r"\1VFS: Disk quotas that nobody saw", "lost on the console"),
    (r"(Booted secondary processor 0x000000000)1", r"\g<1>2", "another CPU"),
    (r"00000001", "00000002", "tree"),
    (r"(slept from .*) to .*", r"\1 to 900.00", "a second took"),
    (r"^ *\d+: .* arch_timer", " 11: 1 1 arch_timer", "timer interrupts"),
    (r"test: ends", "test: end", "test: ends"),
]


def test_the_judge_sees(lab):
    lines = busy(lab, CLOUD, 2, "cortex-a53", 4, "off").partitions["linux"].output
    for pattern, replacement, words in FALSE:
        false = [re.sub(pattern, replacement, line) for line in lines]
        assert false != lines, f"{pattern} is not in the console"
        assert re.search(words, "; ".join(linux_report.complaints(false, 2, 4))), words
