# SPDX-License-Identifier: BSD-2-Clause
"""Debian's kernel beyond the demo: all eight cores in one guest, and the other core models that QEMU has."""
import pytest


@pytest.mark.parametrize("cpu", ["cortex-a57", "cortex-a76", "neoverse-n1"])
def test_linux_on_eight_cores(lab, cpu):
    console = lab.boot("big", cpus=8, cpu=cpu, timeout=120)
    assert console.partitions["big"].find("user space reached, 8 cpus")
    assert console.partitions["big"].ended == "off"
    assert console.status == 0
