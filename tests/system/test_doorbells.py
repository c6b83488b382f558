# SPDX-License-Identifier: BSD-2-Clause
"""Doorbells: event channels between guests, by HVC and by the page."""
import pytest
from test_guests import judge

DOMAIN = """{name} {{ compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; vpl011; {more}
    kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "{file}"; bootargs = "{args}"; }};
    {channels} }};
"""
SHARED = """area {{ compatible = "xen,domain-shared-memory-v1"; xen,shm-id = "area"; xen,shared-mem = <0 0x70000000 0x1000>;
    role = "{role}"; }};"""
GPIO = 'bulkhead,notify = "gpio";'
CHANNEL = 'bell-{own} {{ compatible = "xen,evtchn-v1"; xen,evtchn = <{port} &{peer}>; {more} }};'


def channel(own, port, peer, more=""):
    """An end of a channel; its label is the same as its name."""
    return f"{own}: {CHANNEL.format(own=own, port=port, peer=peer, more=more)}"


def describe(lab, *domains):
    """Each (name, file, bootargs, ends of channels[, more properties])."""
    text = "".join(DOMAIN.format(name=name, file=file, args=args, channels="".join(channels),
                                 more="".join(more) or 'bulkhead,on-reset = "stop";')
                   for name, file, args, channels, *more in domains)
    path = lab.folder / "doorbells.dts"
    path.write_text(f"/dts-v1/; / {{ chosen {{ {text} }}; }};")
    return path


def take_turns(lab, board):
    """Two ring each other by turns, by HVC and by the page, and find no other doorbell. One is told by a PL061."""
    console = lab.boot(describe(lab, ("one", "bells.bin", "first=1", [channel("a", 7, "b", GPIO)]),
                                ("two", "bells.bin", "", [channel("b", 9, "a")]), ("other", "hello.bin", "", [])),
                       cpus=3, board=board)
    for name in "one", "two":
        judge(console.partitions[name].output)
    assert console.status == 0


def storm(lab, board, notify):
    """Who is rung all day and does not want it is not disturbed; and rings while one is pending are one interrupt."""
    controls = "bulkhead,controls = <&victim>;"
    console = lab.boot(describe(
        lab, ("victim: victim", "bells_storm.bin", "", [channel("a", 1, "b", notify), SHARED.format(role="owner")]),
        ("peer", "bells_storm.bin", f"peer=1 gpio={int(bool(notify))}",
         [channel("b", 1, "a"), SHARED.format(role="borrower")], controls)),
        cpus=2, board=board)
    for name in "victim", "peer":
        judge(console.partitions[name].output)
    assert console.status == 0


def test_by_turns_on_gicv2(lab):
    take_turns(lab, "qemu-virt-gicv2")


@pytest.mark.parametrize("board, notify", [("qemu-virt", GPIO), ("qemu-virt-gicv2", ""), ("qemu-virt-gicv2", GPIO)],
                         ids=["gicv3-gpio", "gicv2-interrupt", "gicv2-gpio"])
def test_storm(lab, board, notify):
    storm(lab, board, notify)


def test_restart(lab):
    """What had rung a partition that begins anew is gone; its peer goes on, and each rings the other as before."""
    console = lab.boot(describe(
        lab, ("again", "bells_again.bin", "", [channel("a", 1, "b")], 'bulkhead,on-reset = "restart";'),
        ("peer", "bells_again.bin", "peer=1", [channel("b", 1, "a")])), cpus=2)
    output = console.partitions["again"].output
    assert "# first life: rung, and again" in output
    judge([line for line in output if not line.startswith("# first life")])
    judge(console.partitions["peer"].output)
    assert console.status == 0


def test_rate(lab):
    """Instructions would take it a tenth of the time that it is made to wait."""
    console = lab.boot(describe(lab, ("rings", "bells_rate.bin", "", [channel("a", 1, "b"), channel("b", 2, "a")])),
                       cpus=1, icount=0)
    judge(console.partitions["rings"].output)
    assert console.status == 0
