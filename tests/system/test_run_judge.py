# SPDX-License-Identifier: BSD-2-Clause
"""How tools/bulkhead run takes a console apart and judges it, from text alone: whose a line is whatever stands in it,
and which verdict follows."""
import types
import xml.etree.ElementTree as xml

import pytest
from bulkheadlib import bundle, description, reports, runner, split, verdict
from bulkheadlib.description import Description, Domain
from bulkheadlib.say import Failure

A_LIFE = ["a started cores=1 memory=16M at=5us", "[a] hello", "a ended off at=9us"]
CRASH = "failed, reason 0x8 vcpu 0x1 pc 0x40080000 syndrome 0xdead address 0xbeef: "


def owners(data, **options):
    """(owner, kind, text) of the lines in some bytes, fed in two chunkings that must not matter."""
    found = []
    for step in (1, 4096):
        lines, splitter = split.Lines(), split.Splitter({"a", "b"}, **options)
        raw = [line for at in range(0, len(data), step) for line in lines.feed(data[at:at + step])]
        raw += [bytes(lines.rest)] if lines.rest else []
        found.append([(line.owner, line.kind, line.text) for line in map(splitter.line, raw)])
    assert found[0] == found[1]
    return found[0]


@pytest.mark.parametrize("data, owner, kind, text", [
    (b"[a] hello\n", "a", "guest", "hello"),
    (b"[a] hello\r\n", "a", "guest", "hello"),
    (b"[a] hello", "a", "guest", "hello"),  # cut off
    (b"[a] \n", "a", "guest", ""),
    (b"[a] [b] ok 1\n", "a", "guest", "[b] ok 1"),
    (b"[a] b ended off at=3us\n", "a", "guest", "b ended off at=3us"),
    (b"[a] a ended off at=3us\n", "a", "guest", "a ended off at=3us"),
    (b"[a] bulkhead: panic: x\n", "a", "guest", "bulkhead: panic: x"),
    (b"[a] 0.000001 [b] x\n", "a", "guest", "0.000001 [b] x"),
    (b"0.130575 [a] x\n", "a", "guest", "x"),
    (b"0.130575 a ended off at=3us\n", "a", "note", "0.130575 a ended off at=3us"),
    (b"a started cores=1 memory=1M at=3us\n", "a", "note", "a started cores=1 memory=1M at=3us"),
    (b"a lost 7 characters\n", "a", "note", "a lost 7 characters"),
    (b"a says what is no note\n", None, "system", "a says what is no note"),
    (b"[c] nobody\n", None, "system", "[c] nobody"),
    (b"[a]x\n", None, "system", "[a]x"),
    (b" [a] x\n", None, "system", " [a] x"),
    (b"bulkhead: partition 0x1 failed\n", None, "system", "bulkhead: partition 0x1 failed"),
    (b"partmgr: a: core 0\n", None, "system", "partmgr: a: core 0"),
    (b"[a] \x1b[1;31mred\x1b[0m \x1b]0;title\x07end\n", "a", "guest", "red end"),
    (b"[a] \x1b[2K\x1b[1G[b] x\n", "a", "guest", "[b] x"),  # a terminal would show it at the line's beginning
    (b"[a] hello\r[a] J\n", "a", "guest", "Jello"),  # as the service redraws a line
    (b"[a] abc\b\bX\n", "a", "guest", "aXc"),
    (b"[a] \xff\x00\xfe\n", "a", "guest", "\ufffd\x00\ufffd"),
    ("[a] gr\u00fc\u00df\n".encode(), "a", "guest", "gr\u00fc\u00df"),
])
def test_whose_a_line_is(data, owner, kind, text):
    assert owners(data) == [(owner, kind, text)]


def test_stamps_are_taken_off_only_where_there_are_some():
    assert owners(b"0.130575 [a] x\n", stamps=False) == [(None, "system", "0.130575 [a] x")]


def test_a_line_without_end_is_broken_and_stays_its_own():
    data = b"[a] " + b"x" * 10000 + b"\n[b] y\n"
    found = owners(data)
    assert found[0][:2] == ("a", "guest") and found[-1] == ("b", "guest", "y")
    assert all(owner is None for owner, _kind, _text in found[1:-1]) and len(found) == 4
    lines = split.Lines()
    assert len(list(lines.feed(b"z" * 100000))) == 100000 // split.LONGEST and len(lines.rest) < split.LONGEST


def test_who_has_the_uart_says_everything():
    data = b"bulkhead: EL2\npartmgr: 2 partitions on 2 of 4 cores, 1 MiB of RAM left\n[b] I am b\nbulkhead: panic: no\n"
    assert [line[:2] for line in owners(data, owner="a")] == [(None, "system")] * 2 + [("a", "guest")] * 2


