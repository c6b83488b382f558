# SPDX-License-Identifier: BSD-2-Clause
"""Linux in the place where the boot loader put it. How that is proven: test_zero_copy.py."""
import linux_report
from bulkheadlib.places import GUESTS
from conftest import BUILD
from test_zero_copy import describe


def test_linux_runs_in_place(lab):
    """Debian's cloud kernel, where `tools/bulkhead run --module` would put it."""
    linux_report.write_ramdisk(BUILD)
    kernel, host = GUESTS / "linux", 0x58000000
    system = describe(lab, host, kernel.stat().st_size, memory=0x20000, more="",
                      args=f"{linux_report.BOOTARGS} test.rounds=0", ramdisk=linux_report.RAMDISK)
    console = lab.boot(system, cpus=1, memory=768, timeout=120,
                       extra=["-device", f"loader,file={kernel},addr={host:#x},force-raw=on"])
    assert linux_report.complaints(console.partitions["still"].output, 1, 0) == []
    assert console.partitions["still"].ended == "off"
    assert console.find("still: core 0, 131072 KiB of RAM at 0x58000000, kernel in place")
