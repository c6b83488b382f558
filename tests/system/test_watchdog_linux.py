# SPDX-License-Identifier: BSD-2-Clause
"""Debian's own drivers keep the virtual watchdogs from running out, and read why Linux was begun anew."""
import re

from bulkheadlib import guests
from bulkheadlib.places import GUESTS, ROOT
from conftest import BUILD
from test_guests import judge
from test_watchdog import WATCHDOG

LINUX = """{name} {{ compatible = "xen,domain"; memory = <0 0x20000>; cpus = <{cpus}>; vpl011; bulkhead,watchdog = "{kind}"; {life}
    kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "linux-standard";
        bootargs = "console=ttyAMA0 loglevel=4 panic=0 {args}"; }};
    ramdisk {{ compatible = "multiboot,ramdisk", "multiboot,module"; bulkhead,file = "initramfs-watchdog"; }}; }};
"""
VICTIM = """victim {{ compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; vpl011;
    kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "victim.bin"; bootargs = "rounds=2000"; }}; }};
"""
CARDRESET = 0x20  # WDIOF_CARDRESET
KEPT = re.compile(r"test: kicked, active, timeout 4, left [1-4]$")


def test_linux(lab):
    """Debian's drivers: one whose kernel crashes, one that nobody kicks any more, one that panics when the interrupt
    comes and resets itself."""
    guests.initramfs(BUILD / "guests/initramfs-watchdog", ROOT / "tests/guests/linux/init-watchdog",
                     sorted((GUESTS / "modules").glob("*_*dt.ko")))
    once = 'bulkhead,on-failure = "restart"; bulkhead,restart-budget = <1 600>;'
    domains = [
        LINUX.format(name="crashes", cpus=2, kind="sbsa", life=once, args="test.driver=sbsa_gwdt test.way=crash"),
        LINUX.format(name="forgets", cpus=1, kind="sp805", life=once, args="test.driver=sp805_wdt"),
        LINUX.format(name="panics", cpus=1, kind="sbsa", life='bulkhead,on-reset = "stop";',
                     args="test.driver=sbsa_gwdt test.action=1 panic=-1"),
    ]
    path = lab.folder / "linux.dts"
    path.write_text(f"/dts-v1/; / {{ chosen {{ {''.join(domains)} {VICTIM.format()} }}; }};")
    console = lab.boot(path, cpus=5, memory=768, timeout=120)
    failed = re.compile(rf"bulkhead: partition 0x(\d) failed, reason 0x{WATCHDOG:x} .*: (.*)")
    assert sorted(match.groups() for match in map(failed.match, console.lines) if match) == [
        ("1", "begins anew"), ("2", "begins anew"), ("2", "stopped")]

    crashes, forgets, panics = (console.partitions[name] for name in ("crashes", "forgets", "panics"))
    said = [line for line in crashes.output if line.startswith("test: ")]
    assert said[0] == "test: SBSA Generic Watchdog, status 0, inactive"
    assert KEPT.match(said[1])
    assert said[2:] == [f"test: SBSA Generic Watchdog, status {CARDRESET}, inactive", "test: then inactive"]
    assert crashes.find("Kernel panic - not syncing: sysrq triggered crash")
    assert crashes.ended == "off"

    said = [line for line in forgets.output if line.startswith("test: ")]
    assert [line for line in said if not KEPT.match(line)] == ["test: sp805-wdt, status 0, inactive"] * 2
    assert len(said) == 4

    assert panics.find("Kernel panic - not syncing: SBSA Generic Watchdog timeout")
    assert panics.ended == "reset"
    judge(console.partitions["victim"].output)
    assert console.status == 0
