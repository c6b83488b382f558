# SPDX-License-Identifier: BSD-2-Clause
"""A boot by a boot loader, worked out: which file goes where, what is added to the machine's tree, and what the manager will
say to that."""
import pathlib
import tempfile
from dataclasses import dataclass, field, replace

from .. import build, bundle, guests, planner, preparation, setup, trees
from ..places import GUESTS, build_dir
from ..qemu import Machine
from ..say import Failure
from . import flat, hush, imagebuilder, layout, merge

LOAD = "load virtio 0:1"  # where nothing else is said: the first partition of QEMU's first virtio disk
TREE = "system.dtb"  # a tree that is made here, on the medium
TREE_ROOM = trees.LIMIT + (64 << 10)  # the largest tree, and what U-Boot adds at the end


@dataclass
class Part:
    """A file that is loaded."""
    what: str  # "hypervisor", "tree", "module" (of --module), or the path of a module's node below /chosen
    file: pathlib.Path
    name: str  # as the boot loader calls it
    size: int
    room: int
    load: str
    address: int = 0
    data: bytes | None = None  # what is in it, where that is in no file
    alone: bool = False  # its place is for one domain
    begins: int = 0  # where in its room it lies


@dataclass
class Job:
    """What the commands write down. merged: the tree that the manager will see. edits: the Merge that leads to it from
    the machine's, None where the tree is loaded whole. answer: what a check says of all this."""
    options: object
    config: imagebuilder.Configuration
    parts: list = field(default_factory=list)
    told: list = field(default_factory=list)
    tree_at: int = 0
    merged: bytes = b""
    edits: merge.Merge | None = None
    answer: dict = field(default_factory=dict)
    free: layout.Free | None = None  # what is left when all parts have their places
    whole_at: int | None = None  # where all of them lie in one file

    def part(self, what):
        return next((part for part in self.parts if part.what == what), None)

    def wrong(self):
        return any(one.error for one in self.told)

    def no_room(self, what, size):
        within = "MEMORY_START to MEMORY_END" if self.config.memory else "the machine's RAM"
        self.tell("MEMORY_END", "room", f"there is no room for {what}, {size:#x} bytes: {within}, without what is reserved "
                  "and U-Boot's part")

    def tell(self, variable, name, message, error=True):
        """Notes down what is wrong with a variable of a configuration, or with the whole."""
        place = self.config.places.get(variable) or trees.Place(str(self.options.system))
        self.told.append(trees.Told(error, place, name, message))


def arguments(parser):
    """The options of everything that works out a boot."""
    planner.subject(parser)
    parser.add_argument("--load", metavar="COMMAND", help=f"U-Boot's command that loads a file (default: what the "
                        f"configuration says, else {LOAD!r})")


def _error(job, source, path, prop, name, message):
    """Notes down a mistake in the place where it stands."""
    words = ": ".join(word for word in (path, prop, message) if word)
    job.told.append(trees.Told(True, source.place(path, prop) or trees.Place(str(job.options.system)), name, words))


def _files(job):
    """Notes down which files of a configuration are missing, but for the domains'."""
    config, root = job.config, job.options.root or job.options.system.parent
    wanted = [("DEVICE_TREE", config.device_tree), ("APPEND_EXTRA_CMDS", config.extra)]
    for variable, name in wanted + [("DT_OVERLAY", name) for name in config.overlays]:
        if name and not (root / name).is_file():
            job.tell(variable, "file-missing", f"{variable}: {bundle.unfound(name, root)}")


def _config(options, folders):
    """A Configuration with its description, whatever the subject is."""
    if imagebuilder.is_one(options.system):
        found = imagebuilder.read(options.system, options.dom0, folders)
    else:
        found = imagebuilder.Configuration(tree=trees.compile_tree(options.system, options.overlay, places=True))
        found.tree.told = [replace(one, check=f"dtc-{one.check}") for one in found.tree.told]
    load = getattr(options, "load", None)
    found.load = imagebuilder.SHORT.get(load, load) or found.load or LOAD
    return found


def _machine(job, folder, image):
    """The machine's Tree: of the subject itself, of --machine, of DEVICE_TREE, or QEMU's."""
    options, config = job.options, job.config
    if options.machine_tree:
        return config.tree
    if options.machine:
        return trees.compile_tree(options.machine, places=True)
    if config.device_tree:
        root = options.root or options.system.parent
        return trees.compile_tree(root / config.device_tree, [root / name for name in config.overlays], places=True)
    board = preparation.board(options)
    machine = Machine(image, options.cpus, options.memory, options.cpu, None, [], board.machine)
    return trees.compile_tree(planner.hardware(machine, folder), places=True)


