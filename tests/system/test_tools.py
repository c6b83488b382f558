# SPDX-License-Identifier: BSD-2-Clause
"""The tools themselves: the packer, the console's reader, the judge of the demo, the check of FP registers."""
import contextlib
import gzip
import os
import struct
import subprocess
import sys
import time

import pytest
from bulkheadlib import bundle, cpio, demo
from bulkheadlib.console import Console
from bulkheadlib.places import ROOT
from bulkheadlib.qemu import Machine, Run, Timeout
from bulkheadlib.say import Failure
from conftest import BUILD
from terminal import Terminal

GOOD = """linux-a started cores=2 memory=256M at=1000us
linux-b started cores=1 memory=256M at=900us
control started cores=1 memory=16M at=800us
[linux-a] bulkhead-guest: user space reached, 2 cpus
[linux-b] bulkhead-guest: user space reached, 1 cpus
linux-a ended off at=2000us
linux-b ended off at=2100us
[control] control: 30000 periods, 0 missed, worst latency 9 us
control ended off at=3000us"""


def judge(text, status=0):
    console = Console()
    for line in text.splitlines():
        console.feed(line)
    return demo.failures(console, status)


def test_judge_accepts_the_good_demo():
    assert judge(GOOD) == []


@pytest.mark.parametrize("old, new", [
    ("[linux-a] bulkhead-guest: user space reached, 2 cpus\n", ""), ("reached, 2 cpus", "reached, 1 cpus"),
    ("[control] control: 30000", "[control] control: 0"), ("linux-b ended off at=2100us\n", ""),
    ("linux-b ended off", "linux-b ended reset"), ("control ended off at=3000us", "control ended off at=2050us"),
    ("[control] control: 30000", "[linux-a] control: 30000"),
])
def test_judge_refuses_others(old, new):
    assert old in GOOD
    assert judge(GOOD.replace(old, new))


def test_judge_refuses_a_failed_qemu():
    assert judge(GOOD, status=1)


class Silent:
    """In a machine's place: says a line, then nothing."""
    keyboard = False

    def command(self):
        return ["sh", "-c", "echo up; exec sleep 60"]


@pytest.mark.parametrize("waited", [0, 1])
def test_waiting_for_a_processor_is_no_time(monkeypatch, waited):
    monkeypatch.setattr(Run, "_waited", lambda self: waited)
    start = time.monotonic()
    with Run(Silent()) as run, pytest.raises(Timeout):
        for line in run.lines(0.5):
            assert line == "up"
    assert 0.5 + waited <= time.monotonic() - start


class Echo:
    """In a machine's place: says what is typed."""
    keyboard = True

    def command(self):
        return ["sh", "-c", "printf '=> '; while read -r line; do printf 'you said %s\\r\\n=> ' \"$line\"; done; exit 3"]


def test_typing_at_a_machine():
    with Run(Echo()) as run:
        terminal = Terminal(run)
        terminal.expect("^=> $", 30)  # no line end comes
        terminal.type("one\ntwo\n")
        assert terminal.expect("you said (.*)\n", 30)[1] == "one"
        assert terminal.expect("said (.*)\n=> $", 30)[1] == "two"
        with pytest.raises(AssertionError, match="'said' does not come: ''"):
            terminal.expect("said", 0.2)
        run.process.stdin.close()
        with pytest.raises(AssertionError, match="ended without"):
            terminal.expect("said", 30)
    assert run.status == 3


def test_a_machine_says_how_long_it_waited():
    """As often as not: more programs than processors, which all want to run."""
    count = 2 * os.cpu_count()
    with contextlib.ExitStack() as stack:
        class Busy:
            keyboard = False

            def command(self):
                return ["sh", "-c", "while :; do :; done"]
        runs = [stack.enter_context(Run(Busy())) for _ in range(count)]
        time.sleep(0.5)
        assert any(0 < run._waited() < 60 for run in runs)


def test_equal_modules_are_packed_once_and_aligned():
    one = bundle.Bundle()
    assert [one.add("a", b"x" * 5000), one.add("b", b"y"), one.add("c", b"x" * 5000)] == [0, 1, 0]
    image = one.pack()
    magic, count, zero = struct.unpack_from("<QII", image)
    assert (magic, count, zero) == (bundle.MAGIC, 2, 0)
    entries = [struct.unpack_from("<16sQQ", image, 16 + 32 * index) for index in range(count)]
    assert [image[offset:offset + size] for _name, offset, size in entries] == [b"x" * 5000, b"y"]
    assert all(offset % 4096 == 0 for _name, offset, _size in entries)


