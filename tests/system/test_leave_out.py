# SPDX-License-Identifier: BSD-2-Clause
"""A bad domain that is left out: the others run to their ends, and nothing of it is anybody's."""
import gzip

import proofs
import pytest
from conftest import BUILD, Lab
from held import Held

DOMAIN = """{name} {{
    compatible = "xen,domain"; memory = <0 {memory}>; cpus = <1>; vpl011;
    kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "{file}"; {more} }};
}};
"""
MARK = bytes(range(0x80, 0xa0))  # no text, which would be no kernel


def describe(lab, policy, *domains):
    """domains: (name, KiB, file, the kernel's properties)."""
    hello = (BUILD / "guests/hello.bin").read_bytes()
    (lab.folder / "packed").write_bytes(gzip.compress(hello, mtime=0))
    (lab.folder / "cut").write_bytes(gzip.compress(bytes(range(256)) * 512, mtime=0)[:-20])
    (lab.folder / "marked").write_bytes(MARK * 0x400)
    text = "".join(DOMAIN.format(name=name, memory=memory, file=file, more=more) for name, memory, file, more in domains)
    path = lab.folder / "leave.dts"
    path.write_text(f'/dts-v1/; / {{ chosen {{ bulkhead,on-bad-domain = "{policy}"; {text} }}; }};')
    return path


def test_others_run(lab):
    """One kernel is no kernel when it is unpacked, one domain is too small; both kernels were read before."""
    console = lab.boot(describe(lab, "leave-out", ("one", 0x4000, "packed", ""), ("cut", 0x4000, "cut", ""),
                                ("small", 4, "marked", ""), ("two", 0x4000, "packed", ""),
                                ("three", 0x4000, "hello.bin", "")))
    assert len(console.find("partmgr: error: ")) == 2
    assert console.find("partmgr: left out: ") == ["partmgr: left out: cut", "partmgr: left out: small"]
    assert sorted(console.partitions) == ["one", "three", "two"]
    assert {partition.ended for partition in console.partitions.values()} == {"off"}
    assert console.status == 0


def test_halt_starts_nobody(lab):
    console = lab.boot(describe(lab, "halt", ("one", 0x4000, "hello.bin", ""), ("small", 4, "marked", "")),
                       until="nothing started")
    assert len(console.find("partmgr: error: ")) == 1
    assert not console.find("partmgr: left out: ") and not console.partitions


@pytest.fixture(scope="module")
def without(tmp_path_factory):
    """A system without its bad domain, at its first guest instruction."""
    lab = Lab(tmp_path_factory.mktemp("without"), None)
    image = lab.pack(describe(lab, "leave-out", ("one", 0x4000, "hello.bin", ""), ("small", 4, "marked", ""),
                              ("two", 0x4000, "hello.bin", "")))
    with Held(image, 2, 128) as held:
        image.unlink()
        yield proofs.Snapshot(held, BUILD / "kernel.elf", 60)


@pytest.mark.parametrize("proof", proofs.PROOFS, ids=lambda proof: proof.__name__)
def test_proofs_hold(without, proof):
    proof(without)


def test_its_memory_is_nobodys(without):
    kernel = [at for at, page in without.held.loaded.items() if page.startswith(MARK)]
    assert kernel
    spaces = list(without.spaces())
    assert {partition for _name, partition, _space, _leaf in spaces} == {0, 1}
    reached = [str(leaf) for _name, _partition, _space, leaf in spaces for at in kernel
               if leaf.touches(at, at + 0x1000)]
    assert not reached
