# SPDX-License-Identifier: BSD-2-Clause
"""ImageBuilder's configuration files are read as a shell would read them, and every variable means something here or is
told with its line. Nothing is booted."""
import random
import re
import subprocess

import pytest
from bulkheadlib.loading import flat, imagebuilder, shell, variables
from bulkheadlib.places import ROOT
from bulkheadlib.trees import Refused

DOMAIN = 'NUM_DOMUS=1\nDOMU_KERNEL[0]="Image"\n'


ALL = """
MEMORY_START="0x40000000"
MEMORY_END="0xC0000000"
LOAD_CMD="tftp"
DEVICE_TREE="virt.dtb"
NUM_DT_OVERLAY=1
DT_OVERLAY[0]="one.dtbo"
XEN="xen"
UBOOT_SOURCE="a.source"
UBOOT_SCRIPT="a.scr"
APPEND_EXTRA_CMDS="extra.txt"
FDTEDIT="edited.dtb"
FIT="a.itb"
NUM_CPUPOOLS=1
CPUPOOL[0]="cpu@1,cpu@2 null"
NUM_DOMUS=2
DOMU_KERNEL[0]="zero/Image"
DOMU_RAMDISK[0]="zero/ramdisk"
DOMU_PASSTHROUGH_DTB[0]="zero/part.dtb"
DOMU_CMD[0]="console=ttyAMA0 a=\\"b c\\""
DOMU_MEM[0]=64
DOMU_VCPUS[0]=2
DOMU_COLORS[0]="0-3"
DOMU_STATIC_MEM[0]="0x50000000 0x2000000 0x58000000 0x2000000"
DOMU_NR_SPIS[0]=40
DOMU_CPUPOOL[0]=0
DOMU_LOAD[0]="ext4load mmc 5:1"
DOMU_SHARED_MEM[0]="area 0x60000000 0x7000000 0x1000"
DOMU_GRANT_VER[0]=1
DOMU_NOBOOT[0]=y
DOMU_KERNEL[1]="one"
DOMU_VPL011[1]=0
DOMU_ENHANCED[1]=2
"""


def read(folder, text, dom0="error"):
    path = folder / "config"
    path.write_text(text)
    assert imagebuilder.is_one(path) or "=" not in text
    return imagebuilder.read(path, dom0)


def chosen(found):
    return flat.read(found.tree.blob).root.child("chosen")


def wrong(folder, text, dom0="error"):
    """[(line, name, message)] of what is refused."""
    with pytest.raises(Refused) as refused:
        read(folder, text, dom0)
    return [(told.place.line, told.check, told.text) for told in refused.value.told if told.error]


@pytest.mark.parametrize("text, values", [
    ('A=1', {"A": "1"}),
    ('A="x y" # more', {"A": "x y"}),
    ("A='x \"y\" $z'", {"A": 'x "y" $z'}),
    ('A=x"y z"\'w\'', {"A": "xy zw"}),
    ('export A=1; B=2', {"A": "1", "B": "2"}),
    ('A="a\\"b\\\\c\\$d\\e"', {"A": 'a"b\\c$d\\e'}),
    ('A="one \\\ntwo"\nB=3', {"A": "one two", "B": "3"}),
    ('A=x\\ y', {"A": "x y"}),
    ('D=dir\nA="$D/a${D}b"', {"D": "dir", "A": "dir/adirb"}),
    ('A=', {"A": ""}),
    ('A=1\nA=2', {"A": "2"}),
    ('A="two\nlines"', {"A": "two\nlines"}),
    ('A=a#b', {"A": "a#b"}),
])
def test_assignments_mean_what_they_mean_to_a_shell(text, values):
    found = shell.Assignments(text)
    assert found.wrong == []
    assert {name: value.text for (name, _index), value in found.values.items()} == values
    asked = "; ".join(f'printf "%s\\0" "${name}"' for name in values)
    said = subprocess.run(["bash", "-c", f"{text}\n{asked}"], check=True, capture_output=True, text=True).stdout
    assert said.split("\0")[:-1] == list(values.values())


