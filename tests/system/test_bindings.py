# SPDX-License-Identifier: BSD-2-Clause
"""The schema in doc/bindings/ says what the table of properties says, and its examples are good systems."""
import dataclasses
import subprocess

import pytest
import yaml
from bulkheadlib.places import ROOT
from descriptions import accepts, compiled, kinds, planned, properties

FOLDER = ROOT / "doc/bindings"
TYPES = "/schemas/types.yaml#/definitions/"
REST = {"WARN": (False, {"type": "object"}), "PREFIX": (True,), "LEAVE": (True,)}
REFERENCES = {"LONG": "uint64", "ADDRESS": "uint32-array", "PAIR": "uint32-array", "WORD": "string", "STRING": "string",
              "PHANDLE": "phandle", "PHANDLES": "phandle-array", "REGS": "uint32-matrix", "CELLS": "uint32-array",
              "CELL": "uint32"}
ITEMS = {"ADDRESS": (1, 2), "PAIR": (2, 2)}
LATER = "checked, but not supported yet"  # the one error that a right description may have
STANDARD = ("status", "reg", "#address-cells", "#size-cells")  # their types are dt-schema's own
BAD = ("chosen { bulkhead,on-end = \"x\"; domain { compatible = \"xen,domain\"; memory = <0 3>; cpus = <9>; memroy;"
       "kernel { compatible = \"multiboot,kernel\", \"multiboot,module\"; bulkhead,file = \"a\"; bulkhead,entry = \"b\"; };"
       "}; console { compatible = \"bulkhead,console\"; bulkhead,budget = <1>; }; };")


def file_of(kind):
    return FOLDER / "bulkhead" / f"{kind.lower().replace('_', '-')}.yaml"


def schema(kind):
    return yaml.safe_load(file_of(kind).read_text())


def rows(kind):
    return [row for row in properties() if row.kind == kind]


@pytest.fixture(scope="module")
def program():
    return accepts()


def test_one_file_for_each_kind():
    assert {path.name for path in (FOLDER / "bulkhead").iterdir()} == {file_of(kind).name for kind in kinds()}


@pytest.mark.parametrize("kind", kinds())
def test_the_same_properties(kind):
    said = set(schema(kind)["properties"]) - {"$nodename"}
    assert said == {row.name for row in rows(kind)}


@pytest.mark.parametrize("kind", kinds())
def test_the_same_needs_and_rest(kind):
    text = schema(kind)
    assert set(text.get("required", ())) == {row.name for row in rows(kind) if row.fate == "NEEDED"}
    assert text["additionalProperties"] in REST[kinds()[kind]]


def judge(row, text):
    """What in the schema of a property is not as in its row."""
    wrong = []
    if row.fate in ("IGNORED", "MISPLACED"):
        return [] if text.get("deprecated") and "warning" in text["description"] else ["is not said to be ignored"]
    if row.type in ("ANY", "STRINGS"):
        return []
    if row.type == "FLAG":
        return [] if text.get("type") == "boolean" else ["is no flag"]
    if row.name not in STANDARD and text.get("$ref") != TYPES + REFERENCES[row.type]:
        wrong.append(f"has another type than {row.type}")
    if row.type == "REG" and text.get("maxItems") != 1:
        wrong.append("is not one range")
    if row.type in ITEMS and (text["minItems"], text["maxItems"]) != ITEMS[row.type]:
        wrong.append("has another number of cells")
    if (row.low or row.high) and (text.get("minimum", 0), text.get("maximum")) != (row.low, row.high):
        wrong.append("has other limits")
    if row.type == "WORD" and text["enum"] != row.words:
        wrong.append("has other words")
    return wrong


@pytest.mark.parametrize("row", properties(), ids=lambda row: f"{row.kind.lower()}-{row.name}")
def test_the_same_types(row):
    text = schema(row.kind)["properties"][row.name]
    assert not judge(row, {} if text is True else text)


@pytest.mark.parametrize("name, change", [
    ("cpus", {"high": 9}), ("cpus", {"low": 0}), ("memory", {"type": "CELL"}), ("vpl011", {"type": "CELL"}),
    ("nr_spis", {"type": "FLAG"}), ("bulkhead,start", {"words": ["boot"]}), ("bulkhead,restart-budget", {"type": "ADDRESS"}),
    ("sve", {"fate": "READ", "type": "FLAG"}), ("bulkhead,stays", {"fate": "IGNORED"}),
])
def test_another_row_is_noticed(name, change):
    row = next(row for row in rows("DOMAIN") if row.name == name)
    assert judge(dataclasses.replace(row, **change), schema("DOMAIN")["properties"][name])


def test_defaults_are_first_words():
    for row in properties():
        text = schema(row.kind)["properties"][row.name]
        if row.type == "WORD" and row.fate == "READ" and "default" in text:
            assert text["default"] == row.words[0], row.name


@pytest.mark.parametrize("kind", kinds())
def test_examples_are_good_systems(kind, program, tmp_path):
    examples = schema(kind)["examples"]
    assert examples
    for example in examples:
        assert {line for line in planned(program, example, tmp_path / "example.dtb") if LATER not in line} == set()


def test_the_plan_refuses_a_bad_example(program, tmp_path):
    assert [line for line in planned(program, BAD, tmp_path / "bad.dtb") if line.startswith("error: ")]


def tool(*command):
    """What one of dt-schema's programs complains of."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_schema_follows_the_conventions():
    assert tool("dt-doc-validate", "-u", FOLDER, *sorted((FOLDER / "bulkhead").iterdir())) == ""


def validate(*trees):
    return tool("dt-validate", "-s", FOLDER, "-l", "bindings", *trees)


def test_examples_fit_the_schema(tmp_path):
    trees = [compiled(example, tmp_path / f"{kind}-{number}.dtb")
             for kind in kinds() for number, example in enumerate(schema(kind)["examples"])]
    for system in sorted((ROOT / "config").glob("*.dts")):
        trees.append(tmp_path / f"config-{system.stem}.dtb")
        subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", trees[-1], system], check=True)
    assert validate(*trees) == ""


def test_schema_refuses_mistakes(tmp_path):
    said = validate(compiled(BAD, tmp_path / "bad.dtb"))
    for name in ("bulkhead,on-end", "memory", "cpus", "memroy", "bulkhead,budget", "bulkhead,entry"):
        assert name in said
