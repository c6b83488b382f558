# SPDX-License-Identifier: BSD-2-Clause
"""Assignments as a shell reads them: of a file that a shell would run, what can be read without running anything."""
import re
from dataclasses import dataclass

NAME = re.compile(r"(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)(?:\[(\d+)\])?=")
USE = re.compile(r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?:\[(\d+)\])?\})")
PLAIN_END = " \t\n;"
GROWN = 1 << 24  # characters that all uses of variables put in together


@dataclass(frozen=True)
class Value:
    text: str
    line: int


class Wrong(Exception):
    """What cannot be read; the rest of its line is left out."""


class Assignments:
    """values: {(name, index or None): Value}, the last one of each; used: names that other values are made of; wrong:
    [(line, message)]."""

    def __init__(self, text):
        self.text, self.at, self.line, self.grown = text, 0, 1, 0
        self.values, self.used, self.wrong = {}, set(), []
        while self.at < len(text):
            start = self.line
            try:
                self._statement()
            except Wrong as wrong:
                self.wrong.append((start, str(wrong)))
                self._skip_line()

    def _skip_line(self):
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end

    def _next(self):
        """The next character, taken; "" at the end."""
        found = self.text[self.at:self.at + 1]
        self.at += 1
        self.line += found == "\n"
        return found

    def _statement(self):
        found = self.text[self.at]
        if found in PLAIN_END:
            self._next()
        elif found == "#":
            self._skip_line()
        elif match := NAME.match(self.text, self.at):
            self._assign(match)
        else:
            word = self.text[self.at:].split("\n", 1)[0]
            raise Wrong(f"{word.strip()[:40]!r} is no assignment, and commands are not run")

    def _assign(self, match):
        start = self.line
        self.at = match.end()
        if self.text[self.at:self.at + 1] == "(":
            raise Wrong(f"{match[1]}: write an array as {match[1]}[0]=..., {match[1]}[1]=...")
        index = None if match[2] is None else int(match[2])
        self.values[match[1], index] = Value(self._word(), start)

    def _word(self):
        """A value with its quotes and variables resolved, up to where it ends."""
        parts = []
        while self.at < len(self.text) and self.text[self.at] not in PLAIN_END:
            found = self.text[self.at]
            if found == "'":
                parts.append(self._single())
            elif found == '"':
                parts.append(self._double())
            elif found == "\\":
                self._next()
                escaped = self._next()
                parts.append("" if escaped == "\n" else escaped)
            else:
                parts.append(self._plain())
        return "".join(parts)

    def _single(self):
        self._next()
        end = self.text.find("'", self.at)
        if end < 0:
            raise Wrong("a quote that does not end")
        found = self.text[self.at:end]
        self.line += found.count("\n")
        self.at = end + 1
        return found

    def _double(self):
        self._next()
        parts = []
        while (found := self.text[self.at:self.at + 1]) != '"':
            if not found:
                raise Wrong("a quote that does not end")
            if found == "\\" and self.text[self.at + 1:self.at + 2] in ('"', "\\", "$", "`", "\n"):
                self._next()
                escaped = self._next()
                parts.append("" if escaped == "\n" else escaped)
            else:
                parts.append(self._plain())
        self._next()
        return "".join(parts)

    def _plain(self):
        """One character, or a variable's value."""
        found = self.text[self.at]
        if found == "`" or self.text.startswith("$(", self.at):
            raise Wrong("commands are not run")
        if found != "$":
            return self._next()
        match = USE.match(self.text, self.at)
        if not match:
            raise Wrong(f"{self.text[self.at:self.at + 12].splitlines()[0]!r}: only $NAME and ${{NAME}} are known")
        name, index = match[1] or match[2], None if match[3] is None else int(match[3])
        if (name, index) not in self.values:
            raise Wrong(f"{match[0]} has no value here")
        self.used.add(name)
        self.at = match.end()
        self.grown += len(self.values[name, index].text)
        if self.grown > GROWN:
            raise Wrong("values that are made of values grow beyond all use")
        return self.values[name, index].text
