# SPDX-License-Identifier: BSD-2-Clause
"""The policy that doc/policies.md walks through, built from its text and asked."""
import re
import shutil
import subprocess

import pytest
from bulkheadlib.places import ROOT, build_dir
from descriptions import accepts, compiled, packed

KERNEL = 'kernel { compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "hello.bin"; };'
# What is static leaves 32 MiB between them: the smallest range that holds 16 MiB.
DOMAINS = """
    low { compatible = "xen,domain"; memory = <0 0x10000>; cpus = <1>; xen,static-mem = <0 0x50000000 0x4000000>; %s };
    high { compatible = "xen,domain"; memory = <0 0x10000>; cpus = <1>; xen,static-mem = <0 0x56000000 0x4000000>; %s };
    placed { compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; %s };
""" % (KERNEL, KERNEL, KERNEL)


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """plan_places with the policy of the document; the working tree is left as it is."""
    accepts()  # builds the trees that it reads
    folder = tmp_path_factory.mktemp("policy")
    source, declaration, row = re.findall(r"^```c\n(.*?)^```$", (ROOT / "doc/policies.md").read_text(),
                                          re.MULTILINE | re.DOTALL)
    shutil.copytree(ROOT / "partmgr", folder / "partmgr")
    policy = folder / "partmgr/policy"
    (policy / "best_fit.c").write_text(source)
    for name, last, text in (("policy.h", "extern const struct policy policy_zero_copy;\n", declaration),
                             ("policy.c", "    &policy_zero_copy,\n", row)):
        old = (policy / name).read_text()
        assert old.count(last) == 1
        (policy / name).write_text(old.replace(last, last + text))
    subprocess.run(["gcc", "-std=gnu11", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror",
                    f'-DTREES_DIR="{build_dir("host") / "trees"}"', f"-I{folder}", f"-I{folder}/partmgr",
                    f"-I{folder}/partmgr/plan", f"-I{ROOT}", f"-I{ROOT}/config", f"-I{ROOT}/libcap/include", "-o",
                    folder / "plan_places", *(ROOT / "tests/fuzz").glob("oracle*.c"),
                    ROOT / "tests/unit/plan_places.c", *(folder / "partmgr/plan").glob("*.c"), *policy.glob("*.c"),
                    "-lfdt", "-lz", "-lcmocka"], check=True, timeout=120)
    return folder / "plan_places"


def asked(program, policy, path):
    text = f'chosen {{ bulkhead,policy = "{policy}"; {DOMAINS} }};'
    return subprocess.run([program, compiled(packed(text), path)], capture_output=True, text=True, check=False,
                          timeout=60).stdout.splitlines()


def test_it_chooses_as_it_says(program, tmp_path):
    path = tmp_path / "system.dtb"
    assert asked(program, "best-fit", path)[2] == "placed 0x54000000 2"
    assert asked(program, "first-fit", path)[2] == "placed 0x41e00000 2"
    assert asked(program, "top-down", path)[2] == "placed 0x7ee00000 1"


def test_an_unknown_one_is_told_which_there_are(program, tmp_path):
    assert asked(program, "worst-fit", tmp_path / "system.dtb") == [
        '/chosen: "worst-fit" is not known, only: first-fit, top-down, zero-copy, best-fit']
