# SPDX-License-Identifier: BSD-2-Clause
"""Physical memory: each bank of RAM to scale, maps that magnify where much lies close together, and the table."""
from dataclasses import dataclass

from . import panel, svg, units
from .markup import element, join, table

FEW = 5         # so many thin pieces in a row, and more, get a map of their own
PLAIN = ("ram", "free")  # kinds without a pattern
BAR = 40        # height of a bank's bar
TICKS = 130     # pixels between two addresses below it, at least
LOW, HIGH = 96, 240  # least height of a map, of one of a whole bank


def label(entry):
    """What a piece is, with its owner."""
    name = entry.get("name") or svg.KINDS.get(entry["kind"], entry["kind"])
    owner, others = entry.get("owner"), _users(entry)[1:]
    if owner and owner not in name.replace(":", " ").split():
        name = f"{owner}: {name}"
    return f"{name}, also of {', '.join(others)}" if others else name


def _users(entry):
    return entry.get("users") or ([entry["owner"]] if entry.get("owner") else [])


def marks(plan, entry):
    """The classes that say whose it is."""
    found = _users(entry)
    return " ".join(f"of-{index}" for index, each in enumerate(plan["partitions"]) if each["name"] in found)


def users(entry):
    """Whose it is; an image may be loaded by several."""
    return ", ".join(_users(entry))


def hover(entry):
    text = f"{label(entry)}\n{units.span(entry['base'], entry['size'])}\n{units.exact(entry['size'])}"
    return f"{text}\nof {users(entry)}" if users(entry) else text


def _pieces(plan, bank):
    """The pieces of one bank."""
    end = bank["base"] + bank["size"]
    return [panel.Piece(entry["base"], entry["size"], entry["kind"], label(entry), hover(entry),
                        marks=marks(plan, entry))
            for entry in plan["memory"] if bank["base"] <= entry["base"] < end]


@dataclass(frozen=True)
class Map:
    """What one map shows; letter: in whose place, in another map."""
    letter: str
    heading: str
    size: int
    pieces: list
    least: int