@pytest.mark.parametrize("text, line, words", [
    ('A=1\nls -l', 2, "'ls -l' is no assignment"),
    ('A=1\nB=$(date)', 2, "commands are not run"),
    ('B=`date`', 1, "commands are not run"),
    ('A=(1 2)', 1, "write an array as A[0]="),
    ('\n\nA="1', 3, "a quote that does not end"),
    ("A='1", 1, "a quote that does not end"),
    ('A=$B', 1, "$B has no value here"),
    ('A=xxxxxxxxxx\n' + 'A=$A$A\n' * 20, 21, "grow beyond all use"),
    ('A="${B:-1}"', 1, "only $NAME"),
    ('if test 1; then', 1, "is no assignment"),
    ('A+=1', 1, "is no assignment"),
])
def test_what_a_shell_would_have_to_run_is_refused(text, line, words):
    (told,) = shell.Assignments(text).wrong
    assert told[0] == line
    assert words in told[1]


def test_all_of_a_domain(tmp_path):
    found = read(tmp_path, ALL)
    assert (found.memory, found.load, found.device_tree, found.overlays) == ((0x40000000, 0xc0000000), "tftpb", "virt.dtb",
                                                                          ["one.dtbo"])
    assert (found.source, found.script, found.extra, found.edited, found.fit, found.xen) == (
        "a.source", "a.scr", "extra.txt", "edited.dtb", "a.itb", "xen")
    assert found.loads == dict.fromkeys((f"/chosen/domU0/{name}" for name in ("kernel", "ramdisk", "device-tree")),
                                        "ext4load mmc 5:1")
    pool, zero, one = chosen(found).children
    assert pool.strings("compatible") == ["xen,cpupool"]
    assert len(pool.properties["cpupool-cpus"]) == 8
    assert zero.properties["memory"] == (64 << 10).to_bytes(8, "big")
    assert zero.properties["cpus"] == (2).to_bytes(4, "big")
    assert zero.properties["nr_spis"] == (40).to_bytes(4, "big")
    assert flat.numbers(zero.properties["xen,static-mem"], (2, 2)) == [(0x50000000, 0x2000000), (0x58000000, 0x2000000)]
    assert {"direct-map", "vpl011"} <= set(zero.properties)  # both the default
    assert (zero.string("llc-colors"), zero.string("bulkhead,start")) == ("0-3", "manual")
    assert zero.properties["domain-cpupool"] == pool.properties["phandle"]
    assert zero.child("kernel").string("bootargs") == 'console=ttyAMA0 a="b c"'
    assert [zero.child(name).string("bulkhead,file") for name in ("kernel", "ramdisk", "device-tree")] == [
        "zero/Image", "zero/ramdisk", "zero/part.dtb"]
    shared = zero.child("shared-memory")
    assert (shared.string("xen,shm-id"), shared.string("role")) == ("area", "borrower")
    assert flat.numbers(shared.properties["xen,shared-mem"], (2, 2, 2)) == [(0x60000000, 0x7000000, 0x1000)]
    assert one.properties["memory"] == (512 << 10).to_bytes(8, "big")
    assert one.properties["cpus"] == (1).to_bytes(4, "big")
    assert not {"vpl011", "direct-map"} & set(one.properties)
    assert one.string("xen,enhanced") == "no-xenstore"
    assert "bootargs" not in one.child("kernel").properties  # there is no UART to have it on
    assert found.tree.place("/chosen/domU0", "cpus").line == 22
    assert found.tree.place("/chosen/domU0/ramdisk", "bulkhead,file").line == 18


def test_devices_by_their_paths(tmp_path):
    found = read(tmp_path, DOMAIN + "DOMU_PASSTHROUGH_PATHS[0]='/a /b@1'\nDOMU_PASSTHROUGH_DTB[0]=c.dtb\n")
    (domain,) = chosen(found).children
    assert domain.strings("bulkhead,device-paths") == ["/a", "/b@1"]
    assert not domain.child("device-tree")
    assert found.tree.place("/chosen/domU0", "bulkhead,device-paths").line == 3


def test_a_lone_domain_has_the_defaults(tmp_path):
    found = read(tmp_path, DOMAIN)
    (domain,) = chosen(found).children
    assert domain.name == "domU0"
    assert domain.child("kernel").string("bootargs") == "console=ttyAMA0"
    assert (found.load, found.boot, found.memory) == (None, "booti", None)
    assert found.tree.told == []