def test_packed_tree_names_places_of_modules(tmp_path):
    (tmp_path / "guest").write_bytes(b"guest" * 1000)
    (tmp_path / "one.dts").write_text(
        '/dts-v1/; / { chosen { a { kernel { bulkhead,file = "guest"; }; }; b { kernel { bulkhead,file = "guest"; }; }; }; };')
    output = bundle.write_image(BUILD, tmp_path / "one.dts", tmp_path / "one.img").read_bytes()
    start = struct.unpack_from("<Q", (BUILD / "kernel.bin").read_bytes(), 0x10)[0]
    assert struct.unpack_from("<Q", output, 0x10)[0] == len(output)
    count = struct.unpack_from("<I", output, start + 8)[0]
    entries = {name.rstrip(b"\0"): (start + offset, size) for name, offset, size in
               (struct.unpack_from("<16sQQ", output, start + 16 + 32 * index) for index in range(count))}
    assert set(entries) == {b"monitor", b"console", b"guest", b"system"}
    offset, size = entries[b"system"]
    text = subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts"], input=output[offset:offset + size], check=True,
                          capture_output=True).stdout.decode()
    place = "bulkhead,image = <0x00 {:#x} 0x00 {:#x}>;".format(entries[b"guest"][0] - start, 5000)
    assert text.count(place) == 2
    assert "bulkhead,file" not in text


def test_missing_module_is_named(tmp_path):
    (tmp_path / "one.dts").write_text('/dts-v1/; / { chosen { a { kernel { bulkhead,file = "nowhere"; }; }; }; };')
    with pytest.raises(Failure, match="nowhere"):
        bundle.write_image(BUILD, tmp_path / "one.dts", tmp_path / "one.img")


def test_initramfs_is_what_cpio_reads(tmp_path):
    data = cpio.initramfs({"bin/tool": (0o755, b"abc")}, {"bin/sh": "tool"}, ["bin"])
    assert data == cpio.initramfs({"bin/tool": (0o755, b"abc")}, {"bin/sh": "tool"}, ["bin"])
    archive = gzip.decompress(data)
    assert archive.count(b"070701") == 5 and len(archive) % 512 == 0
    assert b"bin/tool\0" in archive and archive.index(b"TRAILER!!!") > archive.index(b"abc")


def test_a_stopped_machine_leaves_nothing_behind(tmp_path):
    image = tmp_path / "loop.bin"
    image.write_bytes(struct.pack("<I", 0x14000000) * 32)  # b .
    with Run(Machine(image, cpus=1, memory=64)) as run:
        assert run.process.poll() is None
    assert run.process.poll() is not None


@pytest.mark.parametrize("instruction, bad", [
    ("ldr\tq0, [x1]", True), ("movi\tv3.2d, #0x0", True), ("fmov\td8, x0", True), ("str\ts31, [sp, #4]", True),
    ("bl\t200d10 <memcpy_q0>", False), ("mrs\tx0, s3_0_c15_c2_0", False), ("add\tx0, x1, #0xd0", False),
    ("b.eq\t200d10", False)])
def test_fp_check(instruction, bad):
    sys.path.insert(0, str(ROOT / "tools/cmake"))
    import check_no_fp
    assert bool(list(check_no_fp.offenders(f"  200000:\t{instruction}"))) == bad


def test_console_reader_keeps_partitions_apart():
    console = Console()
    for line in ("[a] ok 1", "[b] not ok 1", "a ended off at=3us", "[a] "):
        console.feed(line)
    assert console.partitions["a"].output == ["ok 1", ""]
    assert console.partitions["b"].output == ["not ok 1"]
    assert console.partitions["a"].ended == "off"


def test_console_reader_takes_the_services_stamps_only():
    console = Console()
    for line in ("0.130575 [a] b: 0.130575 s", "0.140000 a ended off at=3us"):
        console.feed(line)
    assert console.partitions["a"].output == ["b: 0.130575 s"] and console.partitions["a"].ended == "off"
