# SPDX-License-Identifier: BSD-2-Clause
"""FP registers of a Linux guest, in a file of its own: tests/mutants/upcalls-touch-fp.patch breaks just this."""
import linux_report
import test_linux


def test_upcalls_leave_fp_registers_alone(lab):
    """Processes write to the UART, and so enter the monitor, with all registers in use."""
    linux_report.write_ramdisk(lab.build)
    console = lab.boot(lab.describe(test_linux.guest("linux", test_linux.CLOUD, 1)), cpus=1, timeout=test_linux.TIMEOUT)
    report = linux_report.Report(console.partitions["linux"].output)
    assert list(linux_report.judge_load(report, 1)) == []
