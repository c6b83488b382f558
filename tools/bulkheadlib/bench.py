# SPDX-License-Identifier: BSD-2-Clause
"""tools/bulkhead bench: counts instructions, by QEMU's virtual time. No clock of this machine has a part in it."""
import json
import pathlib
import re
import socket
import tempfile
import time

from . import boards, build, bundle, guests, setup
from .console import Console
from .places import DEMO, GUESTS
from .qemu import Machine, Run
from .say import Failure, columns, run, say

HELP = "count instructions: from reset to the guests, and of each way into the kernel"
TIMEOUT = 120
MICROSECOND = 1000  # instructions, where one takes 1 ns: -icount shift=0
BOOT_SHIFT, ENTRY_SHIFT = 0, 4  # with 4, one tick of the 62.5 MHz count is one instruction
DOMAIN = """/dts-v1/; / {{ chosen {{ {name} {{ compatible = "xen,domain"; memory = <0 0x4000>; cpus = <{cpus}>; vpl011;
kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "{name}.bin"; }}; }}; }}; }};"""
# A Linux that the boot loader has put into RAM; the RAM ends before QEMU's 2 GiB do.
PLACED = """/dts-v1/; / {{ chosen {{ linux {{ compatible = "xen,domain"; memory = <0 0x20000>; cpus = <1>; vpl011;
bulkhead,policy = "{policy}"; bulkhead,on-reset = "stop";
kernel {{ compatible = "multiboot,kernel", "multiboot,module"; reg = <0 {host:#x} {size:#x}>; }}; }}; }}; }};"""
PLACE = 0x58000000
ROW = re.compile(r"(\S+) min=(\d+) median=(\d+)")
# What tests/guests/bench.c measures, with one vCPU and with two.
ENTRIES = {
    "hypercall": "HVC PSCI_VERSION and back",
    "register-read": "read of GICD_TYPER",
    "self-sgi": "SGI to itself, to its handler",
    "virtual-timer": "virtual timer's deadline, to its handler",
    "other-sgi": "SGI to another vCPU in WFI, to its handler",
    "ring-put": "message of 32 bytes into a ring",
    "ring-take": "and out of it",
}
# Two partitions with a ring to each other, in areas 0 and 1 of tests/guests/ring.c, and a channel.
PAIR = """/dts-v1/; / {{ chosen {{ {domains} }}; }};"""
END = """{name} {{ compatible = "xen,domain"; memory = <0 0x1000>; cpus = <1>; vpl011;
kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "ring.bin"; bootargs = "{arguments}"; }};
there {{ compatible = "xen,domain-shared-memory-v1"; xen,shm-id = "there"; xen,shared-mem = <0 0x70000000 0x4000>; }};
back {{ compatible = "xen,domain-shared-memory-v1"; xen,shm-id = "back"; xen,shared-mem = <0 0x70100000 0x4000>; }};
{name}: bell {{ compatible = "xen,evtchn-v1"; xen,evtchn = <1 &{peer}>; }}; }};
"""
TICKS = re.compile(r"ring: ticks (\d+) for a message, (\d+) for the shortest round")
MESSAGES = 20000
# Messages under way at a time -> name of a figure, which of TICKS it is, what it means.
RINGS = {
    128: ("ring-rate", 1, "a message there and back, many under way"),
    1: ("ring-round", 2, "the same, one at a time: two doorbells"),
}


def arguments(parser):
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the numbers there, too")
    boards.arguments(parser)


def _connect(path):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(TIMEOUT)
    end = time.monotonic() + 10
    while connection.connect_ex(str(path)):
        if time.monotonic() > end:
            raise Failure("QEMU opens no socket")
        time.sleep(0.01)
    return connection


