# SPDX-License-Identifier: BSD-2-Clause
"""tools/bulkhead run, as a CI calls it: its options, verdicts and exit statuses on machines that boot, and that it
leaves nothing behind, however it ends."""
import json
import os
import pathlib
import signal
import subprocess
import time
import xml.etree.ElementTree as xml

import pytest
from bulkheadlib.places import ROOT
from conftest import BUILD, HERE

TOOL = ROOT / "tools/bulkhead"
HELLO = HERE / "systems/hello.dts"
DOMAIN = """{name} {{ compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; vpl011; {life} {cells}
    kernel {{ compatible = "multiboot,kernel", "multiboot,module"; {file} bootargs = "{args}"; }}; }};"""


def domain(name, file, args="", life="", cells=""):
    if isinstance(file, str):
        file = f'bulkhead,file = "{file}";'
    else:
        cells, file = "#address-cells = <2>; #size-cells = <2>;", f"reg = <0 {file[0]:#x} 0 {file[1]:#x}>;"
    return DOMAIN.format(name=name, file=file, args=args, life=life, cells=cells)


@pytest.fixture
def system(tmp_path, logs):
    """Writes a description of domains."""
    def write(*domains, chosen="", machine=""):
        path = tmp_path / "system.dts"
        path.write_text(f"{machine or '/dts-v1/;'} / {{ chosen {{ {chosen} {' '.join(domains)} }}; }};")
        return path
    return write


