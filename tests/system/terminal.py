# SPDX-License-Identifier: BSD-2-Clause
"""Somebody at the machine's terminal, who types and waits for what comes."""
import re

from bulkheadlib.qemu import Timeout


class Terminal:
    """At a running machine that has a keyboard."""

    def __init__(self, run):
        self.run = run
        self.text = ""  # all that has come
        self.read = 0  # of it, up to where the last expectation was met

    def type(self, keys):
        self.run.type(keys.encode())

    def _note(self, data):
        text = data.decode(errors="replace").replace("\r", "")
        print(text, end="")
        self.text += text

    def expect(self, pattern, timeout=60):
        """Waits for text behind what was expected before; the match. Line ends are \\n, whatever they were."""
        regex = re.compile(pattern, re.MULTILINE)
        chunks = self.run.chunks(timeout)
        while not (match := regex.search(self.text, self.read)):
            try:
                data = next(chunks, None)
            except Timeout as late:
                raise AssertionError(f"{pattern!r} does not come: {self.text[self.read:][-400:]!r}") from late
            assert data is not None, f"the machine has ended without {pattern!r}: {self.text[self.read:][-400:]!r}"
            self._note(data)
        self.read = match.end()
        return match

    def rest(self, timeout=60):
        """Waits for the machine's end."""
        for data in self.run.chunks(timeout):
            self._note(data)
