# SPDX-License-Identifier: BSD-2-Clause
"""ImageBuilder's configuration files: the description of the system that they stand for, and what the boot loader is to
do. What is wrong in one is told all at once, each with its line."""
import pathlib
import re
from dataclasses import dataclass, field

from ..trees import Place, Refused, Told, compile_text
from .variables import LIMIT, Reader

KNOWN_BY = re.compile(r"^[ \t]*(?:export[ \t]+)?(?:MEMORY_START|MEMORY_END|NUM_DOMUS|DOMU_KERNEL(?:\[\d+\])?|DOM0_KERNEL)=",
                      re.MULTILINE)
TREES = (".dts", ".dtsi", ".dtso", ".dtb", ".dtbo")
SHORT = {"tftp": "tftpb", "sd": "load mmc 0:1", "scsi": "load scsi 0:1"}  # what its option -t abbreviates
DOM0 = ("error", "leave-out", "control")
MIB = 1024  # KiB
SIZES = {"max_grant_version": "DOMU_GRANT_VER", "max_grant_frames": "DOMU_GRANT_FRAMES",
         "max_maptrack_frames": "DOMU_MAPTRACK_FRAMES"}
FILES = ("DOMU_KERNEL", "DOMU_RAMDISK", "DOMU_PASSTHROUGH_DTB")
MACHINE = ("DEVICE_TREE", "DT_OVERLAY", "APPEND_EXTRA_CMDS")  # files, too, but none of a domain
ENHANCED = {0: "disabled", 1: "enabled", 2: "no-xenstore"}


@dataclass
class Configuration:
    """What a configuration file says. Paths are as written, relative to where ImageBuilder's -d points."""
    tree: object = None  # the description, modules by bulkhead,file
    memory: tuple | None = None
    load: str | None = None
    loads: dict = field(default_factory=dict)  # path of a module's node -> its own command
    xen: str | None = None
    xen_load: str | None = None
    device_tree: str | None = None
    overlays: list = field(default_factory=list)
    boot: str = "booti"
    extra: str | None = None
    source: str | None = None
    script: str | None = None
    fit: str | None = None
    edited: str | None = None
    places: dict = field(default_factory=dict)  # variable -> Place


def arguments(parser):
    parser.add_argument("--root", type=pathlib.Path, metavar="DIR",
                        help="where the files are that SYSTEM names (default: beside it)")
    parser.add_argument("--dom0", default="error", choices=DOM0,
                        help="what becomes of the Dom0 of ImageBuilder's configuration (default: error)")


def is_one(path):
    """True for a file that is written like one of ImageBuilder's."""
    if path.suffix in TREES or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return bool(KNOWN_BY.search(file.read(LIMIT).decode("latin-1")))
    except OSError:
        return False


def _quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _cells(*numbers):
    """Numbers of two cells each."""
    return "<" + " ".join(f"{number >> 32:#x} {number & 0xffffffff:#x}" for number in numbers) + ">"


class _Text:
    """A description being written, and where each part of it comes from."""

    def __init__(self, file):
        self.file, self.lines, self.path = file, ["/dts-v1/;"], []
        self.nodes, self.properties = {}, {}

    def begin(self, name, line, label=""):
        self.path.append("" if name == "/" else name)
        self.nodes["/".join(self.path) or "/"] = Place(self.file, line)
        self.lines.append(f"{label}{name} {{")

    def set(self, name, value, line):
        self.properties["/".join(self.path), name] = Place(self.file, line)
        self.lines.append(f"{name} = {value};" if value else f"{name};")

    def end(self):
        self.path.pop()
        self.lines.append("};")


def _module(reader, text, role, name, index, load):
    """A module's node; the path of it when it has a command of its own."""
    value = reader.get(name, index)
    if not value:
        return
    text.begin(role, value.line)
    text.set("compatible", f'"multiboot,{role}", "multiboot,module"', value.line)
    text.set("bulkhead,file", _quoted(value.text), value.line)
    if load:
        reader.loads["/".join(text.path)] = load
    if role == "kernel":
        reader.bootargs(text, index)
    text.end()


