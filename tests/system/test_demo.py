# SPDX-License-Identifier: BSD-2-Clause
"""The demo system, judged by the code behind tools/bulkhead demo, on the machines that it must work on."""
import pytest
from bulkheadlib import demo
from bulkheadlib.places import DEMO


@pytest.mark.parametrize("cpu, cpus, periods", [
    ("cortex-a53", 4, 30000),  # as config/demo.dts has it
    ("cortex-a72", 4, 12000), ("cortex-a53", 8, 12000), ("max", 4, 12000)])
def test_demo(lab, cpu, cpus, periods):
    text = DEMO.read_text()
    assert text.count("periods=30000") == 1
    system = lab.folder / "demo.dts"
    system.write_text(text.replace("periods=30000", f"periods={periods}"))
    machine = lab.machine(lab.pack(system), cpu=cpu, cpus=cpus)
    console, reasons = demo.watch(machine.image, show=lambda _name, line: print(line), machine=machine)
    assert not reasons
    assert not console.find("error")
    control = console.partitions["control"].find(r"(\d+) periods, (\d+) missed")
    assert int(control[1]) + int(control[2]) == periods