def watch(lines, until=(), expect=(), end="machine", **domain):
    """The verdicts and the exit status after some lines, of a system of a (as domain says) and b, which runs."""
    told = Description([Domain("a", **domain), Domain("b")])
    found, splitter = verdict.Watch(told, until, expect), split.Splitter(told.names)
    for line in ["partmgr: a: core 0, 4 KiB", "partmgr: b: cores 1 2, 4 KiB", "b started cores=2 memory=1M at=1us", *lines]:
        found.line(splitter.line(line.encode()), 1.0)
    return found, runner._status(end, found)


@pytest.mark.parametrize("lines, until, expect, end, status, reason", [
    (A_LIFE, [], [], "machine", 0, None),
    (A_LIFE, ["a: hel+o$"], [], "until", 0, None),
    (A_LIFE, ["a: hello", "a: hel"], ["a: off"], "until", 0, None),
    (A_LIFE, ["a: bye"], [], "hopeless", 1, "'bye' was not seen: it is off"),
    (A_LIFE, ["a: started"], [], "hopeless", 1, "'started' was not seen"),  # its monitor's words are not its own
    (A_LIFE[:2], ["a: bye"], [], "timeout", 124, "'bye' was not seen"),
    (A_LIFE[:2], [], [], "timeout", 124, None),  # nothing was asked for: the end was
    (A_LIFE[:2], [], ["a: running"], "timeout", 0, None),
    (A_LIFE[:2], [], ["a: off"], "timeout", 124, "it is running, without a failure; expected was: off"),
    (A_LIFE, [], ["a: running"], "hopeless", 1, "it is off"),
    (A_LIFE, [], ["a: off", "a: reset"], "until", 0, None),
    (A_LIFE, [], ["a: failed"], "hopeless", 1, "it is off, without a failure"),
    ([], [], [], "machine", 1, "it never started"),
    ([], [], ["a: never"], "machine", 0, None),
    ([], ["b: x"], [], "until", 1, None),
    ([*A_LIFE[:2], f"a {CRASH}stopped"], [], [], "machine", 1, "1 failure, the first: the guest says that it crashed"),
    ([*A_LIFE[:2], f"bulkhead: partition 0x1 {CRASH}stopped"], [], [], "machine", 1, "1 failure"),
    ([*A_LIFE[:2], f"a {CRASH}stopped"], [], ["a: failed"], "until", 0, None),
    ([*A_LIFE[:2], f"a {CRASH}stopped"], [], ["a: any"], "machine", 0, None),
    ([*A_LIFE[:2], f"a {CRASH}stopped"], ["a: bye"], [], "hopeless", 1, "'bye' was not seen: it is stopped by a failure"),
    ([*A_LIFE[:2], f"a {CRASH}begins anew", *A_LIFE], [], [], "machine", 1, "1 failure"),
    ([*A_LIFE[:2], f"a {CRASH}begins anew", *A_LIFE], [], ["a: failed", "a: off"], "until", 0, None),
    ([*A_LIFE[:2], f"[a] a {CRASH}stopped"], [], [], "timeout", 124, None),  # a guest's words are no record
    (["a error: configuration: images outside of the RAM"], [], [], "machine", 1, "could not be loaded"),
])
def test_verdicts(lines, until, expect, end, status, reason):
    found, got = watch(lines, until, expect, end)
    reasons = found.partitions["a"].reasons(end in runner.COMPLETE)
    assert got == status
    assert (reason is None and not reasons) or any(reason in each for each in reasons), reasons


def test_when_a_run_is_over():
    assert watch(A_LIFE[:2], ["a: hello"])[0].done()
    assert not watch(A_LIFE[:2], ["a: hello", "b: x"])[0].done()
    assert not watch(A_LIFE[:2], [], ["a: running"])[0].done()  # it is to be so at the end
    assert watch(A_LIFE, [], ["a: off", "b: running"])[0].done()
    assert watch(A_LIFE, ["a: bye"])[0].hopeless() == ["a"]
    assert not watch(A_LIFE, ["a: bye"], controlled=True)[0].hopeless()
    reset = [A_LIFE[0], "a ended reset at=9us"]
    assert not watch(reset, ["a: bye"])[0].hopeless()
    assert watch(reset, ["a: bye"], resets=False)[0].hopeless() == ["a"]
    for line in ("bulkhead: panic: x 0x0", "partmgr: 3 errors, nothing started"):
        assert watch([line])[0].halted and watch([line])[1] == 1
        assert not watch([f"[a] {line}"])[0].halted


