# SPDX-License-Identifier: BSD-2-Clause
"""tools/bulkhead build: compiles, packs the bootable image, prints the sizes."""
import pathlib
import subprocess
import sys

from . import boards, bundle, guests, lock, setup, size
from .places import DEMO, ROOT, build_dir
from .say import Failure, run, say

HELP = "compile, write build/PRESET/system.img and print the sizes"


def arguments(parser):
    parser.add_argument("--preset", default="release", choices=["release", "debug", "host"])
    parser.add_argument("--system", default=DEMO, type=pathlib.Path, metavar="FILE.dts",
                        help="the system to pack (default: config/demo.dts)")
    boards.arguments(parser)


def alone():
    """One program builds in this tree, or takes what was built, at a time."""
    return lock.alone(ROOT / "build/.lock", "build")


def compile_preset(preset):
    """Configures where needed and builds; the folder with the results."""
    with alone():
        return _compile(preset)


def _compile(preset):
    folder = build_dir(preset)
    if not (folder / "build.ninja").exists():
        say(f"configuring {preset}")
        run(["cmake", "--preset", preset], cwd=ROOT, stdout=subprocess.DEVNULL)
    say(f"building {preset}")
    try:
        said = run(["ninja", "-C", folder, "--quiet"], stdout=subprocess.PIPE, text=True).stdout
    except Failure as failed:
        sys.stdout.write(failed.__cause__.stdout or "")
        raise
    sys.stdout.write(said.replace("ninja: no work to do.\n", ""))
    if (folder / "guests/bulkring").exists():  # not with the host's presets
        guests.channels(folder)
    return folder


def pack(preset, system, output=None, board=boards.FIRST):
    """The bootable image of a system, packed with what was built."""
    guests.initramfs()
    folder = build_dir(preset)
    return bundle.write_image(folder, system, output or folder / f"system{board.suffix}.img", board.kernel())


def main(options):
    with alone():
        setup.ensure()
        folder = compile_preset(options.preset)
        if options.preset == "host":
            return 0
        image = pack(options.preset, options.system, board=boards.BOARDS[options.board])
    say(f"wrote {image.relative_to(ROOT)} ({image.stat().st_size >> 20} MiB)")
    # The limits are the release's; a debug build is larger.
    if not size.report(folder) and options.preset == "release":
        raise Failure("the trusted base is larger than its limits allow")
    return 0
