# SPDX-License-Identifier: BSD-2-Clause
"""tools/bulkhead run: boots one system in QEMU, waits for what is expected of it, and says what became of it."""
import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from . import debugger, description, preparation, reports, split, verdict
from .qemu import Run, Timeout, ends_with_us
from .say import Failure

HELP = "pack a system description with what was built, boot it in QEMU and judge what its partitions do"
NOT_RUN, OUT_OF_TIME = 2, 124
PROMPT = 0.3  # s of silence after which a line may be one that does not end
COMPLETE = ("machine", "timeout")  # ends of a run that nothing has cut short
EPILOG = """Exit status: 0 all verdicts passed; 1 one failed; 2 nothing was booted: the options, the description or a
file is bad; 124 the time ran out before all that was awaited had come; 130, 143 interrupted. More: doc/ci.md."""


def seconds(text):
    """More than none; argparse tells what is not."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise ValueError
    return value


def arguments(parser):
    parser.epilog = EPILOG
    preparation.arguments(parser)
    parser.add_argument("--timeout", type=seconds, metavar="SECONDS",
                        help="give up after so long; time in which this host was busy otherwise does not count")
    parser.add_argument("--until", action="append", default=[], metavar="'NAME: PATTERN'",
                        help="end when this regular expression has been found in a line of that partition (all of "
                             "them, if there are several)")
    parser.add_argument("--expect", action="append", default=[], metavar="'NAME: STATE'",
                        help=f"how the partition is to end: {', '.join(verdict.EXPECTATIONS)}")
    parser.add_argument("--logs", type=pathlib.Path, metavar="DIR",
                        help="write a log for each partition, system.log and console.log")
    parser.add_argument("--junit", type=pathlib.Path, metavar="FILE", help="write the verdicts as JUnit XML")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the verdicts as JSON")
    parser.add_argument("-q", "--quiet", action="store_true", help="do not print the console, only the verdicts")
    parser.add_argument("-i", "--interactive", action="store_true",
                        help="give the machine this terminal: what is typed goes to its console, Ctrl-C ends it")
    debugger.arguments(parser)


class Out:
    """This program's output; when nobody reads it any more, the run goes on."""

    def __init__(self, quiet):
        self.quiet = quiet
        sys.stdout.reconfigure(errors="replace")

    def line(self, text):
        if not self.quiet:
            self.say(text)

    def say(self, text):
        try:
            print(text, flush=True)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Judged:
    """A run under way: bytes of the console in, logs and verdicts out."""

    def __init__(self, told, options, out):
        self.watch = verdict.Watch(told, options.until, options.expect)
        self.splitter = split.Splitter(told.names, told.stamps, told.owner)
        self.lines = split.Lines()
        self.out = out
        self.late = None  # in words, when the time has run out
        self.logs = reports.Logs(options.logs, told.names)
        self.start = time.monotonic()  # when the machine began: follow() knows better

    def seconds(self):
        return time.monotonic() - self.start

    def _line(self, raw):
        self.logs.raw(raw + b"\n")
        self.out.line(raw.rstrip(b"\r").decode(errors="replace"))
        line = self.splitter.line(raw)
        self.logs.line(line)
        self.watch.line(line, self.seconds())

    def _end(self):
        """Why the run is over; None: it is not. What stands behind the line that ends it is not looked at: where that
        is in the machine's output, and not when it was read, decides where the logs end."""
        if self.watch.halted:
            return "halted"
        if self.watch.done():
            return "until"
        return "hopeless" if self.watch.hopeless() else None

    def follow(self, running, timeout):
        """Reads until the run is over; why it is."""
        self.start = time.monotonic()
        try:
            for data in running.chunks(timeout, PROMPT):
                for raw in self.lines.feed(data):
                    self._line(raw)
                    if end := self._end():
                        return end
                if self.lines.rest and not data:  # a prompt has no line end
                    self.watch.growing(self.splitter.line(bytes(self.lines.rest)), self.seconds())
                    if end := self._end():
                        self._rest()
                        return end
                self.logs.flush()
            self._rest()
            return self._end() or "machine"
        except Timeout as late:
            self._rest()
            self.late = str(late)
            return "timeout"

    def _rest(self):
        if self.lines.rest:
            self._line(bytes(self.lines.rest))
            self.lines.rest.clear()

    def qemu(self, status, said):
        """What QEMU itself said, and how it ended if it did so by itself."""
        for text in said.splitlines():
            self.logs.system(f"qemu: {text}")
            self.out.line(f"qemu: {text}")
        if status is not None:
            self.watch.qemu(status, said)


def _status(end, watch):
    """The exit status of a run that came to this end."""
    if watch.faults():
        return 1
    if end == "timeout" and (watch.awaits() or not watch.asked):
        return OUT_OF_TIME
    return int(watch.failed(end in COMPLETE))


def _report(judged, facts, options):
    result = reports.summary(judged.watch, facts, judged.logs)
    judged.logs.flush()
    if options.json:
        reports.write_json(options.json, result)
    if options.junit:
        reports.write_junit(options.junit, result, judged.logs)
    return result


def _judge(machine, judged, options, facts):
    out = judged.out
    facts |= {"end": "interrupted", "status": None, "seconds": 0.0, "began": reports.now()}
    try:
        with contextlib.closing(judged.logs), tempfile.TemporaryFile() as errors, Run(machine, errors) as running:
            try:
                facts["end"] = judged.follow(running, options.timeout)
            finally:  # interrupted, too: then the reports say how far it came
                status = running.status
                facts["seconds"] = round(judged.seconds(), 3)
                running.stop()
                errors.seek(0)
                judged.qemu(status, errors.read().decode(errors="replace"))
                if facts["end"] != "interrupted":
                    facts["status"] = _status(facts["end"], judged.watch)
                result = _report(judged, facts, options)
    except OSError as bad:
        raise Failure(f"cannot write a log or report: {bad}") from bad
    for part in result["partitions"]:
        out.say(f"bulkhead: {reports.describe(part, part['name'])}")
    if judged.watch.wrong:
        out.say(f"bulkhead: {reports.describe(result['system'], '(system)')}")
    if facts["status"] == OUT_OF_TIME:
        out.say(f"bulkhead: {judged.late}")
    return facts["status"]


def main(options):
    try:
        judging = (options.until, options.expect, options.logs, options.junit, options.json, options.timeout)
        if options.interactive and any(judging):
            raise Failure("-i: nothing is judged, written or limited where somebody types")
        prepared = preparation.prepare(options)
        told = description.read(prepared.tree)
        machine = prepared.machine
        machine.extra += debugger.prepare(options, told, prepared)
        for path in filter(None, (options.json, options.junit)):
            reports.clear(path)
        judged = Judged(told, options, Out(options.quiet))
    except Failure as failure:
        failure.status = NOT_RUN
        raise
    if options.interactive:
        machine.keyboard = True
        return subprocess.run(machine.command(), check=False, preexec_fn=ends_with_us(),
                              pass_fds=machine.files).returncode
    return _judge(machine, judged, options, prepared.facts)