@pytest.mark.parametrize("text, line, name, words", [
    ("NUM_DOMUS=x\n", 1, "value", "NUM_DOMUS: 'x' is no number"),
    ("NUM_DOMUS=17\n", 1, "value", "NUM_DOMUS: '17' is no number from 0 to 0x10"),
    ("NUM_DOMUS=1\n", 1, "missing", "DOMU_KERNEL[0] is missing"),
    ("MEMORY_START=0\nMEMORY_END=1\n", 1, "missing", "there is no domain"),
    (DOMAIN + "DOMU_MEM[0]=some\n", 3, "value", "DOMU_MEM[0]: 'some' is no number"),
    (DOMAIN + "DOMU_MEM[0]=0\n", 3, "value", "DOMU_MEM[0]: '0' is no number from 1"),
    (DOMAIN + "DOMU_VCPUS[0]=0\n", 3, "value", "DOMU_VCPUS[0]"),
    (DOMAIN + "DOMU_VPL011[0]=yes\n", 3, "value", "DOMU_VPL011[0]"),
    (DOMAIN + "DOMU_ENHANCED[0]=3\n", 3, "value", "DOMU_ENHANCED[0]"),
    (DOMAIN + "DOMU_CPUPOOL[0]=0\n", 3, "value", "DOMU_CPUPOOL[0]: '0' is no number that could be meant"),
    (DOMAIN + "DOMU_STATIC_MEM[0]='0x50000000'\n", 3, "value", "must be pairs of base and size"),
    (DOMAIN + "DOMU_STATIC_MEM[0]='0x5000000g 4096'\n", 3, "value", "are not all numbers"),
    (DOMAIN + "DOMU_STATIC_MEM[0]='0x50000000 0x1000'\nDOMU_DIRECT_MAP[0]=2\n", 4, "value", "DOMU_DIRECT_MAP[0]"),
    (DOMAIN + "DOMU_SHARED_MEM[0]='id 0x1000'\n", 3, "value", "must be an ID"),
    (DOMAIN + "DOMU_SHARED_MEM[0]=' '\n", 3, "value", "must be an ID"),
    (DOMAIN + "DOMU_STATIC_MEM[0]=' '\n", 3, "value", "must be pairs"),
    (DOMAIN + "NUM_CPUPOOLS=1\nCPUPOOL[0]=' '\n", 4, "value", "must be nodes of /cpus"),
    (DOMAIN + "DOMU_LOAD[0]='load\nboot'\n", 3, "value", "must be one line"),
    (DOMAIN + "NUM_CPUPOOLS=1\n", 3, "missing", "CPUPOOL[0] is missing"),
    (DOMAIN + "NUM_CPUPOOLS=1\nCPUPOOL[0]='one two'\n", 4, "value", "must be nodes of /cpus"),
    (DOMAIN + "NUM_DT_OVERLAY=1\nDT_OVERLAY[0]=a.dtbo\n", 3, "missing", "without a DEVICE_TREE"),
    (DOMAIN + "NUM_DT_OVERLAY=1\nDEVICE_TREE=a.dtb\n", 3, "missing", "DT_OVERLAY[0] is missing"),
    (DOMAIN + "MEMORY_START=0x40000000\n", 3, "missing", "one of them is missing"),
    (DOMAIN + "MEMORY_START=0x40000000\nMEMORY_END=0x40000000\n", 4, "value", "is not behind MEMORY_START"),
    (DOMAIN + "BOOT_CMD=bootm\n", 3, "unsupported", "tools/bulkhead fit"),
    (DOMAIN + "BITSTREAM=a.bit\n", 3, "unsupported", "FPGA"),
    (DOMAIN + "LINUX=Image\n", 3, "unsupported", "without a hypervisor"),
    (DOMAIN + "XEN[1]=xen\n", 3, "value", "XEN has no index"),
    (DOMAIN + "DOM0_KERNEL=Image\n", 3, "dom0", "there is no Dom0 here"),
    (DOMAIN + "LOAD_CMD='load\nboot'\n", 3, "value", "must be one line"),
    (DOMAIN + "ls\n", 3, "syntax", "is no assignment"),
])
def test_mistakes_are_told_with_their_lines(tmp_path, text, line, name, words):
    told = wrong(tmp_path, text)
    assert [(at, check) for at, check, _message in told] == [(line, f"imagebuilder-{name}")]
    assert words in told[0][2]


