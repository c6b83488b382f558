# SPDX-License-Identifier: BSD-2-Clause
"""What partitions share: a row for each, a vertical line for each shared memory and each channel."""
from . import svg, units
from ..explain import told
from .markup import element, table

NAMES = 230
COLUMN = 142        # width of one line's column
ROW, HEAD = 36, 40
DOT = 5
MARKS = {"owner": "●", "borrower": "○", "reader": "◇"}


def _lines(plan):
    """(name, second line, kind, {partition: (text, second text, mark, hover)}) of all shared memory, then channels."""
    for each in plan["shared"]:
        joints = {}
        for peer in each["peers"]:
            hover = f"{peer['partition']}: {peer['role']} of {each['id']}\n" \
                    f"{units.span(peer['guest'], each['size'])}, physical {units.address(each['host'])}"
            joints[peer["partition"]] = (peer["role"], units.address(peer["guest"]), peer["role"], hover)
        yield each["id"], units.size(each["size"]), "shared", joints
    for index, each in enumerate(plan["channels"]):
        ends = (each["a"], each["b"])
        hover = " – ".join(f"{end['partition']} port {end['port']}" for end in ends)
        joints = {}
        for end in ends:
            before = joints.get(end["partition"])
            text = f"port {end['port']}" if before is None else f"{before[0]}, {end['port']}"
            joints[end["partition"]] = (text, "", "channel", hover)
        yield f"channel {index}", "", "channel", joints


def _joint(x, y, joint):
    text, more, mark, hover = joint
    shape = {"owner": lambda: element("circle", cx=x, cy=y, r=DOT, class_="joint full"),
             "borrower": lambda: element("circle", cx=x, cy=y, r=DOT, class_="joint"),
             "reader": lambda: element("path", d=f"M{x} {y - 6}L{x + 6} {y}L{x} {y + 6}L{x - 6} {y}Z", class_="joint"),
             }.get(mark, lambda: svg.rect(x - DOT + 0.5, y - DOT + 0.5, 9, 9, "joint full"))()
    texts = [svg.text(x + 11, y - 3 if more else y + 4, svg.fit(text, COLUMN - 16)),
             svg.text(x + 11, y + 12, more, "muted") if more else None]
    return svg.group(hover, shape, *texts, class_="row")


def _drawing(index, lines, names):
    """One block of lines, as many as the page is wide; only partitions that they join."""
    rows = [name for name in names if any(name in joints for _name, _more, _kind, joints in lines)]
    middle = {name: HEAD + row * ROW + ROW / 2 for row, name in enumerate(rows)}
    right, end = NAMES + COLUMN * len(lines), HEAD + ROW * len(rows)
    parts = []
    for name in rows:
        y = middle[name]
        parts += [svg.line(0, y - ROW / 2 + 0.5, right, y - ROW / 2 + 0.5, "grid"),
                  svg.text(0, y + 4, svg.fit(name, NAMES - 4))]
    parts.append(svg.line(0, end + 0.5, right, end + 0.5, "grid"))
    for column, (name, more, kind, joints) in enumerate(lines):
        x = NAMES + column * COLUMN + 12
        ys = [middle[partition] for partition in rows if partition in joints]
        parts += [svg.text(x - 6, 13, svg.fit(name, COLUMN - 8), "strong"),
                  svg.text(x - 6, 28, more or "events", "muted"),
                  svg.rect(x - 1.5, ys[0], 3, max(0, ys[-1] - ys[0]), f"wire {kind}") if ys else None]
        parts += [_joint(x, middle[partition], joints[partition]) for partition in rows if partition in joints]
    return svg.drawing(f"links-{index}", svg.WIDTH, end + 1, "Shared memory and channels",
                       "A row for each partition that shares something, a vertical line for each shared memory and "
                       "each channel, with a mark where a partition is joined to it; the tables say the same.", *parts)


def _tables(plan):
    rows = [(each["id"] if not index else "", element("code", units.address(each["host"])) if not index else "",
             units.size(each["size"]) if not index else "",
             {True: "yes", False: "no"}.get(each.get("cacheable"), "") if not index else "", peer["partition"],
             peer["role"], element("code", units.address(peer["guest"])))
            for each in plan["shared"] for index, peer in enumerate(each["peers"])]
    heads = ["id", ">physical", ">size", "cacheable", "partition", ".role", ">seen at"]
    yield table("Shared memory", heads, rows) if rows else None
    rows = [(f"channel {index}" if not other else "", end["partition"], str(end["port"]), str(end["slot"]),
             element("code", f"{end['offset']:#x}"), told(end))
            for index, each in enumerate(plan["channels"]) for other, end in enumerate((each["a"], each["b"]))]
    heads = [".channel", "partition", ">port", ">slot", ">offset", "is rung by"]
    yield table("Channels", heads, rows) if rows else None


def section(plan):
    """What stays together with the heading, and the rest."""
    lines, names = list(_lines(plan)), [partition["name"] for partition in plan["partitions"]]
    if not lines:
        return [element("p", "Partitions share no memory and have no channels.")], []
    count = (svg.WIDTH - NAMES) // COLUMN
    figures = [element("figure", _drawing(index // count, lines[index:index + count], names), class_="wide")
               for index in range(0, len(lines), count)]
    roles = {peer["role"] for each in plan["shared"] for peer in each["peers"]}
    key = ", ".join(f"{mark} {role}" for role, mark in MARKS.items() if role in roles)
    if plan["channels"]:
        key = f"{key}, ■ end of a channel" if key else "■ end of a channel"
    return [element("p", key, class_="note"), figures[0]], [*figures[1:], *_tables(plan)]
