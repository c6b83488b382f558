# SPDX-License-Identifier: BSD-2-Clause
"""Every encoding of a system register, touched beside a partition that must not notice."""
import pytest
from differences import judge


@pytest.mark.parametrize("cpu", ["cortex-a53", "max"])
def test_every_system_register(lab, cpu):
    system = lab.describe(("victim", 1, "victim.bin", "rounds=200"), ("sysregs", 1, "sysregs.bin", "all=1"))
    console = lab.boot(system, cpus=2, cpu=cpu, timeout=60)
    for name in ("victim", "sysregs"):
        judge(console.partitions[name].output)
        assert console.partitions[name].ended == "off"
    assert not [line for line in console.lines if "failed, reason" in line or "panic" in line]
    assert console.status == 0
