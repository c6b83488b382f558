# SPDX-License-Identifier: BSD-2-Clause
"""Every way to boot: Debian's U-Boot brings a system from a disk or over the network, as a script, one written for Xen, or
one file; and QEMU alone does. What the manager then says is what the checker said before."""
import json
import re
import shlex
import shutil
import string
import subprocess
from dataclasses import dataclass

import pytest
from bulkheadlib import trees
from bulkheadlib.boards import BOARDS
from bulkheadlib.console import Console
from bulkheadlib.places import GUESTS, ROOT
from bulkheadlib.qemu import Machine, Run
from conftest import BUILD, HERE
from disks import disk, flash
from test_guests import judge
from test_passthrough import RTC

CORES, MEMORY = 3, 1024
# All that can be typed, but for what ends a string in the description and what a console line cannot hold.
ODD = "".join(sorted(set(string.printable[:95]) - set('"\\'))) + " $(x) ${y} `z` <0x1> [00]"
SYSTEM = """/dts-v1/;
/ {
    chosen {
        bulkhead,on-end = "off";
        console { compatible = "bulkhead,console"; };
        pool: pool { compatible = "xen,cpupool"; bulkhead,cores = <2>; };
        linux: linux {
            compatible = "xen,domain"; memory = <0 0x30000>; cpus = <2>; vpl011;
            kernel {
                compatible = "multiboot,kernel", "multiboot,module";
                bulkhead,file = "linux"; bootargs = "console=ttyAMA0 loglevel=4 panic=-1";
            };
            ramdisk { compatible = "multiboot,ramdisk", "multiboot,module"; bulkhead,file = "initramfs"; };
        };
        odd {
            compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; vpl011;
            bulkhead,controls = <&linux>; domain-cpupool = <&pool>;
            bulkhead,policy = "zero-copy"; bulkhead,on-reset = "stop";
            kernel {
                compatible = "multiboot,kernel", "multiboot,module";
                bulkhead,file = "a b$c;d.bin"; bootargs = "ARGS";
            };
        };
    };
};
"""
CONFIG = """# as Xen's own tests write it, and as long as theirs
MEMORY_START="0x40000000"
MEMORY_END="0x80000000"

XEN="xen"
DEVICE_TREE="virt.dtb"
XEN_CMD="console=dtuart"

DOMU_KERNEL[0]="one/hello.bin"
DOMU_MEM[0]="128"
DOMU_CMD[0]="zero"
DOMU_KERNEL[1]="one/hello.bin"
DOMU_MEM[1]=16
DOMU_CMD[1]="one"
DOMU_CPUPOOL[1]=0

NUM_DOMUS=2
NUM_CPUPOOLS=1
CPUPOOL[0]="cpu@1 null"

LOAD_CMD="tftpb"
UBOOT_SOURCE="boot.source"
UBOOT_SCRIPT="boot.scr"
FDTEDIT="edited.dtb"
"""


@dataclass
class Loaded:
    """A machine that U-Boot boots."""
    machine: Machine
    keyboard: bool = False

    def command(self):
        command = self.machine.command()
        at = command.index("-kernel")
        return [*command[:at], "-bios", GUESTS / "u-boot.bin", *command[at + 2:]]


def machine(extra, board="qemu-virt"):
    return Machine("none", cpus=CORES, memory=MEMORY, extra=list(map(str, extra)), board=BOARDS[board].machine)


def drive(image):
    return ["-drive", f"if=none,file={image},format=raw,id=disk", "-device", "virtio-blk-device,drive=disk"]


def network(folder):
    return ["-netdev", f"user,id=net,tftp={folder}", "-device", "virtio-net-device,netdev=net"]


def told(folder, *commands):
    """A flash that has U-Boot do this at once."""
    path = flash(folder / "flash.img", bootdelay="0", bootcmd="; ".join(commands), ipaddr="10.0.2.15", serverip="10.0.2.2")
    return ["-drive", f"if=pflash,unit=1,file={path},format=raw"]


OVER_THE_NETWORK = ("virtio scan", "tftpb 0x40000000 boot.scr", "source 0x40000000")


def boot(extra, until=None, timeout=120, board="qemu-virt"):
    """Boots to the end; (the console, all lines)."""
    console, lines = Console(), []
    with Run(Loaded(machine(extra, board))) as run:
        for line in run.lines(timeout):
            print(line)
            lines.append(line)
            console.feed(line)
            if until and until in line:
                break
    return console, lines


