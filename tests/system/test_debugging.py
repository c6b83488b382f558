# SPDX-License-Identifier: BSD-2-Clause
"""The sessions of doc/debugging.md, typed at gdb-multiarch as they stand, and stops that must not be in a neighbour."""
import contextlib
import pathlib
import re
import socket
import subprocess

import pytest
from bulkheadlib.places import ROOT
from test_run import domain, machines, run, system, wait_for  # noqa: F401 (system is a fixture)

TEXT = (ROOT / "doc/debugging.md").read_text()
PROMPT = "(gdb) "
MARK = ">>> "


def sessions():
    """(command line, commands with the lines expected below each; the first has none) of each session."""
    for block in re.findall(r"(?:^    .*\n)+", TEXT, re.MULTILINE):
        lines = [line[4:] for line in block.splitlines()]
        if not lines[0].startswith("$ tools/bulkhead run "):
            continue
        steps = [("", [])]
        for line in lines[1:]:
            if line.startswith(PROMPT):
                steps.append((line.removeprefix(PROMPT), []))
            else:
                steps[-1][1].append(line)
        yield lines[0].removeprefix("$ tools/bulkhead run ").split(), steps


SESSIONS = list(sessions())


class Held:
    """The tool, its machine waiting for a debugger."""

    def __init__(self, *arguments):
        command = [ROOT / "tools/bulkhead", "run", *map(str, arguments), "--timeout", "120"]
        self.tool = subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.script, self.typed = None, False
        while not self.script:
            line = self.tool.stdout.readline()
            assert line, "it has ended"
            self.script = pathlib.Path(found[1]) if (found := re.search(r"gdb-multiarch -x (\S+)", line)) else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.typed:  # gdb has ended the machine, and so the run
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.tool.communicate(timeout=20)
        self.tool.terminate()
        self.tool.communicate(timeout=60)
        assert not self.script.parent.exists()

    def type(self, *commands):
        """What gdb says to each command, the first being its script; the machine is ended behind them."""
        wait_for(lambda: (self.script.parent / "socket").exists() or "localhost" in self.script.read_text())
        typed = [word for command in commands for word in ("-ex", f"echo \\n{MARK}\\n", "-ex", command)]
        command = ["gdb-multiarch", "-nx", "-batch", "-x", self.script, *typed, "-ex", "kill"]
        done = subprocess.run(command, timeout=120, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, cwd=ROOT)
        self.typed = True
        print(done.stdout)
        return done.stdout.split(f"\n{MARK}\n")


def test_there_are_sessions_for_each_kind():
    text = " ".join(command for _line, steps in SESSIONS for command, _expected in steps)
    assert len(SESSIONS) == 4
    assert all(f"bulkhead {word}" in text for word in ("guest", "monitor", "symbols", "where"))
    assert sum(len(expected) for _line, steps in SESSIONS for _command, expected in steps) > 25


@pytest.mark.parametrize("number", range(len(SESSIONS)))
def test_session(logs, number):
    line, steps = SESSIONS[number]
    with Held(*line) as held:
        said = held.type(*(command for command, _expected in steps[1:]))
    assert len(said) == len(steps), said[-1]
    for (command, expected), answer in zip(steps, said):
        at = 0
        for text in expected:
            pattern = ".*".join(map(re.escape, text.split("...")))
            found = re.search(f"^{pattern}$", answer[at:], re.MULTILINE)
            assert found, f"behind {command!r} there is no {text!r} in {answer[at:]!r}"
            at += found.end()


@pytest.mark.parametrize("board", ["qemu-virt", "qemu-virt-gicv2"])
def test_it_stops_in_the_partition_that_was_named(system, board):  # noqa: F811
    """Three guests of one program: all come to these addresses, and so do their monitors, on cores of their own."""
    described = system(*(domain(name, "hello.bin") for name in "abc"))
    with Held(described, "--gdb", "b", "--board", board) as held:
        first, level, where, monitor, there, nobody = held.type(
            "p ($cpsr >> 2) & 3", "bulkhead where", "bulkhead monitor b psci_call", "bulkhead where",
            "bulkhead guest nobody")
    assert "b: first instruction of the guest, at 0x40080000 on core 1" in first
    assert "$1 = 1" in level and "core 1: EL1, b, guest's kernel, pc 0x40080000" in where
    assert "b: its monitor is at psci_call on core 1" in monitor
    assert re.search("core 1: EL0, b, monitor, pc", there)
    assert "there is no partition 'nobody'; there are: a, b, c" in nobody


def test_it_stops_in_the_next_life(system):  # noqa: F811
    with Held(system(domain("a", "restart.bin", "times=5 how=0"), domain("b", "hello.bin")), "--gdb", "a") as held:
        _begin, first, again, count = held.type("p $pc", "bulkhead guest a", "bulkhead symbols restart")
    assert "a: first instruction" in _begin and "a: first instruction" in again and "0x40080000" in first, count


def test_a_port_and_what_is_refused(logs):
    hello = ROOT / "tests/system/systems/hello.dts"
    assert run(hello, "--gdb", "nobody").returncode == 2
    assert run(hello, "--gdb-port", "1").returncode == 2
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    mark = f"port-{port}"
    with Held(hello, "--gdb", "hello", "--gdb-port", port, f"--qemu-args=-name {mark}") as held:
        wait_for(lambda: machines(mark))
        assert f"target remote localhost:{port}" in held.script.read_text()
        assert "hello: first instruction" in held.type("p 1")[0]
