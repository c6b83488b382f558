# SPDX-License-Identifier: BSD-2-Clause
"""The demo system, judged by the code behind tools/bulkhead demo, on the machines that it must work on."""
import pytest
from bulkheadlib import demo
from bulkheadlib.boards import BOARDS
from bulkheadlib.places import DEMO


PERIODS = 15000  # half of the demo's: enough to outlast both Linux guests


@pytest.mark.parametrize("cpu, cpus, board", [("cortex-a53", 4, "qemu-virt"), ("max", 8, "qemu-virt"),
                                              ("cortex-a72", 4, "qemu-virt-gicv2")])
def test_demo(lab, cpu, cpus, board):
    text = DEMO.read_text()
    assert text.count("periods=30000") == 1
    system = lab.folder / "demo.dts"
    system.write_text(text.replace("periods=30000", f"periods={PERIODS}"))
    machine = lab.machine(lab.pack(system, board=board), cpu=cpu, cpus=cpus, board=BOARDS[board].machine)
    console, reasons = demo.watch(machine.image, show=lambda _name, line: print(line), machine=machine)
    assert not reasons
    assert not console.find("error")
    control = console.partitions["control"].find(r"(\d+) periods, (\d+) missed")
    assert int(control[1]) + int(control[2]) == PERIODS
