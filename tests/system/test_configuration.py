# SPDX-License-Identifier: BSD-2-Clause
"""doc/configuration.md against the table of properties and the names of mistakes; its examples are good systems."""
import re

import pytest
from descriptions import DOCUMENT, HEAD, accepts, notes, planned, properties

OURS = "bulkhead,"
KERNEL = 'kernel { compatible = "multiboot,kernel", "multiboot,module"; %s };'
FILE = 'bulkhead,file = "hello.bin";'
DOMAIN = '%s { compatible = "xen,domain"; memory = <0 0x40000>; cpus = <1>; %s };'
MODULE = 'more { compatible = "multiboot,module"; %s };'
BELL = '%s: bell { compatible = "xen,evtchn-v1"; xen,evtchn = <1 &%s>; %s };'
AREA = 'area { compatible = "xen,domain-shared-memory-v1"; xen,shm-id = "a"; xen,shared-mem = <0 0x70000000 0x1000>; %s };'
GUEST = KERNEL % FILE
LATER = "checked, but not supported yet"  # the one error that a right example may have
# Names in the first column of a table that are no property of a node that the plan reads by now.
OTHERS = {"/chosen", "/memreserve/", "/reserved-memory", "console=ttyAMA0", "id", "hard-affinity"}


def own(text):
    """An example that brings no file of its own is given one."""
    return text if "bulkhead,file" in text or "bulkhead,image" in text else text + FILE


# A machine's tree, which is the description too, with a clock to give away.
WHOLE = """#address-cells = <2>; #size-cells = <2>; interrupt-parent = <&gic>;
psci { compatible = "arm,psci-1.0"; method = "smc"; };
memory@40000000 { device_type = "memory"; reg = <0 0x40000000 0 0x40000000>; };
cpus { #address-cells = <1>; #size-cells = <0>; cpu@0 { device_type = "cpu"; reg = <0>; enable-method = "psci"; }; };
gic: intc@8000000 { compatible = "arm,gic-v3"; interrupt-controller; #interrupt-cells = <3>; #address-cells = <0>;
    reg = <0 0x8000000 0 0x10000>, <0 0x80a0000 0 0xf60000>; };
pclk: pclk { compatible = "fixed-clock"; #clock-cells = <0>; clock-frequency = <24000000>; };
rtc: rtc@9010000 { compatible = "arm,pl031", "arm,primecell"; reg = <0 0x9010000 0 0x1000>; interrupts = <0 2 4>;
    clocks = <&pclk>; clock-names = "apb_pclk"; };
"""
# What stands behind ```dts: what the example is a part of.
AROUND = {
    "whole": lambda text: text,
    "chosen": lambda text: f"chosen {{ {text} {DOMAIN % ('example', GUEST)} }};",
    "console": lambda text: f'chosen {{ console {{ compatible = "bulkhead,console"; {text} }}; {DOMAIN % ("example", GUEST)} }};',
    "domain": lambda text: f"chosen {{ worker: {DOMAIN % ('worker', GUEST)} {DOMAIN % ('example', text + GUEST)} }};",
    "worker": lambda text: f"chosen {{ worker: {DOMAIN % ('worker', text + GUEST)} "
                           f"{DOMAIN % ('keeper', 'bulkhead,controls = <&worker>;' + GUEST)} }};",
    "pool": lambda text: f'chosen {{ pool {{ compatible = "xen,cpupool"; {text} }}; {DOMAIN % ("example", GUEST)} }};',
    "channel": lambda text: f"chosen {{ {DOMAIN % ('worker', GUEST + BELL % ('one', 'two', text))} "
                            f"{DOMAIN % ('example', GUEST + BELL % ('two', 'one', ''))} }};",
    "area": lambda text: f"chosen {{ {DOMAIN % ('worker', GUEST + AREA % text)} {DOMAIN % ('example', GUEST + AREA % text)} }};",
    "machine": lambda text: f"{WHOLE} chosen {{ {DOMAIN % ('example', text + GUEST)} }};",
    "kernel": lambda text: f"chosen {{ {DOMAIN % ('example', KERNEL % own(text))} }};",
    "module": lambda text: f"chosen {{ {DOMAIN % ('example', GUEST + MODULE % own(text))} }};",
}
TEXT = DOCUMENT.read_text()
EXAMPLES = re.findall(r"^```dts (\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def program():
    return accepts()


def test_each_property_of_ours_has_its_entry():
    said = re.findall(rf"^### ({OURS}.*)$", TEXT, re.MULTILINE)
    assert sorted(said) == sorted({row.name for row in properties() if row.name.startswith(OURS)})


def test_each_entry_has_all_that_it_needs():
    for entry in re.split(r"^##+ ", TEXT, flags=re.MULTILINE):
        if entry.startswith(OURS):
            name = entry.splitlines()[0]
            assert "\nWithout it: " in entry and "Errors: " in entry.replace("\n", " "), name
            assert name in entry.partition("```dts ")[2], f"{name} has no example"


def test_each_property_of_others_is_named():
    named = set(re.findall(r"`([^`\n]+)`", TEXT))
    assert not sorted({row.name for row in properties() if not row.name.startswith(OURS)} - named)


def test_no_property_is_invented():
    known = {row.name for row in properties()} | OTHERS
    first = "\n".join(line.split("|")[1] for line in TEXT.splitlines() if line.startswith("|"))
    named = {name for name in re.findall(r"`([^`]+)`", first) if not name.startswith("config/")}
    assert not sorted(named - known)
    assert not sorted(set(re.findall(r"\bbulkhead,[a-z]+(?:-[a-z]+)*", TEXT)) - known - {"bulkhead,console"})


def test_words_are_those_of_the_table():
    for row in properties():
        if row.type == "WORD" and row.name.startswith(OURS) and row.fate == "READ":
            entry = re.search(rf"^### {row.name}$(.*?)^##", TEXT, re.MULTILINE | re.DOTALL)[1]
            for word in row.words:
                assert f'"{word}"' in entry, f"{row.name}: {word}"


def test_limits_are_those_of_the_table():
    for row in properties():
        if row.name.startswith(OURS) and row.high:
            entry = re.search(rf"^### {row.name}$(.*?)^##", TEXT, re.MULTILINE | re.DOTALL)[1]
            assert f"{row.low} to {row.high}" in entry, row.name


def test_names_of_mistakes():
    """When this fails: /usr/bin/python3 tests/system/descriptions.py writes them anew."""
    assert TEXT.partition(HEAD)[2].splitlines() == notes()


def test_mistakes_of_entries_have_these_names():
    known = {row.split("|")[1].strip() for row in notes()}
    for errors in re.findall(r"Errors: (.*?)\.\n\n", TEXT, re.DOTALL):
        said = re.findall(r"[a-z]+(?:-[a-z0-9]+)+", errors)
        assert said or errors.startswith("none")
        assert not sorted(set(said) - known)


@pytest.mark.parametrize("around, example", EXAMPLES, ids=[f"{number}-{around}" for number, (around, _) in
                                                           enumerate(EXAMPLES)])
def test_examples_are_good(around, example, program, tmp_path):
    found = planned(program, AROUND[around](example), tmp_path / "example.dtb")
    assert not [line for line in found if LATER not in line]


def test_every_example_is_tried():
    assert len(EXAMPLES) == TEXT.count("\n```dts")