class _Domains(Reader):
    """The domains' part. loads: path of a module's node -> its own command."""

    def __init__(self, path, dom0):
        super().__init__(path, dom0)
        self.loads = {}

    def bootargs(self, text, index):
        name = "DOM0_CMD" if index is None else "DOMU_CMD"
        value = self.get(name, index)
        default = index is None or self.number("DOMU_VPL011", index, 1, 0, 1).text
        if value:
            text.set("bootargs", _quoted(value.text), value.line)
        elif default:
            text.set("bootargs", '"console=ttyAMA0"', text.nodes["/".join(text.path)].line)

    def _memory(self, text, index, line):
        regions = self.get("DOMU_STATIC_MEM", index)
        mib = self.number("DOMU_MEM", index, 512, 1, 1 << 20)
        text.set("memory", _cells(mib.text * MIB), mib.line or line)
        if not regions:
            return
        found = self.numbers("DOMU_STATIC_MEM", index, regions.text.split(), regions.line)
        if found is not None and (len(found) % 2 or not found):
            self.tell("value", regions.line, f"DOMU_STATIC_MEM[{index}]: {len(found)} numbers, must be pairs of base and size")
        elif found:
            text.set("xen,static-mem", _cells(*found), regions.line)
            direct = self.number("DOMU_DIRECT_MAP", index, 1, 0, 1)
            if direct.text:
                text.set("direct-map", None, direct.line or regions.line)

    def _shared(self, text, index):
        value = self.get("DOMU_SHARED_MEM", index)
        if not value:
            return
        name, *rest = value.text.split() or [""]
        if len(rest) not in (2, 3):
            self.tell("value", value.line, f"DOMU_SHARED_MEM[{index}]: must be an ID, the host's address (or none), the "
                      "guest's, and the size")
            return
        found = self.numbers("DOMU_SHARED_MEM", index, rest, value.line)
        if found:
            text.begin("shared-memory", value.line)
            text.set("compatible", '"xen,domain-shared-memory-v1"', value.line)
            text.set("xen,shm-id", _quoted(name), value.line)
            text.set("xen,shared-mem", _cells(*found), value.line)
            text.set("role", '"borrower"', value.line)  # as ImageBuilder has it
            text.end()

    def _words(self, text, index):
        """What is one property each."""
        pool = self.number("DOMU_CPUPOOL", index, None, 0, self.pools - 1)
        if pool.text is not None:
            text.set("domain-cpupool", f"<&pool{pool.text}>", pool.line)
        spis = self.number("DOMU_NR_SPIS", index, None, 0, 0xffffffff)
        if spis.text is not None:
            text.set("nr_spis", f"<{spis.text}>", spis.line)
        for name, variable in SIZES.items():
            number = self.number(variable, index, None, 0, 0xffffffff)
            if number.text is not None:
                text.set(name, f"<{number.text}>", number.line)
        enhanced = self.number("DOMU_ENHANCED", index, None, 0, 2)
        if enhanced.text is not None:
            text.set("xen,enhanced", _quoted(ENHANCED[enhanced.text]), enhanced.line)
        colors = self.get("DOMU_COLORS", index)
        if colors:
            text.set("llc-colors", _quoted(colors.text), colors.line)
        paths = self.get("DOMU_PASSTHROUGH_PATHS", index)
        if paths:
            text.set("bulkhead,device-paths", ", ".join(map(_quoted, paths.text.split())), paths.line)
        waits = self.get("DOMU_NOBOOT", index)
        if waits:
            text.set("bulkhead,start", '"manual"', waits.line)

    def domain(self, text, index):
        kernel = self.get("DOMU_KERNEL", index)
        if not kernel:
            self.tell("missing", self.get("NUM_DOMUS").line, f"DOMU_KERNEL[{index}] is missing")
            return
        text.begin(f"domU{index}", kernel.line)
        text.set("compatible", '"xen,domain"', kernel.line)
        for name in ("#address-cells", "#size-cells"):
            text.set(name, "<2>", kernel.line)
        vcpus = self.number("DOMU_VCPUS", index, 1, 1, 0xffffffff)
        text.set("cpus", f"<{vcpus.text}>", vcpus.line or kernel.line)
        uart = self.number("DOMU_VPL011", index, 1, 0, 1)
        if uart.text:
            text.set("vpl011", None, uart.line or kernel.line)
        self._memory(text, index, kernel.line)
        self._words(text, index)
        self._shared(text, index)
        load = self.text("DOMU_LOAD", index)
        for role, name in (("kernel", "DOMU_KERNEL"), ("ramdisk", "DOMU_RAMDISK")):
            _module(self, text, role, name, index, load)
        if not self.get("DOMU_PASSTHROUGH_PATHS", index):  # as ImageBuilder has it
            _module(self, text, "device-tree", "DOMU_PASSTHROUGH_DTB", index, load)
        text.end()

    def zero(self, text):
        """Dom0, where there is one: Bulkhead has none."""
        kernel = self.get("DOM0_KERNEL")
        if not kernel or self.dom0 == "leave-out":
            return
        if self.dom0 == "error":
            self.tell("dom0", kernel.line, "DOM0_KERNEL: there is no Dom0 here: --dom0 leave-out boots the others alone, "
                      "--dom0 control makes it a domain that controls them, without hardware of its own")
            return
        text.begin("dom0", kernel.line)
        text.set("compatible", '"xen,domain"', kernel.line)
        for name in ("#address-cells", "#size-cells"):
            text.set(name, "<2>", kernel.line)
        text.set("capabilities", "<1>", kernel.line)
        text.set("vpl011", None, kernel.line)
        mib = self.number("DOM0_MEM", None, 512, 1, 1 << 20)
        text.set("memory", _cells(mib.text * MIB), mib.line or kernel.line)
        vcpus = self.number("DOM0_VCPUS", None, 1, 1, 0xffffffff)
        text.set("cpus", f"<{vcpus.text}>", vcpus.line or kernel.line)
        for role, name in (("kernel", "DOM0_KERNEL"), ("ramdisk", "DOM0_RAMDISK")):
            _module(self, text, role, name, None, self.text("DOM0_LOAD"))
        text.end()

    def pool(self, text, index):
        value = self.get("CPUPOOL", index)
        words = value.text.split() if value else []
        names = words[0].split(",") if words else []
        if not value:
            self.tell("missing", self.get("NUM_CPUPOOLS").line, f"CPUPOOL[{index}] is missing")
        elif not 1 <= len(words) <= 2 or not all(re.fullmatch(r"(/cpus/)?cpu@[0-9a-fA-F]{1,16}", name) for name in names):
            self.tell("value", value.line, f"CPUPOOL[{index}]: must be nodes of /cpus, \"cpu@1,cpu@2\", and a scheduler")
        else:
            text.begin(f"cpupool_{index}", value.line, f"pool{index}: ")
            text.set("compatible", '"xen,cpupool"', value.line)
            text.set("cpupool-cpus", "<" + " ".join(f"&cpu_{name.partition('@')[2]}" for name in names) + ">", value.line)
            text.end()
            return [name.partition("@")[2] for name in names]
        return []


