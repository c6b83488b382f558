# SPDX-License-Identifier: BSD-2-Clause
"""After all other system tests: every kernel function ran in one of them."""
import pathlib

import pytest
import reach
from conftest import BUILD

ALLOWED = pathlib.Path(__file__).with_name("unreached.txt")


def test_every_kernel_function_is_reached(request, logs):
    if request.config.getoption("keyword") or len(list(logs.iterdir())) < 5:
        pytest.skip("means something only after the whole suite")
    table = reach.functions(BUILD / "kernel.elf")
    names = {name for _address, name in table}
    seen = reach.reached(table, (BUILD / "kernel.bin").read_bytes(), logs.iterdir())
    allowed = reach.allowed(ALLOWED)
    assert all(allowed.values()), "unreached.txt: a function without a reason"
    assert not set(allowed) - names, "unreached.txt names functions that do not exist"
    assert not set(allowed) & seen, "unreached.txt names functions that were reached"
    unreached = sorted(names - seen - set(allowed))
    assert not unreached, "no test reaches: " + ", ".join(unreached)