def tool(*arguments, status=0):
    command, *rest = map(str, arguments)
    done = subprocess.run([ROOT / "tools/bulkhead", command, f"--cpus={CORES}", f"--memory={MEMORY}", *rest],
                          capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def planned(answer):
    """The lines in which the manager says who gets which memory."""
    return [f"{part['name']}: core{'s' * (part['vcpus'] > 1)} {' '.join(map(str, part['cores']))}, "
            f"{part['memory'] // 1024} KiB of RAM at {next(r['host'] for r in part['regions'] if r['kind'] == 'ram'):#x}"
            for part in answer["plan"]["partitions"]]


def said(lines):
    return [line.removeprefix("partmgr: ") for line in lines if re.match(r"partmgr: .* of RAM at", line)]


def modules(source):
    """--module options for what a script loads for domains."""
    found = re.findall(r"^tftpb (0x\w+) ((?:one/|rtc)\S+)", source.read_text(), re.MULTILINE)
    return [f"--module={address}={source.parent / name}" for address, name in found]


def greeting(arguments):
    return f"hello from EL1, args: {arguments}"


@pytest.fixture
def medium(tmp_path, logs):
    """An empty folder for the boot loader's files; the images that were made go with the test."""
    yield tmp_path / "medium"
    for path in tmp_path.glob("*.img"):
        path.unlink()


def test_a_disk_boots_by_itself(tmp_path, medium):
    """U-Boot as it comes looks for boot.scr on each disk. A whole description with Linux, and a name and an argument that
    a shell would like to change."""
    shutil.copyfile(BUILD / "guests/hello.bin", tmp_path / "a b$c;d.bin")
    (tmp_path / "system.dts").write_text(SYSTEM.replace("ARGS", ODD))
    tool("uboot-script", tmp_path / "system.dts", "-o", medium)
    console, lines = boot(drive(disk(medium, tmp_path / "disk.img")))
    assert console.partitions["linux"].find("user space reached, 2 cpus")
    assert console.partitions["odd"].find(f"^{re.escape(greeting(ODD))}$")
    assert {part.ended for part in console.partitions.values()} == {"off"}
    assert [line for line in lines if line.endswith(", kernel in place")]  # there was room for that
    assert not [line for line in lines if "partmgr: warning" in line or "libfdt" in line]


def _configured(tmp_path, config=CONFIG):
    """A configuration with its files; its path."""
    folder = tmp_path / "files"
    (folder / "one").mkdir(parents=True)
    shutil.copyfile(BUILD / "guests/hello.bin", folder / "one/hello.bin")
    dump = Machine("none", cpus=CORES, memory=MEMORY, board=f"{BOARDS['qemu-virt'].machine},dumpdtb={folder}/virt.dtb")
    command = dump.command()
    del command[command.index("-kernel"):command.index("-kernel") + 2]
    subprocess.run(command, check=True, capture_output=True)
    (folder / "config").write_text(config)
    return folder / "config"


def test_imagebuilders_configuration_over_the_network(tmp_path, medium):
    """As Xen's own tests boot, one domain with a device. XEN names the file that it named before, but the file is
    another."""
    config = _configured(tmp_path, CONFIG + CLOCK)
    shutil.copyfile(BUILD / "bulkhead.img", config.parent / "xen")
    answer = json.loads(tool("check", config, "--json"))
    tool("uboot-script", config, "-o", medium)
    assert "tftpb 0x40400000 xen " in (medium / "boot.source").read_text()
    console, lines = boot([*network(medium), *told(tmp_path, *OVER_THE_NETWORK)])
    assert said(lines) == planned(answer)
    assert "core 1," in said(lines)[1]
    for name, words in (("domU0", "zero"), ("domU1", "one")):
        assert console.partitions[name].output == [greeting(words)]
    judge(console.partitions["domU2"].output)
    found = json.loads(tool("check", medium / "edited.dtb", "--machine-tree", "--json", *modules(medium / "boot.source")))
    for mine, other in zip(answer["plan"]["partitions"], found["plan"]["partitions"], strict=True):
        assert [mine[key] for key in ("name", "cores", "memory", "entry", "tree", "bootargs")] == [
            other[key] for key in ("name", "cores", "memory", "entry", "tree", "bootargs")]
    warnings = {note["message"] for note in answer["notes"] if note["node"]}
    assert {line.split(": ", 4)[-1] for line in lines if "partmgr: warning" in line} == warnings


CLOCK = """
NUM_DOMUS=3
DOMU_KERNEL[2]="rtc.bin"
DOMU_MEM[2]=16
DOMU_PASSTHROUGH_PATHS[2]="/pl031@9010000"
"""


def test_a_configuration_is_run_and_checked_like_a_description(tmp_path, logs):
    config = _configured(tmp_path)
    assert "0 errors" in tool("check", ROOT / "config/imagebuilder.config", "--cpus=4", "--memory=2048")
    output = tool("run", config, "--timeout", "60", "--until=domU0: zero", "--until=domU1: one")
    assert greeting("one") in output
    config.write_text(CONFIG.replace("DOMU_MEM[1]=16", "DOMU_MEM[1]=99999"))
    output = tool("check", config, status=1)
    assert tool("uboot-script", config, "-o", tmp_path / "out", status=1) == output
    assert tool("fit", config, "-o", tmp_path / "out", status=1) == output
    assert not (tmp_path / "out").exists()
    tool("uboot-script", config.parent / "nothing", "-o", tmp_path / "out", status=2)
    assert re.search(rf"^{re.escape(str(config))}:13: error: /chosen/domU1", output, re.MULTILINE)


def test_a_file_that_is_not_the_one_boots_nothing(tmp_path, medium):
    config = _configured(tmp_path)
    tool("uboot-script", config, "-o", medium)
    (medium / "one/hello.bin").write_bytes(b"something else")
    _console, lines = boot([*network(medium), *told(tmp_path, *OVER_THE_NETWORK, "echo the end")], until="the end")
    assert "Not booted, something is wrong with: one/hello.bin" in lines
    assert not [line for line in lines if "bulkhead: EL2" in line]


def test_a_script_written_for_xen(tmp_path, medium):
    """Only the hypervisor's file has another name."""
    medium.mkdir()
    for path in (BUILD / "bulkhead.img", BUILD / "guests/hello.bin"):
        shutil.copyfile(path, medium / path.name)
    subprocess.run(["mkimage", "-A", "arm64", "-T", "script", "-C", "none", "-d", HERE / "systems/xen.uboot",
                    medium / "boot.scr"], check=True, capture_output=True)
    console, lines = boot([*network(medium), *told(tmp_path, *OVER_THE_NETWORK)])
    assert console.partitions["domU1"].output == [greeting("one two")]
    assert console.partitions["domU2"].output == [greeting("three")]
    assert {line for line in lines if line.startswith("partmgr: warning: /chosen: ")} == {
        f"partmgr: warning: /chosen: {name}: has no meaning here, ignored" for name in ("xen,xen-bootargs",
                                                                                      "xen,dom0-bootargs")}


@pytest.mark.parametrize("board", BOARDS)
def test_one_file_for_bootm(tmp_path, medium, board):
    config = _configured(tmp_path, CONFIG.replace('DEVICE_TREE="virt.dtb"\n', "") + CLOCK.replace("PATHS", "DTB").replace(
        "/pl031@9010000", "rtc.dtb"))
    (config.parent / "rtc.dtb").write_bytes(trees.compile_text((RTC % {"guest": 0x9010000}).encode(), config).blob)
    output = tool("fit", config, "-o", medium, "--board", board)
    commands = re.search(r"at U-Boot's prompt: (.*); (bootm .*)", output)
    answer = json.loads(tool("check", config, "--json", "--board", board))
    console, lines = boot([*network(medium), *told(tmp_path, "virtio scan", commands[1], commands[2])], board=board)
    assert f"bulkhead: EL2 on {board}" in lines
    assert said(lines) == planned(answer)
    for name, words in (("domU0", "zero"), ("domU1", "one")):
        assert console.partitions[name].output == [greeting(words)]
    judge(console.partitions["domU2"].output)


def test_a_whole_tree(tmp_path, medium):
    """The machine's tree with the domains in it, which U-Boot loads in the place of its own."""
    config = _configured(tmp_path)
    whole = subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", config.parent / "virt.dtb"], check=True,
                           capture_output=True, text=True).stdout
    (tmp_path / "whole.dts").write_text(whole + """/ { chosen { domain {
        compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; vpl011;
        kernel { compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "hello.bin"; bootargs = "whole"; };
    }; }; };""")
    tool("uboot-script", tmp_path / "whole.dts", "--machine-tree", "-o", medium, "--load=tftp")
    console, _lines = boot([*network(medium), *told(tmp_path, *OVER_THE_NETWORK)])
    assert console.partitions["domain"].output == [greeting("whole")]


