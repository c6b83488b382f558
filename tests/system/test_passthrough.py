# SPDX-License-Identifier: BSD-2-Clause
"""Guests with devices of the machine: registers, interrupts and trees, whatever the neighbours do."""
import json
import re
import subprocess

import pytest
from bulkheadlib.boards import BOARDS
from bulkheadlib.places import ROOT
from bulkheadlib.qemu import Machine, Run
from conftest import BUILD
from test_guests import BARE, judge

RTC = """/dts-v1/; / {
    #address-cells = <2>; #size-cells = <2>;
    gic: gic { #interrupt-cells = <3>; interrupt-controller; };
    aliases { rtc0 = "/passthrough/rtc@%(guest)x"; };
    passthrough {
        compatible = "simple-bus"; #address-cells = <2>; #size-cells = <1>; ranges;
        rtc@%(guest)x {
            compatible = "arm,pl031", "arm,primecell"; reg = <0 %(guest)#x 0x1000>;
            interrupt-parent = <&gic>; interrupts = <0 2 4>;
            xen,path = "/pl031@9010000"; xen,reg = <0 0x9010000 0x1000 0 %(guest)#x>;
        };
    };
};
"""
RTC_AT = f"at={0x9010000} intid=34"
MODULE = 'devices { compatible = "multiboot,device-tree", "multiboot,module"; bulkhead,file = "%s"; };'


def compile_tree(lab, name, text):
    """A passthrough tree for `bulkhead,file`."""
    path = lab.folder / f"{name}.dtb"
    subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", path, "-"], input=text, text=True, check=True)
    return path


def describe(lab, owner, tree, *domains, options=""):
    """Domains as Lab.describe takes them, of which one has the devices of that tree."""
    path = lab.describe(*domains)
    text, count = re.subn(rf"(^ ?{owner} {{.*?vpl011;)( bulkhead,on-reset = \"stop\";)", rf"\1 {options or ' '}",
                          path.read_text().replace("{ chosen {", "{ chosen {\n"), flags=re.MULTILINE | re.DOTALL)
    assert count == 1
    head, rest = text.split(f"{owner} {{", 1)
    at = rest.index("kernel {")
    path.write_text(f"{head}{owner} {{{rest[:at]}{MODULE % tree}\n{rest[at:]}")
    return path


def ends(console, *names):
    for name in names:
        assert console.partitions[name].ended == "off", name
    assert console.status == 0


@pytest.mark.parametrize("board", BOARDS)
def test_a_clock_of_its_own(lab, board):
    """Where the tree says, which is not where the machine has it; a neighbour finds nothing there and gets no interrupt."""
    tree = compile_tree(lab, "rtc", RTC % {"guest": 0xc010000})
    console = lab.boot(describe(lab, "rtc", tree, ("rtc", 3, "rtc.bin"), ("neighbour", 1, "stranger.bin", f"rounds=10 {RTC_AT}")),
                       cpus=4, board=board)
    judge(console.partitions["rtc"].output)
    ends(console, "rtc", "neighbour")


@pytest.mark.parametrize("controller", BARE)
def test_as_on_the_bare_board(controller):
    with Run(Machine(BUILD / "guests/rtc.bin", cpus=3, memory=64, board=BARE[controller])) as run:
        judge(list(run.lines(30)))


@pytest.mark.parametrize("board", BOARDS)
def test_begun_anew(lab, board):
    """Each life ends with the interrupt raised, enabled and in hand; the next one finds it raised only."""
    tree = compile_tree(lab, "rtc", RTC % {"guest": 0x9010000})
    console = lab.boot(describe(lab, "rtc", tree, ("rtc", 1, "rtc.bin", "lives=4"),
                                options='bulkhead,on-reset = "restart";'), cpus=1, board=board)
    said = console.partitions["rtc"].output
    assert sum(bool(re.match(r"ok \d+ - life", line)) for line in said) == 4 + 3 + 1, said
    assert not any(line.startswith("not ok") for line in said), said
    ends(console, "rtc")


@pytest.mark.parametrize("board", BOARDS)
def test_a_storm(lab, board):
    """An interrupt whose cause stays is taken again and again, by its own partition."""
    tree = compile_tree(lab, "rtc", RTC % {"guest": 0x9010000})
    console = lab.boot(describe(lab, "rtc", tree, ("rtc", 1, "rtc.bin", "storm=500"),
                                ("neighbour", 1, "stranger.bin", f"rounds=40 {RTC_AT}")), cpus=2, board=board)
    judge(console.partitions["rtc"].output)
    ends(console, "rtc", "neighbour")


def test_the_checker_tells_them():
    done = subprocess.run([ROOT / "tools/bulkhead", "check", "--json", ROOT / "config/devices.dts"], capture_output=True,
                          text=True, check=True)
    clock, = json.loads(done.stdout)["plan"]["partitions"]
    assert clock["devices"] == [{
        "name": "pl031@9010000", "path": "/pl031@9010000",
        "ranges": [{"host": 0x9010000, "guest": 0x9010000, "size": 0x1000}],
        "interrupts": [{"physical": 34, "virtual": 34, "edge": False}], "dma": False}]
    assert {"base": 0x9010000, "size": 0x1000, "kind": "device", "name": "pl031@9010000", "host": 0x9010000} \
        in clock["regions"]


def test_by_name(lab):
    """The guest's node is the machine's, where nobody has written one."""
    path = lab.describe(("rtc", 2, "rtc.bin"), ("neighbour", 1, "stranger.bin", f"rounds=10 {RTC_AT}"))
    path.write_text(path.read_text().replace("rtc {", 'rtc { bulkhead,device-paths = "/pl031@9010000";', 1))
    console = lab.boot(path, cpus=3)
    judge(console.partitions["rtc"].output)
    ends(console, "rtc", "neighbour")
