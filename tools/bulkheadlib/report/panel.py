# SPDX-License-Identifier: BSD-2-Clause
"""A map of addresses: a bar to scale, and beside it a line of text for each piece.

What would be too thin to see is drawn THIN pixels high and marked; all else is to one scale. Holes are breaks of the
bar.
"""
from dataclasses import dataclass

from . import svg, units
from .markup import element, join, number

BAR, INSET = 56, 14      # width of the bar, and how far images stand in it
LEADERS = 28             # width of what leads from the bar to the texts
SIZE = 8 * svg.CHARACTER + 8
GAP = 10                 # before the names
THIN, THINNER = 5, 2     # least height of a piece, of one in another
BREAK = 10               # height of a break
TOP, FOOT = 4, 20        # free above the bar; below it, for the scale
HIGHEST = 600            # of a bar, so that a map stays on one page of paper
RULER = 12               # pixels that the scale has at least


@dataclass(frozen=True)
class Piece:
    """A range of addresses. size 0: a break, behind which the next piece begins elsewhere."""
    base: int
    size: int
    kind: str
    label: str
    hover: str
    inside: tuple = ()   # pieces that lie in this one
    letter: str = ""     # stands for several pieces, which another map magnifies
    marks: str = ""      # classes of its group in the page


@dataclass(frozen=True)
class Placed:
    piece: Piece
    y: float
    height: float
    thin: bool


def least_of(piece):
    """Pixels that a piece has at least: its images must be seen in it."""
    return THIN + THINNER * len(piece.inside)


def scale_of(sizes, least, height):
    """(pixels per byte, indexes of what is too thin for it) when all pieces together are so high."""
    thin = set()
    while True:
        large = sum(size for index, size in enumerate(sizes) if index not in thin)
        scale = max(0.0, height - sum(least[index] for index in thin)) / large if large else 0
        more = {index for index, size in enumerate(sizes) if size * scale < least[index]} - thin
        if not more:
            return scale, thin
        thin |= more


def place(pieces, height):
    """(Placed for each piece, pixels per byte); breaks add to the height."""
    solid = [piece for piece in pieces if piece.size]
    scale, thin = scale_of([piece.size for piece in solid], [least_of(piece) for piece in solid], height)
    marked = {id(solid[index]) for index in thin}
    placed, y = [], float(TOP)
    for piece in pieces:
        small = id(piece) in marked
        tall = BREAK if not piece.size else least_of(piece) if small else piece.size * scale
        placed.append(Placed(piece, y, tall, small))
        y += tall
    return placed, scale


def place_inside(outer, pieces):
    """Pieces within a placed one, at that one's scale; thin ones beside each other are moved apart."""
    scale = outer.height / outer.piece.size
    tops = [outer.y + (piece.base - outer.piece.base) * scale for piece in pieces]
    tall = [max(THINNER, piece.size * scale) for piece in pieces]
    if sum(tall) > outer.height:  # full to the brim, with thin ones among them
        tight, thin = scale_of([piece.size for piece in pieces], [THINNER] * len(pieces), outer.height)
        tall = [THINNER if index in thin else piece.size * tight for index, piece in enumerate(pieces)]
    small = [outer.thin or abs(high - piece.size * scale) > 0.5 for high, piece in zip(tall, pieces)]
    tops = spread(tops, tall, outer.y, outer.y + outer.height)
    return [Placed(*each) for each in zip(pieces, tops, tall, small)]


def spread(wanted, tall, start, end):
    """Tops of boxes in order, near to what is wanted but without overlap; between start and end if they fit."""
    tops, floor = [], start
    for want, high in zip(wanted, tall):
        tops.append(max(want, floor))
        floor = tops[-1] + high
    ceiling = end
    for index in range(len(tops) - 1, -1, -1):
        tops[index] = min(tops[index], ceiling - tall[index])
        ceiling = tops[index]
    floor = start
    for index, high in enumerate(tall):  # where they do not fit, they go on below
        tops[index] = max(tops[index], floor)
        floor = tops[index] + high
    return tops


def _lines(piece, width):
    mark = f"{piece.letter}: " if piece.letter else ""
    return svg.wrap(mark + piece.label, width)


def _points(pairs):
    return " ".join(f"{number(x)} {number(y)}" for x, y in pairs)


def _break(placed):
    """The bar goes on elsewhere: its edges are dotted."""
    y, end = placed.y + 2, placed.y + placed.height - 2
    edges = [svg.line(x, y, x, end, "break") for x in (0.5, BAR / 2, BAR - 0.5)]
    return svg.group(placed.piece.hover, svg.rect(0, placed.y, BAR, placed.height, "hole"), *edges)


