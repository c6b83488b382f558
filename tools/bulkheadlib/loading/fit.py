# SPDX-License-Identifier: BSD-2-Clause
"""tools/bulkhead fit: a whole system as one file that U-Boot's bootm takes apart."""
import pathlib
import shutil
import tempfile

from .. import check
from ..say import Failure, say
from . import job, script

HELP = "write one file (a FIT image) with the kernel, the machine's tree and a system's files, for U-Boot's bootm"
EPILOG = """The tree in it is the machine's: QEMU's for these cores and memory, or --machine's, or a configuration's
DEVICE_TREE. Exit status: 0 written; 1 errors, and nothing is written; 2 it could not be tried."""
SPARE = 1 << 20  # bytes for what the format itself needs
IMAGE = """        {name} {{
            description = "{what}";
            data = /incbin/("{file}");
            type = "{type}";
            arch = "arm64";
            compression = "none";
            load = <{high:#x} {low:#x}>;
            {more}
            hash {{ algo = "sha256"; }};
        }};
"""
WHOLE = """/dts-v1/;

/ {{
    description = "Bulkhead and a system";
    #address-cells = <2>;

    images {{
{images}    }};

    configurations {{
        default = "system";
        system {{
            kernel = "kernel";
            fdt = "tree";
{loadables}        }};
    }};
}};
"""


def arguments(parser):
    parser.epilog = EPILOG
    job.arguments(parser)
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True, metavar="DIR",
                        help="the folder for the file, boot.itb, and its source, boot.its")


def _image(name, what, file, kind, address, more=""):
    path = str(file).replace("\\", "\\\\").replace('"', '\\"')
    return IMAGE.format(name=name, what=what, file=path, type=kind, high=address >> 32, low=address & 0xffffffff, more=more)


def text(found, tree):
    """The source that mkimage compiles. tree: the file of the merged tree."""
    hypervisor = found.part("hypervisor")
    address = hypervisor.address
    images = [_image("kernel", "the hypervisor", hypervisor.file.resolve(), "kernel", address,
                     f'os = "linux"; entry = <{address >> 32:#x} {address & 0xffffffff:#x}>;'),
              _image("tree", "the machine with the system in it", tree, "flat_dt", found.tree_at)]
    modules = {part.address: part for part in found.parts if part.what not in ("hypervisor", "tree")}
    for number, part in enumerate(modules.values()):
        images.append(_image(f"module-{number}", f"module {number}", part.file.resolve(), "firmware", part.address,
                             'os = "linux";'))
    names = ", ".join(f'"module-{number}"' for number in range(len(modules)))
    loadables = f"            loadables = {names};\n" if modules else ""
    return WHOLE.format(images="".join(images), loadables=loadables)


def reserve(found):
    """Room for the file itself, while the parts are copied out of it."""
    if not found.wrong():
        parts = {part.address: part.size for part in found.parts if part.what != "tree"}
        found.whole_at = found.free.place(sum(parts.values()) + job.TREE_ROOM + SPARE)
        if found.whole_at is None:
            found.no_room("the whole file", sum(parts.values()))


def write(found, options):
    """Writes the folder; the file's path."""
    output = options.output / (found.config.fit or "boot.itb")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as name:
            tree, source = pathlib.Path(name, "tree.dtb"), pathlib.Path(name, "boot.its")
            tree.write_bytes(found.merged)
            source.write_text(text(found, tree))
            script.mkimage("-f", source, output)
            shutil.copyfile(source, output.with_suffix(".its"))
    except OSError as bad:
        raise Failure(f"cannot write: {bad}") from bad
    return output


def main(options):
    try:
        found = script.worked_out(options, [reserve])
        if not found:
            return check.ERRORS
        output = write(found, options)
    except Failure as failure:
        failure.status = check.NOT_CHECKED
        raise
    print(script.table([part for part in found.parts if part.what != "tree"]))
    say(f"wrote {output}; at U-Boot's prompt: {found.config.load} {found.whole_at:#x} {output.name}; "
        f"bootm {found.whole_at:#x}")
    return check.GOOD
