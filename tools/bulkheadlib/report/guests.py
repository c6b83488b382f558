# SPDX-License-Identifier: BSD-2-Clause
"""What each partition sees: a map of its addresses, its images in them, its interrupts."""
from . import panel, svg, units
from .markup import element, join, table

WIDTH = 400                        # of a map, beside which the tables stand
INSIDE = ("ram", "flash", "shared")  # what images lie in


def _image_label(image):
    role, name = image.get("role", ""), image.get("name") or ""
    return name if role in name.split() else f"{role} {name}".strip()


def _place(region):
    """Where a region is in the machine."""
    host = region.get("host")
    return None if host is None else "same address" if host == region["base"] else units.address(host)


def _image(image):
    text = _image_label(image)
    hover = f"{text}\n{units.span(image['target'], image['size'])}\n{units.exact(image['size'])}"
    if image.get("host") is not None:
        hover += f"\nfrom physical {units.address(image['host'])}"
    return panel.Piece(image["target"], image["size"], "image", text, hover)


def _piece(region, images):
    end = region["base"] + region["size"]
    inside = () if region["kind"] not in INSIDE else tuple(
        _image(image) for image in sorted(images, key=lambda each: each["target"])
        if image["size"] and region["base"] <= image["target"] and image["target"] + image["size"] <= end)
    name = region.get("name") or svg.KINDS.get(region["kind"], region["kind"])
    kind = svg.KINDS.get(region["kind"], region["kind"])
    hover = f"{name} ({kind})\n{units.span(region['base'], region['size'])}\n{units.exact(region['size'])}"
    if region.get("host") is not None:
        hover += f"\nphysical {units.span(region['host'], region['size'])}"
    return panel.Piece(region["base"], region["size"], region["kind"], name, hover, inside)


def pieces(partition):
    """Regions in order, and a break where addresses are left out."""
    found, end = [], None
    for region in sorted(partition["regions"], key=lambda each: each["base"]):
        if end is not None and region["base"] > end:
            hole = region["base"] - end
            found.append(panel.Piece(end, 0, "hole", "", f"nothing\n{units.span(end, hole)}\n{units.exact(hole)}"))
        found.append(_piece(region, partition["images"]))
        end = region["base"] + region["size"]
    return found


def _parts(found):
    """As many maps as it takes for each to stay on one page of paper."""
    parts = []
    for piece in found:
        if not parts or panel.height_of([*parts[-1], piece], WIDTH) > panel.HIGHEST - panel.BREAK * len(parts[-1]) // 2:
            parts.append([])
        if parts[-1] or piece.size:  # no map begins with a break
            parts[-1].append(piece)
    return [part for part in parts if any(piece.size for piece in part)]


def _facts(partition):
    """What its properties came to."""
    cores = partition.get("cores") or []
    where = f" on {'core' if len(cores) == 1 else 'cores'} {units.runs(cores)}" if cores else ""
    yield "vCPUs", f"{partition['vcpus']}{where}"
    yield "memory", units.size(sum(each["size"] for each in partition["regions"] if each["kind"] == "ram"))
    for name, key in (("layout", "layout"), ("placement", "policy"), ("starts", "start"), ("on failure", "on_failure"),
                      ("console", "console")):
        if partition.get(key) is not None:
            yield name, {"boot": "at boot", "manual": "by command"}.get(partition[key], partition[key])
    for name, key in (("entry", "entry"), ("device tree", "tree")):
        if partition.get(key) is not None:
            yield name, element("code", units.address(partition[key]))
    if partition.get("spis") is not None:
        yield "SPIs", partition["spis"]
    if partition.get("controls"):
        yield "controls", ", ".join(partition["controls"])
    if partition.get("bootargs"):
        yield "boot arguments", element("code", partition["bootargs"])


def facts(pairs):
    return element("dl", *(element("div", element("dt", name), element("dd", value)) for name, value in pairs))


def _what(region):
    """Its name, and its kind where that says more."""
    name, kind = region.get("name") or "", region["kind"]
    return name if name.lower().startswith(kind) else join([name, " " if name else None, element("i", kind)])


def _regions(partition):
    rows = []
    for region in sorted(partition["regions"], key=lambda each: each["base"]):
        place = _place(region)
        rows.append((element("code", units.address(region["base"])),
                     element("code", units.address(region["base"] + region["size"] - 1)), units.size(region["size"]),
                     _what(region),
                     "" if place is None else place if place.startswith("same") else element("code", place)))
    return table("Addresses", [">from", ">to", ">size", "what", ">physical"], rows)


def _images(partition):
    rows = [(_image_label(image), element("code", units.address(image["target"])), f"{image['size']:,}",
             "" if image.get("host") is None else element("code", units.address(image["host"])))
            for image in sorted(partition["images"], key=lambda each: each["target"])]
    return table("Images", ["what", ">at", ">bytes", ">from physical"], rows) if rows else None


def section(index, partition):
    """One partition's drawing beside its tables."""
    figures = []
    for part, items in enumerate(_parts(pieces(partition))):
        drawing, _scale = panel.draw(f"guest-{index}-{part}", items, f"What {partition['name']} sees", WIDTH)
        figures.append(element("figure", drawing, class_="map"))
    return element("section", element("h3", partition["name"]), facts(_facts(partition)),
                   element("div", element("div", *figures), element("div", _regions(partition), _images(partition)),
                           class_="pair"),
                   id=f"partition-{index}", class_="partition")
