# SPDX-License-Identifier: BSD-2-Clause
"""Debian's Linux drives devices of the machine with its own drivers: a disk with its root file system, a network, a clock
and a GPIO controller, each in the partition that has it; a neighbour has none of them."""
import base64
import contextlib
import hashlib
import http.server
import json
import random
import re
import shlex
import socket
import subprocess
import threading
import urllib.request

import pytest
from bulkheadlib import guests
from bulkheadlib.boards import BOARDS
from bulkheadlib.console import Console
from bulkheadlib.places import GUESTS, ROOT
from bulkheadlib.qemu import Run
from conftest import BUILD
from test_passthrough import compile_tree, ends

INIT = ROOT / "tests/guests/linux/init-devices"
DATA = random.Random(1).randbytes(300_000)
BASE = "2001-02-03T04:05:06"
EPOCH = 981173106  # s, of that

HEAD = """/dts-v1/; / {
    #address-cells = <2>; #size-cells = <2>;
    gic: gic { #interrupt-cells = <3>; interrupt-controller; };
    passthrough {
        compatible = "simple-bus"; #address-cells = <2>; #size-cells = <2>; ranges; interrupt-parent = <&gic>;
"""
TRANSPORT = """
        virtio_mmio@%(at)x {
            compatible = "virtio,mmio"; reg = <0 %(at)#x 0 0x200>; interrupts = <0 %(spi)d 1>; dma-coherent;
            xen,path = "/virtio_mmio@%(at)x"; xen,reg = <0 %(page)#x 0 0x1000 0 %(page)#x>; xen,force-assign-without-iommu;
        };
"""
CLOCK_AND_GPIO = """
        clock: clock { compatible = "fixed-clock"; #clock-cells = <0>; clock-frequency = <24000000>; };
        rtc@9010000 {
            compatible = "arm,pl031", "arm,primecell"; reg = <0 0x9010000 0 0x1000>; interrupts = <0 2 4>;
            clocks = <&clock>; clock-names = "apb_pclk";
            xen,path = "/pl031@9010000"; xen,reg = <0 0x9010000 0 0x1000 0 0x9010000>;
        };
        gpio@9030000 {
            compatible = "arm,pl061", "arm,primecell"; reg = <0 0x9030000 0 0x1000>; interrupts = <0 7 4>;
            clocks = <&clock>; clock-names = "apb_pclk"; gpio-controller; #gpio-cells = <2>;
            interrupt-controller; #interrupt-cells = <2>;
            xen,path = "/pl061@9030000"; xen,reg = <0 0x9030000 0 0x1000 0 0x9030000>;
        };
"""
TAIL = "}; };\n"
DISK, NET = 31, 23  # transports, in different pages
LINUX = """
    %(name)s { compatible = "xen,domain"; memory = <0 0x20000>; cpus = <1>; vpl011; direct-map; bulkhead,on-reset = "restart";
        bulkhead,quiesce = <0x0 %(status)#x 0x0>;
        xen,static-mem = <0x0 %(ram)#x 0x0 0x8000000>;
        kernel { compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "linux";
            bootargs = "console=ttyAMA0 loglevel=5 panic=-1 test.role=%(name)s %(args)s"; };
        ramdisk { compatible = "multiboot,ramdisk", "multiboot,module"; bulkhead,file = "initramfs-devices"; };
        devices { compatible = "multiboot,device-tree", "multiboot,module"; bulkhead,file = "%(tree)s"; };
    };
"""
NEIGHBOUR = """
    neighbour { compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; vpl011;
        kernel { compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "stranger.bin";
            bootargs = "%s"; }; };
"""


def base(number):
    return 0xa000000 + 0x200 * number


def status(number):
    """Where a zero resets the device."""
    return base(number) + 0x70


def transport(number):
    at = base(number)
    return TRANSPORT % {"at": at, "page": at & ~0xfff, "spi": 16 + number}


def sha(data):
    return hashlib.sha256(data).hexdigest()


