# SPDX-License-Identifier: BSD-2-Clause
"""tools/bulkhead check: plans a system as the manager will, without a machine, and says what is wrong with it."""
import contextlib
import json
import os
import pathlib
import struct
import sys
import tempfile

from . import build, bundle, explain, preparation
from .loading import imagebuilder, job, variables
from .planner import ERRORS, GOOD, NOT_CHECKED, ask, described, hardware, subject
from .say import Failure
from .trees import DAMAGED, Place, Refused, compile_tree

HELP = "plan a system without booting it: everything that is wrong with its description, and who gets what"
VERSION = 1  # of the JSON
EPILOG = """Exit status: 0 no errors; 1 errors; 2 it could not be checked: the options, a file, or a source that does not
compile. doc/checking.md has what is checked, and what the JSON means."""


def arguments(parser):
    parser.epilog = EPILOG
    subject(parser)
    parser.add_argument("--json", action="store_true", help="print the answer as JSON, and nothing else")
    parser.add_argument("--explain", action="store_true", help="print the plan: who gets which memory, cores, interrupts")
    parser.add_argument("--strict", action="store_true", help="warnings are errors")


@contextlib.contextmanager
def messages_aside():
    """What is said meanwhile, by programs too, goes to standard error: the answer alone is standard output."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


def _note(level, name, message, place=None, node="", **more):
    return {"level": level, "name": name, "node": node, "inside": "", "property": more.get("property", ""),
            "message": message, "advice": more.get("advice", ""), "tree": "system", "file": place.file if place else None,
            "line": place.line if place else None}


def _answer(options, notes, plan=None):
    return {"version": VERSION, "ok": all(note["level"] != "error" for note in notes), "system": str(options.system),
            "board": options.board, "notes": notes, "omitted": {"errors": 0, "warnings": 0}, "left_out": [], "plan": plan}


def plan(options, image, folder, tree):
    """What the planning program answers of a bootable file and the tree that the machine hands over. folder: the build
    that the file was packed from."""
    kernel = (folder / preparation.board(options).kernel()).read_bytes()
    return ask(options.board, image, preparation.KERNEL, struct.unpack_from("<Q", kernel, bundle.IMAGE_SIZE_AT)[0],
               tree, preparation.tree_address(options.memory << 20, image.stat().st_size), options.module)


def _place(source, note, machine):
    """Where a note's node or property stands in the sources; Place(None) when nobody knows."""
    source = source if note["tree"] == "system" else machine
    if source is None:
        return Place(None)
    name = bundle.SOURCE if note["property"] == bundle.PLACE else note["property"]
    return source.place(note["node"], name) or Place(None)


def _refused(options, refused):
    """Nothing to plan: what the compilers say is the answer."""
    known = (DAMAGED, "file-missing", variables.NAMES)
    return _answer(options, [_note("error" if told.error else "warning",
                                   told.check if told.check.startswith(known) else "source", told.text, told.place)
                             for told in refused.told])


def loaded(options, more=()):
    """(the Job, its answer) of a system that a boot loader brings; the Job is None when nothing could be read. more:
    functions that look at a Job, and note down what is wrong with it."""
    try:
        found = job.prepare(options)
        for look in more:
            look(found)
    except Refused as refused:
        return None, _refused(options, refused)
    told = [_note("error" if told.error else "warning", told.check, told.text, told.place) for told in found.told]
    whole = _answer(options, told + found.answer.get("notes", []), found.answer.get("plan"))
    return found, whole | {key: found.answer[key] for key in ("omitted", "left_out") if key in found.answer}


def _plan(options, prepared):
    """(the program's answer, the machine's Tree or None)."""
    with tempfile.TemporaryDirectory() as folder:
        machine = prepared.source if options.machine_tree else None
        if options.machine:
            file, machine = described(options.machine, folder)
        else:
            file = hardware(prepared.machine, folder)
        return plan(options, prepared.machine.image, prepared.folder, file), machine


def answer(options):
    """The dict that --json prints, for whoever has parsed arguments()."""
    options.timeout = None
    if options.machine and options.machine_tree:
        raise Failure("--machine beside --machine-tree: one of them only")
    if imagebuilder.is_one(options.system):
        return loaded(options)[1]
    try:
        prepared = preparation.prepare(options, places=True)
        build.compile_preset("tools")
        found, machine = _plan(options, prepared)
    except Refused as refused:
        return _refused(options, refused)
    except bundle.Missing as missing:
        return _answer(options, [
            _note("error", "file-missing", wrong, missing.source.place(path, bundle.SOURCE),
                  path, property=bundle.SOURCE, advice="put the file beside the description, or mend its name")
            for path, wrong in missing.modules])
    told = [_note("warning", f"dtc-{note.check}", note.text, note.place) for note in prepared.source.told]
    for note in found["notes"]:
        place = _place(prepared.source, note, machine)
        note |= {"file": place.file, "line": place.line}
    whole = _answer(options, told + found["notes"], found["plan"])
    return whole | {key: found[key] for key in ("omitted", "left_out") if key in found} | {"ok": found["ok"]}


def _where(note):
    """`file:line`, as compilers write it, or what there is instead."""
    if note["file"] is None:
        return "the machine's tree" if note["tree"] == "hardware" else "the system"
    return note["file"] if note["line"] is None else f"{note['file']}:{note['line']}"


def _text(note):
    words = [part for part in (note["node"], note["inside"], note["property"], note["message"]) if part]
    line = f"{_where(note)}: {note['level']}: {': '.join(words)} [{note['name']}]"
    return line + (f"\n    {note['advice']}" if note["advice"] else "")


def show(found, options):
    """Prints an answer in words."""
    notes = sorted(found["notes"], key=lambda note: (note["file"] or "", note["line"] or 0))
    for note in notes:
        print(_text(note))
    for level, count in found["omitted"].items():
        if count:
            print(f"{count} more {level}")
    if getattr(options, "explain", False) and found["plan"]:
        print(explain.text(found["plan"]))
    counts = {level: found["omitted"][f"{level}s"] + sum(note["level"] == level for note in notes)
              for level in ("error", "warning")}
    for name in found["left_out"]:
        print(f"{name} is left out")
    words = [f"{count} {level}{'' if count == 1 else 's'}" for level, count in counts.items()]
    print(f"{options.system}: {', '.join(words)}")


def main(options):
    try:
        with messages_aside():
            found = answer(options)
    except Failure as failure:
        failure.status = NOT_CHECKED
        raise
    if options.json:
        json.dump(found, sys.stdout, indent=1)
        print()
    else:
        show(found, options)
    if any(note["name"] == "source" and note["level"] == "error" for note in found["notes"]):
        return NOT_CHECKED
    wrong = found["left_out"] or (options.strict and found["notes"])
    return GOOD if found["ok"] and not wrong else ERRORS
