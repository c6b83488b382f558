# SPDX-License-Identifier: BSD-2-Clause
"""What a partition finds when it begins anew: nothing of its last life, in its guest or in its monitor."""
import shutil

from differences import judge
from lives import KERNEL, boot, starts


def test_a_guest_finds_a_machine_after_reset(lab):
    console = boot(lab, args="times=6")
    assert not [line for line in console.partitions["again"].output if "wrong, the first" in line]
    judge(console.partitions["again"].output)
    assert starts(console) == 7
    judge(console.partitions["victim"].output)
    assert console.status == 0


def test_a_monitor_that_overwrites_everything(lab):
    """All that it can write, its stacks too, and then a fault, while it loads or while its guest runs: the next finds
    what the first found."""
    shutil.copy(lab.build / "rogue_monitor.bin", lab.folder)
    hello = KERNEL.format(file="hello.bin", args="")
    path = lab.folder / "overwrite.dts"
    path.write_text(f"""/dts-v1/; / {{ chosen {{
rogue-overwrite {{ compatible = "xen,domain"; memory = <0 0x4000>; cpus = <2>; bulkhead,on-failure = "restart"; {hello}
    ramdisk {{ compatible = "multiboot,ramdisk", "multiboot,module"; bulkhead,file = "rogue_monitor.bin"; }}; }};
other {{ compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; vpl011; {hello} }};
}}; }};""")
    console = lab.boot(path, kernel="kernel-rogue.bin", cpus=3, timeout=30)
    assert not console.find("rogue: its memory is another")
    assert len(console.find("rogue: begins")) == 4
    assert len(console.find("failed, reason 0x6 ")) == len(console.find(": begins anew")) == 3
    assert console.partitions["other"].ended == "off"
    assert console.status == 0
