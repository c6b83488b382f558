# SPDX-License-Identifier: BSD-2-Clause
"""Static shared memory between guests: what one writes the others see, readers cannot write, nobody can run it, and it is
all that they share."""
import re

import pytest
from bulkheadlib.boards import BOARDS
from bulkheadlib.places import ROOT
from test_guests import judge

DOMAIN = """{name} {{
    compatible = "xen,domain"; memory = <0 0x1000>; cpus = <1>; vpl011; {more}
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
PLAIN = {"id": "plain", "guest": "0x70000000", "size": "0x10000", "more": ""}
WARM = {"id": "warm", "guest": "0x74000000", "size": "0x200000", "more": "bulkhead,cacheable;"}
ROLES = "owner", "borrower", "reader"


def domain(name, role, *areas, file="shared.bin", args="", more="", where=""):
    nodes = "".join(AREA.format(role=role, where=where, **area) for area in areas)
    return DOMAIN.format(name=name, file=file, args=args, more=more, areas=nodes)


def describe(lab, *domains, chosen=""):
    path = lab.folder / "shared.dts"
    path.write_text(f"/dts-v1/; / {{ chosen {{ {chosen} {''.join(domains)} }}; }};")
    return path


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("caches", [0, 1])
def test_what_one_writes_the_others_see(lab, board, caches):
    args = f"writers=2 rounds=20 caches={caches}"
    console = lab.boot(describe(lab, *(domain(role, role, PLAIN, WARM, args=f"{args} me={number}")
                                       for number, role in enumerate(ROLES))), cpus=3, board=board)
    for role in ROLES:
        judge(console.partitions[role].output)
        assert console.partitions[role].ended == "off"
    assert console.status == 0


def test_the_example_of_the_documentation_starts(lab):
    text = re.search(r"```dts\n(.*?)```", (ROOT / "doc/channels.md").read_text(), re.DOTALL)[1]
    path = lab.folder / "example.dts"
    path.write_text(text)
    console = lab.boot(path, cpus=2)
    assert [console.partitions[name].ended for name in ("sensor", "actor")] == ["off", "off"]
    assert not console.find("warning|error")
