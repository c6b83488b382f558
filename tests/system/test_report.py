# SPDX-License-Identifier: BSD-2-Clause
"""The page of tools/bulkhead report in a headless Chromium: nothing overlaps or is cut off, sizes are to scale."""
import copy
import json
import os
import pathlib
import random
import re
import subprocess

import answers
import pytest
from browser import Browser
from bulkheadlib.places import ROOT
from bulkheadlib.report import interrupts, page, panel, svg, units
from bulkheadlib.report.markup import Markup, element, escape
from conftest import BUILD

CHECK = pathlib.Path(__file__).with_name("page_check.js").read_text()
PAPER = (1032, 700)  # a landscape page without its margins: the smaller of A4 and letter, each way
MODES = {"1024": (1024, "light"), "1024-dark": (1024, "dark"), "1280": (1280, "light"), "1280-dark": (1280, "dark"),
         "1920": (1920, "light")}
SAMPLES = {"small": answers.small, "large": answers.large, "bad": answers.bad, "hostile": answers.hostile}


@pytest.fixture(scope="module")
def browser():
    with Browser() as started:
        yield started


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Where the page of each sample is, and where pictures go: they stay for whoever wants to look."""
    folder = tmp_path_factory.mktemp("pages")
    pictures = BUILD / "report"
    pictures.mkdir(parents=True, exist_ok=True)
    for name, sample in SAMPLES.items():
        (folder / f"{name}.html").write_text(page.render(sample()))
    return folder, pictures


def findings(browser, height=0):
    return browser.evaluate(f"{CHECK}({height})")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_overlaps_or_is_cut_off(browser, pages, name, mode):
    folder, pictures = pages
    width, scheme = MODES[mode]
    file = folder / f"{name}.html"
    assert browser.open(file, width, 800, scheme) == [file.resolve().as_uri()]  # nothing else is fetched
    assert findings(browser) == []
    if mode.startswith("1280") and name != "large":  # that takes the browser long
        browser.photograph(pictures / f"{name}-{mode}.png")


@pytest.mark.parametrize("name", SAMPLES)
def test_on_paper(browser, pages, name):
    """Black on white from a dark screen, too; nothing that belongs together is higher than a page."""
    folder, pictures = pages
    browser.open(folder / f"{name}.html", PAPER[0], 800, "dark", "print")
    assert findings(browser, PAPER[1]) == []
    if name != "large":
        printed = browser.print()
        assert printed.startswith(b"%PDF")
        (pictures / f"{name}.pdf").write_bytes(printed)


# What breaks a page, and the findings that it must lead to.
BROKEN = {
    "labels on each other": ("overlap", "const t = document.querySelectorAll('#guest-0-0 text');"
                             "for (const each of [t[0], t[3]]) { each.setAttribute('x', 120);"
                             "each.setAttribute('y', 4); }"),
    "pieces on each other": ("overlap", "const r = document.querySelectorAll('#guest-0-0 rect.piece');"
                             "r[1].setAttribute('y', r[0].getAttribute('y'))"),
    "paragraphs on each other": ("overlap", "document.querySelector('#physical .note').style.marginTop = '-60px'"),
    "facts on each other": ("overlap", "document.querySelector('dd').style.marginLeft = '-30px'"),
    "a label beyond its drawing": ("cut", "document.querySelector('#guest-0-0 text').setAttribute('x', 2)"),
    "a name that is too long": ("cut", "const t = document.querySelectorAll('#guest-0-0 text');"
                                "t[t.length - 2].textContent = 'x'.repeat(60)"),
    "a label beyond its box": ("not inside", "document.querySelector('text.inside').textContent = 'x'.repeat(99)"),
    "a table that is too wide": ("scrolls", "document.querySelector('table').style.width = '2000px';"
                                 "document.querySelector('table').style.maxWidth = 'none'"),
    "a cell that hides its end": ("cut", "const c = document.querySelector('td'); c.style.cssText = 'display: block;"
                                  "overflow: hidden; width: 4px; white-space: nowrap'; c.textContent = 'unbreakable'"),
    "a piece out of scale": ("scale", "const r = document.querySelector('#map-0 rect[data-bytes]:not([data-thin])');"
                             "r.setAttribute('height', r.getAttribute('height') * 0.5)"),
    "a thin piece that is not marked": ("scale", "const r = document.querySelector('#guest-0-0 [data-thin]');"
                                        "delete r.dataset.thin"),
    "pieces in disorder": ("order", "document.querySelector('#map-0 rect[data-bytes]').dataset.base = 2 ** 47"),
    "a line through a label": ("crossed", "const l = document.querySelector('#guest-0-0 polyline');"
                               "l.setAttribute('points', '0 12 390 12')"),
    "grey on white": ("contrast", "document.querySelector('p').style.color = '#888888'"),
    "grey on blue": ("contrast", "document.querySelector('text.inside').style.fill = '#777777'"),
    "grey on a pattern": ("contrast", "const g = document.querySelector('.pattern').parentNode; const t = document."
                          "createElementNS('http://www.w3.org/2000/svg', 'text'); const r = g.querySelector('rect');"
                          "t.textContent = 'x'; t.setAttribute('x', +r.getAttribute('x') + 4);"
                          "t.setAttribute('y', +r.getAttribute('y') + 8); t.style.fill = '#8a5a3a'; g.append(t)"),
    "tiny letters": ("small", "document.querySelector('p').style.fontSize = '8px'"),
    "a drawing without a name": ("access", "document.querySelector('svg.drawing title').remove()"),
    "a table without heads": ("access", "document.querySelector('th').removeAttribute('scope')"),
    "a link that leads nowhere": ("access", "document.querySelector('nav a').href = '#nowhere'"),
    "a drawing that is made smaller": ("shrunk", "document.querySelector('svg.drawing').style.width = '500px'"),
    "a figure higher than paper": ("page", "document.querySelector('figure').style.height = '900px'"),
    "white on paper": ("print", "document.body.style.color = '#aaaaaa'"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_page_is_found_out(browser, pages, broken):
    kind, change = BROKEN[broken]
    paper = kind in ("page", "print")
    browser.open(pages[0] / "small.html", PAPER[0] if paper else 1280, 800, "light", "print" if paper else "screen")
    browser.evaluate(f"(() => {{ {change} }})()")
    found = findings(browser, PAPER[1] if paper else 0)
    assert kind in {text.partition(":")[0] for text in found}, found


DRAWN = """[...document.querySelectorAll("svg.drawing")].map((drawing) => [drawing.id, [...drawing.querySelectorAll(
    "rect[data-bytes]")].map((node) => [+node.dataset.base, +node.dataset.bytes, node.classList.contains("kind-zoom"),
    node.parentNode.textContent])])"""


@pytest.mark.parametrize("name", ["small", "large"])
def test_every_piece_is_drawn_once(browser, pages, name):
    """And has its name and numbers on hover: what the drawings hold is what the answer holds."""
    plan = SAMPLES[name]()["plan"]
    browser.open(pages[0] / f"{name}.html")
    drawings = dict(browser.evaluate(DRAWN))
    wanted = sorted((each["base"], each["size"]) for each in plan["memory"])
    assert sorted((base, size) for base, size, *_rest in drawings["memory"]) == wanted
    maps = [each for identity, pieces in drawings.items() if identity.startswith("map-") for each in pieces]
    assert sorted((base, size) for base, size, zoom, _text in maps if not zoom) == wanted
    for index, partition in enumerate(plan["partitions"]):
        pieces = [(each["base"], each["size"]) for each in partition["regions"]]
        pieces += [(each["target"], each["size"]) for each in partition["images"]]
        assert sorted((base, size) for identity, drawn in drawings.items() if identity.startswith(f"guest-{index}-")
                      for base, size, *_rest in drawn) == sorted(pieces)
    for base, size, _zoom, text in (each for pieces in drawings.values() for each in pieces):
        assert units.span(base, size) in text and units.exact(size) in text


def test_pointing_at_a_piece_shows_whose_else_there_is(browser, pages):
    browser.open(pages[0] / "small.html")
    opacity = """[...document.querySelectorAll("#physical g.row")].map((row) =>
        [row.classList.contains("of-1"), getComputedStyle(row).opacity])"""
    assert {seen for _own, seen in browser.evaluate(opacity)} == {"1"}
    browser.point("#map-0 .of-1:not(.of-0) rect")
    assert {tuple(each) for each in browser.evaluate(opacity)} == {(True, "1"), (False, "0.3")}
    browser.point("h1")
    assert {seen for _own, seen in browser.evaluate(opacity)} == {"1"}


def test_each_cell_of_cores_stands_in_its_column(browser, pages):
    plan = answers.large()["plan"]
    browser.open(pages[0] / "large.html")
    cells = browser.evaluate("""[...document.querySelectorAll("#core-grid g.row")].map((cell) =>
        [cell.querySelector("title").textContent, cell.querySelector("rect").getBBox().x])""")
    heads = browser.evaluate("""[...document.querySelectorAll("#core-grid text.strong")].map((head) =>
        [head.textContent, head.getBBox().x])""")
    heads = dict(heads)
    said = {title: x for title, x in cells}
    for core in plan["cores"]:
        x = said[f"core {core['index']}: vCPU {core['vcpu']} of {core['partition']}"]
        assert 0 <= heads[f"core {core['index']}"] - x < 60
    assert "core 0: service console" in said


def test_hostile_texts_stay_texts(browser, pages):
    browser.open(pages[0] / "hostile.html")
    assert browser.evaluate("document.scripts.length + document.querySelectorAll('[onmouseover]').length") == 0
    title = browser.evaluate("document.title")
    assert title.startswith('"><script>') and title.endswith("Bulkhead") and "\u202e" not in title


def test_the_page_needs_nothing_else_and_is_the_same_again():
    text = page.render(answers.large())
    assert not re.search(r'\bsrc=|href="(?!#)|url\((?!#)|@import|https?://|<script', text)
    program = "import answers; from bulkheadlib.report import page; print(page.render(answers.large()), end='')"
    path = f"{ROOT / 'tools'}:{pathlib.Path(__file__).parent}"
    again = [subprocess.run(["/usr/bin/python3", "-c", program], check=True, capture_output=True, text=True,
                            env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": seed}).stdout for seed in "12"]
    assert again == [text, text]


def test_with_errors_only_they_are_shown():
    answer = answers.small()
    answer["ok"] = False
    answer["notes"] = answers.bad()["notes"]
    text = page.render(answer)
    assert text.count('<li class="error">') == 7 and text.count('<li class="warning">') == 3
    assert text.index("/chosen/linux-1") < text.index("/chosen/linux-0")  # errors first
    assert "Physical memory" not in text and "this system does not start" in text
    assert "3 errors more are not listed." in page.render(answers.bad())


def test_what_is_left_out_is_said():
    answer = answers.small()
    answer["notes"], answer["left_out"] = [answers.note("error", 1)], ["linux-c"]
    text = page.render(answer)
    assert "1 error: this system starts without linux-c." in text and "Physical memory</h2>" in text


def test_warnings_stand_above_the_drawings():
    text = page.render(answers.large())
    assert text.index("No errors, 2 warnings.") < text.index("memory-missing") < text.index("Physical memory</h2>")


def run(*arguments):
    return subprocess.run([ROOT / "tools/bulkhead", "report", *arguments], capture_output=True, text=True, check=False)


def test_the_command(tmp_path):
    (tmp_path / "good.json").write_text(json.dumps(answers.small()))
    (tmp_path / "bad.json").write_text(json.dumps(answers.bad()))
    good = run(tmp_path / "good.json", "-o", tmp_path / "out/good.html")
    assert (good.returncode, good.stdout) == (0, f"bulkhead: wrote {tmp_path}/out/good.html\n")
    assert (tmp_path / "out/good.html").read_text() == page.render(answers.small())
    bad = run(tmp_path / "bad.json", "-o", "-")
    assert (bad.returncode, bad.stdout) == (1, page.render(answers.bad()))


@pytest.mark.parametrize("system", sorted((ROOT / "config").glob("*.dts")), ids=lambda path: path.stem)
def test_examples_are_drawn(browser, tmp_path, system):
    """Straight from their sources, on as large a machine as any of them needs; whether they are right on it is for other
    tests, but of the demo."""
    output = tmp_path / "page.html"
    drawn = run(system, "-o", output, "--cpus", "8", "--memory", "6144")
    assert drawn.returncode in (0, 1) and (drawn.returncode == 0 or system.stem != "demo"), drawn.stderr
    browser.open(output, 1024)
    assert findings(browser) == []
    if not drawn.returncode:
        assert browser.evaluate("document.querySelectorAll('svg.drawing').length") >= 4


def test_errors_of_a_source_are_shown(tmp_path):
    (tmp_path / "bad.dts").write_text('/dts-v1/; / { chosen { a { compatible = "xen,domain"; cpus = <1>; }; }; };')
    drawn = run(tmp_path / "bad.dts", "-o", tmp_path / "bad.html")
    assert drawn.returncode == 1
    text = (tmp_path / "bad.html").read_text()
    assert "/chosen/a" in text and "bad.dts:1" in text and "this system does not start" in text


def test_what_compilers_say_is_shown(tmp_path):
    (tmp_path / "bad.dts").write_text("/dts-v1/;\n/ {\n")
    drawn = run(tmp_path / "bad.dts", "-o", "-")
    assert drawn.returncode == 1 and drawn.stdout.startswith("<!DOCTYPE html>") and "bad.dts:2" in drawn.stdout


def test_where_no_page_can_be_written(tmp_path):
    (tmp_path / "good.json").write_text(json.dumps(answers.small()))
    refused = run(tmp_path / "good.json", "-o", tmp_path / "good.json" / "x.html")
    assert refused.returncode == 2 and "x.html" in refused.stderr and "Traceback" not in refused.stderr


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 2}', None])
def test_what_is_no_answer_is_refused(tmp_path, text):
    if text is not None:
        (tmp_path / "x.json").write_text(text)
    refused = run(tmp_path / "x.json", "-o", tmp_path / "x.html")
    assert refused.returncode == 2 and "x.json" in refused.stderr and "Traceback" not in refused.stderr
    assert not (tmp_path / "x.html").exists()


def test_boxes_that_are_spread_do_not_overlap():
    chance = random.Random(1)
    for _ in range(300):
        count = chance.randrange(1, 30)
        wanted = sorted(chance.uniform(0, 500) for _ in range(count))
        tall = [chance.choice((15, 30)) for _ in range(count)]
        tops = panel.spread(wanted, tall, 0, 500)
        assert tops[0] >= 0 and all(a + high <= b + 1e-9 for a, high, b in zip(tops, tall, tops[1:]))
        if sum(tall) <= 500:
            assert tops[-1] + tall[-1] <= 500 + 1e-9


def test_bars_are_as_high_as_they_should_be():
    chance = random.Random(2)
    for _ in range(300):
        sizes = [1 << chance.randrange(12, 34) for _ in range(chance.randrange(1, 40))]
        least = [chance.choice((5, 7, 9)) for _ in sizes]
        scale, thin = panel.scale_of(sizes, least, 600)
        high = [least[index] if index in thin else size * scale for index, size in enumerate(sizes)]
        assert abs(sum(high) - 600) < 1e-6 and all(tall >= low - 1e-9 for tall, low in zip(high, least))
        assert all(sizes[index] * scale <= least[index] for index in thin)


def test_labels_of_lines_leave_each_others_place():
    chance = random.Random(3)
    for _ in range(200):
        marks = sorted((number, "x" * chance.randrange(1, 20)) for number in chance.sample(range(32, 288), 20))
        position = lambda number: number * 3.0
        found = interrupts.levels(marks, position)
        for index, (number, label) in enumerate(marks):
            for other in range(index + 1, len(marks)):  # a stem goes down to its own label's line
                end = position(number) + interrupts.MARK + svg.width_of(label)
                if position(marks[other][0]) - interrupts.MARK < end:
                    assert found[other] < found[index]


def test_many_lines_are_drawn_too(browser, tmp_path):
    answer = copy.deepcopy(answers.small())
    answer["plan"]["partitions"][1]["interrupts"] = [
        {"virtual": number, "name": f"device@{number:x}", "physical": number}
        for number in range(32, 287) if number % 7]
    (tmp_path / "lines.html").write_text(page.render(answer))
    browser.open(tmp_path / "lines.html", 1024)
    assert findings(browser) == []


def test_words_and_numbers():
    assert [units.size(count) for count in (0, 512, 4096, 1536, 1 << 30, 3 << 29, 34_103_808)] == \
        ["0 B", "512 B", "4 KiB", "1.50 KiB", "1 GiB", "1.50 GiB", "32.5 MiB"]
    assert units.runs([3, 1, 2, 7, 5]) == "1–3, 5, 7" and units.runs([0, 1]) == "0, 1" and units.runs([]) == ""
    assert [units.letters(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert svg.wrap("one two three", 8 * svg.CHARACTER) == ["one two", "three"]
    assert all(len(line) <= 8 for line in svg.wrap("x" * 50 + "-" + "y" * 50, 8 * svg.CHARACTER))
    assert escape('<&">\0\u202e') == "&lt;&amp;&quot;&gt;\ufffd\ufffd" and escape(Markup("<b>")) == "<b>"
    assert element("a", "<", class_="x", data_y=1.50, title=None) == '<a class="x" data-y="1.5">&lt;</a>'


@pytest.mark.parametrize("seed", range(6))
def test_systems_made_by_chance(browser, tmp_path, seed):
    (tmp_path / "chance.html").write_text(page.render(answers.by_chance(random.Random(seed))))
    browser.open(tmp_path / "chance.html", 1024)
    assert findings(browser) == []
    browser.open(tmp_path / "chance.html", PAPER[0], 800, "dark", "print")
    assert findings(browser, PAPER[1]) == []
