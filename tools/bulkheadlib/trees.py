# SPDX-License-Identifier: BSD-2-Clause
"""Device trees: compiled from sources with includes and overlays, and where in them each node and property stands."""
import ctypes
import pathlib
import re
import resource
import subprocess
import tempfile
from dataclasses import dataclass, field

from .say import Failure

# Lines that only the C preprocessor understands; names of properties begin with # too.
DIRECTIVE = re.compile(rb"^[ \t]*#[ \t]*(?:include|define|undef|if|ifdef|ifndef|elif|else|endif|error)\b", re.MULTILINE)
CPP = ["cpp", "-nostdinc", "-undef", "-D__DTS__", "-x", "assembler-with-cpp"]
# What dtc knows better than Xen's binding: cells are inherited there, and names need no address.
QUIET = ["reg_format", "ranges_format", "unit_address_vs_reg", "unique_unit_address", "avoid_default_addr_size",
         "avoid_unnecessary_addr_size", "simple_bus_reg", "pci_device_reg", "pci_device_bus_num", "i2c_bus_reg",
         "spi_bus_reg"]

TOLD = re.compile(r"^(?:Error: )?(?P<file>[^:]+):(?P<line>\d+)\.(?P<column>\d+)(?:-[\d.]+)?:? "
                  r"(?:(?P<level>Warning|ERROR) \((?P<check>\w+)\): )?(?P<text>.*)$")
NODE = re.compile(r"^\t*(?:\w+: )*(\S+) \{(?: /\* (.*) \*/)?$")
PROPERTY = re.compile(r"^\t*(?:\w+: )*([^\s=;]+)(?: = .*)?;(?: /\* (.*) \*/)?$")
POSITION = re.compile(r"(?:^|, )(.+?):(\d+):(\d+)-\d+:\d+")


DAMAGED = "tree-bad"  # the plan's name of that mistake
LIMIT, DEPTH = 0x200000, 64  # what the plan reads of a tree
COMPILER_MEMORY, COMPILER_SECONDS = 512 << 20, 60  # of dtc and cpp


@dataclass(frozen=True)
class Place:
    """Where something stands; a binary file has no lines."""
    file: str
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True)
class Told:
    """What dtc or cpp said."""
    error: bool
    place: Place | None
    check: str  # dtc's name of the check, or ""
    text: str

    def __str__(self):
        where = "" if self.place is None else f"{self.place.file}:{self.place.line}: " if self.place.line else \
            f"{self.place.file}: "
        return f"{where}{'error' if self.error else 'warning'}: {self.text}"


class Refused(Failure):
    """A tree that cannot be compiled."""

    def __init__(self, path, told):
        self.told = told or [Told(True, Place(str(path)), "", "cannot be compiled")]
        super().__init__(f"{path} cannot be compiled:\n" + "\n".join(map(str, self.told)))


@dataclass
class Tree:
    """A compiled tree: its binary form, what dtc thinks of it, and where its nodes and properties come from."""
    blob: bytes
    told: list = field(default_factory=list)
    nodes: dict = field(default_factory=dict)  # path -> Place
    properties: dict = field(default_factory=dict)  # (path, name) -> Place
    file: Place | None = None  # where all else stands, of a binary tree

    def place(self, path, name=""):
        """Where the property stands, else the node, else the nearest node above it."""
        if (path, name) in self.properties:
            return self.properties[path, name]
        while path.startswith("/"):
            if path in self.nodes:
                return self.nodes[path]
            path = path.rpartition("/")[0] or ("/" if path != "/" else "")
        return self.file