def test_what_is_kept_is_bounded():
    found, status = watch([f"a {CRASH}begins anew", "[a] x", *A_LIFE[:2]] * 500)
    part = found.partitions["a"]
    assert (status, part.failed, len(part.failures), part.starts, part.lines) == (1, 500, verdict.FAILURES, 500, 1000)
    assert len(part.last) == verdict.LAST and part.reasons(True)[0].startswith("500 failures, the first: the guest says")


def test_a_manual_partition_need_not_start():
    assert watch([], manual=True)[1] == 0


def test_a_services_failure_is_the_systems():
    found, status = watch([*A_LIFE, f"bulkhead: partition 0x3 {CRASH}stopped"])
    assert status == 1 and found.wrong and not found.partitions["a"].failures


@pytest.mark.parametrize("until, expect, owner, message", [
    (["c: x"], [], None, "no partition 'c'; there are: a, b"), (["a x"], [], None, "write NAME:"),
    (["a: ("], [], None, "regular"), ([], ["a: dead"], None, "none of"), ([], ["a: "], None, "write NAME:"), (["b: x"], [], "a", "cannot be heard"),
    ([], ["a: off"], "a", "nobody tells")])
def test_what_cannot_be_asked(until, expect, owner, message):
    told = Description([Domain("a"), Domain("b")], owner=owner)
    with pytest.raises(Failure, match=message):
        verdict.Watch(told, until, expect)


def test_reports_can_be_read_whatever_was_said(tmp_path):
    """JUnit files are XML, which has no place for most control characters; of the neighbour nothing is known."""
    told = Description([Domain("a"), Domain("system")], owner="a")
    found = verdict.Watch(told, ["a: <&never\x01>"])
    logs = reports.Logs(tmp_path / "logs", told.names)
    line = split.Line("a", split.GUEST, b"\x00\xff]]>&<\x1b[0m\xef\xbf\xbe")
    logs.line(line)
    found.line(line, 1.0)
    logs.close()
    facts = {"system_file": "x.dts", "board": "b", "cpu": "c", "cpus": 1, "memory": 1, "icount": None, "end": "timeout",
             "status": 124, "seconds": 2.0, "began": reports.now()}
    result = reports.summary(found, facts, logs)
    reports.write_junit(tmp_path / "junit.xml", result, logs)
    suite = xml.parse(tmp_path / "junit.xml").getroot().find("testsuite")
    assert {key: suite.get(key) for key in ("tests", "failures", "errors", "skipped", "time")} == {
        "tests": "3", "failures": "1", "errors": "0", "skipped": "1", "time": "2.000"}
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert set(cases) == {"a", "system", "(system)"}
    assert "was not seen" in cases["a"].find("failure").get("message")
    assert "]]>&<" in cases["a"].find("failure").text and "]]>&<" in cases["a"].find("system-out").text
    assert cases["system"].find("skipped") is not None
    assert {path.name for path in (tmp_path / "logs").iterdir()} == {"a.log", "system~.log", "system.log", "console.log"}
    assert (tmp_path / "logs/a.log").read_bytes() == line.raw + b"\n"


def test_what_a_description_says(tmp_path):
    source = tmp_path / "x.dts"
    domain = 'compatible = "xen,domain"; cpus = <1>;'
    source.write_text(f"""/dts-v1/; / {{ chosen {{
c {{ compatible = "bulkhead,console"; bulkhead,stamps; }};
a@1 {{ {domain} bulkhead,start = "manual"; bulkhead,on-reset = "stop"; }};
off {{ {domain} status = "disabled"; }};
one: one {{ {domain} }};
two {{ {domain} bulkhead,controls = <&one>; bulkhead,uart = "physical"; }};
other {{ compatible = "something"; }}; }}; }};""")
    told = description.read(bundle.compile_tree(source).blob)
    assert told.domains == [Domain("a", manual=True, resets=False), Domain("one", controlled=True), Domain("two")]
    assert told.stamps and told.owner == "two"
    with pytest.raises(Failure):
        description.read(b"no tree")


def test_an_option_is_a_module_or_an_error():
    from bulkheadlib import preparation
    options = types.SimpleNamespace(module=[preparation._module("0x40000000=/dev/null")], memory=64)
    with pytest.raises(Failure, match="RAM is 0x40000000 to 0x44000000"):
        list(preparation._loaded(options))
    for text in ("x=y", "=y", "0x1"):
        with pytest.raises(Exception, match="ADDRESS=FILE"):
            preparation._module(text)
