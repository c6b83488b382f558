# SPDX-License-Identifier: BSD-2-Clause
"""What all drawings have in common: their frame, pieces with a pattern for each kind, labels, and how wide text is."""
from .markup import Markup, element, join

WIDTH = 960  # of a drawing over the whole page
HALF = 464   # two beside each other
CHARACTER = 6.7  # advance of one character of a label: the widest of common monospaced fonts, at 11 pixels
LINE = 15    # from one line of labels to the next
ASCENT = 11  # from the top of a line to its base line

# Each kind has a fill, and all but RAM and what is free a pattern on it: colour alone says nothing.
KINDS = {"kernel": "kernel", "bundle": "bundle", "tree": "device tree", "reserved": "reserved", "ram": "RAM",
         "private": "private memory of monitors and services", "image": "image that is loaded",
         "shared": "shared memory", "emulated": "emulated device", "device": "device of the machine", "flash": "flash",
         "free": "free"}
PATTERNS = {
    "kernel": "M0 6 6 0M-1.5 1.5 1.5 -1.5M4.5 7.5 7.5 4.5", "bundle": "M0 1.5H6M0 4.5H6", "tree": "M0 3H6",
    "reserved": "M0 0 6 6M0 6 6 0", "private": "M1.5 0V6M4.5 0V6",
    "image": "M0 0 6 6M-1.5 4.5 1.5 7.5M4.5 -1.5 7.5 1.5",
    "shared": "M0 3H6M3 0V6", "emulated": "M1 1H2.4M4 4H5.4", "device": "M0 0H3V3H6", "flash": "M3 0V6",
}


def kind(name):
    return name if name in KINDS or name == "zoom" else "other"


def definitions():
    """The patterns, once a page."""
    tiles = [element("pattern", element("path", d=path, class_=f"line-{name}"), id=f"pattern-{name}", width=6, height=6,
                     patternUnits="userSpaceOnUse") for name, path in PATTERNS.items()]
    return element("svg", element("defs", *tiles), width=0, height=0, class_="definitions", aria_hidden="true")


def drawing(identity, width, height, title, description, *content):
    """A drawing: what stands in title and description is read out in its place."""
    return element("svg", element("title", title, id=f"{identity}-title"),
                   element("desc", description, id=f"{identity}-desc"), "\n", join(content, "\n"),
                   width=width, height=whole(height), viewBox=f"0 0 {width} {whole(height)}", role="img",
                   aria_labelledby=f"{identity}-title {identity}-desc", id=identity, class_="drawing")


def whole(value):
    """Whole pixels: a frame never cuts its content."""
    return int(-(-value // 1))


def rect(x, y, width, height, class_, **more):
    return element("rect", x=x, y=y, width=width, height=height, class_=class_, **more)


def piece(x, y, width, height, name, plain=False, **more):
    """A box with the fill and the pattern of a kind; plain, because text stands on it: without the pattern."""
    name = kind(name)
    pattern = None
    if name in PATTERNS and not plain:
        pattern = rect(x, y, width, height, "pattern", fill=f"url(#pattern-{name})")
    return join((rect(x, y, width, height, f"piece kind-{name}", **more), pattern))


def text(x, y, content, class_=None, anchor=None):
    return element("text", content, x=x, y=y, class_=class_, text_anchor=anchor)


def line(x1, y1, x2, y2, class_="leader"):
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def group(title, *content, class_=None):
    """What belongs together and has one text on hover."""
    return element("g", element("title", title) if title else None, *content, class_=class_)


def width_of(content):
    return len(content) * CHARACTER


def fit(content, width):
    """The text, or as much of its beginning as is that wide: the whole of it stands in the table."""
    room = int(width // CHARACTER)
    return content if len(content) <= room else f"{content[:room - 1]}…"


def wrap(content, width):
    """Lines of at most that many pixels: broken at spaces, else behind - _ . , else anywhere."""
    room, lines = max(4, int(width // CHARACTER)), []
    while len(content) > room:
        cut = content.rfind(" ", 1, room + 1)
        if cut > 0:
            lines.append(content[:cut])
            content = content[cut + 1:]
            continue
        cut = max(content.rfind(mark, room // 2, room) for mark in "-_.,") + 1 or room
        lines.append(content[:cut])
        content = content[cut:]
    return [*lines, content]


def legend(names):
    """The kinds that a page draws, as one line of HTML."""
    items = [element("li", element("svg", piece(0.5, 0.5, 21, 11, name), width=22, height=12, aria_hidden="true"),
                     KINDS.get(name, name)) for name in names]
    return element("ul", *items, class_="legend") if items else Markup("")
