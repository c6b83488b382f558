# SPDX-License-Identifier: BSD-2-Clause
"""HTML and SVG as text: whatever is not Markup already is escaped, so that a device tree's strings stay text."""
import re

# What HTML has no form for: control characters but tab and line feed, halves of pairs, and what is no character.
FORBIDDEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# They turn the order of what follows around, or cannot be seen: a name must look like what it is.
INVISIBLE = re.compile("[\xad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")
EMPTY = {"meta", "br", "col"}  # elements without an end


class Markup(str):
    """Text that is HTML."""


def escape(text):
    """Any text as HTML that shows it."""
    if isinstance(text, Markup):
        return text
    text = INVISIBLE.sub("\ufffd", FORBIDDEN.sub("\ufffd", str(text)))
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(character, entity)
    return Markup(text)


def number(value):
    """A coordinate: at most two decimals, always written alike."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def element(name, *content, **attributes):
    """<name attributes>content</name>. class_ stands for class, _ for -; None leaves an attribute or a content out."""
    given = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(number(value))}"'
                    for key, value in attributes.items() if value is not None)
    if name in EMPTY:
        return Markup(f"<{name}{given}>")
    return Markup(f"<{name}{given}>{join(content)}</{name}>")


def join(parts, between=""):
    return Markup(escape(between).join(escape(part) for part in parts if part is not None))


def table(caption, heads, rows, class_=None):
    """heads: texts; one that begins with '>' is a column of numbers, with '.' one that does not break."""
    kinds = [{">": "number", ".": "whole"}.get(head[:1]) for head in heads]
    names = [head.lstrip(">.") for head in heads]
    first = element("tr", *(element("th", name, scope="col", class_=kind) for name, kind in zip(names, kinds)))
    body = [element("tr", element("th", row[0], scope="row", class_=kinds[0]),
                    *(element("td", cell, class_=kind) for cell, kind in zip(row[1:], kinds[1:])))
            for row in rows]
    return element("table", element("caption", caption), element("thead", first),
                   element("tbody", *(join(("\n", row)) for row in body)), class_=class_)
