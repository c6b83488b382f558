# SPDX-License-Identifier: BSD-2-Clause
"""Takes the machine's console apart: bytes into lines, and of each line whose it is.

What that stands on: every line of a guest begins with its partition's name in brackets, which the console service or
the monitor puts there and the guest cannot leave; a monitor's own lines begin with the bare name; the kernel's and the
manager's with "bulkhead: " and "partmgr: ". So only a line's beginning decides, and what a guest says never does."""
import re
from dataclasses import dataclass

LONGEST = 4096  # bytes of a line; longer ones, which no guest behind a prefix has, are broken
GUEST, NOTE, SYSTEM = "guest", "note", "system"

STAMP = re.compile(r"\d+\.\d{6} ")  # of the console service, if the description asks for it
PREFIX = re.compile(r"\[([\w.-]+)\](?: (.*))?", re.ASCII | re.DOTALL)
# What a monitor, or the console service for it, says of its partition.
NOTES = re.compile(r"([\w.-]+) (?:started cores=|ended (?:off|reset) at=|failed, reason 0x|lost \d+ characters"
                   r"|error: ).*", re.ASCII | re.DOTALL)
# Colours, cursor, titles (ECMA-48): what a terminal takes for itself.
ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~]|$)")


@dataclass(frozen=True)
class Line:
    owner: str | None  # the partition; None: kernel, manager, console service
    kind: str  # GUEST, NOTE or SYSTEM
    raw: bytes  # what the log gets: of a guest's line without prefix and stamp

    @property
    def text(self):
        """As a reader sees it: patterns are searched in this."""
        return ANSI.sub("", self.raw.decode(errors="replace"))


def shown(line):
    """What a terminal shows of a line after carriage returns and backspaces, a byte being a column: the console service
    redraws the line that is typed at, prefix included."""
    line = line.rstrip(b"\r")
    if b"\r" not in line and b"\b" not in line:
        return line
    cells, cursor = bytearray(), 0
    for byte in line:
        if byte == 0x0d:
            cursor = 0
        elif byte == 0x08:
            cursor = max(cursor - 1, 0)
        else:
            cells[cursor:cursor + 1] = bytes([byte])
            cursor += 1
    return bytes(cells)


class Lines:
    """Bytes as they come; feed() gives complete lines, without their ends."""

    def __init__(self, longest=LONGEST):
        self.longest = longest
        self.rest = bytearray()

    def feed(self, data):
        *whole, rest = data.split(b"\n")
        for line in whole:
            line, self.rest = bytes(self.rest) + line, bytearray()
            # What is broken off a long line stands behind its beginning at once.
            yield from (line[at:at + self.longest] for at in range(0, len(line) or 1, self.longest))
        self.rest += rest
        while len(self.rest) >= self.longest:
            yield bytes(self.rest[:self.longest])
            del self.rest[:self.longest]


class Splitter:
    """Says whose each line is. names: the partitions of the description (None: whoever there is). stamps: lines of the
    service have time stamps. owner: the partition that has the board's UART, whose text has no prefix."""

    def __init__(self, names=None, stamps=True, owner=None):
        self.names = names
        self.stamps, self.owner = stamps, owner
        self.planned = False  # the manager has said its last line, if all goes well

    def _known(self, name):
        return self.names is None or name in self.names

    def line(self, raw):
        raw = shown(raw)
        text = raw.decode("latin-1")  # a character a byte
        if self.owner is not None:
            return self._line_of_owner(raw, text)
        stamp = STAMP.match(text) if self.stamps else None
        body = text[stamp.end():] if stamp else text
        if (found := PREFIX.fullmatch(body)) and self._known(found[1]):
            return Line(found[1], GUEST, (found[2] or "").encode("latin-1"))
        if (found := NOTES.fullmatch(body)) and self._known(found[1]):
            return Line(found[1], NOTE, raw)
        return Line(None, SYSTEM, raw)

    def _line_of_owner(self, raw, text):
        """No line can be told from what that guest prints: from the plan on, all are its own, but the manager's next
        ones and the kernel's last."""
        if self.planned and not text.startswith("partmgr: "):
            return Line(self.owner, GUEST, raw)
        self.planned = self.planned or bool(re.match(r"partmgr: \d+ partitions? on ", text))
        return Line(None, SYSTEM, raw)
