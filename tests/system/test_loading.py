# SPDX-License-Identifier: BSD-2-Clause
"""What boot loaders are told: addresses, the merged tree, commands, and every mistake by name. Nothing is booted."""
import argparse
import pathlib
import re
import struct
import subprocess

import pytest
from bulkheadlib import build, trees
from bulkheadlib.loading import fit, flat, hush, job, layout, merge, script
from bulkheadlib.places import ROOT
from conftest import BUILD

MACHINE = """/dts-v1/;
/memreserve/ 0x48000000 0x1000;
/ {
    #address-cells = <2>; #size-cells = <2>;
    chosen { stdout-path = "/pl011@9000000"; };
    cpus {
        #address-cells = <1>; #size-cells = <0>;
        cpu@0 { device_type = "cpu"; compatible = "arm,cortex-a53"; reg = <0>; enable-method = "psci"; };
        cpu@1 { device_type = "cpu"; compatible = "arm,cortex-a53"; reg = <1>; enable-method = "psci"; };
        cpu2: cpu@2 { device_type = "cpu"; compatible = "arm,cortex-a53"; reg = <2>; enable-method = "psci"; };
    };
    user { of = <&cpu2>; };
    memory@40000000 { device_type = "memory"; reg = <0 0x40000000 0 0x40000000>; };
    reserved-memory {
        #address-cells = <2>; #size-cells = <2>; ranges;
        firmware@41000000 { reg = <0 0x41000000 0 0x100000>; };
    };
    pl011@9000000 {
        compatible = "arm,pl011", "arm,primecell"; reg = <0 0x9000000 0 0x1000>; interrupts = <0 1 4>;
    };
    psci { compatible = "arm,psci-1.0"; method = "smc"; };
    timer { compatible = "arm,armv8-timer"; interrupts = <1 13 0x104>, <1 14 0x104>, <1 11 0x104>, <1 10 0x104>; };
    intc@8000000 {
        compatible = "arm,gic-v3"; interrupt-controller; #interrupt-cells = <3>;
        reg = <0 0x8000000 0 0x10000>, <0 0x80a0000 0 0xf60000>;
    };
};
"""
DOMAIN = """{name} {{
    compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; vpl011; {more}
    kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "{file}"; {args} }};
}};
"""


@pytest.fixture(scope="module")
def program():
    """The planning program, once for all."""
    build.compile_preset("tools")


@pytest.fixture
def works(tmp_path, monkeypatch, program):
    """works(name, text, *options) -> Job, for the machine above."""
    monkeypatch.setattr(job.setup, "ensure", lambda: None)
    monkeypatch.setattr(job.build, "compile_preset", lambda preset: BUILD)
    monkeypatch.setattr(job, "build_dir", lambda preset: BUILD)
    monkeypatch.setattr(job.guests, "initramfs", lambda: None)
    (tmp_path / "machine.dts").write_text(MACHINE)

    def prepare(name, text, *options):
        (tmp_path / name).write_text(text)
        parser = argparse.ArgumentParser()
        script.arguments(parser)
        whole = "--machine-tree" in options or "--machine" in options or "DEVICE_TREE" in text
        return job.prepare(parser.parse_args([
            str(tmp_path / name), "-o", str(tmp_path / "out"), *options,
            *([] if whole else ["--machine", str(tmp_path / "machine.dts")])]))
    return prepare


def description(*domains, more=""):
    return "/dts-v1/; / { chosen { " + more + "".join(
        DOMAIN.format(**({"more": "", "args": ""} | domain)) for domain in domains) + " }; };"


def flattened(text):
    return flat.read(trees.compile_text(text.encode(), pathlib.Path("text")).blob)


def errors(found):
    return [told.check for told in found.told if told.error] + [
        note["name"] for note in found.answer.get("notes", []) if note["level"] == "error"]


@pytest.mark.parametrize("path", sorted(ROOT.glob("config/*.dts")), ids=lambda path: path.stem)
def test_a_tree_survives_being_read_and_written(path):
    blob = trees.compile_tree(path).blob

    def text(tree):
        return subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts"], input=tree, check=True, capture_output=True).stdout
    again = flat.write(flat.read(blob))
    assert trees.damage(again) is None
    assert text(again) == text(blob)


def test_reserved_memory_of_a_tree_survives():
    found = flattened(MACHINE)
    assert found.reserved == [(0x48000000, 0x1000)]
    assert flat.read(flat.write(found)).reserved == found.reserved


