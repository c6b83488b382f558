# SPDX-License-Identifier: BSD-2-Clause
"""Doorbells: event channels between guests, by HVC and by the page."""
import pytest
from bulkheadlib.boards import BOARDS
from test_guests import judge

DOMAIN = """{name} {{ compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; vpl011; bulkhead,on-reset = "stop"; {more}
    kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "{file}"; bootargs = "{args}"; }};
    {channels} }};
"""
CHANNEL = 'bell-{own} {{ compatible = "xen,evtchn-v1"; xen,evtchn = <{port} &{peer}>; {more} }};'


def channel(own, port, peer, more=""):
    """An end of a channel; its label is the same as its name."""
    return f"{own}: {CHANNEL.format(own=own, port=port, peer=peer, more=more)}"


def describe(lab, *domains):
    """Each (name, file, bootargs, ends of channels[, more properties])."""
    text = "".join(DOMAIN.format(name=name, file=file, args=args, channels="".join(channels), more="".join(more))
                   for name, file, args, channels, *more in domains)
    path = lab.folder / "doorbells.dts"
    path.write_text(f"/dts-v1/; / {{ chosen {{ {text} }}; }};")
    return path


@pytest.mark.parametrize("board", BOARDS)
def test_by_turns(lab, board):
    """Two ring each other by turns, by HVC and by the page, and find no other doorbell."""
    console = lab.boot(describe(lab, ("one", "bells.bin", "first=1", [channel("a", 7, "b")]),
                                ("two", "bells.bin", "", [channel("b", 9, "a")]), ("other", "hello.bin", "", [])),
                       cpus=3, board=board)
    for name in "one", "two":
        judge(console.partitions[name].output)
    assert console.status == 0
