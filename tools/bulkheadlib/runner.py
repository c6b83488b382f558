# SPDX-License-Identifier: BSD-2-Clause
"""tools/bulkhead run: boots one system description in QEMU."""
import pathlib
import shlex
import subprocess

from . import boards, build, setup
from .places import build_dir
from .qemu import Machine, Run, Timeout
from .say import say

HELP = "pack a system description with what was built and boot it in QEMU"


def arguments(parser):
    parser.add_argument("system", type=pathlib.Path, metavar="SYSTEM.dts")
    parser.add_argument("--preset", default="release", choices=["release", "debug"])
    boards.arguments(parser)
    parser.add_argument("--cpus", type=int, default=4)
    parser.add_argument("--memory", type=int, default=2048, help="MiB (default: 2048)")
    parser.add_argument("--cpu", default="cortex-a53", help="cortex-a53, cortex-a72, max, ...")
    parser.add_argument("--timeout", type=float, metavar="SECONDS")
    parser.add_argument("--icount", type=int, metavar="SHIFT", help="virtual time counts instructions")
    parser.add_argument("-i", "--interactive", action="store_true",
                        help="give the machine this terminal: what is typed goes to its console, Ctrl-C ends it")
    parser.add_argument("--qemu-args", default="", help="more arguments for QEMU, as one string")


def main(options):
    setup.ensure()
    build.compile_preset(options.preset)
    output = build_dir(options.preset) / "run" / f"{options.system.stem}.img"
    board = boards.BOARDS[options.board]
    image = build.pack(options.preset, options.system, output, board)
    machine = Machine(image, options.cpus, options.memory, options.cpu, options.icount, shlex.split(options.qemu_args),
                      board.machine)
    if options.interactive:
        machine.keyboard = True
        return subprocess.run(machine.command(), check=False).returncode
    with Run(machine) as running:
        try:
            for line in running.lines(options.timeout):
                print(line, flush=True)
        except Timeout as timeout:
            say(str(timeout))
            return 124
        return running.status
