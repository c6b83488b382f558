# SPDX-License-Identifier: BSD-2-Clause
"""The largest system that there is room for starts, and one thing more is a mistake that the checker names."""
import json
import re
import subprocess

from bulkheadlib.places import ROOT

CORES, SLOTS = 8, 512
DOMAIN = """p{number} {{
    compatible = "xen,domain"; memory = <0 0x1000>; cpus = <1>; vpl011; bulkhead,watchdog = "sbsa"; capabilities = <1>;
    kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "hello.bin"; }};
    ramdisk {{ compatible = "multiboot,ramdisk", "multiboot,module"; bulkhead,file = "hello.bin"; }};
    {areas}
}};
"""
AREA = """area-{number} {{
    compatible = "xen,domain-shared-memory-v1"; xen,shm-id = "area-{number}"; xen,shared-mem = <0 {guest:#x} 0x1000>;
}};
"""


def describe(lab, areas):
    """A partition for each core, everybody in control of everybody, the console service, and areas of all of them."""
    shared = "".join(AREA.format(number=number, guest=0x70000000 + number * 0x1000) for number in range(areas))
    domains = "".join(DOMAIN.format(number=number, areas=shared) for number in range(CORES))
    path = lab.folder / "limits.dts"
    path.write_text(f'/dts-v1/; / {{ chosen {{ console {{ compatible = "bulkhead,console"; }}; {domains} }}; }};')
    return path


def check(path):
    done = subprocess.run([ROOT / "tools/bulkhead", "check", path, "--json", "--cpus", str(CORES)], capture_output=True, text=True,
                          check=False, timeout=120)
    return json.loads(done.stdout)


def test_as_much_as_there_is_room_for(lab):
    errors = [note for note in check(describe(lab, 32))["notes"] if note["level"] == "error"]
    assert [note["name"] for note in errors] == ["slots-many"]
    needed = int(re.search(r"needs up to (\d+) of", errors[0]["message"])[1])
    areas = 32 - -(-(needed - SLOTS) // (CORES + 2))  # each takes a slot for each domain, and two
    assert 16 < areas < 32
    assert not check(describe(lab, areas + 1))["ok"]
    answer = check(describe(lab, areas))
    assert answer["ok"], answer["notes"]
    console = lab.boot(describe(lab, areas), cpus=CORES)
    assert [console.partitions[f"p{number}"].ended for number in range(CORES)] == ["off"] * CORES
    assert console.status == 0