class _Held:
    """A machine that stands at its reset and runs from one stop to the next: the gdb stub stops it, QMP counts."""

    def __init__(self, image, cpus, board):
        self.folder = tempfile.TemporaryDirectory()
        sockets = {name: pathlib.Path(self.folder.name, name) for name in ("gdb", "qmp")}
        extra = ["-S", "-gdb", f"unix:{sockets['gdb']},server=on,wait=off",
                 "-qmp", f"unix:{sockets['qmp']},server=on,wait=off"]
        self.run = Run(Machine(image, cpus, icount=BOOT_SHIFT, extra=extra, board=board.machine))
        try:
            self.gdb = _connect(sockets["gdb"])
            self.qmp = _connect(sockets["qmp"]).makefile("rw")
            self.qmp.readline()  # the greeting
            self._qmp("qmp_capabilities")
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.run.stop()
        self.folder.cleanup()

    def _qmp(self, command):
        self.qmp.write(json.dumps({"execute": command}) + "\n")
        self.qmp.flush()
        while True:
            answer = json.loads(self.qmp.readline() or "{}")
            if "return" in answer:
                return answer["return"]
            if "event" not in answer:
                raise Failure(f"QEMU refuses {command}")

    def command(self, text):
        """A packet to the stub, and its answer."""
        self.gdb.sendall(b"+$%s#%02x" % (text.encode(), sum(text.encode()) & 255))
        answer = b""
        while not (found := re.search(rb"\$([^#]*)#..", answer)):
            data = self.gdb.recv(4096)
            if not data:
                raise Failure("QEMU has gone")
            answer += data
        return found[1].decode()

    def run_to(self, kind, address):
        """Runs until a stop of that kind (1: execution, 2: write); the instructions that all cores have executed."""
        self.command(f"Z{kind},{address:x},4")
        answer = self.command("c")
        if not answer.startswith("T05"):
            raise Failure(f"the machine did not come to {address:#x} but said {answer!r}")
        self.command(f"z{kind},{address:x},4")
        return self._qmp("query-replay")["icount"]


def _symbols(elf):
    text = run(["aarch64-linux-gnu-nm", elf], capture_output=True, text=True).stdout
    return {name: int(address, 16) for address, name in re.findall(r"^([0-9a-f]+) \S (\S+)$", text, re.MULTILINE)}


def _sealed(image, cpus, board, names):
    """Instructions until the store that seals the machine."""
    with _Held(image, cpus, board) as held:
        held.run_to(1, names["control_seal"])  # the zeroing of .bss writes there, too
        return held.run_to(2, names["machine_sealed"])


def _watch(image, cpus, board, shift, partitions=None, extra=()):
    """The console up to the machine's end, or until so many partitions have begun."""
    console = Console()
    with Run(Machine(image, cpus, icount=shift, extra=extra, board=board.machine)) as running:
        for line in running.lines(TIMEOUT):
            console.feed(line)
            if partitions and sum(each.started is not None for each in console.partitions.values()) == partitions:
                break
    return console


def _boot(folder, board, system, output, cpus, partitions):
    """Name of a point -> instructions from reset."""
    image = bundle.write_image(folder, system, output, board.kernel())
    points = {"seal": _sealed(image, cpus, board, _symbols(folder / board.kernel("kernel.elf")))}
    console = _watch(image, cpus, board, BOOT_SHIFT, partitions)
    begun = [each for each in console.partitions.values() if each.started is not None]
    if len(begun) != partitions:
        raise Failure(f"{len(begun)} of {partitions} partitions of {system} began")
    points |= {each.name: each.started * MICROSECOND for each in sorted(begun, key=lambda each: each.started)}
    return {"cores": cpus, "points": points}


def _entries(folder, board, work):
    """Name of an entry -> {"min", "median"}."""
    found = {}
    for cpus in (1, 2):
        system = work / f"bench{cpus}.dts"
        system.write_text(DOMAIN.format(name="bench", cpus=cpus))
        image = bundle.write_image(folder, system, work / "bench.img", board.kernel())
        console = _watch(image, cpus, board, ENTRY_SHIFT)
        for line in console.partition("bench").output:
            if (match := ROW.match(line)) and match[1] in ENTRIES:
                found[match[1]] = {"min": int(match[2]), "median": int(match[3])}
    missing = set(ENTRIES) - set(found)
    if missing:
        raise Failure(f"the guest did not measure {', '.join(sorted(missing))}")
    return found