def _bar(placed, x, width):
    """One piece of the bar, with how large it is for whoever measures the drawing."""
    piece = placed.piece
    box = svg.piece(x, placed.y, width, placed.height, piece.kind, data_base=piece.base, data_bytes=piece.size,
                    data_thin="1" if placed.thin else None, data_inset="1" if x > INSET else None)
    if not piece.letter or placed.height < svg.LINE:
        return box
    middle = placed.y + placed.height / 2
    return join([box, svg.text(x + width / 2, middle + 4, piece.letter, "inside strong", "middle")])


def _anchor(placed):
    """Where the line to the text leaves a piece; above what lies inside."""
    return placed.y + (min(placed.height, THIN) / 2 if placed.piece.inside else placed.height / 2)


def _addresses(pieces):
    """Width of the column of addresses."""
    return svg.CHARACTER * max((len(units.address(each.base)) for piece in pieces for each in (piece, *piece.inside)),
                               default=0)


def _row(placed, edge, top, lines, addresses):
    """Leader, address, size and text of one piece."""
    piece, y, middle = placed.piece, top + svg.ASCENT, _anchor(placed)
    start, size = BAR + LEADERS, BAR + LEADERS + addresses + SIZE
    way = ((edge, middle), (BAR + 4, middle), (start - 6, top + svg.LINE / 2), (start - 2, top + svg.LINE / 2))
    parts = [element("polyline", class_="leader", points=_points(way)),
             svg.text(start + addresses, y, units.address(piece.base), "address", "end"),
             svg.text(size, y, units.size(piece.size), "size thin" if placed.thin else "size", "end")]
    parts += [svg.text(size + GAP, y + svg.LINE * index, content) for index, content in enumerate(lines)]
    return join(parts)


def _ruler(scale, y):
    """How many pixels how many bytes are."""
    count = 1 << 12
    while count * scale < RULER:
        count <<= 1
    length = count * scale
    if length > BAR * 2:
        return None
    return join([svg.line(0.5, y + 6, 0.5 + length, y + 6, "ruler"), svg.line(0.5, y + 3, 0.5, y + 9, "ruler"),
                 svg.line(0.5 + length, y + 3, 0.5 + length, y + 9, "ruler"),
                 svg.text(max(length, BAR + LEADERS - 16) + 6, y + 10, f"= {units.size(count)}", "muted")])


def texts_of(pieces, width):
    """(piece, lines of text) for each piece that has a line."""
    room = width - (BAR + LEADERS + _addresses(pieces) + SIZE + GAP)
    for piece in pieces:
        if piece.size:
            yield from ((each, _lines(each, room)) for each in (piece, *piece.inside))


def height_of(pieces, width=svg.HALF, least=96):
    """Pixels that the bar gets: as much as the texts beside it need."""
    return max(least, sum(svg.LINE * len(lines) for _piece, lines in texts_of(pieces, width)))


def draw(identity, pieces, title, width=svg.HALF, least=96):
    """The drawing of a map, and its scale in pixels per byte."""
    placed, scale = place(pieces, height_of(pieces, width, least))
    found, breaks, bars = [], [], []
    for each in placed:
        if not each.piece.size:
            breaks.append(_break(each))
            continue
        found.append((each, 0, BAR))
        found += [(inner, INSET, BAR - INSET) for inner in place_inside(each, each.piece.inside)]
    texts, addresses = list(texts_of(pieces, width)), _addresses(pieces)
    tall = [svg.LINE * len(lines) for _piece, lines in texts]
    end = placed[-1].y + placed[-1].height if placed else TOP
    tops = spread([_anchor(each) - svg.LINE / 2 for each, _x, _w in found], tall, TOP - 2, end + 2)
    for (each, x, wide), top, (_piece, lines) in zip(found, tops, texts):
        bars.append(svg.group(each.piece.hover, _bar(each, x + 0.5, wide - 1),
                              _row(each, x + wide, top, lines, addresses),
                              class_=f"row {each.piece.marks}".strip()))
    end = max([end, *(top + high for top, high in zip(tops, tall))])
    ruler = _ruler(scale, end + 4) if scale else None
    description = (f"A bar with {units.plural(len(found), 'piece')}, each with address, size and name beside it; "
                   "the table has the same numbers.")
    return svg.drawing(identity, width, end + FOOT, title, description, *breaks, *bars, ruler), scale
