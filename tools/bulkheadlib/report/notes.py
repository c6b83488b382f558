# SPDX-License-Identifier: BSD-2-Clause
"""What the check found, errors first: where it is, what it is, what to do about it."""
from . import units
from .markup import element, join


def _place(note):
    """file:line, and whose tree it is where that is not the system's."""
    file = note.get("file")
    if file and note.get("line"):
        return f"{file}:{note['line']}"
    return file or ("the machine's device tree" if note.get("tree") == "hardware" else "")


def _note(note):
    level = note["level"]
    where = join([element("code", note["node"]) if note.get("node") else None,
                  join([" in its module, ", element("code", note["inside"])]) if note.get("inside") else None,
                  join([" ", element("code", note["property"])]) if note.get("property") else None])
    said = (" ", where, ": " if where else None, note["message"])
    return element("li", element("p", element("b", level, class_="level"), *said),
                   element("p", f"What to do: {note['advice']}", class_="advice") if note.get("advice") else None,
                   element("p", join([element("span", _place(note)), " ", element("span", f"[{note['name']}]")]),
                           class_="place"),
                   class_=level)


def section(answer):
    """The notes, and how many more there are than could be kept."""
    notes = sorted(answer["notes"], key=lambda note: note["level"] != "error")  # keeps the order of each level
    omitted = answer.get("omitted") or {}
    more = [units.plural(omitted[kind], kind[:-1]) for kind in ("errors", "warnings") if omitted.get(kind)]
    return [], [element("ul", *(join(("\n", _note(note))) for note in notes), class_="notes"),
                element("p", f"{' and '.join(more)} more are not listed.", class_="note") if more else None]


def summary(answer):
    """The page's first line of text."""
    counts = {level: sum(note["level"] == level for note in answer["notes"]) + (answer.get("omitted") or {}).get(
        f"{level}s", 0) for level in ("error", "warning")}
    texts = [units.plural(count, level) for level, count in counts.items() if count]
    if not answer["ok"]:
        return f"{' and '.join(texts) or 'Errors'}: this system does not start."
    if counts["error"]:
        return f"{' and '.join(texts)}: this system starts without {', '.join(answer.get('left_out') or ['some'])}."
    return f"No errors, {' and '.join(texts)}." if texts else "No errors, no warnings."
