# SPDX-License-Identifier: BSD-2-Clause
"""Stacks of EL0 programs hold the deepest way through them, whatever trees and guests say: nothing lies between a stack
and what it would run into."""
import re

import pytest
from bulkheadlib.places import ROOT
from conftest import BUILD
from stack import Program

SPARE = 0.75  # of a stack may be used: what an exception or the next compiler puts on it has room, too


def size(name):
    text = (ROOT / "CMakeLists.txt").read_text()
    return int(re.search(rf"bulkhead_program\({name}\s[^)]*?\bSTACK (\d+)", text)[1])


@pytest.mark.parametrize("name", ["partmgr", "monitor", "console"])
def test_the_deepest_way_fits(name):
    program = Program(BUILD / f"{name}.elf")
    assert not program.unknown
    deepest, way = program.deepest("_start")
    print(f"{name}: {deepest} of {size(name)} bytes: " + ", ".join(f"{each} {program.frames[each]}" for each in way))
    assert {"partmgr": "plan_build", "monitor": "monitor_upcall", "console": "monitor_upcall"}[name] in way
    assert 0 < deepest <= SPARE * size(name)


def test_calls_by_pointer_are_known():
    """Who calls through a pointer has somebody to call; and what must be among them is."""
    program = Program(BUILD / "partmgr.elf")
    assert program.indirect and {"first_fit_memory", "images_read", "images_write", "gunzip_alloc"} <= program.pointed


def test_recursion_is_seen():
    program = Program(BUILD / "partmgr.elf")
    program.calls["tree_check"].add("plan_build")
    with pytest.raises(ValueError, match="plan_build -> .*tree_check -> plan_build"):
        program.deepest("_start")
