# SPDX-License-Identifier: BSD-2-Clause
"""Who runs where: a grid of cores and partitions, services and pools, and the table."""
from . import svg, units
from .markup import element, table

NAMES = 250    # width of the names at the left
WIDEST = 118   # of a core's column
ROW, HEAD = 24, 34


def _cell(column, width, row, kind, text, hover):
    x, y = NAMES + column * width, HEAD + row * ROW
    return svg.group(hover, svg.piece(x + 2, y + 2, width - 4, ROW - 4, kind, plain=True),
                     svg.text(x + width / 2, y + 16, text, "inside", "middle"), class_="row")


def _rows(plan):
    """(name, kind, {column: (text, hover)}) of each row."""
    cores = plan["cores"]
    for pool in sorted({core["pool"] for core in cores if core.get("pool")}):
        yield f"pool {pool}", "reserved", {column: ("pool", f"core {core['index']} is in pool {pool}")
                                           for column, core in enumerate(cores) if core.get("pool") == pool}
    for partition in plan["partitions"]:
        name = partition["name"]
        yield name, "ram", {column: (f"vCPU {core['vcpu']}", f"core {core['index']}: vCPU {core['vcpu']} of {name}")
                            for column, core in enumerate(cores) if core.get("partition") == name}
    for service in sorted({core["service"] for core in cores if core.get("service")}):
        yield f"service {service}", "private", {column: ("service", f"core {core['index']}: service {service}")
                                                for column, core in enumerate(cores) if core.get("service") == service}
    free = {column: ("free", f"core {core['index']} runs nothing") for column, core in enumerate(cores)
            if not core.get("partition") and not core.get("service")}
    if free:
        yield "left over", "free", free


def _grid(plan):
    cores, rows = plan["cores"], list(_rows(plan))
    width = min(WIDEST, (svg.WIDTH - NAMES) // max(1, len(cores)))
    right, parts = NAMES + width * len(cores), []
    for column, core in enumerate(cores):
        x = NAMES + column * width + width / 2
        parts += [svg.text(x, 12, f"core {core['index']}", "strong", "middle"),
                  svg.text(x, 27, "boot" if core.get("boot") else units.address(core["mpidr"]), "muted", "middle")]
    for row, (name, kind, cells) in enumerate(rows):
        y = HEAD + row * ROW
        parts += [svg.line(0, y + 0.5, right, y + 0.5, "grid"), svg.text(0, y + 16, svg.fit(name, NAMES - 8))]
        parts += [_cell(column, width, row, kind, text, hover) for column, (text, hover) in cells.items()]
    end = HEAD + len(rows) * ROW
    parts.append(svg.line(0, end + 0.5, right, end + 0.5, "grid"))
    return svg.drawing("core-grid", svg.WIDTH, end + 1, "Cores", "A column for each core, a row for each partition, "
                       "service and pool of cores; the table says the same.", *parts)


def _table(plan):
    rows = []
    for core in plan["cores"]:
        partition = core.get("partition")
        rows.append((str(core["index"]), element("code", units.address(core["mpidr"])),
                     "yes" if core.get("boot") else "", core.get("pool") or "",
                     f"{partition}, vCPU {core['vcpu']}" if partition else "–", core.get("service") or ""))
    return table("Cores", [">core", ">MPIDR", ".boot core", "pool", "partition", "service"], rows)


def section(plan):
    """What stays together with the heading, and the rest."""
    return [element("figure", _grid(plan), class_="wide")], [_table(plan)]