def test_what_may_be_used():
    free = layout.usable(flattened(MACHINE))
    assert free.pieces == [(0x40400000, 0x41000000), (0x41100000, 0x48000000), (0x48001000, 0x7c000000)]
    assert layout.usable(flattened(MACHINE), (0x50000000, 0x60000000)).pieces == [(0x50400000, 0x5c000000)]
    assert layout.usable(flattened(MACHINE), (0x80000000, 0x90000000)).pieces == []
    high = flattened(MACHINE.replace("0 0x40000000 0 0x40000000", "0 0x40000000 2 0"))
    assert layout.usable(high).pieces[2:] == [(0x48001000, 0xfc000000), (0x100000000, 0x23c000000)]


def test_the_lowest_room_is_taken():
    free = layout.Free([(0x1000, 0x500000), (0x600000, 0xa00000)])
    assert [free.place(0x300000), free.place(1), free.place(0x400000), free.place(0x200000)] == [
        0x200000, 0x600000, None, 0x800000]
    assert free.pieces == [(0x1000, 0x200000), (0x600001, 0x800000)]


def test_a_kernel_has_room_for_its_bss():
    header = bytearray(4096)
    struct.pack_into("<Q", header, 0x10, 0x300000)
    assert layout.room(header) == 4096
    header[0x38:0x3c] = b"ARM\x64"
    assert layout.room(header) == 0x300000
    struct.pack_into("<Q", header, 0x10, 0)
    assert layout.room(header) == 4096


@pytest.mark.parametrize("data, words", [
    (b"", ""),
    (b"xen,domain\0", ' "xen,domain"'),
    (b"one\0two three\0", ' "one" "two three"'),
    (struct.pack(">II", 0, 0x4000), ' "<0x0 0x4000>"'),
    (b"<1>\0", ' "<0x3c313e00>"'),
    (b"[ab\0x", ' "[5b 61 62 00 78]"'),
    (b'say "no"\0', ' "[73 61 79 20 22 6e 6f 22 00]"'),
    (b"a $b `c` \\\0", ' "[61 20 24 62 20 60 63 60 20 5c 00]"'),
    (b"it's\0", ' "[69 74 27 73 00]"'),
    (b"a\0\0b\0\0", ' "[61 00 00 62 00 00]"'),
])
def test_values_reach_fdt_set_as_they_are(data, words):
    assert hush.value(data) == words


def test_names_of_files():
    assert hush.word("dir/a-b_c.img") == "dir/a-b_c.img"
    assert hush.word('a b$c;d"e') == "'a b$c;d\"e'"
    assert not any(map(hush.sayable, ("it's", "back\\slash", "new\nline", "über", "")))


def test_phandles_of_domains_are_nobody_elses():
    """Both trees count from 1 on, as dtc does."""
    machine = flattened(MACHINE)
    wanted = flattened("""/dts-v1/; / {
        cpus { #address-cells = <2>; #size-cells = <0>;
               two: cpu@2 { reg = <0 2>; }; one: cpu@1 { reg = <0 1>; }; };
        chosen {
            pool: pool { compatible = "xen,cpupool"; cpupool-cpus = <&one &two>; };
            a: a { bulkhead,controls = <&b>; domain-cpupool = <&pool>; pa: ch { xen,evtchn = <1 &pb>; }; };
            b: b { bulkhead,controls = <&a>; pb: ch { xen,evtchn = <2 &pa>; }; };
        }; };""")
    found = merge.Merge(machine, wanted)
    assert found.wrong == []
    whole = found.tree().root
    handles = [value for _path, node in whole.walk() if (value := node.properties.get("phandle"))]
    assert len(handles) == len(set(handles)) == 7
    names = {node.properties["phandle"]: path for path, node in whole.walk() if "phandle" in node.properties}

    def target(path, name, at=0):
        return names[whole.at(path).properties[name][4 * at:4 * at + 4]]
    assert target("/user", "of") == "/cpus/cpu@2"
    assert [target("/chosen/pool", "cpupool-cpus", at) for at in (0, 1)] == ["/cpus/cpu@1", "/cpus/cpu@2"]
    assert target("/chosen/a", "domain-cpupool") == "/chosen/pool"
    assert (target("/chosen/a", "bulkhead,controls"), target("/chosen/b", "bulkhead,controls")) == ("/chosen/b", "/chosen/a")
    assert (target("/chosen/a/ch", "xen,evtchn", 1), target("/chosen/b/ch", "xen,evtchn", 1)) == (
        "/chosen/b/ch", "/chosen/a/ch")
    assert whole.at("/chosen/a/ch").properties["xen,evtchn"][:4] == (1).to_bytes(4, "big")


