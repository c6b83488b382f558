# SPDX-License-Identifier: BSD-2-Clause
"""Guests and monitors that do what they can against the rest: a victim beside them comes to its end undisturbed, and
the kernel says nothing but which partition has failed."""
import re
import shutil

import pytest
from differences import judge

MODULE = '{kind} {{ compatible = "multiboot,{kind}", "multiboot,module"; bulkhead,file = "{file}"; {more} }};'
SAYS = re.compile(r"bulkhead: (EL2 on |every partition has ended|not worked around: erratum )")
FAILED = re.compile(r"bulkhead: partition (0x[0-9a-f]+) failed, reason 0x6 vcpu 0x[0-7] pc .*: stopped")
# what the rogue monitors do last, see tests/roots/rogue_monitor.c; one that never answers ends nothing
MISTAKES = "abcdfghnpstuw"
LOOP = "l"


def judge_machine(console, failed):
    """The kernel's own lines, and the victim; failed: numbers of the partitions that it must have stopped."""
    assert not [line for line in console.lines if "panic" in line or "exception at EL2" in line]
    said = [line for line in console.lines if line.startswith("bulkhead: ") and not SAYS.match(line)]
    assert sorted(int(FAILED.fullmatch(line)[1], 16) if FAILED.fullmatch(line) else line for line in said) == failed
    judge(console.partitions["victim"].output)
    assert console.partitions["victim"].ended == "off"


@pytest.mark.parametrize("seed, cpu, rounds", [(1, "cortex-a53", 3), (2, "cortex-a72", 3), (3, "max", 3),
                                               (52, "cortex-a72", 6)])  # 52: a maintenance storm, once
def test_hostile_guests(lab, seed, cpu, rounds):
    print(f"seed {seed} on {cpu}")
    system = lab.describe(("victim", 1, "victim.bin", "rounds=500"),
                          ("instructions", 3, "hostile.bin", f"seed={seed} rounds=150"),
                          ("interrupts", 3, "hostile_gic.bin", f"seed={seed} rounds={rounds}"))
    console = lab.boot(system, cpus=7, cpu=cpu, timeout=30)
    judge_machine(console, [])
    assert not console.find("is lost")
    assert console.partitions["instructions"].find(f"seed {seed}: ")
    assert console.partitions["instructions"].ended == "off"
    assert console.partitions["interrupts"].ended == "off"
    assert console.status == 0


def describe_rogues(lab, *domains):
    """Domains as in Lab.describe; those named rogue-... bring their monitor in their ramdisk."""
    text = ""
    for name, cpus, file, args in domains:
        modules = MODULE.format(kind="kernel", file=file, more=f'bootargs = "{args}";')
        if name.startswith("rogue"):
            modules += MODULE.format(kind="ramdisk", file="rogue_monitor.bin", more="")
        text += f'{name} {{ compatible = "xen,domain"; memory = <0 0x4000>; cpus = <{cpus}>; vpl011; {modules} }};'
    shutil.copy(lab.build / "rogue_monitor.bin", lab.folder)
    path = lab.folder / "rogues.dts"
    path.write_text(f"/dts-v1/; / {{ chosen {{ {text} }}; }};")
    return path


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("cpu", ["cortex-a53", "max"])
def test_rogue_monitors(lab, seed, cpu):
    """Each ends its own partition and nothing else."""
    print(f"seed {seed} on {cpu}")
    several = "cs"  # their guests have more vCPUs
    some = [what for what in MISTAKES if what not in several][seed::3]
    rogues = [(f"rogue-{several[seed % 2]}-{seed}", 3, "hostile_gic.bin", "")]
    rogues += [(f"rogue-{what}-{seed}", 1, "hostile_gic.bin", "") for what in some]
    system = describe_rogues(lab, ("victim", 1, "victim.bin", "rounds=200"), *rogues)
    console = lab.boot(system, kernel="kernel-rogue.bin", cpus=1 + sum(rogue[1] for rogue in rogues), cpu=cpu,
                       timeout=30)
    judge_machine(console, list(range(2, 2 + len(rogues))))
    assert console.status == 0


@pytest.mark.parametrize("seed", range(3))
def test_rogue_monitors_with_a_gicv2(lab, seed):
    """Their guests are of no account; the victim shares the page of the CPU interface with them."""
    rogues = [(f"rogue-{what}-{seed}", 1, "hello.bin", "") for what in MISTAKES[seed::2]]
    system = describe_rogues(lab, ("victim", 1, "victim.bin", "rounds=200"), *rogues)
    console = lab.boot(system, kernel="kernel-rogue.bin", cpus=1 + len(rogues), timeout=30, board="qemu-virt-gicv2")
    judge_machine(console, list(range(2, 2 + len(rogues))))
    assert console.status == 0


def test_a_monitor_that_never_answers(lab):
    """It costs its own core."""
    system = describe_rogues(lab, (f"rogue-{LOOP}", 2, "hostile_gic.bin", ""), ("victim", 1, "victim.bin", "rounds=500"),
                             ("hello", 1, "hello.bin", ""))
    console = lab.boot(system, kernel="kernel-rogue.bin", cpus=4, timeout=30, until="victim ended")
    judge_machine(console, [])
    assert console.partitions["hello"].ended == "off"
