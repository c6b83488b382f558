# SPDX-License-Identifier: BSD-2-Clause
"""Addresses, sizes and lists of numbers as people read them."""
UNITS = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def address(value):
    return f"{value:#x}"


def span(base, size):
    """First and last address."""
    return f"{base:#x} – {base + size - 1:#x}" if size else f"{base:#x}"


def size(count):
    """Three or four digits and a unit."""
    for unit, name in UNITS:
        if count >= unit:
            value = count / unit
            if count % unit == 0:
                return f"{count // unit} {name}"
            digits = 2 if value < 10 else 1 if value < 100 else 0
            return f"{value:.{digits}f} {name}"
    return f"{count} B"


def exact(count):
    """The size, and how many bytes that is."""
    return size(count) if count < 1024 else f"{size(count)} ({count:,} bytes)"


def plural(count, one, more=None):
    return f"{count} {one if count == 1 else more or one + 's'}"


def runs(numbers):
    """1, 2, 3, 5 as 1–3, 5."""
    parts = []
    for value in sorted(set(numbers)):
        if parts and parts[-1][1] == value - 1:
            parts[-1][1] = value
        else:
            parts.append([value, value])
    return ", ".join(str(first) if first == last else f"{first}{'–' if last > first + 1 else ', '}{last}"
                     for first, last in parts)


def letters(index):
    """A to Z, then AA, AB …"""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = LETTERS[rest] + text
    return text