def _loads(folder, board, work):
    """How a kernel comes to its guest -> {"size", "start": instructions from reset to the guest}."""
    kernel = GUESTS / "linux"
    size = kernel.stat().st_size
    loader = ["-device", f"loader,file={kernel},addr={PLACE:#x},force-raw=on"]
    found = {}
    for name, policy in (("copied", "first-fit"), ("in place", "zero-copy")):
        system = work / "placed.dts"
        system.write_text(PLACED.format(policy=policy, host=PLACE, size=size))
        image = bundle.write_image(folder, system, work / "system.img", board.kernel())
        console = _watch(image, 1, board, BOOT_SHIFT, 1, loader)
        if console.partition("linux").started is None:
            raise Failure("the Linux that was put into RAM did not begin")
        found[name] = {"size": size, "start": console.partition("linux").started * MICROSECOND}
    return found


def _rings(folder, board, work):
    """Name of a figure -> instructions of both partitions, kernel and monitors for a message there and back."""
    found = {}
    for window, (name, group, _text) in RINGS.items():
        source = f"source={MESSAGES} window={window} out=0 in=1"
        system = work / "ring.dts"
        system.write_text(PAIR.format(domains=END.format(name="near", peer="far", arguments=source) +
                                      END.format(name="far", peer="near", arguments="out=1 in=0")))
        image = bundle.write_image(folder, system, work / "bench.img", board.kernel())
        console = _watch(image, 2, board, ENTRY_SHIFT)
        match = console.partition("near").find(TICKS)
        if not match:
            raise Failure("the ring was not measured")
        found[name] = int(match[group])
    return found


def measure(folder, board=boards.FIRST):
    """All numbers, of what was built in the folder for the board."""
    guests.initramfs()
    with tempfile.TemporaryDirectory(dir=folder) as name:
        work = pathlib.Path(name)
        hello = work / "hello.dts"
        hello.write_text(DOMAIN.format(name="hello", cpus=1))
        say("counting from reset to the guests (-icount shift=0)")
        boots = {"hello": _boot(folder, board, hello, work / "system.img", 1, 1),
                 "demo": _boot(folder, board, DEMO, work / "system.img", 4, 3)}
        say("counting what a copy costs (-icount shift=0)")
        loads = _loads(folder, board, work)
        say("counting entries (-icount shift=4)")
        return {"boot": boots, "loads": loads, "entries": _entries(folder, board, work),
                "rings": _rings(folder, board, work)}


def report(numbers):
    """Both tables as text."""
    boots = [("system", "cores", "from reset to", "instructions")]
    for system, boot in numbers["boot"].items():
        boots += [(system, str(boot["cores"]), point if point == "seal" else f"start of {point}", str(count))
                  for point, count in boot["points"].items()]
    loads = [("kernel", "bytes", "from reset to its start")]
    loads += [(name, str(load["size"]), str(load["start"])) for name, load in numbers["loads"].items()]
    entries = [("entry", "min", "median")]
    entries += [(text, *(str(numbers["entries"][name][key]) for key in ("min", "median")))
                for name, text in ENTRIES.items()]
    rings = [("messages between two partitions", "instructions")]
    rings += [(text, str(numbers["rings"][name])) for name, _group, text in RINGS.values()]
    return "\n".join([
        columns(boots), "",
        "All cores' instructions together. The seal is exact. A start is when its monitor reports it, just before the",
        "guest's first instruction: in whole microseconds, so to 1000 instructions (QEMU's counter: to 16).", "",
        columns(loads), "",
        "The same Linux with 128 MiB, by the policies first-fit and zero-copy (doc/policies.md).", "",
        columns(entries), "",
        "Instructions of guest, kernel and monitor together, of both cores where there are two; 100 rounds, less an",
        "empty measurement. A handler includes the guest's own saving of its registers.", "",
        columns(rings), "",
        f"Of both partitions, their monitors and the kernel, for a message of 32 bytes: the average of {MESSAGES} with many",
        "under way, the shortest round with one. Doorbells ring where somebody sleeps."])


def main(options):
    with build.alone():
        setup.ensure()
        folder = build.compile_preset("release")
    numbers = measure(folder, boards.BOARDS[options.board])
    print(f"\n{report(numbers)}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(numbers, indent=2) + "\n")
    return 0
