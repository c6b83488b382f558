# SPDX-License-Identifier: BSD-2-Clause
"""Whose interrupts: the machine's lines, and those that each partition sees, on one axis; and the table."""
from . import svg, units
from .markup import element, table

NAMES = 250
FOOT = 24       # height of the axis
HIGHEST = 560   # rows of one drawing
DEEPEST = 16    # lines of labels in a row
LONGEST = 300   # pixels of a label
MARK = 3


def _marks(entries):
    """(number, label, emulated, hover) of each owner's lines: [(owner, marks)], the machine's first."""
    owners = [("the machine's lines", [(each["intid"], f"{each['intid']} {each.get('name') or ''}".strip(), False,
                                        f"INTID {each['intid']}: {each.get('name') or 'no name'}, "
                                        f"given to {each['owner']}") for each in entries["interrupts"]])]
    for partition in entries["partitions"]:
        marks = []
        for each in partition.get("interrupts") or []:
            physical, name = each.get("physical"), each.get("name")
            source = "emulated" if physical is None else f"physical INTID {physical}"
            text = f"{each['virtual']} {name or ''}".strip()
            hover = f"{partition['name']}: INTID {each['virtual']}, {name or 'no name'}, {source}"
            label = text if physical is None else f"{text} ← {physical}"
            marks.append((each["virtual"], label, physical is None, hover))
        if marks:
            owners.append((partition["name"], marks))
    return [(name, sorted((number, svg.fit(label, LONGEST), *rest) for number, label, *rest in marks))
            for name, marks in owners if marks]


def levels(marks, position):
    """The line of text on which each label stands, so that none covers another or a mark's stem; from the right."""
    taken, found = [], {}
    for index in range(len(marks) - 1, -1, -1):
        start = position(marks[index][0]) - MARK
        label = marks[index][1]
        end = start + (svg.width_of(label) + 2 * MARK + svg.CHARACTER if label else 2 * MARK)
        found[index] = max((level + 1 for other, level in taken if start <= other < end), default=0)
        taken.append((start, found[index]))
    return [found[index] for index in range(len(marks))]


def _shortened(marks, position):
    """The same marks, all labels on one line: numbers that follow each other have one together, on the first; names are
    left out, and so are numbers that have no room. The table has them all."""
    kept = {}
    for number, *_rest in marks:
        kept[number] = kept.pop(number - 1, []) + [number]
    labels, end = {}, 0.0
    for numbers in kept.values():
        start, text = position(numbers[0]), units.runs(numbers)
        if start - MARK >= end:
            labels[numbers[0]] = text
            end = max(start + svg.width_of(text) + 3 * MARK, position(numbers[-1]) + MARK)
    return [(number, labels.get(number, ""), emulated, hover) for number, _label, emulated, hover in marks]


def _mark(x, others, emulated):
    """A line's mark: narrow where its neighbours are near."""
    half = min([MARK, *(max(0.75, abs(x - other) / 2 - 0.25) for other in others if other != x)])
    return svg.rect(x - half, 10.5, 2 * half, 6, "mark hollow" if emulated else "mark")


def _strip(name, marks, position):
    """One owner's row, from 0 on: a mark for each line, with its label; (parts, height)."""
    places = levels(marks, position)
    if max(places) > DEEPEST:
        marks = _shortened(marks, position)
        places = [1] * len(marks)
    parts = [svg.line(0, 0.5, svg.WIDTH, 0.5, "grid"), svg.text(0, 18, svg.fit(name, NAMES - 8))]
    middles = [position(number) for number, *_rest in marks]
    for x, (_number, label, emulated, hover), level in zip(middles, marks, places):
        text = svg.text(x + MARK + 3, 18 + level * svg.LINE, label) if label else None
        stem = svg.line(x, 17, x, 14 + level * svg.LINE, "stem") if level and label else None
        parts.append(svg.group(hover, stem, _mark(x, middles, emulated), text, class_="row"))
    return parts, 28 + max(places) * svg.LINE


def _axis(first, last, position):
    parts, step = [svg.line(0, 0.5, svg.WIDTH, 0.5, "ruler"), svg.text(0, 17, "INTID", "muted")], 32
    while step * (position(1) - position(0)) < 60:
        step *= 2
    for number in range(first, last + 1, step):
        parts += [svg.line(position(number), 0, position(number), 5, "ruler"),
                  svg.text(position(number), 17, str(number), "muted", "middle")]
    return parts


def _drawing(index, strips, axis):
    """Rows below each other, and the axis."""
    parts, y = [], 0
    for content, height in [*strips, (axis, FOOT)]:
        parts.append(element("g", *content, transform=f"translate(0 {y})"))
        y += height
    return svg.drawing(f"lines-{index}", svg.WIDTH, y, "Interrupts",
                       "A row for the machine and for each partition with interrupts; marks stand at the numbers of "
                       "lines, hollow ones are emulated. The tables have the same numbers.", *parts)


def _drawings(owners):
    """As few drawings as fit pages, all with the same axis."""
    numbers = [number for _name, marks in owners for number, *_rest in marks]
    first, last = min(numbers) // 32 * 32, max(numbers) // 32 * 32 + 32
    longest = max(svg.width_of(label) for _name, marks in owners for _number, label, *_rest in marks)
    scale = (svg.WIDTH - NAMES - longest - 20) / (last - first)
    position = lambda number: NAMES + 10 + (number - first) * scale
    groups, room = [], 0
    for strip in (_strip(name, marks, position) for name, marks in owners):
        if room < strip[1]:
            groups.append([])
            room = HIGHEST
        groups[-1].append(strip)
        room -= strip[1]
    axis = _axis(first, last, position)
    return [element("figure", _drawing(index, group, axis), class_="wide") for index, group in enumerate(groups)]


def _tables(plan):
    rows = [(str(each["intid"]), each.get("name") or "", each["owner"] or "",
             "" if each.get("virtual") is None else str(each["virtual"])) for each in plan["interrupts"]]
    yield table("The machine's interrupts that were given away", [">INTID", "name", "owner", ">INTID there"], rows) \
        if rows else None
    rows = [(partition["name"], str(each["virtual"]), each.get("name") or "",
             "emulated" if each.get("physical") is None else str(each["physical"]))
            for partition in plan["partitions"] for each in partition.get("interrupts") or []]
    yield table("Interrupts that partitions see", ["partition", ">INTID", "name", ">physical INTID"], rows) \
        if rows else None


def section(plan):
    """What stays together with the heading, and the rest."""
    owners = _marks(plan)
    if not owners:
        return [element("p", "None of the machine's interrupts is given away, and partitions see none of devices.")], []
    drawings = _drawings(owners)
    key = element("p", "■ line of the machine, □ emulated", class_="note")
    return [key, drawings[0]], [*drawings[1:], *_tables(plan)]
