# SPDX-License-Identifier: BSD-2-Clause
"""Judges the TAP reports of test guests, with tests/guests/expected-differences, whose head describes its form."""
import re
from dataclasses import dataclass

from bulkheadlib.places import ROOT

FILE = "tests/guests/expected-differences"
HEAD = re.compile(r"(\w+), ([\w. -]+): (.*\S)")
RESULT = re.compile(r"(not )?ok (\d+) - (.*)")
SIDES = {"board", "bulkhead"}


@dataclass(frozen=True)
class Difference:
    """A check of a guest that fails where all the words hold."""
    guest: str
    words: frozenset
    case: str
    why: str

    def applies(self, guest, words):
        return guest == self.guest and self.words <= set(words)

    def names(self, case):
        return re.fullmatch(re.escape(self.case).replace(r"\*", ".*"), case) is not None


def parse(text):
    """The entries of a list; ValueError says which line is wrong."""
    entries = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line[0].isspace():
            if not entries:
                raise ValueError(f"line {number}: a reason without its entry")
            entries[-1][-1].append(line.strip())
            continue
        match = HEAD.fullmatch(line)
        if not match or len(SIDES & set(match[2].split())) != 1:
            raise ValueError(f"line {number}: not `GUEST, WORDS: CASE`")
        entries.append((match[1], frozenset(match[2].split()), match[3], []))
    for guest, _words, case, why in entries:
        if not re.search(r"\d", " ".join(why)):
            raise ValueError(f"{guest}: {case}: no section of a specification")
    return [Difference(guest, words, case, " ".join(why)) for guest, words, case, why in entries]


def load():
    return parse((ROOT / FILE).read_text())


def complaints(lines, guest=None, words=(), entries=()):
    """What is wrong with a guest's report, as a list: checks that failed and should not have, entries whose check did
    not fail, a report that is not whole."""
    results = [match for match in map(RESULT.match, lines) if match]
    plans = [int(match[1]) for match in (re.match(r"1\.\.(\d+)$", line) for line in lines) if match]
    known = [entry for entry in entries if entry.applies(guest, words)]
    failed = [match[3] for match in results if match[1]]
    found = [f"failed: {case}" for case in failed if not any(entry.names(case) for entry in known)]
    found += [f"differs no longer: {entry.case}" for entry in known
              if not any(map(entry.names, failed)) or any(entry.names(match[3]) for match in results if not match[1])]
    found += [line for line in lines if line.startswith("Bail out!")]
    if len(plans) != 1:
        found.append("no plan: the guest did not come to its end")
    elif [int(match[2]) for match in results] != list(range(1, plans[0] + 1)) or not results:
        found.append(f"{len(results)} results where {plans[0]} are announced")
    return found


def judge(lines, guest=None, words=()):
    """Asserts that a report is whole and fails where the list says so, and only there."""
    found = complaints(lines, guest, words, load() if guest else ())
    assert not found, "; ".join(found)
