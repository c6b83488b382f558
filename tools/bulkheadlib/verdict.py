# SPDX-License-Identifier: BSD-2-Clause
"""What is expected of a run, and what became of each partition: a verdict with its reasons."""
import re
from collections import deque
from dataclasses import dataclass, field

from . import split
from .say import Failure

PASSED, FAILED, UNHEARD = "passed", "failed", "unheard"
NEVER, RUNNING, OFF, RESET, DEAD = "never", "running", "off", "reset", "failed"  # a partition's state
IS = {NEVER: "not started", RUNNING: "running", OFF: "off", RESET: "stopped by its own reset",
      DEAD: "stopped by a failure"}
ANY = "any"  # expected: whatever it does
STATES = {OFF, RESET, RUNNING, NEVER}  # that can be expected at the end; DEAD: that there was a failure
EXPECTATIONS = (OFF, RESET, RUNNING, DEAD, NEVER, ANY)
FAILURES = 100  # that are kept of each partition
LAST = 50  # lines that are kept of each partition, for people

STARTED = re.compile(r"[\w.-]+ started cores=(\d+) memory=(\S+) at=(\d+)us", re.ASCII)
ENDED = re.compile(r"[\w.-]+ ended (off|reset) at=(\d+)us", re.ASCII)
# The kernel's line has the partition's number, the console service's its name.
FAILURE = re.compile(r"(?:bulkhead: partition 0x(?P<number>[0-9a-f]+)|[\w.-]+) failed, reason (?P<reason>0x[0-9a-f]+) "
                     r"vcpu (?P<vcpu>0x[0-9a-f]+) pc (?P<pc>0x[0-9a-f]+) syndrome (?P<syndrome>0x[0-9a-f]+) "
                     r"address (?P<address>0x[0-9a-f]+): (?P<follows>[a-z ]+)", re.ASCII)
PLANNED = re.compile(r"partmgr: ([\w.-]+): cores? \d", re.ASCII)
REASONS = {5: "could not be loaded", 6: "its monitor failed", 7: "SError", 8: "the guest says that it crashed",
           9: "the guest did what is not answered", 10: "its watchdog ran out"}  # enum bh_stop_reason
# After one of these nothing comes any more; the machine does not end.
HALTED = re.compile(r"bulkhead: panic: |partmgr: \d+ errors?, nothing started$")


def _colon(option, text):
    name, colon, rest = text.partition(":")
    if not colon or not rest.strip():
        raise Failure(f"{option} {text!r}: write NAME: and what is expected")
    return name.strip(), rest.strip()


@dataclass
class Pattern:
    text: str
    regex: re.Pattern
    seen: str | None = None  # the line in which it was found
    at: float | None = None  # s since the machine began


@dataclass
class Watched:
    """One partition, and what was heard of it so far."""
    domain: object
    heard: bool = True
    told: bool = True  # its monitor can say when it starts and ends; else its state is not known
    patterns: list = field(default_factory=list)
    expected: set = field(default_factory=set)
    state: str = NEVER
    starts: int = 0
    failures: list = field(default_factory=list)  # dicts, of the first ones
    failed: int = 0  # all of them
    lines: int = 0
    last: deque = field(default_factory=lambda: deque(maxlen=LAST))
    at: float | None = None  # s: when it last did what was awaited
    restarts: bool = False  # it will begin anew by itself
    ended_us: int | None = None

    def _met(self):
        """What was expected is so now. Of several states one is enough; a failure comes on top of them."""
        states = self.expected & STATES
        return (not states or self.state in states) and (DEAD not in self.expected or bool(self.failures))

    def awaits(self):
        """True while something that was asked for has not come."""
        return any(pattern.seen is None for pattern in self.patterns) or not self._met()

    def ends_the_run(self):
        """Something is asked for that comes once, so that nobody need wait for more."""
        return bool(self.patterns or self.expected & {OFF, RESET, DEAD})

    def hopeless(self):
        """It has stopped for good, and what is awaited can come no more."""
        return (self.awaits() and self.state in (OFF, RESET, DEAD) and not self.restarts
                and not self.domain.controlled)

    def guest(self, line, at):
        """A line of its guest, which may still be growing."""
        for pattern in self.patterns:
            if pattern.seen is None and pattern.regex.search(line.text):
                pattern.seen, pattern.at = line.text, at
                self.at = at

    def note(self, text, at):
        """A line that its monitor, or the service or kernel for it, has said."""
        if STARTED.match(text):
            self.starts += 1
            self.state, self.restarts, self.ended_us = RUNNING, False, None
        elif found := ENDED.match(text):
            self.state, self.ended_us = found[1], int(found[2])
            self.restarts = self.state == RESET and self.domain.resets
        elif found := FAILURE.match(text):
            reason = int(found["reason"], 16)
            self._fail({"reason": reason, "text": REASONS.get(reason, "unknown"), "follows": found["follows"],
                        **{name: int(found[name], 16) for name in ("vcpu", "pc", "syndrome", "address")}})
            self.state, self.restarts = DEAD, found["follows"] == "begins anew"
        elif re.match(r"[\w.-]+ error: ", text):
            self.state = DEAD
            self._fail({"reason": 5, "text": f"{REASONS[5]}: {text}", "follows": "stopped"})
        else:
            return
        if not self.awaits():
            self.at = at

    def _fail(self, failure):
        self.failed += 1
        if len(self.failures) < FAILURES:  # one may fail for ever
            self.failures.append(failure)

    def missing(self, complete):
        """What should have come and has not. complete: the run was not cut short once all that was awaited had come."""
        state = f": it is {IS[self.state]}" if self.told and self.state != RUNNING else ""
        found = [f"{pattern.text!r} was not seen{state}" for pattern in self.patterns if pattern.seen is None]
        if not self._met():
            found.append(f"it is {IS[self.state]}{'' if self.failures else ', without a failure'}; "
                         f"expected was: {', '.join(sorted(self.expected - {ANY}))}")
        asked = self.expected or self.patterns or self.domain.manual
        if self.told and self.state == NEVER and complete and not asked:
            found.append("it never started")
        return found

    def faults(self):
        """What should not have come."""
        if not self.failures or self.expected & {DEAD, ANY}:
            return []
        return [f"{self.failed} failure{'s' * (self.failed > 1)}, the first: {self.failures[0]['text']}"]

    def reasons(self, complete):
        """Why it has failed; empty when it has not."""
        return self.missing(complete) + self.faults() if self.heard else []

    def verdict(self, complete):
        return UNHEARD if not self.heard else FAILED if self.reasons(complete) else PASSED


