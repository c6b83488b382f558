# SPDX-License-Identifier: BSD-2-Clause
"""tools/bulkhead uboot-script: what U-Boot needs to boot a system, as a script."""
import os
import pathlib
import shutil
import subprocess

from .. import check
from ..say import Failure, columns, run, say
from ..trees import LIMIT, Place, Told
from . import flat, hush, job, merge

HELP = "write a script for U-Boot that loads a system's files, describes it in the machine's tree and boots"
EPILOG = """Exit status: 0 written; 1 errors, and nothing is written; 2 it could not be tried. doc/booting.md has examples."""
EXTRA = 4096  # bytes beyond what the commands add to a tree


def arguments(parser):
    parser.epilog = EPILOG
    job.arguments(parser)
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True, metavar="DIR",
                        help="the folder for the script and everything that it loads")


def _begin(found):
    yield f"# {found.options.system.name}: written by tools/bulkhead uboot-script"
    yield f"setenv {hush.WRONG}"
    done = set()
    for part in found.parts:
        if (part.name, part.address) not in done:
            done.add((part.name, part.address))
            yield from hush.load(part.load, part.address, part.name, part.size)


def _tree(found):
    """Commands that make the machine's tree the one that the manager is to see."""
    if not found.part("tree"):
        yield "fdt addr ${fdtcontroladdr}"
        yield hush.fdt(f"move ${{fdtcontroladdr}} {found.tree_at:#x} {LIMIT:#x}")
    else:
        yield hush.fdt(f"addr {found.tree_at:#x}")
        yield hush.fdt(f"resize {len(found.merged) + EXTRA:#x}")
    if not found.edits:
        return
    for path, name, value in found.edits.elsewhere:
        yield hush.fdt(f'set {path} "{name}"{hush.value(value)}')
    if not found.edits.machine.root.child("chosen"):
        yield hush.fdt("mknod / chosen")
    yield from hush.inside("/chosen", found.edits.chosen)
    yield hush.fdt(f"resize {EXTRA:#x}")


def _end(found):
    # The tree stays where it is, and so does the image: it lies as its header wants it.
    yield "setenv fdt_high 0xffffffffffffffff"
    yield "setenv initrd_high 0xffffffffffffffff"
    if found.config.boot != "none":
        yield f'if test -z "${{{hush.WRONG}}}"; then'
        yield f"{found.config.boot} {found.part('hypervisor').address:#x} - {found.tree_at:#x}"
        yield "else"
        yield f'echo "Not booted, something is wrong with: ${{{hush.WRONG}}}"'
        yield "fi"


def text(found, extra):
    """The script."""
    return "\n".join([*_begin(found), *_tree(found), *extra, *_end(found), ""])


def _outputs(config):
    """Names of what is written beside the parts: source, script, and the tree for reference."""
    return [config.source or "boot.source", config.script or "boot.scr", *([config.edited] if config.edited else [])]


def unsayable(found):
    """Notes down what U-Boot's commands have no room for or cannot hold, and files that would be written over."""
    for name in {part.name for part in found.parts} & set(_outputs(found.config)):
        found.tell("UBOOT_SCRIPT", "file-name", f"{name!r} is loaded, and written, too: rename one of them")
    for path, node in found.edits.chosen.walk("/chosen") if found.edits else ():
        for name, value in [("", b""), *node.properties.items()]:
            place = found.config.tree.place(path, merge.FILE if name == merge.REG else name)
            where = place or Place(str(found.options.system))
            if len(value) > hush.VALUE:
                found.told.append(Told(True, where, "value-long", f"{path}: {name}: {len(value)} bytes, U-Boot's `fdt set` has "
                                       f"room for {hush.VALUE}"))
            if not hush.NAME.fullmatch(name or node.name):
                found.told.append(Told(True, where, "name-odd", f"{path}: {name}: its name cannot be said to U-Boot"))


def worked_out(options, more=()):
    """The Job of a system that can be booted, or None; prints what there is to say of it."""
    with check.messages_aside():
        found, answer = check.loaded(options, more)
    check.show(answer, options)
    return found if answer["ok"] else None


def copy(found, folder):
    """Everything that is loaded, under the names by which it is."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in found.parts:
        target = folder / part.name.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if part.data is not None:
            target.write_bytes(part.data)
        elif not target.exists() or not target.samefile(part.file):
            shutil.copyfile(part.file, target)


def table(parts):
    rows = [[f"{part.address:#012x}", f"{part.size:#x}", part.name] for part in sorted(parts, key=lambda one: one.address)]
    return columns([["address", "bytes", "file"], *dict.fromkeys(map(tuple, rows))])


def mkimage(*arguments):
    run(["mkimage", *arguments], stdout=subprocess.DEVNULL, env=os.environ | {"SOURCE_DATE_EPOCH": "0"})


def write(found, options):
    """Writes the folder; the script's path."""
    try:
        extra = []
        if found.config.extra:
            extra = ((options.root or options.system.parent) / found.config.extra).read_text().splitlines()
        copy(found, options.output)
        source, script, *edited = (options.output / name for name in _outputs(found.config))
        source.write_text(text(found, extra))
        for output in edited:
            output.write_bytes(found.merged)
    except OSError as bad:
        raise Failure(f"cannot write: {bad}") from bad
    mkimage("-A", "arm64", "-O", "linux", "-T", "script", "-C", "none", "-n", "Bulkhead", "-d", source, script)
    return script


def main(options):
    try:
        found = worked_out(options, [unsayable])
        if not found:
            return check.ERRORS
        script = write(found, options)
    except Failure as failure:
        failure.status = check.NOT_CHECKED
        raise
    print(table(found.parts))
    say(f"wrote {script} and what it loads; at U-Boot's prompt: "
        f"{found.config.load} ${{loadaddr}} {hush.word(script.name)}; source ${{loadaddr}}")
    return check.GOOD
