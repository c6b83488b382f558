# SPDX-License-Identifier: BSD-2-Clause
"""`trap-unmapped-accesses`: what a guest meets where nothing is, beside one that meets aborts there."""
import pytest
from differences import judge

SYSTEM = """/dts-v1/; / {{ chosen {{
    lenient {{ compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; vpl011; {property}
        kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "lenient.bin"; }};
    }};
    faults {{ compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; vpl011;
        kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "faults.bin"; }};
    }};
}}; }};"""


def boot(lab, tmp_path, text):
    path = tmp_path / "lenient.dts"
    path.write_text(SYSTEM.format(property=text))
    return lab.boot(path, cpus=2)


def test_nothing_reads_as_ones_where_the_description_says_so(lab, tmp_path):
    console = boot(lab, tmp_path, "trap-unmapped-accesses = <0>;")
    judge(console.partitions["lenient"].output)
    judge(console.partitions["faults"].output, "faults", ["bulkhead", "gicv3", "cortex-a53"])


@pytest.mark.parametrize("text", ["", "trap-unmapped-accesses = <1>;"])
def test_nothing_aborts_elsewhere(lab, tmp_path, text):
    report = boot(lab, tmp_path, text).partitions["lenient"].output
    assert any(line.startswith("not ok") and "nothing aborts" in line for line in report)
