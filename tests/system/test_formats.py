# SPDX-License-Identifier: BSD-2-Clause
"""The same guest in every format that a kernel may have, Debian's kernel compressed, and what is said of broken ones."""
import formats
import pytest
from bulkheadlib.places import GUESTS
from conftest import BUILD

DOMAIN = """{name} {{
    compatible = "xen,domain"; memory = <0 {memory}>; cpus = <1>; vpl011;
    kernel {{
        compatible = "multiboot,kernel", "multiboot,module";
        bulkhead,file = "{file}"; bootargs = "{args}"; {properties}
    }};
    {more}
}};
"""
RAMDISK = 'ramdisk { compatible = "multiboot,ramdisk", "multiboot,module"; bulkhead,file = "initramfs"; };'


@pytest.fixture(scope="module")
def hello():
    return (BUILD / "guests/hello.bin").read_bytes()


def describe(lab, domains, memory=16, args="one two", more=""):
    """A description of {name: (file's bytes, properties of the module)}."""
    text = ""
    for name, (data, properties) in domains.items():
        (lab.folder / f"{name}.krn").write_bytes(data)
        text += DOMAIN.format(name=name, file=f"{name}.krn", properties=properties, memory=memory << 10, args=args,
                              more=more)
    path = lab.folder / "formats.dts"
    path.write_text(f"/dts-v1/; / {{ chosen {{ {text} }}; }};")
    return path


def test_a_guest_in_every_format(lab, hello):
    domains = formats.good(hello)
    console = lab.boot(describe(lab, domains), cpus=8, memory=512)
    assert set(console.partitions) == set(domains)
    for partition in console.partitions.values():
        assert partition.find("hello from EL1, args: one two"), partition.name
        assert partition.ended == "off"
    assert console.status == 0


def test_one_file_for_two(lab, hello):
    """Unpacked once, and loaded by two; and a uImage that leaves the place to the Image in it."""
    packed = formats.pack(formats.image(hello))
    inner = formats.uimage(formats.image(hello), load=0, entry=0)
    console = lab.boot(describe(lab, {"one": (packed, ""), "two": (packed, ""), "three": (inner, "")}))
    for name in ("one", "two", "three"):
        assert console.partitions[name].find("hello from EL1"), name


def test_debians_kernel_compressed(lab):
    packed = formats.pack((GUESTS / "linux").read_bytes())
    console = lab.boot(describe(lab, {"linux": (packed, "")}, 256, "console=ttyAMA0", RAMDISK), 300)
    assert console.partitions["linux"].find("bulkhead-guest: user space reached, 1 cpus")
    assert console.status == 0


@pytest.mark.parametrize("half", [0, 1])
def test_broken_kernels_start_nothing(lab, hello, half):
    """Every one has its error, which names the module and the reason; the good domain does not start either."""
    cases = dict(list(formats.broken(hello, (GUESTS / "linux").read_bytes()).items())[half::2])
    domains = {name: (data, properties) for name, (data, properties, _reason) in cases.items()}
    console = lab.boot(describe(lab, {"fine": (hello, ""), **domains}), until="nothing started", cpus=8)
    errors = [line for line in console.find("partmgr: error: ") if ": cpus: wants " not in line]
    assert sorted(errors) == sorted(f"partmgr: error: /chosen/{name}/kernel: bulkhead,image: {reason}"
                                    for name, (_data, _properties, reason) in cases.items())
    assert not console.partitions
