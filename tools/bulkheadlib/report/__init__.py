# SPDX-License-Identifier: BSD-2-Clause
"""tools/bulkhead report: draws what a check answered as one HTML page."""
import json
import pathlib
import sys

from ..places import build_dir
from ..say import Failure, say
from . import page

HELP = "write one HTML page with everything that a system's description gives to whom, drawn to scale"


def arguments(parser):
    parser.add_argument("system", type=pathlib.Path, metavar="SYSTEM",
                        help="the .json that `tools/bulkhead check --json` printed")
    parser.add_argument("-o", "--output", type=pathlib.Path, metavar="FILE.html",
                        help="default: build/report/NAME.html; - is standard output")


def read(file):
    """What a check printed as JSON."""
    try:
        answer = json.loads(file.read_text())
    except (OSError, ValueError) as wrong:
        raise Failure(f"{file}: {wrong}", status=2) from wrong
    if not isinstance(answer, dict) or answer.get("version") != 1:
        raise Failure(f"{file} is not what tools/bulkhead check --json prints", status=2)
    return answer


def main(options):
    answer = read(options.system)
    text = page.render(answer)
    if str(options.output) == "-":
        sys.stdout.write(text)
    else:
        output = options.output or build_dir("report") / f"{options.system.stem}.html"
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text)
        say(f"wrote {output}")
    return 0 if answer["ok"] else 1
