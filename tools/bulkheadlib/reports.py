# SPDX-License-Identifier: BSD-2-Clause
"""What a run leaves behind: a log of each partition while it goes on; JUnit XML and JSON when it has ended."""
import contextlib
import datetime
import json
import pathlib
import re
import xml.etree.ElementTree as xml

from . import split
from .say import Failure
from .verdict import FAILED, PASSED, UNHEARD, ANY

VERSION = 1  # of the JSON
CONSOLE, SYSTEM = "console", "system"  # logs of no partition
TAIL = 64 << 10  # bytes of a log in the JUnit file
NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
CONSOLE_LOG = object()  # its key: no partition's name, and not None
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def file_name(name):
    """Of a partition's log. The others' names are not its; ~ is in no partition's name."""
    return f"{name}~.log" if name in (CONSOLE, SYSTEM) else f"{name}.log"


class Logs:
    """A file for each partition, one for what is nobody's, and the console as it came. folder: None for none."""

    def __init__(self, folder, names):
        self.paths = {}
        self.files = {}
        if folder is None:
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.paths = {name: folder / file_name(name) for name in names}
            self.paths |= {None: folder / f"{SYSTEM}.log", CONSOLE_LOG: folder / f"{CONSOLE}.log"}
            for key, path in self.paths.items():
                self.files[key] = path.open("wb")
        except OSError as bad:
            self.close()
            raise Failure(f"--logs: {bad}") from bad

    def raw(self, data):
        if self.files:
            self.files[CONSOLE_LOG].write(data)

    def line(self, line):
        """What a guest said goes to its own log; what is said about it to the system's."""
        if self.files:
            self.files[line.owner if line.kind == split.GUEST else None].write(line.raw + b"\n")

    def system(self, text):
        if self.files:
            self.files[None].write(text.encode(errors="replace") + b"\n")

    def flush(self):
        for file in self.files.values():
            file.flush()

    def close(self):
        for file in self.files.values():
            with contextlib.suppress(OSError):
                file.close()

    def tail(self, name):
        """The end of a partition's log, as text; None when there is no log."""
        if name not in self.paths:
            return None
        with self.paths[name].open("rb") as file:
            file.seek(max(self.paths[name].stat().st_size - TAIL, 0))
            return file.read().decode(errors="replace")

def _place(path):
    return None if path is None else str(path)


def summary(watch, facts, logs):
    """Everything about a run, as JSON has it. facts: what the runner knows of it."""
    complete = facts["end"] in ("machine", "timeout")  # nothing has cut it short
    partitions = []
    for name, watched in watch.partitions.items():
        partitions.append({
            "name": name, "verdict": watched.verdict(complete), "reasons": watched.reasons(complete),
            "state": watched.state if watched.told else None,
            "expected": sorted(watched.expected),
            "patterns": [{"pattern": pattern.text, "line": pattern.seen,
                          "seconds": None if pattern.at is None else round(pattern.at, 3)}
                         for pattern in watched.patterns],
            "starts": watched.starts, "failed": watched.failed, "failures": watched.failures, "lines": watched.lines,
            "last": list(watched.last),
            "seconds": round(facts["seconds"] if watched.at is None or watched.awaits() else watched.at, 3),
            "log": _place(logs.paths.get(name))})
    system = {"verdict": FAILED if watch.wrong else PASSED, "reasons": watch.wrong, "last": list(watch.last),
              "log": _place(logs.paths.get(None)), "console": _place(logs.paths.get(CONSOLE_LOG))}
    return {"version": VERSION, **facts, "partitions": partitions, SYSTEM: system}


def write_json(path, result):
    _write(path, (json.dumps(result, indent=2) + "\n").encode())


def _text(text):
    return NOT_XML.sub(REPLACEMENT, text)


def _case(suite, name, part, seconds, log):
    case = xml.SubElement(suite, "testcase", classname=_text(suite.get("name")), name=name, time=f"{seconds:.3f}")
    if part["verdict"] == FAILED:
        failure = xml.SubElement(case, "failure", type="verdict", message=_text("; ".join(part["reasons"])))
        failure.text = _text("\n".join([*part["reasons"], "", "last lines:", *part["last"]]))
    elif part["verdict"] == UNHEARD:
        xml.SubElement(case, "skipped", message="another partition has the board's UART: it cannot be heard")
    xml.SubElement(case, "system-out").text = _text(log if log is not None else "\n".join(part["last"]))


def write_junit(path, result, logs):
    """A test suite for the system; a test case for each partition, and one for kernel, manager and QEMU."""
    parts = [*result["partitions"], result[SYSTEM]]
    counts = {"tests": len(parts), "failures": sum(part["verdict"] == FAILED for part in parts), "errors": 0,
              "skipped": sum(part["verdict"] == UNHEARD for part in parts), "time": f"{result['seconds']:.3f}"}
    counts = {key: str(value) for key, value in counts.items()}
    root = xml.Element("testsuites", **counts)
    suite = xml.SubElement(root, "testsuite", name=pathlib.Path(result["system_file"]).stem,
                           timestamp=result["began"], **counts)
    properties = xml.SubElement(suite, "properties")
    for key in ("board", "cpu", "cpus", "memory", "icount", "end"):
        xml.SubElement(properties, "property", name=key, value=_text(str(result[key])))
    for part in result["partitions"]:
        _case(suite, part["name"], part, part["seconds"], logs.tail(part["name"]))
    _case(suite, f"({SYSTEM})", result[SYSTEM], result["seconds"], logs.tail(None))
    xml.indent(root)
    _write(path, xml.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def _ordinary(path):
    """A file, or what may become one. /dev/stdout, a pipe, a folder: taken away they would be missed."""
    return not path.exists() or path.is_file()


def _write(path, data):
    """In one step: who waits for the file sees all of it."""
    try:
        if not _ordinary(path):
            path.write_bytes(data)
            return
        part = path.with_name(path.name + ".part")
        part.write_bytes(data)
        part.replace(path)
    except OSError as bad:
        raise Failure(f"cannot write {path}: {bad.strerror}") from bad


def clear(path):
    """Takes an old report away, so that none stays of a run that was killed; says now whether a new one can be."""
    try:
        if path.is_dir():
            raise Failure(f"cannot write {path}: it is a folder")
        if not _ordinary(path):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        part = path.with_name(path.name + ".part")
        part.write_bytes(b"")
        part.unlink()
    except OSError as bad:
        raise Failure(f"cannot write {path}: {bad.strerror}") from bad


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def describe(part, name):
    """A verdict in a line, for people."""
    why = "; ".join(part["reasons"])
    state = part.get("state")
    if part["verdict"] == UNHEARD:
        why = "another partition has the board's UART"
    elif not why and state:
        failed = "failed" if ANY in part["expected"] else "failed, as expected"
        why = {"never": "not started", "failed": failed}.get(state, state)
    return f"{name}: {part['verdict']}" + (f": {why}" if why else "")
