# SPDX-License-Identifier: BSD-2-Clause
"""The page: one HTML file that needs nothing else, from the answer of a check. The same answer makes the same bytes."""
import pathlib

from . import cores, guests, interrupts, links, memory, notes, svg, units
from .markup import Markup, element, join, table

STYLE = pathlib.Path(__file__).with_name("style.css")
# Nothing is fetched and nothing runs, whatever a device tree's strings say.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def _overview(plan):
    """What the machine is, what is left over, and a line for each partition."""
    left = plan.get("left") or {}
    total = sum(bank["size"] for bank in plan["banks"])
    pairs = [("RAM", f"{units.size(total)} in {units.plural(len(plan['banks']), 'bank')}"),
             ("cores", len(plan["cores"])), ("interrupt controller", f"GICv{plan['gic']}"),
             ("memory policy", plan.get("policy")), ("when all have ended", plan.get("on_end")),
             ("left over", f"{units.size(left.get('memory', 0))} of RAM, {units.size(left.get('largest', 0))} in one "
                           f"piece; {_cores_left(left.get('cores') or [])}")]
    rows = []
    for index, each in enumerate(plan["partitions"]):
        ram = sum(region["size"] for region in each["regions"] if region["kind"] == "ram")
        rows.append((element("a", each["name"], href=f"#partition-{index}"), units.runs(each.get("cores") or []),
                     units.size(ram), each.get("layout") or "", {"boot": "at boot", "manual": "by command"}.get(
                         each.get("start"), each.get("start") or ""), each.get("on_failure") or "",
                     each.get("console") or ""))
    return [guests.facts((name, value) for name, value in pairs if value is not None)], [
            table("Partitions", ["name", "cores", ">memory", ".layout", ".starts", ".on failure", ".console"], rows)]


def _cores_left(numbers):
    return f"{'core' if len(numbers) == 1 else 'cores'} {units.runs(numbers)}" if numbers else "no core"


def _sections(answer):
    """(identity, heading, (what stays together with it, the rest)) of each section; with errors only these."""
    if answer["notes"]:
        yield "notes", "What the check says", notes.section(answer)
    plan = answer.get("plan")
    if not answer["ok"] or not plan:
        return
    yield "overview", "Overview", _overview(plan)
    yield "physical", "Physical memory", memory.section(plan)
    kinds = {region["kind"] for each in plan["partitions"] for region in each["regions"]}
    kinds |= {"image"} if any(each["images"] for each in plan["partitions"]) else set()
    legend = svg.legend([name for name in svg.KINDS if name in kinds])
    yield "partitions", "What partitions see", ([legend], [guests.section(index, each) for index, each in
                                                            enumerate(plan["partitions"])])
    yield "cores", "Cores", cores.section(plan)
    yield "interrupts", "Interrupts", interrupts.section(plan)
    yield "links", "Shared memory and channels", links.section(plan)


def _contents(sections, plan):
    """Links to all sections."""
    items = []
    for identity, heading, _content in sections:
        inner = None
        if identity == "partitions":
            inner = element("ul", *(element("li", element("a", each["name"], href=f"#partition-{index}"))
                                    for index, each in enumerate(plan["partitions"])))
        items.append(element("li", element("a", heading, href=f"#{identity}"), inner))
    return element("nav", element("ul", *items), aria_label="Contents") if len(items) > 1 else None


def _frame(sections, answer, body):
    """Contents beside the body, where there is more than one section."""
    contents = _contents(sections, answer.get("plan"))
    return element("div", contents, body, class_="page beside" if contents else "page")


def _hovered(plan):
    """While one points at a piece of memory, those of other partitions step back."""
    return "".join(f"#physical:has(.of-{index}:hover) .row:not(.of-{index}) {{ opacity: 0.3; }}\n"
                   for index in range(len(plan["partitions"]) if plan else 0))


def render(answer):
    """The whole page as text."""
    sections = list(_sections(answer))
    name = answer.get("system") or "a system"
    good = answer["ok"] and not any(note["level"] == "error" for note in answer["notes"])
    head = element("header", element("h1", name, " ", element("small", f"on {answer.get('board') or 'a board'}")),
                   element("p", notes.summary(answer), class_="verdict" if good else "verdict bad"))
    parts = [element("section", element("div", element("h2", heading), *first, class_="together"), *rest, id=identity)
             for identity, heading, (first, rest) in sections]
    body = element("main", head, "\n", join(parts, "\n"))
    return join((Markup("<!DOCTYPE html>\n"), element(
        "html", "\n", element("head", element("meta", charset="utf-8"), "\n",
                              element("meta", http_equiv="Content-Security-Policy", content=POLICY), "\n",
                              element("meta", name_="viewport", content="width=device-width"), "\n",
                              element("title", f"{name} – Bulkhead"), "\n",
                              element("style", Markup(STYLE.read_text() + _hovered(answer.get("plan"))))), "\n",
        element("body", svg.definitions(), "\n", _frame(sections, answer, body)), "\n",
        lang="en"), "\n"))
