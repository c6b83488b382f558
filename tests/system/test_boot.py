# SPDX-License-Identifier: BSD-2-Clause
"""Small systems: one guest on many kinds of machine, nothing to run, and descriptions that cannot be run."""
import pathlib
import time

import pytest
from bulkheadlib import build, bundle
from bulkheadlib.places import ROOT
from bulkheadlib.qemu import Machine, Run, Timeout
from conftest import BUILD, HERE

BAD_TREE = ROOT / "tests/trees/bad/cpus-zero.dts"


@pytest.mark.parametrize("cpu", ["cortex-a53", "cortex-a72", "max"])
@pytest.mark.parametrize("cpus", [1, 4, 8])
def test_hello(lab, cpu, cpus):
    console = lab.boot("hello", cpu=cpu, cpus=cpus)
    hello = console.partitions["hello"]
    assert hello.find("hello from EL1, args: one two")
    assert (hello.cores, hello.memory, hello.ended) == (1, "16M", "off")
    assert hello.started <= hello.ended_at
    assert console.status == 0


@pytest.mark.parametrize("cpu, cpus", [("cortex-a53", 1), ("cortex-a72", 4), ("max", 8)])
def test_hello_with_a_gicv2(lab, cpu, cpus):
    console = lab.boot("hello", cpu=cpu, cpus=cpus, board="qemu-virt-gicv2")
    assert console.find("bulkhead: EL2 on qemu-virt-gicv2")
    assert console.partitions["hello"].ended == "off"
    assert console.status == 0


def test_hello_from_the_non_secure_side_of_a_gicv2(lab):
    """With security in the controller EL2 has group 1 only, and that in the place of the only group."""
    with Run(lab.machine(lab.pack("hello", board="qemu-virt-gicv2"),
                         board="virt,virtualization=on,secure=on,gic-version=2")) as run:
        lines = list(run.lines(60))
    assert "[hello] hello from EL1, args: one two" in lines


def test_hello_as_built_for_a_debugger(lab):
    """Preset debug. No log of kernel code: elsewhere it is the release's."""
    folder = build.compile_preset("debug")
    image = bundle.write_image(folder, HERE / "systems/hello.dts", lab.folder / "debug.img")
    assert (folder / "monitor.bin").read_bytes() != (BUILD / "monitor.bin").read_bytes(), "the same as the release"
    with Run(Machine(image)) as run:
        lines = list(run.lines(60))
    assert "[hello] hello from EL1, args: one two" in lines
    assert not run.status


def test_hello_counting_instructions(lab):
    console = lab.boot("hello", icount=0)
    assert console.partitions["hello"].ended == "off"
    assert console.status == 0


@pytest.mark.parametrize("memory", [256, 4096, 8192])
def test_memory_sizes(lab, memory):
    assert lab.boot("hello", memory=memory).partitions["hello"].ended == "off"


def test_nothing_to_start(lab):
    console = lab.boot("empty")
    assert console.find("partmgr: no partitions")
    assert not console.partitions
    assert console.status == 0


def test_three_mistakes_give_three_errors(lab):
    console = lab.boot("mistakes", until="nothing started")
    errors = console.find("partmgr: error: ")
    assert len(errors) == 3
    for node, error in zip(("no-memory: memory", "no-cpus: cpus", "no-kernel: "), errors):
        assert error.startswith(f"partmgr: error: /chosen/{node}")
    assert console.find("partmgr: 3 errors, nothing started")
    assert not console.partitions


@pytest.mark.parametrize("cpus", [4, 2])  # 2: more partitions than cores, too
def test_more_vcpus_than_cores(lab, cpus):
    console = lab.boot("crowded", until="nothing started", cpus=cpus)
    errors = console.find("partmgr: error: ")
    assert errors and all(f"of {cpus} that can be used" in error for error in errors)
    assert not console.partitions


def test_more_vcpus_than_cores_fit_a_larger_machine(lab):
    console = lab.boot("crowded", cpus=5)
    assert {partition.ended for partition in console.partitions.values()} == {"off"}
    assert len(console.partitions) == 3


def test_started_at_el1_it_only_waits(lab):
    said = []
    with Run(lab.machine(lab.pack("hello"), board="virt,gic-version=3")) as run, pytest.raises(Timeout):
        for line in run.lines(3):
            said.append(line)
    assert not said


def test_a_halted_machine_sleeps(lab):
    """Behind its errors the manager waits without work for the host."""
    with Run(lab.machine(lab.pack(BAD_TREE), cpus=4)) as run:
        assert any("nothing started" in line for line in run.lines(60))
        used = _ticks(run.process.pid)
        time.sleep(1)
        assert _ticks(run.process.pid) - used < 20


def _ticks(pid):
    """Hundredths of a second for which a process has had a processor."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