def _bound():
    """In the compiler's process: a source may ask for a file that has no end."""
    resource.setrlimit(resource.RLIMIT_AS, (COMPILER_MEMORY, COMPILER_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (COMPILER_SECONDS, COMPILER_SECONDS))


def _run(command, path, data=None):
    """(status, output, what it said) of a compiler."""
    try:
        done = subprocess.run(list(map(str, command)), input=data, capture_output=True, check=False, preexec_fn=_bound)
    except FileNotFoundError as missing:
        raise Failure(f"{command[0]} is not installed: run tools/bulkhead setup") from missing
    said = done.stderr.decode(errors="replace")
    if done.returncode < 0:
        raise Failure(f"{command[0]} died of {path}: signal {-done.returncode}")
    return done.returncode, done.stdout, said


def _told(said, path):
    """dtc's messages, line by line; those without a place are the file's."""
    found = []
    for line in said.splitlines():
        match = TOLD.match(line)
        if match:
            file = str(path) if match["file"].startswith("<") else match["file"]
            place = Place(file, int(match["line"]) or None, int(match["column"]) or None)
            found.append(Told(match["level"] != "Warning", place, match["check"] or "", match["text"]))
        elif line.startswith("FATAL ERROR: ") and "Unable to parse" not in line:
            found.append(Told(True, _asks(path, line), "", line.partition(": ")[2]))
        elif line.startswith("  also defined at") or "Failed prerequisite" in line:
            continue
        elif line.startswith("<") and (match := re.match(r"<\w+>: (Warning|ERROR) \((\w+)\): (.*)", line)):
            found.append(Told(match[1] == "ERROR", Place(str(path)), match[2], match[3]))
    return found


def _read(path):
    """A file's bytes; of nothing but a file, which has an end."""
    try:
        if path.exists() and not path.is_file():
            raise Refused(path, [Told(True, Place(str(path)), "", "is no file")])
        return path.read_bytes()
    except OSError as error:
        raise Refused(path, [Told(True, Place(str(path)), "", error.strerror)]) from error


def _asks(path, message):
    """Where the source asks for the file that dtc cannot open: dtc does not say."""
    name = re.search(r'open "(.*?)"', message)
    lines = path.read_text(errors="replace").splitlines() if name else []
    asks = (at for at, line in enumerate(lines, 1) if "/include/" in line and f'"{name[1]}"' in line)
    return Place(str(path), next(asks, None))


def _preprocess(path):
    """The source as dtc reads it; None when it needs no preprocessor."""
    source = _read(path)
    if not DIRECTIVE.search(source):
        return None
    status, text, said = _run([*CPP, "-I", path.parent, path], path)
    if not status:
        return text
    told = [Told(True, Place(match[1], int(match[2])), "", match[3])
            for match in re.finditer(r"^(.+?):(\d+):\d+: (?:fatal )?error: (.*)$", said, re.MULTILINE)]
    raise Refused(path, told or [Told(True, Place(str(path)), "", said.strip())])


def _dtc(path, text, *options):
    quiet = [word for check in QUIET for word in ("-W", f"no-{check}")]
    source = path if text is None else "-"
    return _run(["dtc", *quiet, "-I", "dts", "-i", path.parent, *options, source], path, text)


def _positions(text):
    """(nodes, properties) of what dtc -T -T writes: path -> [Place], (path, name) -> Place."""
    nodes, properties, path = {}, {}, []
    for line in text.splitlines():
        if match := NODE.match(line):
            path.append("" if match[1] == "/" else match[1])
            found = [Place(file, int(row), int(column)) for file, row, column in POSITION.findall(match[2] or "")]
            nodes["/".join(path) or "/"] = found[0] if found else None
        elif line.lstrip("\t").startswith("}"):
            path.pop()
        elif path and (match := PROPERTY.match(line)):
            found = [Place(file, int(row), int(column)) for file, row, column in POSITION.findall(match[2] or "")]
            properties["/".join(path) or "/", match[1]] = found[-1] if found else None
    return nodes, properties


def _cell(blob, offset):
    return int.from_bytes(blob[offset:offset + 4], "big") if offset + 4 <= len(blob) else -1


def _walks(blob, at, end, strings):
    """True when the structure block can be walked: one root, every node closed, every name and value inside."""
    depth, root = 0, False
    while at + 4 <= end:
        tag, at = _cell(blob, at), at + 4
        if tag == 1 and depth < DEPTH and (depth or not root):  # a node begins
            stop = blob.find(b"\0", at, end)
            at, depth, root = -(-(stop + 1) // 4) * 4, depth + 1, True
            if stop < 0:
                return False
        elif tag == 2 and depth:  # it ends
            depth -= 1
        elif tag == 3 and depth:  # a property: length, name, value
            length, name = _cell(blob, at), _cell(blob, at + 4)
            at += 8 + -(-length // 4) * 4
            if length < 0 or at > end or b"\0" not in strings[name:]:
                return False
        elif tag == 9:  # the end
            return root and not depth
        elif tag != 4:
            return False
    return False


def _reserves(blob, at):
    """True when the list of reserved memory ends, with an entry of zeroes, before the tree does."""
    return at % 8 == 0 and any(blob[entry:entry + 16] == bytes(16) for entry in range(at, len(blob) - 15, 16))


def damage(blob):
    """Why a binary tree cannot be read; None when it can. The words are the manager's (partmgr/plan/tree_check.c)."""
    size, structure, strings, reserved = (_cell(blob, offset) for offset in (4, 8, 12, 16))
    strings_size, structure_size = _cell(blob, 32), _cell(blob, 36)
    if len(blob) < 40 or _cell(blob, 0) != 0xd00dfeed:
        return "is no device tree"
    if size > LIMIT:
        return "is larger than 2 MiB"
    if size > len(blob):
        return "is cut off"
    if _cell(blob, 20) < 17 or not 0 <= _cell(blob, 24) <= 17:
        return "is of a version that is not known"
    if size < 40 or structure % 4 or structure + structure_size > size or strings + strings_size > size or \
            min(structure, strings, reserved) < 40 or not _reserves(blob[:size], reserved) or \
            not _walks(blob[:size], structure, structure + structure_size, blob[strings:strings + strings_size]):
        return "is damaged"
    return None


def _compile(path, *options, places):
    """A tree without its overlays."""
    if path.suffix in (".dtb", ".dtbo"):
        tree = Tree(_read(path))
        if why := damage(tree.blob):
            raise Refused(path, [Told(True, Place(str(path)), DAMAGED, why)])
        tree.file = Place(str(path))
        if places:  # what an overlay sets is the overlay's
            _status, listing, _said = _run(["dtc", "-q", "-f", "-I", "dtb", "-O", "dts", path], path)
            nodes, properties = _positions(listing.decode(errors="replace"))
            tree.nodes = dict.fromkeys(nodes, Place(str(path)))
            tree.properties = dict.fromkeys(properties, Place(str(path)))
        return tree
    text = _preprocess(path)
    status, blob, said = _dtc(path, text, "-O", "dtb", *options)
    if status:
        raise Refused(path, [told for told in _told(said, path) if told.error])
    tree = Tree(blob, _told(said, path))
    if places:
        _status, listing, _said = _dtc(path, text, "-q", "-T", "-T", "-O", "dts", *options)
        nodes, properties = _positions(listing.decode(errors="replace"))
        tree.nodes = {key: place for key, place in nodes.items() if place}
        tree.properties = {key: place for key, place in properties.items() if place}
    return tree


def libfdt():
    """The module, which is not there before setup, in this same process, has installed it."""
    try:
        import libfdt as module
    except ModuleNotFoundError as missing:
        raise Failure("python3-libfdt is not installed: run tools/bulkhead setup") from missing
    return module


def get(tree, node, name):
    """A property; None when the node has none of that name.

    pylibfdt 1.6.1 gives away a reference to None with every property that is not there; after some thousands the
    interpreter aborts. Here it gets one back."""
    found = tree.getprop(node, name, [libfdt().NOTFOUND])
    if not isinstance(found, int):
        return found
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(None))
    return None


def _strings(tree, path):
    """The properties of a node as {name: [string, ...]}; {} when there is no such node."""
    fdt = libfdt()
    node = tree.path_offset(path, [fdt.NOTFOUND])
    found = {}
    if node < 0:
        return found
    offset = tree.first_property_offset(node, [fdt.NOTFOUND])
    while offset >= 0:
        prop = tree.get_property_by_offset(offset)
        found[prop.name] = bytes(prop).decode(errors="replace").rstrip("\0").split("\0")
        offset = tree.next_property_offset(offset, [fdt.NOTFOUND])
    return found


def _used(change, use):
    """Where in its source an overlay uses a label: `use` is path:property:offset."""
    node, name, _offset = use.rsplit(":", 2)
    return change.place(f"{node}/__overlay__" if name == "target" else node, name)


def _targets(base, overlay, change, path):
    """Where each fragment of an overlay goes: {fragment's name: path in the base}."""
    fdt = libfdt()
    symbols = _strings(base, "/__symbols__")
    targets = {}
    for label, uses in _strings(overlay, "/__fixups__").items():
        if label not in symbols:
            why = f"no label \"{label}\" in the tree" + ("" if symbols else ": a .dtb keeps labels with dtc -@")
            raise Refused(path, [Told(True, _used(change, uses[0]) or Place(str(path)), "", why)])
        for use in uses:
            node, name, _offset = use.rsplit(":", 2)
            if name == "target":
                targets[node.lstrip("/")] = symbols[label][0]
    node = overlay.first_subnode(0, [fdt.NOTFOUND])
    while node >= 0:
        target = get(overlay, node, "target-path")
        if target is not None:
            targets[overlay.get_name(node)] = target.as_str()
        node = overlay.next_subnode(node, [fdt.NOTFOUND])
    return targets


def _adopt(tree, overlay, targets):
    """What the overlay sets stands in the overlay's file from now on."""
    def moved(path):
        fragment, _slash, rest = path.lstrip("/").partition("/")
        inside = rest == "__overlay__" or rest.startswith("__overlay__/")
        if fragment not in targets or not inside:
            return None
        return (targets[fragment].rstrip("/") + rest[len("__overlay__"):]) or "/"

    for path, place in overlay.nodes.items():
        if moved(path):
            tree.nodes.setdefault(moved(path), place)
    for (path, name), place in overlay.properties.items():
        if moved(path):
            tree.properties[moved(path), name] = place


def _apply(tree, path, places):
    """Applies one overlay to the tree."""
    fdt = libfdt()
    overlay = _compile(path, "-@", places=places)
    try:
        targets = _targets(fdt.Fdt(tree.blob), fdt.Fdt(overlay.blob), overlay, path)
    except fdt.FdtException as error:
        raise Refused(path, [Told(True, Place(str(path)), "", f"is damaged: {error}")]) from error
    with tempfile.TemporaryDirectory() as folder:
        base, change, merged = (pathlib.Path(folder, name) for name in ("base", "overlay", "merged"))
        base.write_bytes(tree.blob)
        change.write_bytes(overlay.blob)
        status, _output, said = _run(["fdtoverlay", "-i", base, "-o", merged, change], path)
        if status:
            why = re.search(r"FDT_ERR_\w+", said)
            raise Refused(path, [Told(True, Place(str(path)), "", f"cannot be applied: {why[0] if why else said}")])
        tree.blob = merged.read_bytes()
    tree.told += overlay.told
    _adopt(tree, overlay, targets)


def _without_labels(blob):
    """The tree without what only overlays need."""
    fdt = libfdt()
    tree = fdt.Fdt(bytearray(blob))
    for name in ("__symbols__", "__fixups__", "__local_fixups__"):
        node = tree.path_offset(f"/{name}", [fdt.NOTFOUND])
        if node >= 0:
            tree.del_node(node)
    tree.pack()
    return bytes(tree.as_bytearray())[:tree.totalsize()]


def compile_text(text, path, told=()):
    """A Tree of a source that is in no file; path: what it was made from."""
    status, blob, said = _dtc(path, text, "-O", "dtb")
    if status:
        raise Refused(path, [one for one in _told(said, path) if one.error])
    return Tree(blob, list(told))


def compile_tree(path, overlays=(), places=False):
    """A Tree of a .dts or .dtb file with overlays (.dtso, .dts, .dtbo) applied in their order. places: with where each
    thing stands. Raises Refused."""
    path = pathlib.Path(path)
    tree = _compile(path, *(["-@"] if overlays else []), places=places)
    for overlay in overlays:
        _apply(tree, pathlib.Path(overlay), places)
    if overlays:
        tree.blob = _without_labels(tree.blob)
    if why := damage(tree.blob):  # too large, or too deep
        raise Refused(path, [Told(True, Place(str(path)), DAMAGED, why)])
    return tree


def arguments(parser):
    parser.add_argument("--overlay", action="append", default=[], type=pathlib.Path, metavar="FILE",
                        help="apply an overlay (.dtso or .dtbo) to the description; may be repeated")
