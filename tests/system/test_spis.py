# SPDX-License-Identifier: BSD-2-Clause
"""`nr_spis`: a guest has so many shared interrupts, whatever others have."""
import pytest
from differences import judge

DOMAIN = """{name} {{ compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; vpl011; {property}
    kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "spis.bin"; }}; }};"""
# domain -> nr_spis and the last INTID: whole registers of 32
SPIS = {"few": (2, 63), "usual": (None, 287), "all": (960, 991)}


@pytest.mark.parametrize("board", ["qemu-virt", "qemu-virt-gicv2"])
def test_each_has_as_many_as_it_asks_for(lab, tmp_path, board):
    path = tmp_path / "spis.dts"
    path.write_text("/dts-v1/; / { chosen { " + "".join(
        DOMAIN.format(name=name, property=f"nr_spis = <{count}>;" if count else "") for name, (count, _) in SPIS.items())
        + " }; };")
    console = lab.boot(path, cpus=3, board=board)
    for name, (_, last) in SPIS.items():
        judge(console.partitions[name].output)
        assert f"spis: the last one is INTID {last}" in console.partitions[name].output
