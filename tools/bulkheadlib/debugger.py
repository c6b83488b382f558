# SPDX-License-Identifier: BSD-2-Clause
"""tools/bulkhead run --gdb: a machine that stands at its reset until gdb-multiarch comes, and the script for that."""
import pathlib
import tempfile

from . import boards
from .places import ROOT
from .say import Failure, say

KERNEL = "@kernel"  # no partition's name


def arguments(parser):
    parser.add_argument("--gdb", metavar="NAME",
                        help="wait for gdb-multiarch, which stops at the first instruction of that partition's guest "
                             f"({KERNEL}: of the kernel's C code); doc/debugging.md")
    parser.add_argument("--gdb-port", type=int, metavar="PORT",
                        help="where QEMU's stub listens, on this host alone (default: a socket of its own)")


def _script(options, told, kernel, folder, place):
    """What gdb is to do before it asks."""
    begin = ["thbreak boot_main", "continue"] if options.gdb == KERNEL else [f"bulkhead guest {options.gdb}"]
    return "\n".join([
        "set pagination off", "set confirm off", "set architecture aarch64", f"file {kernel}",
        f"source {ROOT}/tools/gdb/bulkhead.py",
        f"bulkhead names {folder} {' '.join(told.names)}", f"target remote {place}", *begin, ""])


def prepare(options, told, prepared):
    """QEMU's arguments; the script is written, and how to use it said."""
    if not options.gdb:
        if options.gdb_port is not None:
            raise Failure("--gdb-port goes with --gdb")
        return []
    if options.gdb != KERNEL and options.gdb not in told.names:
        raise Failure(f"--gdb: there is no partition {options.gdb!r}; there are: {', '.join(told.names)}, and {KERNEL}")
    # Its name is short, as a socket's must be; it goes with `prepared`.
    prepared.debugger = tempfile.TemporaryDirectory(prefix="bulkhead-gdb-")
    here = pathlib.Path(prepared.debugger.name)
    place, stub = here / "socket", f"unix:{here}/socket,server=on,wait=off"
    if options.gdb_port is not None:
        place, stub = f"localhost:{options.gdb_port}", f"tcp:127.0.0.1:{options.gdb_port}"
    kernel = prepared.folder / boards.BOARDS[options.board].kernel("kernel.elf")
    (here / "script").write_text(_script(options, told, kernel, prepared.folder, place))
    say(f"the machine waits; in another terminal: gdb-multiarch -x {here}/script")
    return ["-S", "-gdb", stub]