def _named(job, source, path, name, load):
    """Tells when U-Boot cannot be asked for a file of that name."""
    if not hush.sayable(name) or ".." in pathlib.PurePosixPath(name).parts:
        _error(job, source, path, merge.FILE, "file-name", f"{name!r} cannot be said to U-Boot: rename it")
    elif load.startswith("tftp") and ":" in name:
        _error(job, source, path, merge.FILE, "file-name", f"{name!r}: what stands before the : is a server for {load}")


def _hypervisor(job, folders):
    """The Part of the kernel's image: the build's, or what XEN names, if that is one of ours."""
    kernel = preparation.board(job.options).kernel("bulkhead.img")
    file, name = build_dir(job.options.preset) / kernel, kernel
    named = job.config.xen and bundle.find(job.config.xen, folders[:1])
    if named and bundle.offset(named.read_bytes()):
        file, name = named, job.config.xen
        _named(job, job.config.tree, "/", name, job.config.xen_load or job.config.load)
    elif job.config.xen:
        job.tell("XEN", "imagebuilder-xen", f"XEN: {job.config.xen} is no image of Bulkhead's, {name} takes its place",
                 error=False)
    size = file.stat().st_size
    return Part("hypervisor", file, name, size, layout.room(file.read_bytes()), job.config.xen_load or job.config.load)


def _modules(job, chosen, folders):
    """A Part for each module that names a file."""
    source = job.config.tree
    for path, domain, node in merge.modules(chosen):
        where = f"/chosen{path}"
        name = node.string(merge.FILE)
        file = name and bundle.find(name, folders)
        if not file:
            _error(job, source, where, merge.FILE, "file-missing",
                   bundle.unfound(name, ", ".join(map(str, folders))))
            continue
        data = file.read_bytes()
        load = job.config.loads.get(where, job.config.load)
        name = file.name if pathlib.PurePath(name).is_absolute() else name
        _named(job, source, where, name, load)
        if not data:
            _error(job, source, where, merge.FILE, "file-empty", f"{file} is empty")
        part = Part(path, file, name, len(data), layout.room(data), load)
        kept, begins = merge.kept(chosen, domain, node), layout.begins(data)
        if kept and begins is not None:
            part.room, part.begins, part.alone = max(part.room, kept), begins, True
        job.parts.append(part)


def _tree(job, machine_tree):
    """The Part of the machine's tree, where U-Boot's own is not it: the file of DEVICE_TREE as it is, or what was made of
    that here."""
    config, options = job.config, job.options
    if config.device_tree and not config.overlays and not options.machine_tree:
        file = (options.root or options.system.parent) / config.device_tree
        _named(job, config.tree, "/", config.device_tree, job.parts[0].load)
        return Part("tree", file, config.device_tree, file.stat().st_size, TREE_ROOM, job.parts[0].load)
    return Part("tree", pathlib.Path(TREE), TREE, len(machine_tree.blob), TREE_ROOM, job.parts[0].load,
                data=machine_tree.blob)


def _twice(job):
    """Two files may not have one name on the medium."""
    names = {}
    for part in job.parts:
        other = names.setdefault(part.name, part)
        if other is not part and (part.data or other.data or not other.file.samefile(part.file)):
            _error(job, job.config.tree, f"/chosen{part.what}", merge.FILE, "file-name",
                   f"{part.file} and {other.file} are both {part.name!r} to the boot loader")