def _cpus(text, units, line):
    """The cores that pools name, as a description of its own has them."""
    text.begin("cpus", line)
    for name in ("#address-cells", "#size-cells"):
        text.set(name, f"<{2 if name[1] == 'a' else 0}>", line)
    for unit in sorted(units):
        text.begin(f"cpu@{unit}", line, f"cpu_{unit}: ")
        text.set("device_type", '"cpu"', line)
        text.set("reg", _cells(int(unit, 16)), line)
        text.end()
    text.end()


def _describe(reader):
    """The description as a _Text."""
    text = _Text(reader.file)
    text.begin("/", 1)
    text.begin("chosen", 1)
    for name in ("#address-cells", "#size-cells"):
        text.set(name, "<2>", 1)
    units = {unit for index in range(reader.pools) for unit in reader.pool(text, index)}
    reader.zero(text)
    for index in range(reader.domains):
        reader.domain(text, index)
    text.end()
    if units:
        _cpus(text, units, reader.get("NUM_CPUPOOLS").line)
    text.end()
    return text


def _machine(reader, found):
    """What the boot loader is to do."""
    start = reader.number("MEMORY_START", None, None, 0, (1 << 48) - 1)
    end = reader.number("MEMORY_END", None, None, 1, 1 << 48)
    if (start.text is None) != (end.text is None):
        reader.tell("missing", start.line or end.line, "MEMORY_START and MEMORY_END: one of them is missing")
    elif start.text is not None and start.text >= end.text:
        reader.tell("value", end.line, f"MEMORY_END: {end.text:#x} is not behind MEMORY_START, {start.text:#x}")
    elif start.text is not None:
        found.memory = (start.text, end.text)
    for field_name, name in (("load", "LOAD_CMD"), ("xen", "XEN"), ("xen_load", "XEN_LOAD"), ("device_tree", "DEVICE_TREE"),
                             ("extra", "APPEND_EXTRA_CMDS"), ("source", "UBOOT_SOURCE"), ("script", "UBOOT_SCRIPT"),
                             ("fit", "FIT"), ("edited", "FDTEDIT")):
        setattr(found, field_name, reader.text(name))
    for (name, _index), value in reader.values.items():
        if name in ("LOAD_CMD", "XEN_LOAD", "DOM0_LOAD", "DOMU_LOAD") and "\n" in value.text:
            reader.tell("value", value.line, f"{name}: must be one line")
    found.load = SHORT.get(found.load, found.load)
    boot = reader.get("BOOT_CMD")
    found.boot = boot.text if boot else "booti"
    if found.boot not in ("booti", "none"):
        reader.tell("unsupported", boot.line, f"BOOT_CMD: {found.boot!r}: the image is for booti, or \"none\" writes no "
                    "command; tools/bulkhead fit makes something for bootm")
    for index in range(reader.overlays):
        overlay = reader.get("DT_OVERLAY", index)
        if overlay:
            found.overlays.append(overlay.text)
        else:
            reader.tell("missing", reader.get("NUM_DT_OVERLAY").line, f"DT_OVERLAY[{index}] is missing")
    if found.overlays and not found.device_tree:
        reader.tell("missing", reader.get("NUM_DT_OVERLAY").line, "DT_OVERLAY without a DEVICE_TREE that they change")


