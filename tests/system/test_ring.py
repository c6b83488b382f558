# SPDX-License-Identifier: BSD-2-Clause
"""Messages between partitions by the ring library: a million through three partitions, Linux among them, none lost and
none torn, with a hostile peer beside and one that begins anew."""
import re
import subprocess
import sys

import pytest
from bulkheadlib import guests, newer
from bulkheadlib.boards import BOARDS
from bulkheadlib.places import ROOT
from conftest import BUILD
from test_guests import judge

sys.path.append(str(ROOT / "tools/cmake"))
import check_ring  # noqa: E402

DOMAIN = """{name} {{
    compatible = "xen,domain"; memory = <0 {memory}>; cpus = <1>; vpl011; {more}
    kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "{file}"; bootargs = "{args}"; }};
    {nodes}
}};
"""
AREA = """{id} {{
    compatible = "xen,domain-shared-memory-v1"; xen,shm-id = "{id}"; role = "{role}";
    xen,shared-mem = <0 {guest:#x} 0x4000>;
}};
"""
CHANNEL = '{here}_{peer}: to-{peer} {{ compatible = "xen,evtchn-v1"; xen,evtchn = <{port} &{peer}_{here}>; {notify} }};\n'

# Areas, numbered as tests/guests/ring.c wants them, and who does what there; one holds a ring, or one side's part.
AREAS = {
    "front-back": {"front": "owner", "back": "borrower"},
    "back-third": {"back": "owner", "third": "reader"},
    "third-back": {"third": "owner", "back": "reader"},
    "third-front": {"third": "owner", "front": "borrower"},
    "bad-front": {"bad": "owner", "front": "borrower"},
}
PEERS = {"front": ["back", "third", "bad"], "back": ["front", "third"], "third": ["back", "front"], "bad": ["front"]}
ARGUMENTS = {
    "front": "out=0 out_bell=0 in=3 in_bell=1",
    "back": "in=0 in_bell=0 out=1 out_head=2 out_bell=1",
    "third": "in=1 in_head=2 in_bell=0 out=3 out_bell=1",
    "bad": "hostile=1 out=4 out_bell=0",
}
RELAY = "-- relay back back-third:third-back front third-front"
TOTAL = re.compile(r"(?:bulk)?ring: (\d+) sent, (\d+) received, (\d+) lost, (\d+) torn, (\d+) odd")
HOSTILE = re.compile(r"ring: hostile: (\d+) taken, (\d+) new, (\d+) mismatches, (\d+) nonsense")
PEER = re.compile(r"(?:bulk)?ring: peers began (\d+) and (\d+) times; (\d+) doorbells rung, (\d+) heard")


def domain(name, names, args="", file="ring.bin", memory=0x1000, more="", notify="", nodes=""):
    nodes += "".join(AREA.format(id=area, role=roles[name], guest=0x70000000 + number * 0x100000)
                     for number, (area, roles) in enumerate(AREAS.items()) if {name, *names} >= set(roles) and name in roles)
    nodes += "".join(CHANNEL.format(here=name, peer=peer, port=port, notify=notify)
                     for port, peer in enumerate(PEERS[name], 1) if peer in names)
    return DOMAIN.format(name=name, memory=memory, more=more, file=file, args=args, nodes=nodes)


def bare(name, names, args="", more=""):
    return domain(name, names, f"{ARGUMENTS[name]} {args}", more=more)


def linux(name, names, args="", files="initramfs-channels", notify='bulkhead,notify = "gpio";'):
    ramdisk = f'ramdisk {{ compatible = "multiboot,ramdisk", "multiboot,module"; bulkhead,file = "{files}"; }};'
    return domain(name, names, f"console=ttyAMA0 loglevel=4 panic=-1 {args}", file="linux", memory=0x20000, notify=notify,
                  nodes=ramdisk)


def describe(lab, *domains):
    path = lab.folder / "ring.dts"
    path.write_text(f"/dts-v1/; / {{ chosen {{ {''.join(domains)} }}; }};")
    return path


def found(pattern, console, name):
    text = "\n".join(console.partitions[name].output)
    match = pattern.search(text)
    assert match, f"{name} has no report"
    return [int(number) for number in match.groups()]


CIRCLE = ("front", "back", "third")