def ramdisk():
    """With the drivers that the kernel has as modules."""
    folder = BUILD / "guests"
    names = folder / "modules"
    names.write_text("\n".join(guests.VIRTIO) + "\n")
    guests.initramfs(folder / "initramfs-devices", INIT, [names, *(GUESTS / "virtio" / name for name in guests.VIRTIO)])


def root_disk(lab):
    """A root file system on ext4, with all that its first process needs."""
    root = lab.folder / "root"
    for folder in ("bin", "sbin", "dev", "proc", "sys"):
        (root / folder).mkdir(parents=True)
    (root / "bin/busybox").write_bytes((GUESTS / "busybox").read_bytes())
    (root / "sbin/init").write_bytes(INIT.read_bytes())
    (root / "data").write_bytes(DATA)
    (root / "bin/sh").symlink_to("busybox")
    for name in ("bin/busybox", "sbin/init"):
        (root / name).chmod(0o755)
    disk = lab.folder / "disk.raw"
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-d", root, disk, "16M"], check=True)
    return disk


def dump(disk, name):
    """A file of the file system, as debugfs reads it."""
    return subprocess.run(["debugfs", "-R", f"cat {name}", disk], check=True, capture_output=True).stdout


def judge_disk(disk, lives):
    """From outside: a whole file system, and the guest's bytes in it."""
    subprocess.run(["e2fsck", "-fn", disk], check=True)
    assert dump(disk, "/data") == DATA
    assert dump(disk, "/kept" if lives > 1 else "/copy") == DATA * 2
    if lives > 1:
        assert dump(disk, "/second") == b"second life\n"


class Server(http.server.ThreadingHTTPServer):
    """What the guest with the network talks to: the host's 127.0.0.1 is the 10.0.2.2 of QEMU's user network."""

    def __init__(self, lives):
        super().__init__(("127.0.0.1", 0), Handler)
        self.lives, self.life = lives, 0
        self.port = self.server_address[1]
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.guest = one.getsockname()[1]  # where QEMU forwards to the guest's port 80
        self.uploads, self.fetched = [], []
        self.over = threading.Event()

    def flood(self):
        """Packets for the guest, whether it runs or not, until all is over."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not self.over.wait(0.001):
                with contextlib.suppress(OSError):
                    sender.sendto(bytes(range(256)) * 4, ("127.0.0.1", self.guest))


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, data):
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        server = self.server
        if self.path == "/file":
            self.answer(DATA)
        elif self.path == "/life":
            server.life += 1
            self.answer(str(server.life).encode())
        elif self.path == "/next":
            with urllib.request.urlopen(f"http://127.0.0.1:{server.guest}/got", timeout=30) as got:
                server.fetched.append(got.read())
            if server.life == 1 < server.lives:
                threading.Thread(target=server.flood, daemon=True).start()
            self.answer(b"again" if server.life < server.lives else b"off")

    def do_POST(self):
        self.server.uploads.append(base64.b64decode(self.rfile.read(int(self.headers["Content-Length"]))))
        self.answer(b"")

    def log_message(self, *_):
        pass


def press(path):
    """The machine's power button, which is a rising edge of a line of its GPIO controller."""
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(str(path))
        with control.makefile("rw") as lines:
            for command in ("qmp_capabilities", "system_powerdown"):
                lines.write(json.dumps({"execute": command}))
                lines.flush()
            while "POWERDOWN" not in lines.readline():
                pass