def _missing(reader, folders):
    """Tells which files there are not, where nothing else will: the first of the folders is for the machine's, too."""
    for (name, _index), value in reader.values.items():
        where = folders if name in FILES else folders[:1] if name in MACHINE else ()
        if where and value.text and not any((folder / value.text).is_file() for folder in where):
            reader.told.append(Told(True, Place(reader.file, value.line), "file-missing",
                                    f"{name}: {value.text} is in none of {', '.join(map(str, where))}"))


def read(path, dom0="error", folders=()):
    """The Configuration in a file. Raises Refused with everything that is wrong in it; with folders, where its files are
    looked for, these are part of that."""
    path = pathlib.Path(path)
    reader = _Domains(path, dom0)
    found = Configuration(loads=reader.loads)
    found.places = {name: Place(reader.file, value.line) for (name, _index), value in reader.values.items()}
    _machine(reader, found)
    text = _describe(reader)
    if not reader.domains and not reader.get("DOM0_KERNEL") and not any(one.error for one in reader.told):
        count = reader.get("NUM_DOMUS")
        reader.tell("missing", count.line if count else 1, "NUM_DOMUS: there is no domain")
    # one value may be asked for more than once
    told = list(dict.fromkeys(reader.told))
    if any(one.error for one in told):
        _missing(reader, folders)
        told = list(dict.fromkeys(reader.told))
        raise Refused(path, sorted(told, key=lambda one: one.place.line))
    found.tree = compile_text("\n".join(text.lines).encode("utf-8", "surrogateescape"), path, told)
    found.tree.nodes, found.tree.properties = text.nodes, text.properties
    return found
