# SPDX-License-Identifier: BSD-2-Clause
"""Guests that check their own machine and report in TAP: under Bulkhead, on every interrupt controller and CPU model, and
on QEMU's bare board, which they must find alike but for what tests/guests/expected-differences names. There those that
do not look at their core run on two models only."""
import pytest
from bulkheadlib.qemu import Machine, Run
from conftest import BUILD
from differences import judge

# guest -> vCPUs
GUESTS = {
    "gic_regs": 1, "gic_life": 1, "gic_priority": 1, "gic_changes": 1, "gic_groups": 1, "gic_level": 1, "overflow": 1,
    "timers": 1, "gic_storm": 4,
    "gic_rdist": 2, "gic_route": 3, "gic_sgi": 3, "gicv2_cpu": 1, "gicv2_smp": 3, "smp": 4,
    "psci": 2, "psci_smp": 4, "smccc": 1, "suspend": 2,
    "faults": 1, "mmio": 1, "exceptions": 1, "sysregs": 1, "idregs": 1, "fp": 2, "caches": 3,
    "uart": 2,
}
# guests of one controller only
ONLY = {**dict.fromkeys(["gic_groups", "gic_rdist", "gic_route", "gic_sgi"], "gicv3"),
        **dict.fromkeys(["gicv2_cpu", "gicv2_smp"], "gicv2")}
CPUS = ["cortex-a53", "cortex-a57", "cortex-a72", "cortex-a76", "neoverse-n1", "max"]
# What they look at is the core model's own. Of the others' bare machine nothing but its name is another on another model,
# so that these run there on the first and the last.
OF_THE_CORE = {"faults", "mmio", "exceptions", "sysregs", "idregs", "caches"}
ALL_RUN_ON = {CPUS[0], CPUS[-1]}
# without the ITS, which a guest does not get
BOARDS = {"gicv2": "qemu-virt-gicv2", "gicv3": "qemu-virt"}
BARE = {"gicv2": "virt,gic-version=2", "gicv3": "virt,gic-version=3,its=off"}
CORES = 3  # of a machine, or as many as one guest needs: twice as many cores cost QEMU four times the work


def _guests(controller):
    return [guest for guest in GUESTS if ONLY.get(guest) in (None, controller)]


def _boots(controller):
    """The guests, side by side where a machine has cores for them: each into the first boot that has room."""
    boots = []
    for guest in _guests(controller):
        room = [boot for boot in boots if sum(GUESTS[other] for other in boot) + GUESTS[guest] <= CORES]
        if not room:
            boots.append([])
        (room or boots[-1:])[0].append(guest)
    return boots


BULKHEAD_RUNS = [(controller, guests, cpu) for controller in BOARDS for cpu in CPUS for guests in _boots(controller)]
BARE_RUNS = [(guest, controller, cpu) for controller in BARE for cpu in CPUS for guest in _guests(controller)
             if cpu in ALL_RUN_ON or guest in OF_THE_CORE]


def _judge_all(console, vcpus, words):
    """Every partition of a boot; vcpus: name -> how many, the names are the guests'."""
    wrong = []
    for guest in vcpus:
        partition = console.partition(guest)
        try:
            judge(partition.output, guest, words)
            assert partition.ended == "off"
        except AssertionError as failure:
            wrong.append(f"{guest}: {failure}")
    assert not wrong, "\n".join(wrong)
    assert console.status == 0


@pytest.mark.parametrize("controller, guests, cpu", BULKHEAD_RUNS,
                         ids=lambda each: each if isinstance(each, str) else "+".join(each))
def test_under_bulkhead(lab, controller, guests, cpu):
    vcpus = {guest: GUESTS[guest] for guest in guests}
    console = lab.boot(lab.describe(*((guest, count, f"{guest}.bin") for guest, count in vcpus.items())), timeout=30,
                       cpu=cpu, cpus=sum(vcpus.values()), board=BOARDS[controller])
    _judge_all(console, vcpus, ["bulkhead", controller, cpu])


@pytest.mark.parametrize("guest, controller, cpu", BARE_RUNS)
def test_on_the_bare_board(guest, controller, cpu):
    machine = Machine(BUILD / f"guests/{guest}.bin", cpus=GUESTS[guest], memory=64, cpu=cpu, board=BARE[controller])
    with Run(machine) as run:
        lines = list(run.lines(30))
    print("\n".join(lines))
    judge(lines, guest, ["board", controller, cpu])


@pytest.mark.parametrize("vcpus", [2, 8])
@pytest.mark.parametrize("guest, controller", [("smp", "gicv2"), ("smp", "gicv3"), ("gicv2_smp", "gicv2"),
                                               ("gic_route", "gicv3"), ("gic_sgi", "gicv3"), ("gic_storm", "gicv2"),
                                               ("gic_storm", "gicv3")])
def test_cores_in_one_partition(lab, guest, controller, vcpus):
    console = lab.boot(lab.describe((guest, vcpus, f"{guest}.bin")), cpus=vcpus, board=BOARDS[controller])
    _judge_all(console, {guest: vcpus}, ["bulkhead", controller])


def test_eight_partitions(lab):
    names = [f"p{number}" for number in range(8)]
    console = lab.boot(lab.describe(*((name, 1, "hello.bin", name) for name in names)), cpus=8)
    for name in names:
        assert console.partitions[name].find(f"hello from EL1, args: {name}$")
        assert console.partitions[name].ended == "off"