def test_qemu_alone(tmp_path, logs):
    """The commands of doc/booting.md, one after the other: a tree with modules, and files that QEMU has loaded."""
    text = (ROOT / "doc/booting.md").read_text()
    block = re.search(r"```sh qemu\n(.*?)```", text, re.DOTALL)[1]
    shutil.copyfile(BUILD / "guests/hello.bin", tmp_path / "hello.bin")
    shutil.copyfile(BUILD / "bulkhead.img", tmp_path / "bulkhead.img")
    tree = re.search(r"```dts qemu\n(.*?)```", text, re.DOTALL)[1]
    (tmp_path / "domains.dtsi").write_text(tree)
    *before, last = re.sub(r"\\\n\s*", "", block).strip().splitlines()
    subprocess.run(["sh", "-ec", "\n".join(before)], cwd=tmp_path, check=True, capture_output=True)
    console = Console()
    words = [str(tmp_path / word) if (tmp_path / word).is_file() else word.replace("file=", f"file={tmp_path}/")
             for word in shlex.split(last)]

    class Told:
        keyboard = False

        @staticmethod
        def command():
            return words
    with Run(Told) as run:
        for line in run.lines(60):
            print(line)
            console.feed(line)
    assert console.partitions["first"].output == [greeting("one")]
    assert console.partitions["second"].output == [greeting("two")]
    assert run.status == 0