def test_every_property_with_phandles_is_known():
    """A new one in partmgr/plan/binding.def must come into merge.REFERENCES, or nobody gives it the new phandles."""
    text = (ROOT / "partmgr/plan/binding.def").read_text()
    found = set(re.findall(r'PROPERTY\(\w+, "([^"]+)", PHANDLES?, READ', text))
    assert found - {merge.POOL, merge.DEVICES} == set(merge.REFERENCES) - {"xen,evtchn"}
    assert '"xen,evtchn"' in text


def test_a_description_becomes_commands(works):
    found = works("system.dts", description(
        {"name": "one", "file": "hello.bin", "args": 'bootargs = "a b";'},
        {"name": "two", "file": "hello.bin"}, more='console { compatible = "bulkhead,console"; };'))
    assert errors(found) == []
    assert [part["name"] for part in found.answer["plan"]["partitions"]] == ["one", "two"]
    lines = script.text(found, ["echo extra"]).splitlines()
    loads = [line for line in lines if line.startswith("load ")]
    assert loads == [  # hello.bin once; the firmware's 1 MiB at 0x41000000 is left alone
        "load virtio 0:1 0x40400000 bulkhead.img || setenv bulkhead_wrong bulkhead.img",
        "load virtio 0:1 0x40e00000 hello.bin || setenv bulkhead_wrong hello.bin"]
    assert "fdt move ${fdtcontroladdr} 0x40a00000 0x200000 || setenv bulkhead_wrong 'the tree'" in lines
    assert 'fdt set /chosen/one/kernel "bootargs" "a b" || setenv bulkhead_wrong \'the tree\'' in lines
    made = [line.split(" || ")[0] for line in lines if line.startswith("fdt mknod")]
    assert made == ["fdt mknod /chosen two", "fdt mknod /chosen/two kernel", "fdt mknod /chosen one",
                    "fdt mknod /chosen/one kernel", "fdt mknod /chosen console"]
    assert lines.index("echo extra") < lines.index("booti 0x40400000 - 0x40a00000")


def _carried_out(lines, machine):
    """The tree that U-Boot has when it has carried out the fdt commands, by libfdt's rules: what is new comes first."""
    root = machine.root
    for line in lines:
        words = line.split(" || ")[0].split(" ", 4)
        if words[:2] == ["fdt", "mknod"]:
            root.at(words[2]).children.insert(0, flat.Node(words[3]))
        elif words[:2] == ["fdt", "set"]:
            name, value = words[3].strip('"'), words[4] if words[4:] else ""
            if value.startswith('"<'):
                data = b"".join(int(cell, 16).to_bytes(4, "big") for cell in value[2:-2].split())
            elif value.startswith('"['):
                data = bytes.fromhex(value[2:-2])
            else:
                data = "".join(f"{text}\0" for text in re.findall(r'"([^"]*)"', value)).encode()
            node = root.at(words[2])
            node.properties = {name: data} | {key: old for key, old in node.properties.items() if key != name} \
                if name not in node.properties else node.properties | {name: data}
    return flat.Flat(root, machine.reserved, machine.boot)


def test_the_commands_give_the_tree_that_was_checked(works):
    found = works("system.dts", description(
        {"name": "one", "file": "hello.bin", "args": 'bootargs = "$a \\"b\\"";'}, {"name": "two", "file": "hello.bin"}))
    done = _carried_out(script.text(found, []).splitlines(), flattened(MACHINE))
    assert [(path, node.properties) for path, node in done.root.walk()] == [
        (path, node.properties) for path, node in flat.read(found.merged).root.walk()]


def test_static_memory_is_left_alone(works):
    found = works("system.dts", description(
        {"name": "one", "file": "hello.bin", "more": "xen,static-mem = <0 0x40400000 0xc00000 0 0x41800000 0x400000>;"}))
    assert errors(found) == []
    assert {part.address for part in found.parts} == {0x41200000, 0x42000000}
    assert found.tree_at == 0x41c00000


def test_one_cell_of_the_domains_own_is_enough_below_4_gib(works):
    text = description({"name": "one", "file": "hello.bin", "more": "#address-cells = <1>; #size-cells = <1>; "
                        "other { compatible = \"multiboot,ramdisk\", \"multiboot,module\"; reg = <0x50000000 0x1000>; };"})
    found = works("system.dts", text)
    assert errors(found) == []
    assert found.edits.chosen.at("/one/kernel").properties["reg"][:4] == (0x40e00000).to_bytes(4, "big")


