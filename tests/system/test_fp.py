# SPDX-License-Identifier: BSD-2-Clause
"""FP registers of a guest, in a file of its own: tests/mutants/upcalls-touch-fp.patch breaks just this."""
from differences import judge


def test_fp_registers_stay_what_they_are(lab):
    """Through every kind of exit, with all registers in use, alone and beside a vCPU that fills its own."""
    console = lab.boot(lab.describe(("fp", 2, "fp.bin")), cpus=2)
    judge(console.partitions["fp"].output)
    assert console.partitions["fp"].ended == "off" and console.status == 0