class Maps:
    """The maps of all banks: the first of each shows all of it, others what their letters stand for."""

    def __init__(self):
        self.all, self.letters = [], 0

    def add(self, heading, size, pieces, least, letter=""):
        """A map of these pieces, then those that magnify parts of it."""
        items, groups = self._grouped(pieces, least)
        self.all.append(Map(letter, heading, size, items, least))
        for letter, members in groups:
            base, end = members[0].base, members[-1].base + members[-1].size
            self.add(f"{letter}: {units.span(base, end - base)}", end - base, members, LOW, letter)

    def _grouped(self, pieces, least):
        """What one map shows: pieces, and letters in the place of many; (letter, pieces) of the latter."""
        height = min(panel.HIGHEST, panel.height_of(pieces, least=least))
        thin = panel.THIN * sum(piece.size for piece in pieces) / height
        for few in range(FEW, 1, -1):
            parts = _runs(pieces, thin, few)
            if panel.height_of([part[0] for part in parts]) <= panel.HIGHEST:
                break
        else:  # not one beside another: they are dealt out
            count = -(-panel.height_of(pieces) // panel.HIGHEST)
            share = max(2, -(-len(pieces) // count))
            parts = [pieces[index:index + share] for index in range(0, len(pieces), share)]
        groups = [(self._letter(), part) for part in parts if len(part) > 1]
        letters = iter(groups)
        return [part[0] if len(part) == 1 else _group(*next(letters)) for part in parts], groups

    def _letter(self):
        self.letters += 1
        return units.letters(self.letters - 1)


def _group(letter, pieces):
    """A letter in the place of pieces that lie beside each other."""
    base, end = pieces[0].base, pieces[-1].base + pieces[-1].size
    text = f"{units.plural(len(pieces), 'piece')}: {', '.join(dict.fromkeys(piece.kind for piece in pieces))}"
    return panel.Piece(base, end - base, "zoom", text, f"{letter}: {text}\nmagnified in a map of their own\n"
                       f"{units.span(base, end - base)}\n{units.exact(end - base)}", letter=letter)


def _runs(pieces, thin, few):
    """The pieces as lists of one, but so few in a row that are smaller than thin, and more, as one list."""
    parts, run = [], []
    for piece in [*pieces, None]:
        if piece and piece.size < thin:
            run.append(piece)
            continue
        parts += [run] if few <= len(run) < len(pieces) else [[each] for each in run]
        run = []
        if piece:
            parts.append([piece])
    return parts


def _maps(plan):
    maps = Maps()
    for index, bank in enumerate(plan["banks"]):
        pieces = _pieces(plan, bank)
        if pieces:
            name = f"Bank {index}: " if len(plan["banks"]) > 1 else ""
            maps.add(f"{name}{units.span(bank['base'], bank['size'])}", bank["size"], pieces,
                     HIGH if len(pieces) > 3 else LOW)
    figures, scales = [], {}
    for index, each in enumerate(maps.all):
        drawing, scale = panel.draw(f"map-{index}", each.pieces, f"Map of {each.heading}", least=each.least)
        scales.update({piece.letter: scale for piece in each.pieces if piece.letter})
        times = scale / scales[each.letter] if scales.get(each.letter) else 0
        more = f", {times:,.0f} times larger" if times >= 1.5 else ""
        caption = element("figcaption", element("b", each.heading), f" · {units.size(each.size)}{more}")
        figures.append(element("figure", caption, drawing, class_="map"))
    return element("div", *figures, class_="columns")


def _ticks(bank, scale, y):
    """Round addresses below a bar, as many as have room."""
    step = 1 << 20
    while step * scale < TICKS:
        step <<= 1
    first = -(-bank["base"] // step) * step
    parts, room = [], 0.0
    for value in range(first, bank["base"] + bank["size"] + 1, step):
        x, text = (value - bank["base"]) * scale, units.address(value)
        start = min(max(0.0, x - svg.width_of(text) / 2), svg.WIDTH - svg.width_of(text))
        if start < room:
            continue
        room = start + svg.width_of(text) + svg.CHARACTER
        parts += [svg.line(x, y, x, y + 4, "ruler"), svg.text(start, y + 15, text, "muted")]
    return join(parts)


def _inside(entry, room):
    """Two lines that say what a piece is, if it is so wide; of patterned ones none: one could not read them."""
    if entry["kind"] in PLAIN:
        for words in (label(entry), entry.get("owner") or label(entry)):
            for lines in ([words, units.size(entry["size"])], svg.wrap(words, max(room, 1))):
                whole = words in lines or words in (" ".join(lines), "-".join(each.rstrip("-") for each in lines))
                if whole and len(lines) <= 2 and all(svg.width_of(each) <= room for each in lines):
                    return lines
    return []


def _segment(entry, bank, scale, y, of):
    """One piece of a bank's bar, with its name where that has room."""
    x, width = (entry["base"] - bank["base"]) * scale, entry["size"] * scale
    texts = [svg.text(x + width / 2, y + 17 + svg.LINE * index, each, "inside", "middle")
             for index, each in enumerate(_inside(entry, width - 2 * svg.CHARACTER))]
    return svg.group(hover(entry), svg.piece(x, y, width, BAR, entry["kind"], data_base=entry["base"],
                                             data_bytes=entry["size"]), *texts, class_=f"row {of}".strip())


def _overview(plan):
    """All banks, one below the other, at one scale."""
    largest = max(bank["size"] for bank in plan["banks"])
    scale, y, parts = svg.WIDTH / largest, 0, []
    for index, bank in enumerate(plan["banks"]):
        name = f"bank {index}: " if len(plan["banks"]) > 1 else ""
        end, span = bank["base"] + bank["size"], units.span(bank["base"], bank["size"])
        parts.append(svg.text(0, y + svg.ASCENT, f"{name}{span}, {units.size(bank['size'])}"))
        parts += [_segment(entry, bank, scale, y + 18, marks(plan, entry)) for entry in plan["memory"]
                  if bank["base"] <= entry["base"] < end]
        parts += [svg.rect(0, y + 18, max(1.0, bank["size"] * scale), BAR, "frame"), _ticks(bank, scale, y + 18 + BAR)]
        y += 18 + BAR + 28
    return svg.drawing("memory", svg.WIDTH, y, "Banks of RAM", "A bar for each bank of RAM, all at one scale, with the "
                       "pieces in the order of their addresses; the table has the same numbers.", *parts)


def _table(plan):
    rows = [(element("code", units.address(entry["base"])),
             element("code", units.address(entry["base"] + entry["size"] - 1)), units.size(entry["size"]),
             entry["kind"], users(entry), entry.get("name") or "")
            for entry in plan["memory"]]
    return table("Physical memory", [">from", ">to", ">size", ".kind", "owner", "what"], rows)


def section(plan):
    """What stays together with the heading, and the rest."""
    used = [name for name in svg.KINDS if name in {entry["kind"] for entry in plan["memory"]}]
    text = ("The bar is to scale from end to end. Below, pieces have an address, a size and a name each; what would be "
            "too thin there is drawn thicker and has its size in italics, and letters stand for pieces that a map of "
            "their own magnifies.")
    return ([svg.legend(used), element("figure", _overview(plan), class_="wide")],
            [element("p", text, class_="note"), _maps(plan), _table(plan)])