@pytest.mark.parametrize("board", BOARDS)
def test_circle_of_bare_metal(lab, board):
    """On Device memory and on Normal Non-cacheable, by a ring in one area and by one in two."""
    count = 30000
    console = lab.boot(describe(lab, bare("front", CIRCLE, f"source={count} caches=1"), bare("back", CIRCLE),
                                bare("third", CIRCLE)), cpus=3, board=board)
    judge(console.partitions["front"].output)
    assert found(TOTAL, console, "front") == [count + 1, count, 0, 0, 0]
    for name in ("back", "third"):
        assert found(TOTAL, console, name) == [count + 1, count + 1, 0, 0, 0]
    for name in CIRCLE:
        new_in, new_out, rung, heard = found(PEER, console, name)
        assert (new_in, new_out) == (1, 1) and rung and heard


def test_a_hostile_peer_beside(lab):
    """It scribbles over its own ring to the source, and rings all day: the circle's messages do not suffer."""
    count = 50000
    names = (*CIRCLE, "bad")
    console = lab.boot(describe(lab, bare("front", names, f"source={count} look=4"), bare("back", names), bare("third", names),
                                bare("bad", names, more="bulkhead,stays;")), cpus=4)
    judge(console.partitions["front"].output)
    assert found(TOTAL, console, "front") == [count + 1, count, 0, 0, 0]
    taken, new, _mismatches, nonsense = found(HOSTILE, console, "front")
    assert taken and new and nonsense


@pytest.mark.parametrize("who, begun", [("back", {"front": [1, 4], "third": [4, 1]}),
                                        ("front", {"back": [4, 1], "third": [1, 4]})])
def test_a_peer_that_begins_anew(lab, who, begun):
    """One that passes on, or the source, three times: its peers see each generation, and all messages arrive."""
    count = 30000
    arguments = {"front": f"source={count}"}
    arguments[who] = arguments.get(who, "") + " reset=5000 times=3"
    more = {who: "bulkhead,restart-budget = <9 60>;"}
    console = lab.boot(describe(lab, *(bare(name, CIRCLE, arguments.get(name, ""), more.get(name, "")) for name in CIRCLE)),
                       cpus=3)
    judge(console.partitions["front"].output)
    assert found(TOTAL, console, "front") == [count + 1, count, 0, 0, 0]
    for name, times in begun.items():
        assert found(PEER, console, name)[:2] == times


def test_circle_where_device_memory_needs_alignment(lab):
    """A newer QEMU aborts unaligned accesses to Device memory, as silicon does."""
    count = 30000
    console = lab.boot(describe(lab, bare("front", CIRCLE, f"source={count} caches=1"), bare("back", CIRCLE, "device=1"),
                                bare("third", CIRCLE, "device=1")), cpus=3, program=newer.QEMU)
    for name in CIRCLE:
        judge(console.partitions[name].output)
    assert found(TOTAL, console, "front") == [count + 1, count, 0, 0, 0]


@pytest.mark.parametrize("count, machine", [(333333, {}), (50000, {"program": newer.QEMU})], ids=["qemu", "newer-qemu"])
def test_a_million_messages(lab, count, machine):
    """A third of them from each of two bare-metal partitions and one with Linux, which has the areas as Device memory by
    /dev/mem, beside the hostile one. On a newer QEMU fewer."""
    names = (*CIRCLE, "bad")
    console = lab.boot(describe(lab, bare("front", names, f"source={count} look=4 caches=1"), bare("back", names),
                                linux("third", names, RELAY), bare("bad", names, more="bulkhead,stays;")),
                       cpus=4, timeout=180, **machine)
    judge(console.partitions["front"].output)
    assert found(TOTAL, console, "front") == [count + 1, count, 0, 0, 0]
    for name in ("back", "third"):
        assert found(TOTAL, console, name) == [count + 1, count + 1, 0, 0, 0]
    for name in CIRCLE:
        new_in, new_out, rung, heard = found(PEER, console, name)
        assert (new_in, new_out) == (1, 1) and rung and heard
    assert console.partitions["third"].find("bulkring: done")
    assert sum(found(HOSTILE, console, "front"))


def test_the_example(lab):
    """config/channels.dts, with fewer messages."""
    path = lab.folder / "channels.dts"
    text = (ROOT / "config/channels.dts").read_text()
    assert "source=333333" in text
    path.write_text(text.replace("source=333333", "source=20000"))
    console = lab.boot(path, cpus=3, timeout=120)
    judge(console.partitions["source"].output)
    assert not console.find("warning")
    assert console.partitions["linux"].find("bulkring: done")
    assert console.partitions["linux"].find("channel 1 to source +rings by line 1 of the PL061")
    for name in ("middle-linux", "linux-middle", "linux-source"):
        assert console.partitions["linux"].find(f"memory {name} ")


