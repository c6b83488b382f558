# SPDX-License-Identifier: BSD-2-Clause
"""Command line of tools/bulkhead."""
import argparse
import errno
import os
import signal
import sys

from . import bench, build, check, demo, report, runner, setup, suite
from .loading import fit, script
from .say import Failure

COMMANDS = {"setup": setup, "build": build, "check": check, "run": runner, "demo": demo, "test": suite,
            "bench": bench, "report": report, "uboot-script": script, "fit": fit}


def _parser():
    parser = argparse.ArgumentParser(prog="tools/bulkhead", description="Bulkhead, an AArch64 separation kernel.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        sub = commands.add_parser(name, help=module.HELP, description=module.HELP)
        module.arguments(sub)
    return parser


def _terminated(*_):
    raise SystemExit(143)  # unwinds, so that whatever was started is ended


def main():
    signal.signal(signal.SIGTERM, _terminated)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts background commands with it ignored
    options = _parser().parse_args()
    return COMMANDS[options.command].main(options)


if __name__ == "__main__":
    try:
        status = main()
        sys.stdout.flush()
        sys.exit(status)
    except Failure as failure:
        print(f"bulkhead: {failure}", file=sys.stderr)
        sys.exit(failure.status)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EPIPE):
            raise
        # standard output, or a temporary file; what is still in the buffer cannot be written either
        sys.stdout = open(os.devnull, "w", encoding="utf-8")
        if error.errno == errno.ENOSPC:
            print(f"bulkhead: {error.strerror}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("bulkhead: interrupted", file=sys.stderr)
        sys.exit(130)