def test_one_cell_is_not_enough_above_4_gib(works, tmp_path):
    (tmp_path / "high.dts").write_text(MACHINE.replace("0 0x40000000 0 0x40000000", "1 0 0 0x40000000"))
    text = description({"name": "one", "file": "hello.bin", "more": "#address-cells = <1>; #size-cells = <1>; "
                        "other { compatible = \"multiboot,ramdisk\", \"multiboot,module\"; reg = <0x50000000 0x1000>; };"})
    assert errors(works("system.dts", text, "--machine", str(tmp_path / "high.dts"))) == ["cells-few"]
    good = works("system.dts", description({"name": "one", "file": "hello.bin"}), "--machine", str(tmp_path / "high.dts"))
    assert errors(good) == []
    assert good.edits.chosen.at("/one/kernel").properties["reg"][:8] == (0x100e00000).to_bytes(8, "big")


@pytest.mark.parametrize("cells", [0, 3, 0xffffffff])
def test_cells_that_nobody_can_have(works, cells):
    text = description({"name": "one", "file": "hello.bin", "more": f"#address-cells = <{cells}>; "
                        "other { compatible = \"multiboot,ramdisk\", \"multiboot,module\"; reg = <0x50000000 0x1000>; };"})
    assert "cells-few" in errors(works("system.dts", text))


@pytest.mark.parametrize("names, text, wrong", [
    ([], "nothing.bin", "file-missing"),
    (["it's"], "it's", "file-name"),
    (["new\nline"], "new\\nline", "file-name"),
    (["empty"], "empty", "file-empty"),
])
def test_files_that_cannot_be_loaded(works, tmp_path, names, text, wrong):
    for name in names:
        (tmp_path / name).write_bytes(b"" if name == "empty" else b"x")
    assert errors(works("system.dts", description({"name": "one", "file": text}))) == [wrong]


def test_mistakes_of_all_kinds_at_once(works, tmp_path):
    (tmp_path / "it's").write_bytes(b"x")
    found = works("config", """MEMORY_START=0x40000000
MEMORY_END=0x50000000
DEVICE_TREE=nothing.dtb
APPEND_EXTRA_CMDS=nothing.txt
NUM_DOMUS=3
DOMU_KERNEL[0]=nothing
DOMU_KERNEL[1]="it's"
DOMU_KERNEL[2]=hello.bin
""")
    assert sorted((told.place.line, told.check) for told in found.told) == [
        (3, "file-missing"), (4, "file-missing"), (6, "file-missing"), (7, "file-name")]


def test_files_are_looked_for_whatever_else_is_wrong(works):
    with pytest.raises(trees.Refused) as refused:
        works("config", "NUM_DOMUS=2\nDOMU_KERNEL[0]=nothing\nDOMU_KERNEL[1]=hello.bin\nDOMU_MEM[0]=x\nDEVICE_TREE=none.dtb\n")
    assert [(told.place.line, told.check) for told in refused.value.told] == [
        (2, "file-missing"), (4, "imagebuilder-value"), (5, "file-missing")]


def test_overlays_change_the_machine_here(works, tmp_path):
    (tmp_path / "machine.dtb").write_bytes(trees.compile_text(MACHINE.encode(), tmp_path / "machine.dts").blob)
    (tmp_path / "one.dtso").write_text("""/dts-v1/; /plugin/; &{/reserved-memory} {
        more@40400000 { reg = <0 0x40400000 0 0x800000>; };
    };""")
    found = works("config", "DEVICE_TREE=machine.dtb\nNUM_DT_OVERLAY=1\nDT_OVERLAY[0]=one.dtso\nNUM_DOMUS=1\n"
                  "DOMU_KERNEL[0]=hello.bin\nDOMU_MEM[0]=16\n")
    assert errors(found) == []
    tree = found.part("tree")
    assert (tree.name, tree.address) == ("system.dtb", found.tree_at)
    assert flat.read(tree.data).root.at("/reserved-memory/more@40400000")
    assert min(part.address for part in found.parts) >= 0x40c00000
    text = script.text(found, [])
    assert f"fdt addr {found.tree_at:#x} " in text
    assert "fdtcontroladdr" not in text


