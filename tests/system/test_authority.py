# SPDX-License-Identifier: BSD-2-Clause
"""What the kernel refuses a hostile manager before the seal: calls made by hand, see caller.py."""
import pytest
from caller import Caller
from conftest import BUILD, Lab
from held import PAGE, Held, programs
from held import RAM as DRAM
from interface import VALUES
from proofs import DEVICES

ELF = BUILD / "kernel.elf"
CONTROL, SELF, CORE, IRQ, ROOT = (VALUES[f"BH_ROOT_{name}"] for name in ("CONTROL", "SELF", "CORE", "IRQ", "MEMORY"))
PARTITION = VALUES["BH_TYPE_PARTITION"]
GUEST, LOAD, RUN = (VALUES[f"BH_SPACE_{name}"] for name in ("GUEST", "LOAD", "RUN"))
RAM, DEVICE = VALUES["BH_KIND_RAM"], VALUES["BH_KIND_DEVICE"]
R, W, X = 1, 2, 4
ALL = 0xff
ONE, TWO, MEMORY, FREE = 300, 301, 302, 310  # slots that we fill
AT = 0x40000000


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("authority"), None)
    image = lab.pack(lab.describe(("one", 1, "hello.bin")))
    yield image
    image.unlink()


def begin(held, elf):
    """The manager before its first instruction."""
    program = Caller(held, elf, programs(held)[0])
    program.roots = held.gdb.register(program.core, "x3")
    return program


@pytest.fixture
def manager(image):
    """The manager before its first instruction, in a machine with two cores."""
    with Held(image, 2, 64) as held:
        yield begin(held, ELF)


@pytest.fixture
def two(manager):
    """The same with two partitions, and in MEMORY 16 pages of RAM."""
    for slot in (ONE, TWO):
        manager.must("CONTROL_CREATE", CONTROL, PARTITION, slot)
    middle = DRAM + manager.held.size // 2
    ranges = [(slot, *manager.must("CAP_INSPECT", slot)[1:]) for slot in range(ROOT, ROOT + manager.roots)]
    slot, base = next((slot, base) for slot, base, size in ranges if base <= middle < base + size)
    manager.must("MEMORY_SPLIT", slot, MEMORY, middle - base, 0)
    manager.must("MEMORY_SPLIT", MEMORY, FREE, 16 * PAGE, 0)
    manager.must("MEMORY_SPLIT", MEMORY, MEMORY, 0, RAM)
    return manager


def root_memory_leaves_out(manager, forbidden):
    """The kernel, and the ranges {name: (start, size)}."""
    assert manager.roots > 1
    end = 0
    for slot in range(ROOT, ROOT + manager.roots):
        _kind, base, size = manager.must("CAP_INSPECT", slot)
        assert size and base >= end, f"root memory overlaps itself at {base:#x}"
        end = base + size
        assert not (base < manager.image[1] and manager.image[0] < end), \
            f"root memory holds the kernel: {base:#x} to {end:#x}"
        for name, (start, length) in forbidden.items():
            assert not (base < start + length and start < end), f"root memory holds {name}: {base:#x} to {end:#x}"
    assert manager.call("CAP_INSPECT", ROOT + manager.roots)[1][0] & 0xff == 0, "there is more than the kernel says"


def test_root_memory_leaves_out_kernel_and_devices(manager):
    root_memory_leaves_out(manager, DEVICES["qemu-virt"].forbidden)


def test_split_leaves_no_overlap(two):
    base, size = two.must("CAP_INSPECT", MEMORY)[1:]
    two.must("MEMORY_SPLIT", MEMORY, FREE + 1, 4 * PAGE, 0)
    lower, upper = two.must("CAP_INSPECT", MEMORY)[1:], two.must("CAP_INSPECT", FREE + 1)[1:]
    assert lower == [base, 4 * PAGE], "what was split off is still in the parent"
    assert upper == [base + 4 * PAGE, size - 4 * PAGE]
    for offset in (0, 4 * PAGE, 5 * PAGE, PAGE + 1, 1 << 63, (1 << 64) - PAGE):
        status = two.call("MEMORY_SPLIT", MEMORY, FREE + 2, offset, 0)[0]
        assert status in ("RANGE", "ALIGN"), f"a split at {offset:#x} is {status}"


def test_memory_belongs_to_one_partition(two):
    two.must("MEMORY_MAP", MEMORY, ONE, GUEST, AT, R | W | X)
    assert two.call("MEMORY_MAP", MEMORY, TWO, GUEST, AT, R)[0] == "TAKEN", "memory went into two partitions"
    assert two.call("MEMORY_SHARE", MEMORY, FREE + 1, R)[0] == "TAKEN", "bound memory was shared"
    assert two.call("MEMORY_SPLIT", MEMORY, FREE + 1, PAGE, 0)[0] == "TAKEN", "bound memory was split"
    assert two.call("CAP_COPY", MEMORY, ONE, 5, ALL)[0] == "TYPE", "memory was copied"


