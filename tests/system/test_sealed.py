# SPDX-License-Identifier: BSD-2-Clause
"""After the seal nothing can be created, split, mapped or bound, even by who holds every right: calls made by hand, see
caller.py, with capabilities written into a monitor's table."""
import struct

import pytest
from caller import Caller
from conftest import BUILD, Lab
from held import PAGE, STALE, Held, programs
from interface import VALUES
from proofs import CAP, Snapshot

ELF = BUILD / "kernel.elf"
PARTITION, EVENT = VALUES["BH_TYPE_PARTITION"], VALUES["BH_TYPE_EVENT"]
GUEST, RAM, R, ALL = VALUES["BH_SPACE_GUEST"], VALUES["BH_KIND_RAM"], 1, 0xff

FORGED = [("CONTROL", 0, 0, 0), ("PARTITION", 1, 0, 0), ("MEMORY", 0, 0, PAGE), ("IRQ", 0, 40, 1),
          ("VCPU", 0, 0, 0), ("EVENT", 0, 0, 0), ("TIMER", 0, 0, 0), ("CORE", 0, 0, 0)]
SLOT = {name: slot for slot, (name, *_) in enumerate(FORGED, 40)}
STRUCTURE = [  # label, type of the capability, arguments that would be right before the seal
    ("CAP_COPY", "EVENT", 41, 60, ALL), ("CONTROL_CREATE", "CONTROL", PARTITION, 60),
    ("CONTROL_CREATE", "CONTROL", EVENT, 60), ("CONTROL_POLICY", "CONTROL", 0, 0), ("CONTROL_SEAL", "CONTROL"),
    ("MEMORY_SPLIT", "MEMORY", 60, PAGE, 0), ("MEMORY_SHARE", "MEMORY", 60, R),
    ("MEMORY_MAP", "MEMORY", 41, GUEST, 0x100000000, R), ("IRQ_SPLIT", "IRQ", 60, 1),
    ("IRQ_BIND", "IRQ", 41, 50, 0), ("PARTITION_VCPU", "PARTITION", 47, 60),
    ("PARTITION_MONITOR", "PARTITION", 0x200000, 0x400000, 0x1000), ("PARTITION_POLICY", "PARTITION", 1, 1, 5, 60),
    ("VCPU_TIMER", "VCPU", 60),
    ("EVENT_BIND", "EVENT", 41, 50), ("CORE_START", "CORE")]
RUN_TIME = {"CAP_INSPECT", "CONTROL_CONSOLE", "CONTROL_RESET", "PARTITION_STATE", "PARTITION_FAILURE",
            "PARTITION_CONTROL", "PARTITION_EXITS", "VCPU_START", "VCPU_STATE", "VIRQ_READ", "VIRQ_WRITE", "EVENT_SIGNAL",
            "TIMER_SET", "CORE_STATE"}


@pytest.fixture(scope="module")
def monitor(tmp_path_factory):
    """A monitor after the seal, into whose table capabilities of every type with all rights were forged."""
    lab = Lab(tmp_path_factory.mktemp("sealed"), None)
    image = lab.pack(lab.describe(("one", 1, "hello.bin")))
    with Held(image, 1, 64) as held:
        image.unlink()  # QEMU has read it
        Snapshot(held, ELF)  # at the first guest instruction
        free = next(at for at, _page in reversed(list(held.pages(lambda page: page == STALE))))
        program = Caller(held, ELF, programs(held)[1])
        table = program.physical("partition_caps")
        for slot, (name, number, base, size) in enumerate(FORGED, 40):
            entry = struct.pack("<4B2H2Q", VALUES[f"BH_TYPE_{name}"], ALL, RAM * (name == "MEMORY"), 0, 0, number,
                                base or free * (name == "MEMORY"), size)
            held.write(table + CAP * slot, entry)
        yield program


@pytest.mark.parametrize("call", STRUCTURE, ids=lambda call: f"{call[0]}-{call[1]}")
def test_sealed_machine_refuses(monitor, call):
    before = monitor.content("roots"), monitor.content("tables")
    label, kind, *arguments = call
    status = monitor.call(label, SLOT[kind], *arguments)[0]
    assert status == "SEALED", f"{label} after the seal is {status}"
    assert before == (monitor.content("roots"), monitor.content("tables")), "tables changed after the seal"


def test_forged_capabilities_count(monitor):
    """The capabilities of the tests above are taken for real ones: they fail because of the seal."""
    for name, slot in SLOT.items():
        assert monitor.must("CAP_INSPECT", slot)[0] & 0xffff == VALUES[f"BH_TYPE_{name}"] | ALL << 8


def test_every_operation_is_one_or_the_other():
    first, end = VALUES["BH_CAP_INSPECT"], VALUES["BH_LABEL_END"]
    labels = {name.removeprefix("BH_") for name, value in VALUES.items() if first <= value < end}
    assert labels - {"LABEL_BASE"} == RUN_TIME | {call[0] for call in STRUCTURE}
