# SPDX-License-Identifier: BSD-2-Clause
"""The proofs of test_seal.py on a system with devices: one is told to be quiet by its partition's monitor, one is not, and
a partition has none. And where each interrupt of the machine goes."""
import proofs
import pytest
from interface import VALUES
from test_passthrough import MODULE, RTC, compile_tree
from test_seal import SMALL, snapshot
from test_seal import test_small_system  # noqa: F401  it runs here with what is below

ONE, TWO, _THREE = range(3)
CLOCK, PINS = 0x9010000, 0x9030000  # PL031, PL061
CLOCK_SPI, PINS_SPI = 2, 7
CLOCK_AT = 0xc010000  # in its guest, which is not where the machine has it
CLEAR = CLOCK + 0x1c


def system(lab):
    path = lab.describe(*SMALL)
    tree = MODULE % compile_tree(lab, "rtc", RTC % {"guest": CLOCK_AT})
    one, two, three = path.read_text().split("xen,domain")[1:]
    head = path.read_text().split("xen,domain")[0]
    one = one.replace("kernel {", f"bulkhead,quiesce = <0 {CLEAR:#x} 1>; {tree} kernel {{", 1)
    two = two.replace("kernel {", f'bulkhead,device-paths = "/pl061@{PINS:x}"; kernel {{', 1)
    path.write_text("xen,domain".join((head, one, two, three)))
    return path


def devices():
    return [proofs.Given(CLOCK, 0x1000, ONE, {proofs.GUEST: CLOCK_AT, proofs.LOAD: VALUES["BH_MON_DEVICES"]}),
            proofs.Given(PINS, 0x1000, TWO, {proofs.GUEST: PINS})]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    for snap in snapshot(tmp_path_factory.mktemp("devices"), system, 4, 128, 60):
        snap.given = devices()
        yield snap


def test_interrupts_go_to_their_owners(small):
    """By the kernel's table, as the guests' trees say, and no other is anybody's."""
    size = small.names["partitions"][1] // (1 + proofs.PARTITIONS)
    table, found = small.content("irq_table"), {}
    for at in range(0, len(table), 16):
        partition, intid = int.from_bytes(table[at:at + 8], "little"), int.from_bytes(table[at + 8:at + 12], "little")
        if partition:
            found[at // 16] = (partition - small.virtual("partitions")) // size - 1, intid
    assert found == {CLOCK_SPI: (ONE, 32 + CLOCK_SPI), PINS_SPI: (TWO, 32 + PINS_SPI)}, "interrupts go elsewhere"
