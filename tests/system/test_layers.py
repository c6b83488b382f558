# SPDX-License-Identifier: BSD-2-Clause
"""The forbidden dependencies between folders do not exist; and a planted one of each kind is found."""
import shutil

import layers
import pytest
from bulkheadlib.places import ROOT
from conftest import BUILD

PLANTED = [
    ("kernel/planted.c", "#include <libfdt.h>"),
    ("kernel/planted.c", "#include <string.h>"),
    ("kernel/planted.c", '#include "../partmgr/plan/plan.h"'),
    ("monitor/planted.c", '#include "../kernel/object.h"'),
    ("monitor/planted.c", "#include <object.h>"),
    ("monitor/planted.c", '#include "plan.h"'),
    ("monitor/planted.c", "#include <libfdt.h>"),
    ("partmgr/planted.c", '#include "../monitor/monitor.h"'),
    ("partmgr/planted.c", '#include "object.h"'),
    ("partmgr/plan/planted.c", "#include <bulkhead/invoke.h>"),
    ("partmgr/plan/planted.c", "void f(void) { bh_svc(0, 0, 0, 0, 0, 0, 0, 0); }"),
    ("monitor/planted.c", '#include "../tests/guests/lib/guest.h"'),
    ("kernel/planted.c", "#ifdef BULKHEAD_TEST\n#endif"),
    ("libcap/include/bulkhead/planted.h", '#include "../../../kernel/object.h"'),
]


def test_no_forbidden_dependency():
    assert not layers.source_violations(ROOT)


def test_programs_are_linked_from_their_own_folders():
    inputs = layers.link_inputs(BUILD)
    assert all(len(files) > 2 for files in inputs.values()), "the linker's maps were not understood"
    assert not layers.link_violations(inputs)


@pytest.mark.parametrize("file, text", PLANTED)
def test_planted_violation_is_found(tmp_path, file, text):
    for folder in (*layers.MAY_USE, "config", "tests/guests"):
        if (ROOT / folder).exists():
            shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text + "\n")
    assert [found for found in layers.source_violations(tmp_path) if found.startswith(file)]


def test_planted_object_is_found():
    assert layers.link_violations({"monitor": ["CMakeFiles/monitor.dir/kernel/cap.c.obj"]})
    assert layers.link_violations({"kernel": ["/usr/lib/libfdt.a"]})
    assert layers.link_violations({"partmgr": ["CMakeFiles/partmgr.dir/monitor/vgic.c.obj"]})
