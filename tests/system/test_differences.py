# SPDX-License-Identifier: BSD-2-Clause
"""The list of differences between Bulkhead and the bare board: how it is applied, and that it grows in the open."""
import subprocess

import pytest
from bulkheadlib.places import ROOT
from differences import FILE, complaints, load, parse

GUESTS = "tests/guests"
LIST = """
# a comment
gic, board: the board * it
    IHI 0069, section 1.2: it cannot
gic, bulkhead max: on one model
    IHI 0069, section 3.4
"""
GOOD = ["ok 1 - one", "ok 2 - two", "1..2"]


def git(*arguments):
    return subprocess.run(["git", "-C", ROOT, *arguments], check=True, capture_output=True, text=True).stdout


def _keys(text):
    return {(entry.guest, entry.words, entry.case) for entry in parse(text)}


def grown(before, after, changed):
    """The entries that came with a change of their own guest's source."""
    return sorted(f"{guest}: {case}" for guest, _words, case in _keys(after) - _keys(before)
                  if {f"{GUESTS}/{guest}.c", f"{GUESTS}/{guest}_asm.S"} & set(changed))


def test_list_is_well_formed():
    names = {path.stem for path in (ROOT / GUESTS).glob("*.c")}
    assert not [entry for entry in load() if entry.guest not in names]


@pytest.mark.parametrize("text", ["gic: no words\n    1.2", "gic, max: no side\n    1.2", "gic, board: no reason",
                                  "gic, board: no section\n    because", "    a reason alone 1.2"])
def test_malformed_lists_are_refused(text):
    with pytest.raises(ValueError):
        parse(text)


@pytest.mark.parametrize("lines, guest, words, wrong", [
    (GOOD, "gic", ["bulkhead"], []),
    (GOOD[:2], "gic", ["bulkhead"], ["no plan: the guest did not come to its end"]),
    (["ok 1 - one", "1..2"], "gic", ["bulkhead"], ["1 results where 2 are announced"]),
    (["not ok 1 - one", "1..1"], "gic", ["bulkhead"], ["failed: one"]),
    (["not ok 1 - the board can it", "1..1"], "gic", ["board", "max"], []),
    (["not ok 1 - the board can it", "1..1"], "smp", ["board", "max"], ["failed: the board can it"]),
    (["not ok 1 - the board can it", "1..1"], "gic", ["bulkhead"], ["failed: the board can it"]),
    (["ok 1 - the board can it", "1..1"], "gic", ["board"], ["differs no longer: the board * it"]),
    (GOOD, "gic", ["board"], ["differs no longer: the board * it"]),
    (["not ok 1 - on one model", "1..1"], "gic", ["bulkhead", "max"], []),
    (["not ok 1 - on one model", "1..1"], "gic", ["bulkhead", "cortex-a53"], ["failed: on one model"]),
])
def test_reports_are_judged(lines, guest, words, wrong):
    assert complaints(lines, guest, words, parse(LIST)) == wrong


def test_growth_is_seen():
    assert grown("", LIST, ["tests/guests/gic.c"]) == ["gic: on one model", "gic: the board * it"]
    assert not grown("", LIST, ["tests/guests/smp.c", "kernel/virq.c"])
    assert not grown(LIST, LIST.replace("1.2", "5.6"), ["tests/guests/gic.c"])


def test_list_grows_apart_from_the_checks():
    """Each commit since the list exists, and what is not committed yet. A copy without history has nothing to judge; the
    commit that brings the whole list, a clone's first where history was cut, is not a change of it."""
    if not (ROOT / ".git").exists():
        return
    commits = git("log", "--format=%H", "--no-merges", "--", FILE).split()
    changes = [("HEAD", None)] if commits else []
    changes += [(f"{commit}^", commit) for commit in commits[:-1]]
    bad = []
    for before, after in changes:
        text = git("show", f"{after}:{FILE}") if after else (ROOT / FILE).read_text()
        changed = git("diff", "--name-only", before, *([after] if after else [])).split()
        bad += [f"{(after or 'not committed')[:12]}: {entry}"
                for entry in grown(git("show", f"{before}:{FILE}"), text, changed)]
    assert not bad
