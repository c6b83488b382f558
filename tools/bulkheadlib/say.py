# SPDX-License-Identifier: BSD-2-Clause
"""Messages of the tools, and the exception that ends a command with one."""
import subprocess
import sys


class Failure(Exception):
    """What went wrong, in words for the user; the command ends with this status."""

    def __init__(self, text, status=1):
        super().__init__(text)
        self.status = status


def say(text):
    print(f"bulkhead: {text}", flush=True)


def columns(rows):
    """Rows of texts as aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def run(command, **options):
    """Runs a program; its failure becomes a Failure that names it."""
    try:
        return subprocess.run(command, check=True, **options)
    except FileNotFoundError as missing:
        raise Failure(f"{command[0]} is not installed: run tools/bulkhead setup") from missing
    except subprocess.CalledProcessError as failed:
        if failed.stderr and isinstance(failed.stderr, str):
            sys.stderr.write(failed.stderr)
        raise Failure(f"{' '.join(map(str, command[:3]))} ... ended with status {failed.returncode}") from failed
