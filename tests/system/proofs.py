# SPDX-License-Identifier: BSD-2-Clause
"""What must be true of a machine that stands before its first guest instruction: one function a property, each raising
AssertionError. All is taken from registers, physical memory and symbols' addresses; nothing of the kernel is asked."""
import collections
import contextlib
import dataclasses
import struct

import walks
from held import PAGE, RAM, STALE, Image, programs
from interface import VALUES

ENTRIES = (RAM, RAM + 0x80000)  # of an arm64 Image and of a raw binary, in the guest's addresses
PARTITIONS, SPACES = 16, 3  # the kernel's pool; of a partition: guest, load, run
GUEST, LOAD, RUN = range(SPACES)
ROOT = 2 * PAGE  # two level 1 tables
CAP = 24  # bytes of a capability
EL0, EL1, WXN, MMU = 0, 1, 1 << 19, 1
SPOIL = int.from_bytes(b"\x5a" * 16, "little")
CORE_REGISTERS = ("pc", "cpsr", "VTTBR_EL2", "VTCR_EL2", "TTBR0_EL2", "SCTLR_EL2", "HCR_EL2", "CPTR_EL2", "SP_EL0")
# QEMU's virt board, by the kernel's name for it: the devices that the kernel drives itself, with what EL2 may reach of
# them; all that nobody outside the kernel may map; and what every guest may, as {guest address: (physical, size)}.
UART = 0x09000000, 0x1000  # may be given away: to the console service
OTHERS = {"fw_cfg": (0x09020000, 0x1000), "the secure UART": (0x09040000, 0x1000),
          "the SMMU": (0x09050000, 0x20000), "secure RAM": (0x0e000000, 0x01000000),
          "more redistributors": (0x4000000000, 0x04000000)}


@dataclasses.dataclass(frozen=True)
class Devices:
    kernel: dict
    forbidden: dict
    shared: dict


DEVICES = {
    "qemu-virt": Devices(
        {"uart": (0x09000000, 0x1000), "gicd": (0x08000000, 0x10000), "gicr": (0x080a0000, 0xf60000)},
        {"flash": (0, 0x08000000), "the distributor": (0x08000000, 0x10000), "v2m": (0x08020000, 0x1000),
         "the ITS": (0x08080000, 0x20000), "the redistributors": (0x080a0000, 0xf60000), **OTHERS}, {}),
    # each core sees its own virtual CPU interface; its second page, where GICV_DIR is, is nobody's
    "qemu-virt-gicv2": Devices(
        {"uart": (0x09000000, 0x1000), "gicd": (0x08000000, 0x1000), "gicc": (0x08010000, 0x2000),
         "gich": (0x08030000, 0x1000)},
        {"flash": (0, 0x08000000), "the distributor": (0x08000000, 0x10000), "the CPU interface": (0x08010000, 0x10000),
         "v2m": (0x08020000, 0x1000), "GICH": (0x08030000, 0x10000), "GICV_DIR": (0x08041000, 0xf000), **OTHERS},
        {0x08010000: (0x08040000, 0x1000)}),
}
# HCR_EL2 while a guest runs: stage 2, cleaning DC ISW, interrupts and SErrors to EL2; TID3, TSC, TIDCP, TACR trap.
HCR = {"VM": 0, "SWIO": 1, "FMO": 3, "IMO": 4, "AMO": 5, "TID3": 18, "TSC": 19, "TIDCP": 20, "TACR": 21}
BEGIN_S = 10  # in which the boot core enters its monitor when it runs alone
STACK_PAGES = 2  # the largest stack at EL2


@dataclasses.dataclass(frozen=True)
class Area:
    """Memory that partitions share because the description says so, and where."""
    host: int
    size: int
    cacheable: bool
    peers: dict  # partition -> (guest address, may write)


@dataclasses.dataclass(frozen=True)
class Given:
    """Pages of a device that the description gives to a partition: who may find them where."""
    host: int
    size: int
    partition: int
    at: dict  # space -> address

    def holds(self, leaf):
        return self.host <= leaf.to and leaf.to + leaf.size <= self.host + self.size