def run(lab, board, server, disk, lives):
    """The console of the machine with the two, and their neighbour."""
    ramdisk()
    text = LINUX % {"name": "disk", "status": status(DISK), "ram": 0x60000000, "args": f"test.lives={lives}",
                    "tree": compile_tree(lab, "disk", HEAD + transport(DISK) + TAIL)}
    text += LINUX % {"name": "net", "status": status(NET), "ram": 0x68000000, "args": f"test.server=10.0.2.2:{server.port}",
                     "tree": compile_tree(lab, "net", HEAD + transport(NET) + CLOCK_AND_GPIO + TAIL)}
    text += NEIGHBOUR % f"rounds=400 at={base(DISK)} intid={32 + 16 + DISK}"
    system = lab.folder / "linux.dts"
    system.write_text(f"/dts-v1/; / {{ chosen {{ #address-cells = <2>; #size-cells = <2>; {text} }}; }};")
    control = lab.folder / "qmp"
    forward = f"hostfwd=tcp:127.0.0.1:{server.guest}-10.0.2.15:80,hostfwd=udp:127.0.0.1:{server.guest}-10.0.2.15:9"
    extra = ["-drive", f"if=none,id=disk,format=raw,file={disk}", "-rtc", f"base={BASE}",
             "-device", f"virtio-blk-device,drive=disk,bus=virtio-mmio-bus.{DISK}", "-netdev", f"user,id=net,{forward}",
             "-device", f"virtio-net-device,netdev=net,bus=virtio-mmio-bus.{NET}",
             "-qmp", f"unix:{control},server=on,wait=off"]
    console = Console()
    with Run(lab.machine(lab.pack(system, board=board), board=BOARDS[board].machine, cpus=3, memory=1024,
                         extra=extra)) as machine:
        for line in machine.lines(120):
            print(line)
            console.feed(line)
            if "test: key" in line:
                press(control)
        console.status = machine.status
    server.over.set()
    return console


def said(console, name):
    return [line.removeprefix("test: ") for line in console.partitions[name].output if line.startswith("test: ")]


def moved(life):
    """What the one with the network says of each life."""
    return ["3 packets transmitted, 3 packets received, 0% packet loss", f"life {life}", f"got {sha(DATA)}",
            f"sent {sha(DATA)}"]


@pytest.mark.parametrize("board, lives", [("qemu-virt", 2), ("qemu-virt-gicv2", 1)])
def test_disk_network_clock_and_key(lab, board, lives):
    """Each by its kernel's own driver, and nothing of it anywhere else. Those with two lives begin anew as they are, packets
    for the one coming all the while."""
    disk = root_disk(lab)
    with Server(lives) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        console = run(lab, board, server, disk, lives)
        server.shutdown()
    ends(console, "disk", "net", "neighbour")
    for name in ("disk", "net"):
        assert console.find(f"partmgr: warning: /chosen/{name}/devices: ") and console.find("can reach all memory")
        assert sum(line.startswith(f"{name} started ") for line in console.lines) == lives

    net = said(console, "net")
    assert net[:4] == moved(1)
    assert server.uploads == [DATA] * lives and server.fetched == [DATA] * lives
    clock = re.fullmatch(r"clock rtc-pl031 (\d+)", net[4])
    assert clock and 0 <= int(clock[1]) - EPOCH < 600
    assert net[5:8] == ["pl031: 0, then 1", "key 0", "gpiolib: 0, then 1"]
    assert net[8:-1] == (moved(2) if lives > 1 else [])
    assert int(re.fullmatch(r"net interrupts: (\d+)", net[-1])[1]) > 20

    root = ["root is /dev/vda ext4", f"data {sha(DATA)}"]
    expected = [*root, f"written {sha(DATA * 2)}"] + (lives - 1) * [*root, f"found {sha(DATA * 2)}"]
    *disks, interrupts = said(console, "disk")
    assert disks == expected
    assert int(re.fullmatch(r"disk interrupts: (\d+)", interrupts)[1]) > 20
    judge_disk(disk, lives)


def test_the_example(lab):
    """As doc/devices.md has it."""
    guests.initramfs_virtio()
    lines = (ROOT / "doc/devices.md").read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("    mke2fs "))
    make, command = lines[start].strip(), " ".join(line.strip() for line in lines[start + 1:start + 4])
    subprocess.run(shlex.split(make), cwd=lab.folder, check=True)
    name, option, extra = shlex.split(command)[2:]
    assert option == "--qemu-args"
    extra = [word.replace("disk.img", str(lab.folder / "disk.img")) for word in extra.split()]
    console = lab.boot(name, cpus=2, extra=extra)
    assert console.partitions["linux"].find("^bulkhead-guest: the disk has 1 files$")
    assert console.partitions["linux"].find("^bulkhead-guest: the gateway: 1 packets transmitted, 1 packets received$")
    assert b"Linux" in dump(lab.folder / "disk.img", "/booted")
    ends(console, "linux")
