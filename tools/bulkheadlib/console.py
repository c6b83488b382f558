# SPDX-License-Identifier: BSD-2-Clause
"""Reads the machine's console: what each partition said, when it began and how it ended."""
import re
from dataclasses import dataclass, field

STAMP = re.compile(r"^\d+\.\d{6} ")  # of the console service, if the description asks for it
GUEST = re.compile(r"\[([\w.-]+)\] ?(.*)")
STARTED = re.compile(r"([\w.-]+) started cores=(\d+) memory=(\S+) at=(\d+)us")
ENDED = re.compile(r"([\w.-]+) ended (\w+) at=(\d+)us")


@dataclass
class Partition:
    """What the console told about one partition."""
    name: str
    cores: int = 0
    memory: str = "-"
    started: int | None = None  # microseconds since reset
    ended: str | None = None
    ended_at: int | None = None
    output: list = field(default_factory=list)

    def find(self, pattern):
        """The first match in its output, or None."""
        return next(filter(None, (re.search(pattern, line) for line in self.output)), None)


class Console:
    """Fed line by line."""

    def __init__(self):
        self.lines = []
        self.partitions = {}

    def partition(self, name):
        return self.partitions.setdefault(name, Partition(name))

    def feed(self, line):
        """Notes a line; the partition that it belongs to, or None."""
        self.lines.append(line)
        line = STAMP.sub("", line)
        if match := GUEST.fullmatch(line):
            self.partition(match[1]).output.append(match[2])
        elif match := STARTED.fullmatch(line):
            partition = self.partition(match[1])
            partition.cores, partition.memory, partition.started = int(match[2]), match[3], int(match[4])
        elif match := ENDED.fullmatch(line):
            partition = self.partition(match[1])
            partition.ended, partition.ended_at = match[2], int(match[3])
        return match[1] if match else None

    def find(self, text):
        """All lines that contain the text."""
        return [line for line in self.lines if text in line]