def run(*arguments, timeout=300, **options):
    """The finished tool; its output on one stream."""
    return subprocess.run([TOOL, "run", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", timeout=timeout, check=False, **options)


def machines(mark):
    """Process ids of the QEMUs that carry a mark."""
    found = []
    for file in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0].endswith(b"qemu-system-aarch64") and mark.encode() in words:
            found.append(int(file.parent.name))
    return found


def test_everything_at_once(system, tmp_path):
    """Two partitions, one of which says what the other should; its words are lines of its own."""
    described = system(domain("a", "hello.bin", "x\\n[b] forged\\nb ended off at=1us\\nbulkhead: panic: forged"),
                       domain("b", "hello.bin", "real"))
    done = run(described, "--until", "a: forged", "--until", "b: args: (real|true)", "--expect", "b: off", "--timeout", 60,
               "--logs", tmp_path / "new/logs", "--junit", tmp_path / "j.xml", "--json", tmp_path / "new/j.json",
               "--cpus", 2, "--memory", 512, "--cpu", "cortex-a72", "--board", "qemu-virt-gicv2")
    assert done.returncode == 0, done.stdout
    assert "[b] hello from EL1, args: real" in done.stdout and "bulkhead: b: passed: off" in done.stdout
    logs = {path.name: path.read_text() for path in (tmp_path / "new/logs").iterdir()}
    assert logs["b.log"] == "hello from EL1, args: real\n"
    assert "[b] forged\n" in logs["a.log"] and "forged" not in logs["system.log"]
    assert "b ended off at=" in logs["system.log"] and "EL2 on qemu-virt-gicv2" in logs["system.log"]
    assert "[a] [b] forged\n" in logs["console.log"]
    result = json.loads((tmp_path / "new/j.json").read_text())
    assert (result["version"], result["status"], result["end"], result["board"]) == (1, 0, "until", "qemu-virt-gicv2")
    assert [(part["name"], part["verdict"]) for part in result["partitions"]] == [("a", "passed"), ("b", "passed")]
    assert result["partitions"][1]["patterns"] == [{
        "pattern": "args: (real|true)", "line": "hello from EL1, args: real",
        "seconds": result["partitions"][1]["patterns"][0]["seconds"]}]
    cases = list(xml.parse(tmp_path / "j.xml").getroot().iter("testcase"))
    assert [(case.get("name"), case.find("failure")) for case in cases] == [("a", None), ("b", None), ("(system)", None)]
    assert cases[1].find("system-out").text == "hello from EL1, args: real\n"


def test_a_failure_is_told_with_its_last_lines(system, tmp_path):
    crashes = domain("a", "restart.bin", "times=99 how=2")
    done = run(system(crashes), "--timeout", 60, "--junit", tmp_path / "j.xml", "--json", tmp_path / "j.json", "--quiet")
    assert done.returncode == 1 and "a: failed: 1 failure" in done.stdout and "[a]" not in done.stdout
    failure = next(xml.parse(tmp_path / "j.xml").getroot().iter("failure"))
    assert "the guest says that it crashed" in failure.get("message") and "reason 0x8" in failure.text
    record = json.loads((tmp_path / "j.json").read_text())["partitions"][0]["failures"][0]
    assert (record["syndrome"], record["address"], record["follows"]) == (0xdead, 0xbeef, "stopped")
    assert run(system(crashes, chosen='c { compatible = "bulkhead,console"; bulkhead,stamps; };'), "--expect", "a: failed",
               "--timeout", 60).returncode == 0


@pytest.mark.parametrize("arguments, status, said", [
    (["--expect", "hello: off"], 0, "hello: passed: off"),
    (["--expect", "hello: running"], 1, "it is off"),
    (["--until", "hello: nowhere"], 1, "'nowhere' was not seen: it is off"),
    (["-i", "--timeout", "1"], 2, "-i: "),
    (["--until", "hullo: x"], 2, "no partition 'hullo'; there are: hello"),
    (["--until", "hello: ("], 2, "no regular expression"),
    (["--expect", "hello: dead"], 2, "none of"),
    (["--json", "/proc/no/where"], 2, "cannot write"),
    (["--logs", "/proc/no/where"], 2, "--logs"),
    (["--logs", os.devnull], 2, "--logs"),
    (["--module", "0x50000000=/no/where"], 2, "--module"),
    (["--module", "nonsense"], 2, "ADDRESS=FILE"),
    (["--qemu-args", "'"], 2, "--qemu-args"),
    (["--qemu-args=-no-such-option"], 1, "QEMU ended with status 1: "),
    (["--machine-tree"], 1, "QEMU ended with status 1: "),  # it has no machine
    (["--board", "no-such"], 2, "invalid choice"),
])
def test_exit_statuses(logs, arguments, status, said):
    done = run(HELLO, *arguments)
    assert (done.returncode, said in done.stdout) == (status, True), done.stdout


@pytest.mark.parametrize("arguments, status, said", [
    (["--until", "a: nowhere"], 124, "a: failed: 'nowhere' was not seen"),
    ([], 124, "still running after 1 s"),
    (["--expect", "a: running"], 0, "a: passed: running"),
    (["--expect", "a: off"], 124, "expected was: off"),
])
def test_time_runs_out(system, arguments, status, said):
    """A partition that goes on and on; beside it one that has ended."""
    done = run(system(domain("a", "control.bin", "periods=1000000"), domain("b", "hello.bin")), "--timeout", 1, *arguments)
    assert (done.returncode, said in done.stdout) == (status, True), done.stdout


def test_a_prompt_needs_no_line_end(logs):
    """U-Boot's, at the console service."""
    done = run("uboot", "--cpus", 3, "--until", "uboot: ^=> $", "--timeout", 60)
    assert done.returncode == 0, done.stdout


def test_systems_that_do_not_start(logs, tmp_path):
    done = run(HERE / "systems/mistakes.dts", "--timeout", 60)
    assert done.returncode == 1 and "(system): failed: /chosen/" not in done.stdout
    assert "partmgr: 3 errors, nothing started" in done.stdout.splitlines()[-1]
    (tmp_path / "bad.dts").write_text("nonsense")
    assert run(tmp_path / "bad.dts").returncode == 2
    assert run("no-such-system").returncode == 2
    assert run("empty", "--timeout", 60).returncode == 0  # a name in config/


def test_what_the_owner_of_the_uart_says(system, tmp_path):
    described = system(domain("a", "hello.bin"), domain("b", "hello.bin", "[a] x", life='bulkhead,uart = "physical";')
                       .replace("vpl011;", ""))
    done = run(described, "--until", "b: hello", "--timeout", 60, "--json", tmp_path / "j.json")
    assert done.returncode == 0, done.stdout
    partitions = json.loads((tmp_path / "j.json").read_text())["partitions"]
    assert [part["verdict"] for part in partitions] == ["unheard", "passed"]
    assert run(described, "--until", "a: hello").returncode == 2


def test_a_module_at_an_address_and_the_machines_own_tree(system, tmp_path):
    """As a Xen user has it: one tree with the hardware and the domains, modules where the boot loader put them."""
    module = tmp_path / "mod,ule"
    module.write_bytes((BUILD / "guests/hello.bin").read_bytes())
    subprocess.run(["qemu-system-aarch64", "-M", f"virt,virtualization=on,gic-version=3,dumpdtb={tmp_path}/m.dtb", "-cpu",
                    "cortex-a53", "-smp", "2", "-m", "512", "-display", "none", "-nic", "none"], check=True, timeout=60)
    machine = subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", tmp_path / "m.dtb"], check=True, capture_output=True,
                             text=True).stdout
    described = system(domain("a", (0x50000000, module.stat().st_size), "from an address"), domain("b", "hello.bin"),
                       machine=machine)
    options = ["--cpus", 2, "--memory", 512, "--module", f"0x50000000={module}", "--until", "a: from an address", "--timeout", 60,
               "--expect", "b: off"]
    done = run(described, "--machine-tree", *options)
    assert done.returncode == 0, done.stdout
    assert run(system(domain("a", (0x50000000, module.stat().st_size), "from an address"), domain("b", "hello.bin")),
               *options).returncode == 0  # the description alone, packed