def test_lines_from_linux_and_back(lab):
    """What send and receive do, and what they say of a mistake."""
    guests.initramfs(BUILD / "guests/initramfs-lines", ROOT / "tests/guests/linux/init-lines", [BUILD / "guests/bulkring"])
    console = lab.boot(describe(lab, linux("front", CIRCLE, files="initramfs-lines"),
                                *(bare(name, CIRCLE, more="bulkhead,stays;") for name in ("back", "third"))), cpus=3, timeout=120)
    said = console.partitions["front"].output
    assert [line for line in said if line.startswith("came: ")] == [
        "came: first", "came: second one", "came: " + "a line of more than thirty-two characters"[:31]]
    assert [line for line in said if line.startswith("ended")] == ["ended with 2"] * 3
    for text in ("nobody: no channel", "nothing: no shared memory", "usage: bulkring list"):
        assert console.partitions["front"].find(text)


def test_the_documents_code_compiles(tmp_path):
    blocks = re.findall(r"```c\n(.*?)```", (ROOT / "doc/channels.md").read_text(), re.DOTALL)
    assert blocks
    file = tmp_path / "example.c"
    for block in blocks:
        file.write_text("void ring_the_doorbell(void);\nvoid sleep_until_the_doorbell(void);\n" + block)
        subprocess.run(["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", f"-I{ROOT}/libcap/include", file],
                       check=True)


BAD = ["ldxr\tx0, [x1]", "stlxr\tw0, x1, [x2]", "casal\tx0, x1, [x2]", "ldaddal\tx0, x1, [x2]", "swpal\tx0, x1, [x2]",
       "ldrb\tw0, [x1]", "strh\tw0, [x1, #2]", "ldur\tx0, [x1, #4]", "str\tw0, [x1, #2]", "ldr\tq0, [x1]",
       "stp\tq0, q1, [x2]", "ldr\tx0, [x1, x2, lsl #2]", "ldr\tx0, [x1], #4", "ldrsw\tx0, [x1]", "prfm\tpldl1keep, [x0]"]
GOOD = ["ldr\tx0, [x1]", "ldar\tx0, [x1]", "stlr\tx1, [x0]", "str\tw0, [x1, #4]", "ldp\tx29, x30, [sp], #32",
        "str\tx3, [x1, x4, lsl #3]", "ldr\tx3, [x1], #8", "ldur\tx0, [x1, #-8]"]


def test_the_check_of_the_object_finds_each_kind(monkeypatch):
    monkeypatch.setattr(check_ring, "ORDERED", {})
    said = {line: list(check_ring.offenders(f"0 <f>:\n   4:\t{line}\n", [])) for line in BAD + GOOD}
    assert [line for line, found in said.items() if not found] == GOOD
    assert list(check_ring.offenders("", ["memcpy"])) == ["calls memcpy"]


@pytest.mark.parametrize("old, new, what", [
    ("__ATOMIC_SEQ_CST", "__ATOMIC_RELAXED", "no ldar"),
    ("for (uint32_t i = 0; i < side->words; i++)\n        __atomic_store_n(at + i, message[i], __ATOMIC_RELAXED);",
     "__builtin_memcpy(at, message, side->words * 8);", "calls memcpy"),
    ("side->index++;\n    side->idle = 0;\n    ring_publish(side); /* behind the message",
     "__atomic_fetch_add(&side->mine->state, 1, __ATOMIC_RELEASE); /* behind the message", "x"),
], ids=["no order", "memcpy", "read-modify-write"])
def test_the_check_of_the_object_stops_a_build(tmp_path, old, new, what):
    text = (ROOT / "libcap/ring/ring.c").read_text()
    assert old in text
    source, built = tmp_path / "ring.c", tmp_path / "ring.o"
    source.write_text(text.replace(old, new))
    subprocess.run(["aarch64-linux-gnu-gcc", "-O2", "-std=gnu11", "-mgeneral-regs-only", "-mno-outline-atomics", "-c", source, "-o",
                    built, f"-I{ROOT}/libcap/include"], check=True)
    done = subprocess.run([sys.executable, ROOT / "tools/cmake/check_ring.py", "aarch64-linux-gnu-objdump", built],
                          capture_output=True, text=True, check=False)
    assert done.returncode and what in done.stderr