def test_all_mistakes_are_told_at_once(tmp_path):
    told = wrong(tmp_path, "NUM_DOMUS=2\nDOMU_KERNEL[0]=a\nDOMU_MEM[0]=x\nls\nDOMU_VCPUS[0]=y\nBITSTREAM=z\n")
    assert [line for line, _name, _message in told] == [1, 3, 4, 5, 6]


@pytest.mark.parametrize("text, words", [
    ("XEN_CMD='sched=null'", "XEN_CMD has no meaning here"),
    ("DOMU_MEMM[0]=4", "DOMU_MEMM[0] is none of ImageBuilder's variables"),
    ("DOMU_KERNEL[1]=other", "DOMU_KERNEL[1] is beyond the number of them"),
    ("DOMU_ROOTFS[0]=a", "DOMU_ROOTFS[0] has no meaning here"),
])
def test_what_means_nothing_is_a_warning(tmp_path, text, words):
    (told,) = read(tmp_path, DOMAIN + text).tree.told
    assert (told.error, told.place.line) == (False, 3)
    assert words in told.text


def test_helper_variables_are_nobodys_mistake(tmp_path):
    assert read(tmp_path, 'DIR=a\nNUM_DOMUS=1\nDOMU_KERNEL[0]="$DIR/Image"').tree.told == []


ZERO = DOMAIN + 'DOM0_KERNEL="Image0"\nDOM0_RAMDISK="ramdisk0"\nDOM0_MEM=128\nDOM0_VCPUS=2\nDOM0_CMD="console=ttyAMA0 x"\n'


def test_dom0_as_a_control_domain(tmp_path):
    zero, domain = chosen(read(tmp_path, ZERO, "control")).children
    assert (zero.name, domain.name) == ("dom0", "domU0")
    assert zero.properties["capabilities"] == (1).to_bytes(4, "big")
    assert zero.properties["memory"] == (128 << 10).to_bytes(8, "big")
    assert zero.child("kernel").string("bootargs") == "console=ttyAMA0 x"
    assert zero.child("ramdisk").string("bulkhead,file") == "ramdisk0"


def test_dom0_left_out(tmp_path):
    found = read(tmp_path, ZERO, "leave-out")
    assert [domain.name for domain in chosen(found).children] == ["domU0"]
    assert [told.place.line for told in found.tree.told] == [3, 4, 5, 6, 7]


def test_whatever_is_written_is_an_answer(tmp_path):
    """A configuration with everything in it, damaged in hundreds of ways."""
    good = ALL.encode()
    words = [name.encode() for name in (*variables.ONCE, *variables.EACH)] + [
        b"=", b'"', b"'", b"[0]", b"[99999999999]", b"$", b"${", b"}", b"\\", b"\n", b"\0", b"\xff", b"0x", b"-1", b" "]
    dice = random.Random(1)
    refused = 0
    for _ in range(400):
        text = bytearray(good)
        for _ in range(dice.randrange(1, 4)):
            at = dice.randrange(len(text))
            text[at:at + dice.randrange(12)] = dice.choice(words)
        (tmp_path / "config").write_bytes(text)
        try:
            imagebuilder.read(tmp_path / "config", dice.choice(imagebuilder.DOM0))
        except Refused as why:
            refused += 1
            assert all(told.text for told in why.told)
    assert 40 < refused < 400


def test_a_file_without_end_is_not_read(tmp_path):
    with (tmp_path / "config").open("wb") as file:
        file.write(b"NUM_DOMUS=1\n")
        file.truncate(1 << 40)
    with pytest.raises(Refused, match="larger than"):
        imagebuilder.read(tmp_path / "config")


def test_the_documents_have_every_variable():
    text = (ROOT / "doc/booting.md").read_text()
    known = set(re.findall(r"\b(?:[A-Z][A-Z0-9]*_)*[A-Z0-9]+\b", text))
    assert not ({*variables.ONCE, *variables.EACH} - known)


@pytest.mark.parametrize("name, text", [
    ("a.dts", "NUM_DOMUS=1\n"), ("README", "see NUM_DOMUS=1\n"), ("a.json", "{}"), ("nothing", ""),
])
def test_other_files_are_not_taken_for_one(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert not imagebuilder.is_one(tmp_path / name)
    assert not imagebuilder.is_one(tmp_path)