def test_another_command_for_one_file(works):
    found = works("config", "NUM_DOMUS=2\nDOMU_KERNEL[0]=hello.bin\nDOMU_KERNEL[1]=gic_sgi.bin\nDOMU_LOAD[1]='ext4load mmc 5:1'"
                  "\nXEN_LOAD='load nvme 0:1'\nLOAD_CMD=tftpb\nDOMU_MEM[0]=16\nDOMU_MEM[1]=16\n")
    assert errors(found) == []
    loads = re.findall(r"^((?!fdt).*) 0x\w+ (\S+) \|\|", script.text(found, []), re.MULTILINE)
    assert loads == [("load nvme 0:1", "bulkhead.img"), ("tftpb", "hello.bin"), ("ext4load mmc 5:1", "gic_sgi.bin")]


def test_shared_memory_is_left_alone(works):
    area = "DOMU_SHARED_MEM[{}]='area 0x40400000 0x7000000 0x100000'\n"
    found = works("config", "NUM_DOMUS=2\nDOMU_KERNEL[0]=hello.bin\nDOMU_KERNEL[1]=hello.bin\nDOMU_MEM[0]=16\nDOMU_MEM[1]=16\n"
                  + area.format(0) + area.format(1))
    assert errors(found) == []
    assert [(one["host"], len(one["peers"])) for one in found.answer["plan"]["shared"]] == [(0x40400000, 2)]
    assert found.part("hypervisor").address == 0x40600000


def test_the_same_script_every_time(works, tmp_path):
    found = works("system.dts", description({"name": "one", "file": "hello.bin"}))
    scripts = []
    for _ in range(2):
        scripts.append(script.write(found, found.options).read_bytes())
        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
            "boot.scr", "boot.source", "bulkhead.img", "hello.bin"]
    assert scripts[0] == scripts[1]
    assert (tmp_path / "out/boot.source").read_bytes() in scripts[0]


def test_a_file_that_is_put_somewhere_by_hand(works, tmp_path):
    file = BUILD / "guests/hello.bin"
    text = description({"name": "one", "file": "hello.bin"}).replace('bulkhead,file = "hello.bin";',
                                                                     "reg = <0 0x40400000 0x2000>;")
    found = works("system.dts", text, "--module", f"0x40400000={file}")
    assert errors(found) == []
    assert "load virtio 0:1 0x40400000 hello.bin" in script.text(found, [])
    assert found.part("hypervisor").address == 0x40600000


def test_kernels_that_stay_where_they_are_loaded(works, tmp_path):
    """Two domains with one file, which then is there twice; a raw binary, and an Image."""
    image = bytearray(0x3000)
    struct.pack_into("<QQ", image, 8, 0, 0x5000)
    image[0x38:0x3c] = b"ARM\x64"
    (tmp_path / "image").write_bytes(image)
    ends = 'bulkhead,on-reset = "stop"; '
    found = works("system.dts", description(
        {"name": "a", "file": "hello.bin", "more": ends}, {"name": "b", "file": "image", "more": ends},
        {"name": "c", "file": "hello.bin", "more": ends + 'bulkhead,policy = "first-fit";'},
        more='bulkhead,policy = "zero-copy";'))
    assert errors(found) == []
    assert [part["in_place"] for part in found.answer["plan"]["partitions"]] == [True, True, False]
    assert found.part("/a/kernel").address % layout.BLOCK == 0x80000
    assert len({part.address for part in found.parts}) == 4


@pytest.mark.parametrize("data, begins", [
    (b"anything", 0x80000), (b"\x7fELF", None), (b"\x1f\x8b", None), (b"\x27\x05\x19\x56", None)])
def test_what_can_stay(data, begins):
    assert layout.begins(data + bytes(100)) == begins


def test_no_room(works):
    found = works("config", "MEMORY_START=0x40000000\nMEMORY_END=0x44800000\nNUM_DOMUS=1\nDOMU_KERNEL[0]=hello.bin\n")
    assert [(told.check, told.place.line) for told in found.told] == [("room", 2)] * 2


def test_what_the_manager_would_say_has_its_line_in_the_configuration(works):
    found = works("config", "NUM_DOMUS=1\nDOMU_KERNEL[0]=hello.bin\nDOMU_MEM[0]=16\nDOMU_VCPUS[0]=9\nDOMU_COLORS[0]=0-3\n")
    notes = {note["name"]: note["line"] for note in found.answer["notes"]}
    assert notes["colors"] == 5
    assert 4 in notes.values()