class Snapshot(Image):
    """A held machine at its first guest instruction."""

    def __init__(self, held, elf, timeout=60, board="qemu-virt"):
        gdb = held.gdb
        self.devices = DEVICES[board]
        self.uart_owner = None  # the partition whose guest should have the board's UART
        self.areas = []  # what partitions should share
        self.given = []  # devices that they should have
        self.begun = {}  # core -> x2 to x30 where the first monitor entered on it begins to load
        self.first = self._arrive(held, timeout)
        self.returns = held.guest_returns()
        self.cores = {core: {name: gdb.register(core, name) for name in CORE_REGISTERS} for core in gdb.threads}
        self.general = [gdb.register(self.first, f"x{number}") for number in range(31)]
        self.vectors = [gdb.register(self.first, f"v{number}") for number in range(32)]
        super().__init__(held, elf, self.first)
        # What follows is read through these; and it means something only when every core runs the kernel.
        if held.read(self.load + 0x38, 4) != b"ARM\x64":
            raise ValueError("no arm64 Image header where EL2 maps the image's first page")
        if not all(state["SCTLR_EL2"] & MMU for state in self.cores.values()):
            raise ValueError("a core has not started")

    def _arrive(self, held, timeout):
        """Runs to the first guest instruction; the core that stands there. On the way, where a monitor is entered for
        the first time, fills the FP registers: no guest may find them so."""
        gdb = held.gdb
        boot, spoiled = gdb.threads[0], set()
        entry = struct.unpack("<Q", held.read(programs(held)[1] + 16, 8))[0]
        guests = [(address, EL1) for address in ENTRIES]
        while True:
            seen = boot in self.begun and len(spoiled) == len(gdb.threads)
            core = gdb.run_to(*guests, *([] if seen else [(entry, EL0)]), timeout=timeout)
            if gdb.level(core) == EL1:
                break
            spoiled.add(core)
            self._enter(gdb, core)
            for number in range(32):
                gdb.set_register(core, f"v{number}", SPOIL)
            gdb.step(core)
        if boot not in self.begun:  # a loaded host: another core was faster, and now waits
            with contextlib.suppress(TimeoutError):
                self._enter(gdb, gdb.run_to((entry, EL0), timeout=BEGIN_S, only=boot))
        return core

    def _enter(self, gdb, core):
        """A program is about to be entered; the manager's entry is at the monitors' address."""
        if not gdb.register(core, "x0"):  # BH_UPCALL_LOAD
            self.begun.setdefault(core, [gdb.register(core, f"x{number}") for number in range(2, 31)])

    def at_el1(self):
        return {core: state for core, state in self.cores.items() if state["cpsr"] >> 2 & 3 == EL1}

    def root(self, index):
        """The physical address of a root: 0 is the manager's; partition p has 1 + 3p and the two behind it."""
        return self.physical("roots") + ROOT * index

    def roots(self):
        """Indexes of the pool's roots that hold anything."""
        pool = self.content("roots")
        return [at // ROOT for at in range(0, len(pool), ROOT) if any(pool[at:at + ROOT])]

    def used(self):
        """(core, VTTBR_EL2) of the cores that have one: a core that has run nothing yet has none."""
        return [(core, state["VTTBR_EL2"]) for core, state in self.cores.items() if state["VTTBR_EL2"]]

    def is_shared_device(self, leaf):
        """What every guest may map, and from where."""
        return self.devices.shared.get(leaf.at) == (leaf.to, leaf.size)

    def console(self):
        """The partition that has the UART where the console service finds it; None: nobody."""
        found = {partition for _name, partition, space, leaf in self.spaces()
                 if space == RUN and (leaf.at, leaf.to, leaf.size) == (VALUES["BH_CONSOLE_UART"], *UART)}
        assert len(found) <= 1, f"the UART is several partitions': {found}"
        return found.pop() if found else None

    def area(self, leaf):
        """The area into which it leads; None: into none."""
        return next((area for area in self.areas if leaf.touches(area.host, area.host + area.size)), None)

    def is_given(self, leaf):
        """Whether it is all a device that some partition should have."""
        return any(given.holds(leaf) for given in self.given)

    def leaves(self, root, tables=None):
        return list(walks.stage2(self.held.read, root, self.cores[self.first]["VTCR_EL2"], tables))

    def spaces(self):
        """(name, partition or None for the manager, space, leaf) of every stage 2 leaf that exists."""
        for index in self.roots():
            partition, space = divmod(index - 1, SPACES) if index else (None, None)
            for leaf in self.leaves(self.root(index)):
                yield f"root {index}", partition, space, leaf
        for core, vttbr in self.used():  # they should be of the pool, but what counts is what the cores use
            index = (vttbr & walks.OUTPUT) - self.root(0)
            partition, space = divmod(index // ROOT - 1, SPACES) if index else (None, None)
            for leaf in self.leaves(vttbr):
                yield f"VTTBR_EL2 of core {core}", partition, space, leaf


# --- it is the first instruction -----------------------------------------------------------------

def no_guest_ran_before(snap):
    guests = snap.at_el1()
    assert snap.first in guests
    assert sorted(snap.returns) == sorted(state["pc"] for state in guests.values()), \
        "a guest ran before: the kernel has gone to EL1 more often than cores stand at a first instruction"
    for core, state in guests.items():
        assert any(leaf.at <= state["pc"] < leaf.at + leaf.size and walks.s2_exec(leaf)
                   for leaf in snap.leaves(state["VTTBR_EL2"])), f"core {core} stands where its stage 2 maps nothing"


def first_registers_are_clean(snap):
    assert not any(snap.general[1:]), "general registers reach the guest with something in them"
    assert not any(snap.vectors), "FP registers reach the guest with something in them"
    assert not snap.cores[snap.first]["SP_EL0"], "SP_EL0 reaches the guest with something in it"


# --- the manager is gone -------------------------------------------------------------------------

def monitors_begin_with_nothing(snap):
    """The first monitor on the boot core runs where the manager ran."""
    assert snap.held.gdb.threads[0] in snap.begun, "no monitor was entered on the boot core"
    left = {core: [f"x{number}" for number, value in enumerate(values, 2) if value]
            for core, values in snap.begun.items() if any(values)}
    assert not left, f"general registers reach a monitor with something in them: {left}"


def manager_memory_is_zero(snap):
    start, end = snap.manager
    data = snap.held.read(start, end - start)
    assert len(data) >= PAGE
    left = [start + at for at in range(0, len(data), PAGE) if any(data[at:at + PAGE])]
    assert not left, f"the manager's memory is not zero: {len(left)} pages, the first at {left[0]:#x}"


def manager_holds_no_capability(snap):
    table = snap.content("manager_caps")
    left = [at // CAP for at in range(0, len(table), CAP) if any(table[at:at + CAP])]
    assert len(table) > CAP
    assert not left, f"the manager's capability table is not empty: slots {left[:8]}"


def manager_space_is_empty(snap):
    left = snap.leaves(snap.root(0))
    assert not left, f"the manager's space maps {left[0]}"


def no_table_is_left_over(snap):
    """Tables in the pool that no root leads to were the manager's: they are zero, or could be linked again."""
    used = set()
    for index in snap.roots():
        snap.leaves(snap.root(index), used)
    pool, content = snap.physical("tables"), snap.content("tables")
    left = [pool + at for at in range(0, len(content), PAGE)
            if pool + at not in used and any(content[at:at + PAGE])]
    assert not left, f"a table of the manager's is left at {left[0]:#x}"


def written_memory_has_an_owner(snap):
    """Memory that changed since reset is the kernel's or some partition's: nothing was put aside."""
    owned = set()
    for _name, partition, _space, leaf in snap.spaces():
        if partition is not None:
            owned.update(range(leaf.to, leaf.to + leaf.size, PAGE))
    orphans = [at for at, page in snap.held.pages(lambda page: page != STALE)
               if snap.held.loaded.get(at) != page and at not in owned and not snap.image[0] <= at < snap.image[1]]
    lost = [at for at, page in snap.held.loaded.items() if at not in owned and not snap.image[0] <= at < snap.image[1]
            and snap.held.read(at, PAGE) != page]
    left = sorted({*orphans, *lost})
    assert not left, f"memory that nobody owns was written: {len(left)} pages, the first at {left[0]:#x}"


def monitors_hold_only_their_own(snap):
    """Console text, their own partition, vCPUs and timers; nothing that makes, maps or binds, nothing of another's. The
    console service sees the others' states."""
    console = snap.console()
    pool, owner = snap.content("partition_caps"), {}
    table = len(pool) // PARTITIONS
    mine = {"CONTROL": "CONSOLE", "PARTITION": "VIRQ STATE", "VCPU": "VIRQ STATE START", "TIMER": "SET",
            "EVENT": "SIGNAL"}
    allowed = {VALUES[f"BH_TYPE_{name}"]: sum(VALUES[f"BH_RIGHT_{right}"] for right in rights.split())
               for name, rights in mine.items()}
    for at in range(0, len(pool), CAP):
        kind, rights, number = pool[at], pool[at + 1], int.from_bytes(pool[at + 6:at + 8], "little")
        partition = at // table + 1
        where = f"slot {at % table // CAP} of partition {partition}"
        if not any(pool[at:at + CAP]):
            continue
        assert kind in allowed and not rights & ~allowed[kind], \
            f"{where} allows too much: type {kind}, rights {rights:#x}"
        if kind == VALUES["BH_TYPE_PARTITION"]:
            seen = partition - 1 == console and rights == VALUES["BH_RIGHT_STATE"]
            assert number == partition or seen, f"{where} is another partition"
        if kind in (VALUES["BH_TYPE_VCPU"], VALUES["BH_TYPE_TIMER"]):
            assert owner.setdefault(number, partition) == partition, f"{where} is another partition's vCPU"
    assert owner, "no partition holds a vCPU"


# --- stage 2 -------------------------------------------------------------------------------------

def spaces_in_use_are_of_the_pool(snap):
    seen = {}
    for core, vttbr in snap.used():
        root, vmid = vttbr & walks.OUTPUT, vttbr >> 48
        assert (root - snap.root(0)) % ROOT == 0, f"VTTBR_EL2 of core {core} is none of the pool's roots"
        assert seen.setdefault(vmid, root) == root, f"two spaces have the VMID {vmid}"
    assert len(set(seen.values())) == len(seen), "one space has two VMIDs"


def nothing_leads_to_the_manager(snap):
    for name, _partition, _space, leaf in snap.spaces():
        assert not leaf.touches(*snap.manager), f"{name} leads into the manager's memory: {leaf}"


def nothing_leads_to_the_kernel(snap):
    kernel = (snap.image[0], snap.manager[0]), (snap.manager[1], snap.image[1])
    for name, _partition, _space, leaf in snap.spaces():
        assert not any(leaf.touches(*part) for part in kernel), f"{name} leads into the kernel: {leaf}"


def nothing_leads_outside_ram(snap):
    """Every device of the board is on the list that nobody may map, but for the UART, which the console service has or
    one guest, for what guests share, and for those that are given away, of which there is a proof below."""
    console = snap.console()
    for name, partition, space, leaf in snap.spaces():
        uart = partition is not None and (leaf.to, leaf.size) == UART and (
            (partition, space) in ((console, RUN), (snap.uart_owner, GUEST)))
        shared = space == GUEST and snap.is_shared_device(leaf)
        assert snap.held.in_ram(leaf.to, leaf.size) or shared or uart or snap.is_given(leaf), \
            f"{name} leads to no RAM: {leaf}"


def devices_lead_to_their_owners(snap):
    """The guest that a device is given to reaches each of its pages where the description says, its monitor while it
    loads only those with registers that it writes then, and nothing else reaches one."""
    wanted = {(given.partition, space, start + at, given.host + at) for given in snap.given
              for space, start in given.at.items() for at in range(0, given.size, PAGE)}
    found = {(partition, space, leaf.at + at, leaf.to + at) for _name, partition, space, leaf in snap.spaces()
             if snap.is_given(leaf) for at in range(0, leaf.size, PAGE)}
    assert not found - wanted, f"strangers reach a device: {sorted(found - wanted, key=str)[0]}"
    assert not wanted - found, f"an owner does not reach its device: {sorted(wanted - found)[0]}"


def guests_reach_the_shared_devices(snap):
    for core, state in snap.at_el1().items():
        reached = [leaf.at for leaf in snap.leaves(state["VTTBR_EL2"]) if snap.is_shared_device(leaf)]
        assert reached == list(snap.devices.shared), f"core {core}'s guest reaches {reached}"


def _rings(snap):
    """Pages that the console service and one monitor, where it finds them, have in common: page -> that monitor."""
    console, found = snap.console(), {}
    ports = VALUES["BH_CONSOLE_PORTS"], VALUES["BH_MON_PORT"]
    size = VALUES["BH_CONSOLE_PORT_SIZE"]
    ends = ports[0] + size * VALUES["BH_CONSOLE_MAX"], ports[1] + size
    theirs = {leaf.to for _name, partition, space, leaf in snap.spaces()
              if partition == console and space == RUN and ports[0] <= leaf.at < ends[0]}
    for _name, partition, space, leaf in snap.spaces():
        if partition not in (None, console) and space != GUEST and ports[1] <= leaf.at < ends[1] and leaf.to in theirs:
            assert found.setdefault(leaf.to, partition) == partition, f"a ring of two partitions: {leaf}"
    return found


def partitions_share_only_what_nobody_writes(snap):
    """But for the rings between the console service and each monitor, which those two alone reach, and areas of shared
    memory, of which there are proofs below."""
    rings, console = _rings(snap), snap.console()
    pages = collections.defaultdict(set)  # page -> {(partition, may write)}
    for _name, partition, _space, leaf in snap.spaces():
        if partition is not None and not snap.is_shared_device(leaf) and not snap.area(leaf):
            for page in range(leaf.to, leaf.to + leaf.size, PAGE):
                pages[page].add((partition, walks.s2_write(leaf)))
    for page, users in pages.items():
        apart = len({partition for partition, _write in users}) == 1
        if page in rings:
            apart = {partition for partition, _write in users} <= {console, rings[page]}
        assert apart or not any(write for _partition, write in users), \
            f"two partitions reach {page:#x} and one may write: {sorted(users)}"


def programs_are_write_xor_execute(snap):
    for name, _partition, space, leaf in snap.spaces():
        if space != GUEST:
            assert not (walks.s2_write(leaf) and walks.s2_exec(leaf)), f"{name} is writable and executable: {leaf}"


def memory_is_shareable(snap):
    for name, _partition, _space, leaf in snap.spaces():
        if snap.is_shared_device(leaf) or leaf.to == UART[0] or snap.is_given(leaf):
            assert walks.s2_device(leaf) and not walks.s2_exec(leaf), f"{name} has a device as memory: {leaf}"
        elif not snap.area(leaf):
            assert walks.s2_shared_write_back(leaf), f"{name} is not Normal write-back Inner Shareable: {leaf}"


def areas_lead_to_their_peers(snap):
    """Their guests reach each page of an area where the description says, and nothing else reaches one."""
    for area in snap.areas:
        wanted = {(partition, GUEST, guest + at, area.host + at) for partition, (guest, _write) in area.peers.items()
                  for at in range(0, area.size, PAGE)}
        found = {(partition, space, leaf.at + at, leaf.to + at) for _name, partition, space, leaf in snap.spaces()
                 if snap.area(leaf) is area for at in range(0, leaf.size, PAGE)}
        assert not found - wanted, f"strangers reach shared memory: {sorted(found - wanted)[0]}"
        assert not wanted - found, f"a peer does not reach shared memory: {sorted(wanted - found)[0]}"


def _peers(snap):
    """(area, name, what the peer may write, leaf) of every leaf by which a peer reaches an area."""
    for name, partition, _space, leaf in snap.spaces():
        area = snap.area(leaf)
        if area and partition in area.peers:
            yield area, name, area.peers[partition][1], leaf


def areas_have_the_rights_of_roles(snap):
    for _area, name, write, leaf in _peers(snap):
        assert walks.s2_read(leaf) and walks.s2_write(leaf) == write, f"{name}: another role's rights: {leaf}"
        assert not walks.s2_exec(leaf), f"{name} may execute shared memory: {leaf}"


def areas_are_one_memory_type(snap):
    """The same for all peers, or one would not see what another has written."""
    for area, name, _write, leaf in _peers(snap):
        good = walks.s2_shared_write_back(leaf) if area.cacheable else walks.s2_uncached(leaf)
        assert good, f"{name}: another memory type than is declared: {leaf}"


def areas_are_empty(snap):
    for area in snap.areas:
        assert not any(snap.held.read(area.host, area.size)), f"shared memory at {area.host:#x} is not empty at first"


def run_space_holds_no_guest_memory(snap):
    guest, run = collections.defaultdict(set), collections.defaultdict(set)
    for _name, partition, space, leaf in snap.spaces():
        if partition is not None and space in (GUEST, RUN):
            (run if space else guest)[partition].update(range(leaf.to, leaf.to + leaf.size, PAGE))
    assert guest and run
    for partition, pages in run.items():
        assert not pages & guest[partition], f"the monitor of partition {partition} reaches its guest's RAM at run time"


def guest_memory_is_scrubbed(snap):
    """Of what RAM held at power-on, a partition that is about to run sees nothing."""
    for core, state in snap.at_el1().items():
        for leaf in filter(lambda leaf: snap.held.in_ram(leaf.to, leaf.size), snap.leaves(state["VTTBR_EL2"])):
            data = snap.held.read(leaf.to, leaf.size)
            assert STALE[:64] not in data, f"core {core}'s guest sees what memory held before: {leaf}"


def traps_are_set(snap):
    for core, state in snap.at_el1().items():
        missing = [name for name, bit in HCR.items() if not state["HCR_EL2"] >> bit & 1]
        assert not missing, f"HCR_EL2 of core {core} lacks {', '.join(missing)}"


# --- EL2's own map -------------------------------------------------------------------------------

def _kernel_maps(snap):
    for core, state in snap.cores.items():
        for leaf in walks.stage1(snap.held.read, state["TTBR0_EL2"]):
            yield core, leaf


def kernel_maps_no_manager(snap):
    for core, leaf in _kernel_maps(snap):
        assert not leaf.touches(*snap.manager), f"EL2 on core {core} maps the manager's memory: {leaf}"


def kernel_maps_only_itself(snap):
    allowed = [(base, base + size) for base, size in snap.devices.kernel.values()] + [snap.image]
    for core, leaf in _kernel_maps(snap):
        assert any(start <= leaf.to and leaf.to + leaf.size <= end for start, end in allowed), \
            f"EL2 on core {core} maps what is not the kernel's: {leaf}"


def kernel_is_write_xor_execute(snap):
    for core, state in snap.cores.items():
        assert state["SCTLR_EL2"] & WXN, f"SCTLR_EL2.WXN is off on core {core}"
    for core, leaf in _kernel_maps(snap):
        assert not (walks.s1_write(leaf) and walks.s1_exec(leaf)), \
            f"EL2 on core {core} has a page writable and executable: {leaf}"


def kernel_stacks_have_guards(snap):
    """In the stacks' stretch no run of mapped pages is longer than a stack, and an unmapped page lies below each."""
    start, end = snap.virtual("stacks_start"), snap.virtual("stacks_end")
    assert end > start, "the kernel's image has no stacks"
    mapped = {leaf.at for leaf in snap.mapped}
    length = 0
    for page in range(start, end, PAGE):
        length = length + 1 if page in mapped else 0
        assert length <= STACK_PAGES, f"a stack at EL2 has no guard page: {page:#x}"
    assert start not in mapped, "the lowest stack at EL2 has no guard page"


PROOFS = [proof for name, proof in list(globals().items())
          if callable(proof) and not name.startswith("_") and getattr(proof, "__module__", "") == __name__
          and not isinstance(proof, type)]
