# SPDX-License-Identifier: BSD-2-Clause
"""Modules beside kernel and ramdisk: in the guest's RAM, and in its flash, which it cannot write."""
import struct

import pytest

# mov w0, #0x1234; ret; and a word at the end by which tests/guests/flash.c knows it
CODE = struct.pack("<II", 0x52824680, 0xd65f03c0)
MODULE = CODE.ljust(0x17fc, b"\x5a") + struct.pack("<I", 0x600df1a5)

# Switches its machine off if all is as it should be, else waits for ever.
FIRMWARE = [
    0x10000008,  # start: adr x8, start
    0xb5000168,  # cbnz x8, wait
    0xd2a80009,  # mov x9, #0x40000000
    0xcb000129,  # sub x9, x9, x0
    0xb5000109,  # cbnz x9, wait
    0xb940000a,  # ldr w10, [x0]
    0x180000eb,  # ldr w11, magic
    0x4b0b014a,  # sub w10, w10, w11
    0x3500008a,  # cbnz w10, wait
    0x52800100,  # mov w0, #8
    0x72b08000,  # movk w0, #0x8400, lsl #16: SYSTEM_OFF
    0xd4000002,  # hvc #0
    0x14000000,  # wait: b wait
    0xedfe0dd0,  # magic: of a device tree
]

DOMAIN = """{name} {{
    compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; vpl011;
    kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "{kernel}"; {load} }};
    {modules}
}};
"""
EXTRA = '{name} {{ compatible = "multiboot,module"; bulkhead,file = "module"; bulkhead,load = <{load:#x}>; }};'


def describe(lab, *domains):
    """domains: (name, kernel, properties of the kernel, {module: address})."""
    (lab.folder / "module").write_bytes(MODULE)
    text = "".join(DOMAIN.format(name=name, kernel=kernel, load=properties, modules="".join(
        EXTRA.format(name=module, load=load) for module, load in modules.items()))
        for name, kernel, properties, modules in domains)
    path = lab.folder / "modules.dts"
    path.write_text(f"/dts-v1/; / {{ chosen {{ {text} }}; }};")
    return path


@pytest.mark.parametrize("board", ["qemu-virt", "qemu-virt-gicv2"])
def test_flash_and_ram(lab, board):
    """Two partitions with the same module: neither changes it."""
    places = {"flash": 0x04000000, "copy": 0x40800004}
    console = lab.boot(describe(lab, ("one", "flash.bin", "", places), ("two", "flash.bin", "", places)), board=board)
    for name in ("one", "two"):
        output = console.partitions[name].output
        assert not [line for line in output if line.startswith("not ok")], name
        assert "1..7" in output
        assert console.partitions[name].ended == "off"


def test_firmware_starts_where_it_lies(lab):
    """A kernel in the flash is not loaded: it runs in place, and finds the tree at the start of the RAM."""
    (lab.folder / "firmware").write_bytes(struct.pack(f"<{len(FIRMWARE)}I", *FIRMWARE))
    console = lab.boot(describe(lab, ("firmware", "firmware", "bulkhead,load = <0>;", {})), timeout=20)
    assert console.partitions["firmware"].ended == "off"


def test_mistakes_start_nothing(lab):
    system = describe(lab,
                      ("fine", "hello.bin", "", {}),
                      ("tree", "hello.bin", "bulkhead,load = <0>;", {"a": 0x40001000}),
                      ("over", "hello.bin", "", {"a": 0x40080000}),
                      ("twice", "hello.bin", "", {"a": 0x1000, "b": 0x2000}),
                      ("odd", "hello.bin", "", {"a": 0x1004}),
                      ("behind", "hello.bin", "", {"a": 0x07fff000}),
                      ("away", "hello.bin", "", {"a": 0x09000000}),
                      ("many", "hello.bin", "", {name: 0x10000 * at for at, name in enumerate("abcde")}))
    console = lab.boot(system, until="nothing started", cpus=8)
    errors = {line.split("/chosen/")[1] for line in console.find("partmgr: error: /chosen/")}
    assert {error for error in errors if not error.startswith("over/")} == {
        "tree/a: bulkhead,load: 0x1800 bytes at 0x40001000 overlap the device tree, 0x10000 bytes at 0x40000000",
        "twice/b: bulkhead,load: 0x2000 bytes at 0x2000 overlap the module a, 0x2000 bytes at 0x1000",
        "odd/a: bulkhead,load: 0x1004 is no multiple of 4 KiB, as it must be in the flash",
        "behind/a: bulkhead,load: 0x1800 bytes at 0x7fff000 are not in its flash, 0x8000000 bytes at 0x0",
        "away/a: bulkhead,load: 0x1800 bytes at 0x9000000 are not in its RAM, 0x1000000 bytes at 0x40000000",
        "many/e: compatible: the domain has 4 modules beside kernel and ramdisk already",
    }
    assert [error for error in errors if error.startswith("over/a: bulkhead,load: 0x1800 bytes at 0x40080000 overlap the "
                                                          "kernel,")]
    assert not console.partitions
