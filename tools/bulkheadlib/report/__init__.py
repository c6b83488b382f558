# SPDX-License-Identifier: BSD-2-Clause
"""tools/bulkhead report: draws what a check answers as one HTML page."""
import json
import pathlib
import sys

from .. import check
from ..places import build_dir
from ..say import Failure, say
from . import page

HELP = "check a system and write one HTML page with everything that it gives to whom, drawn to scale"
EPILOG = """SYSTEM may be what `tools/bulkhead check --json` printed, too: a file whose name ends in .json. Exit status: 0 no
errors; 1 errors, and the page shows them; 2 there is no page. doc/report.md says how to read it."""
NO_PAGE = 2


def arguments(parser):
    parser.epilog = EPILOG
    check.subject(parser)
    parser.add_argument("-o", "--output", type=pathlib.Path, metavar="FILE.html",
                        help="default: build/report/NAME.html; - is standard output")


def read(file):
    """What a check printed as JSON."""
    answer = json.loads(file.read_text())
    if not isinstance(answer, dict) or answer.get("version") != check.VERSION:
        raise ValueError("not what tools/bulkhead check --json prints")
    return answer


def _answer(options):
    if options.system.suffix != ".json":
        with check.messages_aside():
            return check.answer(options)
    try:
        return read(options.system)
    except (OSError, ValueError) as wrong:
        raise Failure(f"{options.system}: {wrong}") from wrong


def _write(text, options):
    if str(options.output) == "-":
        sys.stdout.write(text)
        return
    output = options.output or build_dir("report") / f"{options.system.stem}.html"
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text)
    except OSError as wrong:
        raise Failure(f"{output}: {wrong.strerror}") from wrong
    say(f"wrote {output}")


def main(options):
    try:
        answer = _answer(options)
        _write(page.render(answer), options)
    except Failure as failure:
        failure.status = NO_PAGE
        raise
    return 0 if answer["ok"] else 1
