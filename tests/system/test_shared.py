# SPDX-License-Identifier: BSD-2-Clause
"""Static shared memory between guests: what one writes the others see, readers cannot write, nobody can run it, and it is
all that they share."""
import re

import pytest
from bulkheadlib import guests
from bulkheadlib import newer
from bulkheadlib.boards import BOARDS
from bulkheadlib.places import ROOT
from conftest import BUILD, RAMDISK
from test_guests import judge

DOMAIN = """{name} {{
    compatible = "xen,domain"; memory = <0 {memory}>; cpus = <1>; vpl011; {more}
    kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "{file}"; bootargs = "{args}"; }};
    {areas}
}};
"""
AREA = """{id} {{
    compatible = "xen,domain-shared-memory-v1"; xen,shm-id = "{id}"; role = "{role}"; {more}
    xen,shared-mem = <{where} 0 {guest} {size}>;
}};
"""
# what tests/guests/shared.c looks for: guest address, size, whether it is cacheable; one of pages, one of a block
PLAIN = {"id": "plain", "guest": "0x70000000", "size": "0x10000", "where": "", "more": ""}
WARM = {"id": "warm", "guest": "0x74000000", "size": "0x200000", "where": "", "more": "bulkhead,cacheable;"}
ROLES = "owner", "borrower", "reader"
PAGE = 4096


def domain(name, role, *areas, file="shared.bin", args="", more="", memory="0x1000"):
    nodes = "".join(AREA.format(**{"role": role, **area}) for area in areas)
    return DOMAIN.format(name=name, file=file, args=args, more=more, areas=nodes, memory=memory)


def describe(lab, *domains, chosen=""):
    path = lab.folder / "shared.dts"
    path.write_text(f"/dts-v1/; / {{ chosen {{ {chosen} {''.join(domains)} }}; }};")
    return path


@pytest.mark.parametrize("machine", [*({"board": board} for board in BOARDS), {"program": newer.QEMU}],
                         ids=[*BOARDS, "newer-qemu"])
@pytest.mark.parametrize("caches", [0, 1])
def test_what_one_writes_the_others_see(lab, machine, caches):
    args = f"writers=2 rounds=20 caches={caches}"
    console = lab.boot(describe(lab, *(domain(role, role, PLAIN, WARM, args=f"{args} me={number}")
                                       for number, role in enumerate(ROLES))), cpus=3, **machine)
    for role in ROLES:
        judge(console.partitions[role].output)
        assert console.partitions[role].ended == "off"
    assert console.status == 0


def test_hostile_peers(lab):
    """They write what they can wherever they can; the owner of the area, which has other things to do, does not notice. A
    store that a role does not allow is no failure even where unhandled accesses are."""
    storm = "storm={} me={} writers=2 caches={}"
    console = lab.boot(describe(
        lab, domain("victim", "owner", PLAIN, WARM, file="victim.bin", args="rounds=200"),
        domain("writer", "borrower", PLAIN, WARM, args=storm.format(300000, 1, 1)),
        domain("bare", "borrower", PLAIN, WARM, args=storm.format(300000, 2, 0)),
        domain("reader", "reader", PLAIN, WARM, args=storm.format(50000, 3, 1),
                    more='bulkhead,on-unhandled = "fail";')), cpus=4)
    judge(console.partitions["victim"].output)
    for name in "writer", "bare", "reader":
        assert console.partitions[name].find("stormed")
    assert not console.find("bulkhead: partition|panic")
    assert console.status == 0


def test_as_many_areas_as_there_may_be(lab):
    """32 of them in each of eight partitions: the manager has slots and tables for that, and the guests' trees room."""
    areas = [{**PLAIN, "id": f"fifteen-chars{number:02}", "guest": f"{0x70000000 + number * PAGE:#x}", "size": f"{PAGE:#x}"}
             for number in range(32)]
    names = [f"p{number}" for number in range(8)]
    console = lab.boot(describe(lab, *(domain(name, "borrower", *areas, file="hello.bin") for name in names)), cpus=8)
    assert [console.partitions[name].ended for name in names] == ["off"] * 8


@pytest.mark.parametrize("machine", [{}, {"program": newer.QEMU}], ids=["qemu", "newer-qemu"])
def test_linux_by_dev_mem(lab, machine):
    """Debian's kernel maps the area for its user space, though it refuses RAM; a store of a reader ends the program that
    makes it, and no more."""
    requests = 5
    guests.initramfs(BUILD / "guests/initramfs-shared", ROOT / "tests/guests/linux/init-shared")
    more = RAMDISK.format(file="initramfs-shared")
    linux = domain("linux", "owner", PLAIN, {**WARM, "more": "", "role": "reader"}, file="linux", memory="0x20000",
                   args=f"console=ttyAMA0 loglevel=4 panic=-1 test.requests={requests}", more=more)
    console = lab.boot(describe(
        lab, linux, domain("peer", "borrower", PLAIN, {**WARM, "more": ""}, file="shared_life.bin",
                           args=f"answers={requests}")), cpus=2, timeout=120, **machine)
    said = [line for line in console.partitions["linux"].output if line.startswith("test: ")]
    assert said == ["test: xen,shared-memory-v1 plain owner", f"test: {requests} of {requests} answers are right",
                    "test: reads 0x00000000", "test: a store ends with 135"]
    judge(console.partitions["peer"].output)
    assert console.status == 0


def test_the_example_of_the_documentation_starts(lab):
    text = re.search(r"```dts\n(.*?)```", (ROOT / "doc/channels.md").read_text(), re.DOTALL)[1]
    path = lab.folder / "example.dts"
    path.write_text(text)
    console = lab.boot(path, cpus=2)
    assert [console.partitions[name].ended for name in ("sensor", "actor")] == ["off", "off"]
    assert not console.find("warning|error")