def _addresses(job, machine, chosen):
    """Gives every part its address; a file that is wanted twice is loaded once."""
    free = job.free = layout.usable(machine, job.config.memory)
    for base, end in merge.fixed(chosen):
        free.take(base // layout.BLOCK * layout.BLOCK, layout.up(end))
    known = {}
    for part in job.parts:
        if part.what == "module":  # --module said where
            free.take(part.address, part.address + part.room)
    hypervisor, *others = [part for part in job.parts if part.what not in ("module", "tree")]
    hypervisor.address = free.place(hypervisor.room)
    job.tree_at = free.place(TREE_ROOM)
    for part in others:
        key = (part.what if part.alone else "", part.file.resolve())
        if key not in known:
            known[key] = free.place(part.room)
        part.address = None if known[key] is None else known[key] + part.begins
    for part in [hypervisor, *others]:
        if part.address is None:
            job.no_room(part.name, part.room)
    if job.tree_at is None:
        job.no_room("the tree", TREE_ROOM)
    elif job.part("tree"):
        job.part("tree").address = job.tree_at


def _whole(job, machine_tree):
    """(the machine's tree, the /chosen with the domains, mistakes) before anything has an address."""
    machine = flat.read(machine_tree.blob)
    if not job.options.machine_tree:
        job.edits = merge.Merge(machine, flat.read(job.config.tree.blob))
        return machine, job.edits.chosen, job.edits.wrong
    chosen = machine.root.child("chosen") or flat.Node("chosen")
    for name, cells in zip(("#address-cells", "#size-cells"), machine.root.cells()):
        chosen.properties.setdefault(name, cells.to_bytes(4, "big"))
    return machine, chosen, []


def _ask(job, machine_tree):
    """What the planning program says of it all."""
    options, hypervisor = job.options, job.part("hypervisor")
    with tempfile.TemporaryDirectory() as name:
        tree = pathlib.Path(name, "merged.dtb")
        tree.write_bytes(job.merged)
        modules = [(part.address, part.file) for part in job.parts if part.what not in ("hypervisor", "tree")]
        found = planner.ask(options.board, hypervisor.file, hypervisor.address, bundle.offset(hypervisor.file.read_bytes()),
                          tree, job.tree_at, list(dict.fromkeys(modules)))
    description = job.config.tree
    places = trees.Tree(job.merged, nodes=machine_tree.nodes | description.nodes, file=machine_tree.file,
                        properties=machine_tree.properties | description.properties)
    for note in found["notes"]:
        prop = merge.FILE if note["property"] == merge.REG else note["property"]
        place = description.place(note["node"], prop) if note["node"].startswith("/chosen/") else \
            places.place(note["node"], prop)
        note |= {"file": place and place.file, "line": place and place.line}
    return found


def _read(options):
    """(a Job with everything that was written down, where its files are looked for). Raises Refused and Failure."""
    options.system = preparation.find(options.system)
    if options.machine_tree and (options.machine or imagebuilder.is_one(options.system)):
        raise Failure("--machine-tree: SYSTEM is then the machine's whole tree, so no --machine and no configuration")
    for _address, file in options.module:
        if not file.is_file():
            raise Failure(f"--module: there is no file {file}")
    with build.alone():
        setup.ensure()
        folder = build.compile_preset(options.preset)
        guests.initramfs()
        build.compile_preset("tools")
    folders = [options.root or options.system.parent, folder / "guests", GUESTS]
    job = Job(options, _config(options, folders))
    job.told += job.config.tree.told
    _files(job)
    return job, folders


def _gather(job, machine_tree, chosen, folders):
    """Every part but the hypervisor, which is there; and all mistakes with their files."""
    if job.options.machine_tree or job.config.device_tree:
        job.parts.append(_tree(job, machine_tree))
    _modules(job, chosen, folders)
    for address, file in job.options.module:
        size = file.stat().st_size
        job.parts.append(Part("module", file, file.name, size, size, job.config.load, address))
    _twice(job)


def _settle(job, machine, chosen, wrong):
    """Addresses, and the merged tree; mistakes."""
    source = job.config.tree
    if not job.wrong():
        _addresses(job, machine, chosen)
    if not job.wrong():
        merge.settle(chosen, {part.what: (part.address, part.size) for part in job.parts}, wrong)
    for path, prop, name, message in wrong:
        _error(job, source, path, prop, name, message)
    if job.wrong():
        return
    job.merged = flat.write(job.edits.tree() if job.edits else machine)
    if not job.edits:
        tree = job.part("tree")
        tree.data, tree.size = job.merged, len(job.merged)
    if why := trees.damage(job.merged):
        _error(job, source, "/", "", trees.DAMAGED, f"the machine's tree with the description {why}")


def prepare(options):
    """A Job; one with mistakes has no answer, or one that is not ok. Raises Refused and Failure."""
    job, folders = _read(options)
    if job.wrong():  # no machine to plan for; the domains' files are looked for all the same
        _modules(job, flat.read(job.config.tree.blob).root.child("chosen") or flat.Node(), folders)
        return job
    with tempfile.TemporaryDirectory() as name:
        job.parts.append(_hypervisor(job, folders))
        machine_tree = _machine(job, name, job.parts[0].file)
    machine, chosen, wrong = _whole(job, machine_tree)
    _gather(job, machine_tree, chosen, folders)
    _settle(job, machine, chosen, wrong)
    if not job.wrong():
        job.answer = _ask(job, machine_tree)
    return job
