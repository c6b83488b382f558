# SPDX-License-Identifier: BSD-2-Clause
"""Kernels that stay where the boot loader put them: their pages are their guest's RAM, and there is no other copy."""
import struct

import proofs
import pytest
import walks
from bulkheadlib.boards import BOARDS
from conftest import BUILD, Lab
from held import PAGE, RAM, Held

BASE = 0x46000000  # where the RAM of the guest in place begins
DOMAIN = """{name} {{ compatible = "xen,domain"; memory = <0 {memory:#x}>; cpus = <1>; vpl011;
    bulkhead,policy = "{policy}"; bulkhead,on-reset = "{reset}";
    kernel {{ compatible = "multiboot,kernel", "multiboot,module"; reg = <0 {host:#x} {size:#x}>; bootargs = "{args}"; }};
    {ramdisk} }};"""
OTHER = """other { compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; vpl011;
    kernel { compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "flash.bin"; }; };"""
RAMDISK = 'ramdisk {{ compatible = "multiboot,ramdisk", "multiboot,module"; bulkhead,file = "{}"; }};'
# Once in its life it may find this word of its own image as it was loaded: it changes it, resets itself if it has not
# yet (BH_GUEST_STATE), and then ends. What finds it changed fails (BH_GUEST_CRASH).
ONCE = struct.pack("<20I", *[
    0x10000268,  # start: adr x8, word
    0xb9400109,  # ldr w9, [x8]
    0x350001c9,  # cbnz w9, wrong
    0x52800029,  # mov w9, #0x1
    0xb9000109,  # str w9, [x8]
    0x52802020,  # mov w0, #0x101
    0x72b8c000,  # movk w0, #0xc600, lsl #16
    0xd4000002,  # hvc #0
    0xd360fc21,  # lsr x1, x1, #32
    0x35000081,  # cbnz w1, off
    0x52800120,  # mov w0, #0x9
    0x72b08000,  # movk w0, #0x8400, lsl #16
    0xd4000002,  # hvc #0
    0x52800100,  # off: mov w0, #0x8
    0x72b08000,  # movk w0, #0x8400, lsl #16
    0xd4000002,  # hvc #0
    0x52802000,  # wrong: mov w0, #0x100
    0x72b8c000,  # movk w0, #0xc600, lsl #16
    0xd4000002,  # hvc #0
    0x00000000,  # word: .word 0x00000000
])


def describe(lab, host, size, policy="zero-copy", reset="stop", memory=0x4000, args="", ramdisk="", more=OTHER):
    path = lab.folder / "system.dts"
    path.write_text("/dts-v1/; / { chosen { " + DOMAIN.format(
        name="still", memory=memory, policy=policy, reset=reset, host=host, size=size, args=args,
        ramdisk=RAMDISK.format(ramdisk) if ramdisk else "") + more + " }; };")
    return path


def snapshot(folder, policy, module):
    """A raw binary at 512 KiB behind a multiple of 2 MiB."""
    lab = Lab(folder, None)
    image = lab.pack(describe(lab, BASE + 0x80000, len(module), policy))
    with Held(image, 2, 128) as held:
        image.unlink()
        held.write(BASE + 0x80000, module)
        yield proofs.Snapshot(held, BUILD / BOARDS["qemu-virt"].kernel("kernel.elf"))


@pytest.fixture(scope="module")
def module():
    """A kernel with something at its end to know it by, that ends within a page."""
    binary = (BUILD / "guests/hello.bin").read_bytes()
    return binary + b"\xc3" * (-len(binary) % PAGE) + b"the end of a kernel" * 400


@pytest.fixture(scope="module")
def still(tmp_path_factory, module):
    yield from snapshot(tmp_path_factory.mktemp("still"), "zero-copy", module)


@pytest.fixture(scope="module")
def copied(tmp_path_factory, module):
    yield from snapshot(tmp_path_factory.mktemp("copied"), "first-fit", module)


def pages_of(module):
    return [module[at:at + PAGE] for at in range(0, len(module) - PAGE, PAGE)]


def occurrences(machine, page):
    return [at for at, _ in machine.held.pages(lambda other: other == page)]


def guest_space(machine, index):
    vtcr = next(iter(machine.cores.values()))["VTCR_EL2"]
    return list(walks.stage2(machine.held.read, machine.root(1 + 3 * index), vtcr))


def test_its_pages_are_its_ram(still, module):
    """Each address of the RAM leads where the boot loader's file begins or goes on, and there is no gap."""
    ram = [leaf for leaf in guest_space(still, 0) if RAM <= leaf.at < RAM + (16 << 20)]
    assert sum(leaf.size for leaf in ram) == 16 << 20
    assert all(leaf.to - BASE == leaf.at - RAM for leaf in ram), "it has other RAM"
    assert all(walks.s2_write(leaf) and walks.s2_exec(leaf) for leaf in ram)
    assert still.held.read(BASE + 0x80000, len(module)) == module


def test_nothing_was_copied(still, copied, module):
    """The whole machine has each of its pages once; copied, twice."""
    for at, page in enumerate(pages_of(module)):
        assert occurrences(still, page) == [BASE + 0x80000 + at * PAGE], "there is a copy"
        assert len(occurrences(copied, page)) == 2


def test_what_is_around_it_is_clean(still, module):
    """Before it, behind it, and between its last byte and the end of its page; but for tree and configuration."""
    end = BASE + 0x80000 + len(module)
    tree = 14 << 20  # in the last 2 MiB
    assert not any(still.held.read(BASE, 0x80000)), "something is before it"
    assert not any(still.held.read(end, BASE + tree - end)), "something is behind it"


@pytest.mark.parametrize("proof", proofs.PROOFS, ids=lambda proof: proof.__name__)
def test_proofs_hold(still, proof):
    proof(still)


def test_what_begins_anew_is_copied(lab):
    """It finds its kernel as the boot loader has left it, each time."""
    file, host = lab.folder / "once", BASE + 0x80000
    file.write_bytes(ONCE)
    console = lab.boot(describe(lab, host, len(ONCE), reset="restart", more=""), cpus=1,
                       extra=["-device", f"loader,file={file},addr={host:#x},force-raw=on"])
    assert console.partitions["still"].ended == "off", "it has found what it left in its kernel"
    assert console.find("still ended reset")
    assert console.find("is copied: its resets begin anew")