def test_shared_memory_is_said_to_be(two):
    two.must("MEMORY_SHARE", MEMORY, FREE + 1, R)
    two.must("MEMORY_MAP", MEMORY, ONE, GUEST, AT, R | W)
    assert two.call("MEMORY_MAP", FREE + 1, TWO, GUEST, AT, R | W)[0] == "RIGHTS", "a share may do more than it says"
    two.must("MEMORY_MAP", FREE + 1, TWO, GUEST, AT, R)
    for slot in (MEMORY, FREE + 1):
        assert two.must("CAP_INSPECT", slot)[0] >> 24 & 1, "shared memory is not marked"


@pytest.mark.parametrize("space", [LOAD, RUN])
def test_programs_get_no_writable_code(two, space):
    status = two.call("MEMORY_MAP", MEMORY, ONE, space, AT, R | W | X)[0]
    assert status == "RANGE", "memory became writable and executable for a program"


def test_map_refuses_what_does_not_fit(two):
    two.must("MEMORY_MAP", MEMORY, ONE, GUEST, AT, R)
    for message, expected, call in (
            ("something was mapped over", "TAKEN", (MEMORY, ONE, GUEST, AT + PAGE, R)),
            ("an address beyond the space was mapped", "RANGE", (MEMORY, ONE, GUEST, 1 << 40, R)),
            ("an address that overflows was mapped", "RANGE", (MEMORY, ONE, GUEST, -PAGE & (1 << 64) - 1, R)),
            ("part of a page was mapped", "ALIGN", (MEMORY, ONE, GUEST, 2 * AT + 1, R)),
            ("there is a fourth space", "RANGE", (MEMORY, ONE, 3, 2 * AT, R)),
            ("memory without a kind was mapped", "STATE", (FREE, ONE, GUEST, 2 * AT, R)),
            ("the manager has a guest's space", "RANGE", (FREE, SELF, GUEST, 2 * AT, R)),
            ("a partition is a Memory", "TYPE", (ONE, ONE, GUEST, 2 * AT, R)),
            ("a Memory is a partition", "TYPE", (MEMORY, MEMORY, GUEST, 2 * AT, R)),
            ("a slot beyond the table was read", "SLOT", (1 << 40, ONE, GUEST, 2 * AT, R)),
            ("an empty slot was used", "SLOT", (FREE + 9, ONE, GUEST, 2 * AT, R))):
        assert two.call("MEMORY_MAP", *call)[0] == expected, message


def test_devices_are_never_executable(two):
    two.must("MEMORY_SPLIT", FREE, FREE + 1, PAGE, DEVICE)
    two.must("MEMORY_SPLIT", FREE, FREE, 0, DEVICE)
    assert two.call("MEMORY_MAP", FREE, ONE, GUEST, AT, R | X)[0] == "RANGE", "device memory became executable"
    assert two.call("MEMORY_SPLIT", FREE, FREE, 0, RAM)[0] == "STATE", "a kind was changed"


def test_an_interrupt_belongs_to_one_partition(two):
    two.must("IRQ_SPLIT", IRQ, FREE + 1, 1)
    two.must("CONTROL_CREATE", CONTROL, VALUES["BH_TYPE_CORE"], FREE + 2, 1)
    for partition, core, vcpu in ((ONE, CORE, FREE + 3), (TWO, FREE + 2, FREE + 4)):
        two.must("PARTITION_VCPU", partition, core, vcpu)
    assert two.must("CAP_INSPECT", IRQ)[1:] == [32, 1]
    assert two.must("CAP_INSPECT", FREE + 1)[1:] == [33, 987]
    assert two.call("IRQ_BIND", FREE + 1, ONE, 40, 0)[0] == "RANGE", "many interrupts were bound as one"
    two.must("IRQ_BIND", IRQ, ONE, 40, 0)
    assert two.call("IRQ_BIND", IRQ, TWO, 40, 0)[0] == "TAKEN", "an interrupt went to two partitions"
    assert two.call("PARTITION_VCPU", TWO, CORE, FREE + 5)[0] == "TAKEN", "a core has two vCPUs"
    assert two.call("CONTROL_CREATE", CONTROL, VALUES["BH_TYPE_CORE"], FREE + 6, 1)[0] == "TAKEN", "a core exists twice"


def test_seal_waits_for_a_whole_system(two):
    assert two.call("CONTROL_SEAL", CONTROL)[0] == "STATE", "a partition without vCPU and monitor was sealed in"