class Watch:
    """All partitions, and the machine itself. until, expect: texts as on the command line."""

    def __init__(self, description, until=(), expect=()):
        self.description = description
        self.partitions = {domain.name: Watched(domain, description.heard(domain.name), description.owner is None)
                           for domain in description.domains}
        self.asked = bool(until or expect)
        self.planned = []  # names in the manager's order: the kernel's numbers begin with 1
        self.wrong = []  # what the kernel, the manager or QEMU did wrong
        self.halted = False
        self.last = deque(maxlen=LAST)
        for text in until:
            name, pattern = _colon("--until", text)
            try:
                regex = re.compile(pattern)
            except re.error as bad:
                raise Failure(f"--until {text!r}: this is no regular expression: {bad}") from bad
            self._find("--until", name).patterns.append(Pattern(pattern, regex))
        for text in expect:
            name, state = _colon("--expect", text)
            if state not in EXPECTATIONS:
                raise Failure(f"--expect {text!r}: {state} is none of {', '.join(EXPECTATIONS)}")
            if description.owner is not None and state != ANY:
                raise Failure(f"--expect {text!r}: {description.owner} has the board's UART, so that nobody tells")
            self._find("--expect", name).expected.add(state)

    def _find(self, option, name):
        if name not in self.partitions:
            there = ", ".join(self.partitions) or "none"
            raise Failure(f"{option}: there is no partition {name!r}; there are: {there}")
        if not self.partitions[name].heard:
            raise Failure(f"{option}: {name} cannot be heard: {self.description.owner} has the board's UART")
        return self.partitions[name]

    def line(self, line, at):
        """A line that is complete."""
        watched = self.partitions.get(line.owner)
        if watched and line.kind == split.GUEST:
            watched.lines += 1
            watched.last.append(line.text)
            watched.guest(line, at)
        elif watched:
            text = split.STAMP.sub("", line.text, count=1) if self.description.stamps else line.text
            watched.last.append(text)
            watched.note(text, at)
        else:
            self._system(line.text, at)

    def growing(self, line, at):
        """A line that may not be complete."""
        if line.kind == split.GUEST and line.owner in self.partitions:
            self.partitions[line.owner].guest(line, at)

    def _system(self, text, at):
        self.last.append(text)
        if HALTED.match(text):
            self.halted = True
            self.wrong.append(text)
        elif found := FAILURE.match(text):
            number = int(found["number"] or "0", 16) - 1
            if 0 <= number < len(self.planned) and self.planned[number] in self.partitions:
                self.partitions[self.planned[number]].last.append(text)
                self.partitions[self.planned[number]].note(text, at)
            else:  # a service
                self.wrong.append(text)
        elif found := PLANNED.match(text):
            self.planned.append(found[1])
        elif text.startswith("partmgr: error: "):
            self.wrong.append(text)

    def qemu(self, status, said):
        """QEMU has ended by itself."""
        if status:
            how = f"status {status}" if status > 0 else f"signal {-status}"
            self.wrong.append(f"QEMU ended with {how}" + (f": {said.splitlines()[-1]}" if said.strip() else ""))

    def awaits(self):
        """The partitions of which something is awaited."""
        return [name for name, watched in self.partitions.items() if watched.awaits()]

    def faults(self):
        """Something went wrong, and is not merely still to come."""
        return bool(self.wrong) or any(watched.faults() for watched in self.partitions.values())

    def failed(self, complete):
        return self.faults() or any(watched.reasons(complete) for watched in self.partitions.values())

    def done(self):
        """True when all has come that makes this run an end: nobody waits for the machine's."""
        return any(watched.ends_the_run() for watched in self.partitions.values()) and not self.awaits()

    def hopeless(self):
        return [name for name, watched in self.partitions.items() if watched.hopeless()]