def test_two_files_of_one_name(works, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for name in "ab":
        (tmp_path / name / "kernel").write_bytes((BUILD / "guests/hello.bin").read_bytes())
    found = works("system.dts", description({"name": "one", "file": str(tmp_path / "a/kernel")},
                                            {"name": "two", "file": str(tmp_path / "b/kernel")}))
    assert errors(found) == ["file-name"]


def test_a_file_that_would_be_written_over(works, tmp_path):
    (tmp_path / "boot.scr").write_bytes((BUILD / "guests/hello.bin").read_bytes())
    found = works("config", "NUM_DOMUS=1\nDOMU_MEM[0]=16\nDOMU_KERNEL[0]=boot.scr\n")
    assert errors(found) == []
    script.unsayable(found)
    assert errors(found) == ["file-name"]


def test_long_values(works):
    found = works("system.dts", description({"name": "one", "file": "hello.bin", "args": f'bootargs = "{"x" * 1023}";'}))
    script.unsayable(found)
    assert errors(found) == []
    found = works("system.dts", description({"name": "one", "file": "hello.bin"}, more=f'long = "{"x" * 1024}";'))
    script.unsayable(found)
    assert errors(found) == ["value-long"]


def test_odd_names(works):
    tree = flat.read(trees.compile_text(description({"name": "one", "file": "hello.bin"}).encode(), pathlib.Path("x")).blob)
    found = works("system.dts", description({"name": "one", "file": "hello.bin"}))
    found.edits = merge.Merge(flattened(MACHINE), tree)
    found.edits.chosen.children[0].properties["a;reset"] = b""
    found.edits.chosen.children.append(flat.Node("$x"))
    script.unsayable(found)
    assert errors(found) == ["name-odd", "name-odd"]


@pytest.mark.parametrize("text, wrong", [
    ("/dts-v1/; / { soc { }; chosen { }; };", "node-elsewhere"),
    ("/dts-v1/; / { cpus { one: cpu@9 { }; }; chosen { p { cpupool-cpus = <&one 77>; }; }; };", "pool-node"),
    ("/dts-v1/; / { chosen { a { bulkhead,devices = <&b>; }; b: b { }; }; };", "device-other-tree"),
    ("/dts-v1/; / { cpus { one: cpu@9 { reg = <9>; }; }; chosen { p { cpupool-cpus = <&one>; }; }; };", "pool-node"),
])
def test_what_cannot_be_merged(works, text, wrong):
    assert wrong in errors(works("system.dts", text))


def test_a_node_that_is_there_already(works, tmp_path):
    (tmp_path / "there.dts").write_text(MACHINE.replace("stdout-path", "one { }; stdout-path").replace(
        'one { }; stdout-path = "/pl011@9000000";', 'stdout-path = "/pl011@9000000"; one { };'))
    found = works("system.dts", description({"name": "one", "file": "hello.bin"}), "--machine", str(tmp_path / "there.dts"))
    assert errors(found) == ["node-there"]


def test_a_whole_tree_needs_no_commands(works):
    whole = MACHINE.replace('stdout-path = "/pl011@9000000";', DOMAIN.format(name="one", file="hello.bin", more="", args=""))
    found = works("whole.dts", whole, "--machine-tree")
    assert errors(found) == []
    text = script.text(found, [])
    assert "system.dtb" in text
    assert not re.search(r"fdt (set|mknod|move)", text)
    assert flat.read(found.part("tree").data).root.at("/chosen/one/kernel").properties["reg"][4:8] == \
        found.part("/one/kernel").address.to_bytes(4, "big")


def test_a_file_for_bootm_lies_apart_from_its_parts(works, tmp_path):
    found = works("system.dts", description({"name": "one", "file": "hello.bin"}))
    fit.reserve(found)
    assert found.whole_at >= max(found.tree_at + job.TREE_ROOM, *(part.address + part.room for part in found.parts))
    text = fit.text(found, tmp_path / "tree.dtb")
    assert re.search(r'loadables = "module-0";', text)
    assert f"load = <0x0 {found.part('hypervisor').address:#x}>" in text


def test_the_image_without_a_system_covers_its_bundle():
    for name in ("bulkhead.img", "bulkhead-gicv2.img"):
        image = (BUILD / name).read_bytes()
        assert struct.unpack_from("<Q", image, 0x10)[0] == len(image)
        assert job.bundle.offset(image) == struct.unpack_from("<Q", (BUILD / "kernel.bin").read_bytes(), 0x10)[0]
    assert job.bundle.offset(bytes(1 << 23)) is None
