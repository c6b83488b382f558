# SPDX-License-Identifier: BSD-2-Clause
"""After all other system tests: every kernel function ran in one of them."""
import pathlib

import pytest
import reach
from conftest import BUILD

ALLOWED = pathlib.Path(__file__).with_name("unreached.txt")
ALLOWED_GICV2 = ALLOWED.with_name("unreached-gicv2.txt")
MANY = 20  # files of tests


@pytest.fixture
def logs(request):
    """What all boots of a whole run have logged."""
    found = list((BUILD / "reach").glob("*/*.log"))
    if request.config.getoption("keyword") or len({log.parent for log in found}) < MANY:
        pytest.skip("means something only after the whole suite")
    return found


def test_every_kernel_function_is_reached(logs):
    table = reach.functions(BUILD / "kernel.elf")
    names = {name for _address, name in table}
    seen = reach.reached(table, (BUILD / "kernel.bin").read_bytes(), logs)
    allowed = reach.allowed(ALLOWED)
    assert all(allowed.values()), "unreached.txt: a function without a reason"
    assert not set(allowed) - names, "unreached.txt names functions that do not exist"
    assert not set(allowed) & seen, "unreached.txt names functions that were reached"
    unreached = sorted(names - seen - set(allowed))
    assert not unreached, "no test reaches: " + ", ".join(unreached)


def test_every_function_of_the_gicv2_driver_is_reached(logs):
    """What the other board's kernel has too is reached there."""
    elf = BUILD / "kernel-gicv2.elf"
    table = reach.functions(elf)
    names = {name for _address, name in table} & reach.linked_from(elf, "kernel/arm64/gicv2")
    assert "gic_handle" in names, "the linker's map was not understood"
    seen = reach.reached(table, elf.with_suffix(".bin").read_bytes(), logs)
    unreached = sorted(names - seen - set(reach.allowed(ALLOWED_GICV2)))
    assert not unreached, "no test reaches: " + ", ".join(unreached)
