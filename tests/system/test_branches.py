# SPDX-License-Identifier: BSD-2-Clause
"""Indirect branches of EL2: what a mistrained predictor could lead elsewhere. There are two, and one of them is boot's."""
import re

import pytest
from bulkheadlib.say import run
from conftest import BUILD


@pytest.mark.parametrize("kernel", ["kernel", "kernel-gicv2"])
def test_indirect_branches_are_known(kernel):
    text = run(["aarch64-linux-gnu-objdump", "-d", BUILD / f"{kernel}.elf"], capture_output=True, text=True).stdout
    function, found = None, []
    for line in text.splitlines():
        if named := re.match(r"[0-9a-f]+ <(.+)>:$", line):
            function = named[1]
        elif re.search(r"\t(br|blr)\t", line):
            found.append(function)
    assert function, "nothing was disassembled"
    # Into the high half once the MMU is on; and the dispatcher's table, behind cleared registers and a masked index.
    assert sorted(found) == ["boot_tables", "call_dispatch"], found