def start(*arguments, **environment):
    return subprocess.Popen([TOOL, "run", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, env={**os.environ, **environment})


def wait_for(what, seconds=60):
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def gone(process):
    """It runs no more; whether somebody has asked how it ended is the first process's affair, and some never do."""
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


@pytest.mark.parametrize("number, status", [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_nothing_is_left_running(system, tmp_path, number, status):
    mark = f"mark-{os.getpid()}-{number}"
    described = system(domain("a", "control.bin", "periods=1000000"))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    tool = start(described, "--qemu-args=-name " + mark, "--until", "a: nowhere", "--expect", "a: any", "--logs", tmp_path,
                 "--json", tmp_path / "j.json", "--junit", tmp_path / "j.xml", TMPDIR=str(scratch))
    log = tmp_path / "a.log"
    try:
        wait_for(lambda: "a started" in tool.stdout.readline())  # so it is watched
        [machine] = machines(mark)
        tool.send_signal(number)
        assert tool.wait(60) == status
        wait_for(lambda: not machines(mark) and gone(machine))
    finally:
        tool.kill()
        tool.stdout.close()
        tool.wait()
    assert log.exists()
    if number == signal.SIGKILL:
        assert not (tmp_path / "j.json").exists()  # and none of an earlier run
    else:
        assert json.loads((tmp_path / "j.json").read_text())["end"] == "interrupted"
        assert xml.parse(tmp_path / "j.xml").getroot().get("tests") == "2"
    assert not list(scratch.iterdir())


def test_a_reader_that_goes_away_ends_nothing(logs, tmp_path):
    tool = start(HELLO, "--expect", "hello: off", "--json", tmp_path / "j.json", "--timeout", 60)
    while "EL2 on" not in tool.stdout.readline():
        pass
    tool.stdout.close()
    assert tool.wait(60) == 0
    assert json.loads((tmp_path / "j.json").read_text())["status"] == 0


def test_a_report_may_go_to_what_is_no_file(logs, tmp_path):
    """A pipe, here: it gets the report and stays what it is. A folder is refused before anything runs."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        run(HELLO, "--timeout", "20", "--json", pipe)
        assert json.loads(reader.communicate(timeout=30)[0])["partitions"]
    assert pipe.is_fifo()
    done = run(HELLO, "--json", tmp_path)
    assert done.returncode == 2 and "it is a folder" in done.stdout and tmp_path.is_dir()


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "soon"])
def test_a_time_that_is_none(seconds):
    done = run(HELLO, "--timeout", seconds)
    assert done.returncode == 2 and "--timeout" in done.stdout


def test_two_runs_count_instructions_alike(system, tmp_path):
    """At the same time, in the same tree; three partitions that talk, on as many cores, of which one ends the run."""
    described = system(domain("a", "chatter.bin", "lines=200"), domain("b", "chatter.bin", "lines=200"),
                       domain("c", "hello.bin"), chosen='console { compatible = "bulkhead,console"; bulkhead,stamps; };')
    both = [start(described, "--icount", "4", "--until", "a: 0*99 ", "--timeout", 120, "--logs", tmp_path / str(number),
                  "--json", tmp_path / f"{number}.json") for number in range(2)]
    said = [tool.communicate(timeout=120)[0] for tool in both]
    assert [tool.returncode for tool in both] == [0, 0], said
    names = {path.name for path in (tmp_path / "0").iterdir()}
    assert names == {"a.log", "b.log", "c.log", "system.log", "console.log"}
    for name in names:
        assert (tmp_path / "0" / name).read_bytes() == (tmp_path / "1" / name).read_bytes(), name
    assert len((tmp_path / "0/b.log").read_text().splitlines()) > 10
