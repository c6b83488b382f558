# SPDX-License-Identifier: BSD-2-Clause
"""The documents name what exists: the interface's names against its headers, paths, functions and links."""
import re

import pytest
from bulkheadlib.places import ROOT

HEADERS = ROOT / "libcap/include/bulkhead"
ABI = ROOT / "doc/abi.md"
DOCS = [ROOT / "README.md", *sorted((ROOT / "doc").glob("*.md"))]
# Marks in headers that name no part of the interface: include guards and the macro that makes the stubs.
PRIVATE = re.compile(r"BULKHEAD_\w+|BH_DEFINE_CALL")
ENUM = re.compile(r"\benum\s+\w*\s*{([^}]*)}")
NAME = re.compile(r"\bBH_[A-Z][A-Z0-9_]*\b")
FOLDERS = ("kernel", "libcap", "partmgr", "monitor", "services", "platform", "config", "tests", "tools", "doc", ".ci")
PATH = re.compile(rf"(?<![\w/.-])(?:{'|'.join(map(re.escape, FOLDERS))})/[\w./-]*")
FILE = re.compile(r"(?<![\w/.-])[\w-]+\.(?:c|h|S|lds|lds\.in|py|dts|md|cmake)\b")
LINK = re.compile(r"\[[^\]\n]+\]\(([^)\s]+)\)")
# names in backquotes: functions, tests, proofs, variables
CODE = re.compile(r"`([A-Za-z]\w*_\w*|\w+(?=\(\)))(?:\(\))?`")
SOURCES = (".c", ".h", ".def", ".S", ".py", ".lds", ".in", ".cmake")


def _files():
    for folder in FOLDERS:
        yield from (path for path in (ROOT / folder).rglob("*") if path.is_file())
    yield from (path for path in ROOT.iterdir() if path.is_file())


def header_names(text):
    """Names that a header defines: enumerators and macros."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    found = set(re.findall(r"^\s*#\s*define\s+(BH_\w+)", text, re.MULTILINE))
    for body in ENUM.findall(text):
        found.update(re.findall(r"\b(BH_\w+)\s*(?==|,|$)", re.sub(r"=[^,]*", "", body)))
    return {name for name in found if not PRIVATE.fullmatch(name)}


def described(text):
    """Names that the document describes, not merely uses: the first mention stands in backquotes."""
    return set(re.findall(r"`(BH_\w+)`", text))


@pytest.fixture(scope="module")
def names():
    return set().union(*(header_names(path.read_text()) for path in HEADERS.glob("*.h")))


def test_names_are_found_in_headers(names):
    assert {"BH_CAP_INSPECT", "BH_LABEL_END", "BH_RETURN", "BH_ERR_PLATFORM", "BH_RIGHT_GUEST", "BH_UPCALL_TIMER",
            "BH_DO_START", "BH_VIRQ_FIELDS", "BH_MON_UART", "BH_KIND_DEVICE"} <= names


def test_every_name_is_described(names):
    assert not sorted(names - described(ABI.read_text()))


def test_no_name_is_invented(names):
    for doc in DOCS:
        assert not sorted(set(NAME.findall(doc.read_text())) - names), doc.name


def test_values_are_those_of_the_headers():
    """The numbers in the tables of abi.md, where an enumerator or a right is given with its value."""
    text = "\n".join(path.read_text() for path in HEADERS.glob("*.h"))
    table = dict(re.findall(r"^\| `(BH_\w+)` \| (-?\w+) \|", ABI.read_text(), re.MULTILINE))
    assert len(table) > 40
    for name, value in table.items():
        found = re.search(rf"\b{name}\s*(?:=\s*)?(-?0x[0-9a-f]+|-?\d+)u?\b", re.sub(r"=\s*\n", "= ", text))
        assert found and int(found[1], 0) == int(value, 0), f"{name} is not {value}"


@pytest.mark.parametrize("doc", DOCS, ids=lambda path: path.name)
def test_paths_and_files_exist(doc):
    known = {path.name for path in _files()}
    text = doc.read_text()
    missing = [path for path in PATH.findall(text) if not (ROOT / path.rstrip("./")).exists()]
    # a name in capitals stands for any
    missing += [name for name in FILE.findall(text)
                if name not in known and not (doc.parent / name).exists() and not name.split(".")[0].isupper()]
    assert not missing


@pytest.mark.parametrize("doc", DOCS, ids=lambda path: path.name)
def test_names_in_code_exist(doc):
    code = "\n".join(path.read_text(errors="replace") for path in _files() if path.suffix in SOURCES)
    words = set(re.findall(r"\w+", code)) | {f"trap_{name}" for name in re.findall(r"LOWER (\w+)", code)}
    assert not sorted({name for name in CODE.findall(doc.read_text())} - words)


def test_mutants_exist():
    """The last column of the table of guarantees, and those named beside it."""
    patches = {path.stem for path in (ROOT / "tests/mutants").glob("*.patch")}
    rows = re.findall(r"^\| \d\. .*\|([^|]*)\|$", (ROOT / "doc/design.md").read_text(), re.MULTILINE)
    assert len(rows) == 8
    named = {name.strip() for row in rows for name in row.split(",") if name.strip()}
    assert not sorted(named - patches)


@pytest.mark.parametrize("doc", DOCS, ids=lambda path: path.name)
def test_links_lead_somewhere(doc):
    headings = {}
    for other in DOCS:
        titles = re.findall(r"^#+ (.+)$", other.read_text(), re.MULTILINE)
        headings[other] = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    for link in LINK.findall(re.sub(r"`[^`\n]*`", "", doc.read_text())):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (doc.parent / path).resolve() if path else doc
        assert target.exists(), link
        assert not anchor or anchor in headings.get(target, ()), link
