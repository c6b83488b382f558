# SPDX-License-Identifier: BSD-2-Clause
"""What the checker says of a description and what the manager says of it on the machine is the same: tests/trees."""
import argparse
import json
import re
import shutil
import subprocess

import pytest

from bulkheadlib import build, bundle, check, preparation, trees
from bulkheadlib.boards import BOARDS, FIRST
from bulkheadlib.places import GUESTS, ROOT
from bulkheadlib.qemu import Machine, Run
from conftest import BUILD

TREES = ROOT / "tests/trees"
MACHINE = {"cpus": 4, "memory": 512}
CORPUS = sorted(TREES.glob("*/*.dts"))
COMMAND = [ROOT / "tools/bulkhead", "check"]


def expected(path):
    """The names of notes that the tree's head lists."""
    words = re.search(r"/\* Notes: (.*) \*/", path.read_text())[1].split()
    return sorted(set(words) - {"none"})


@pytest.fixture(scope="module")
def checker():
    build.compile_preset("tools")
    parser = argparse.ArgumentParser()
    check.arguments(parser)

    def options(*words):
        return parser.parse_args([*map(str, words), "--cpus", str(MACHINE["cpus"]), "--memory", str(MACHINE["memory"])])
    return options


@pytest.fixture(scope="module")
def hardware(tmp_path_factory, checker):
    """The machine's tree: the same for all images of this size."""
    folder = tmp_path_factory.mktemp("hardware")
    image = bundle.write_image(BUILD, TREES / "good/plain.dts", folder / "plain.img")
    return check.hardware(Machine(image, **MACHINE), folder)


def ask(checker, path, image, hardware):
    """The checker's answer about an image that is packed already."""
    options = checker(path)
    found = check.plan(options, image, BUILD, hardware)
    return found | {"notes": found["notes"]}


def booted(lab, image, **machine):
    """What the manager says: its notes, and its lines on partitions."""
    notes, partitions = [], []
    with Run(lab.machine(image, **(machine or MACHINE))) as run:
        for line in run.lines(60):
            if match := re.match(r"partmgr: (warning|error): (.*)", line):
                notes.append(match.groups())
            elif match := re.match(r"partmgr: (\S+): cores? ([\d ]+), (\d+) KiB of RAM at (0x\w+)", line):
                partitions.append((match[1], [int(core) for core in match[2].split()], int(match[3]) << 10,
                                   int(match[4], 16)))
            elif "nothing started" in line or re.match(r"partmgr: \d+ partitions? on", line):
                break
    return notes, partitions


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_checker_and_machine_agree(lab, checker, hardware, path):
    image = bundle.write_image(BUILD, path, lab.folder / "system.img")
    found = ask(checker, path, image, hardware)
    assert sorted({note["name"] for note in found["notes"]}) == expected(path)
    assert found["ok"] == (path.parent.name == "good")
    notes, partitions = booted(lab, image)
    agree(found, notes, partitions)


def agree(found, notes, partitions):
    # Only off the machine can it be unknown what a module holds.
    told = [(note["level"], ": ".join(part for part in (note["node"], note["inside"], note["property"], note["message"]) if part))
            for note in found["notes"] if note["name"] != "contents-unknown"]
    assert told == notes
    planned = [(one["name"], one["cores"], one["memory"],
                next(region["host"] for region in one["regions"] if region["kind"] == "ram"))
               for one in (found["plan"] or {"partitions": []})["partitions"]]
    assert planned == partitions


@pytest.mark.parametrize("board, cpus, memory", [
    ("qemu-virt-gicv2", 2, 512), ("qemu-virt", 1, 512), ("qemu-virt", 8, 6144), ("qemu-virt", 2, 64),
    ("qemu-virt", 2, 130), ("qemu-virt", 2, 40)])
def test_checker_and_machine_agree_on_other_machines(lab, checker, tmp_path, board, cpus, memory):
    """Where the trees lie, which cores there are, and whether there is room."""
    options = checker(TREES / "good/console.dts")
    options.cpus, options.memory, options.board = cpus, memory, board
    image = lab.pack(TREES / "good/console.dts", board=board)
    machine = {"cpus": cpus, "memory": memory, "board": BOARDS[board].machine}
    found = check.plan(options, image, BUILD, check.hardware(Machine(image, **machine), tmp_path))
    agree(found, *booted(lab, image, **machine))


def test_checker_and_machine_agree_on_a_damaged_bundle(lab, checker, hardware):
    """More entries than a page has; an entry that would reach beyond what an address can say."""
    image = lab.pack(TREES / "good/plain.dts")
    whole = image.read_bytes()
    header = whole.index(bundle.MAGIC.to_bytes(8, "little"), len((BUILD / "kernel.bin").read_bytes()) - 1)
    for offset, value in ((8, (1000).to_bytes(4, "little")), (16 + 24, b"\xff" * 8)):
        image.write_bytes(whole[:header + offset] + value + whole[header + offset + len(value):])
        found = ask(checker, TREES / "good/plain.dts", image, hardware)
        assert [note["name"] for note in found["notes"]] == ["bundle-bad"] and not found["ok"]
        agree(found, *booted(lab, image))


def test_checker_and_machine_agree_on_reserved_memory(lab, checker, tmp_path):
    """The machine's whole tree, with memory that is kept for others and a module in memory that is not."""
    blob = check.hardware(Machine(lab.pack("empty"), **MACHINE), tmp_path)
    text = subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", blob], capture_output=True, text=True, check=True).stdout
    text = text.replace("/dts-v1/;", "/dts-v1/;\n/memreserve/ 0x50000000 0x100000;") + """
/ { reserved-memory { #address-cells = <2>; #size-cells = <2>; ranges; keep@48400000 { reg = <0 0x48400000 0 0x300000>; }; };
    chosen { a { compatible = "xen,domain"; memory = <0 0x8000>; cpus = <1>; vpl011;
                 kernel { compatible = "multiboot,kernel", "multiboot,module"; reg = <0 0x50000000 0 0x10000>; }; }; }; };"""
    (tmp_path / "s.dts").write_text(text)
    hello = f"0x50000000={BUILD / 'guests/hello.bin'}"
    found = check.answer(checker(tmp_path / "s.dts", "--machine-tree", "--module", hello))
    assert found["ok"], found["notes"]
    kept = [(piece["base"], piece["size"]) for piece in found["plan"]["memory"] if piece["kind"] == "reserved"]
    assert (0x48400000, 0x300000) in kept and (0x50010000, 0xf0000) in kept
    done = subprocess.run([ROOT / "tools/bulkhead", "run", tmp_path / "s.dts", "--machine-tree", "--module", hello,
                           "--cpus", "4", "--memory", "512", "--timeout", "20"],
                          capture_output=True, text=True, check=False, timeout=300)
    ram = next(region for region in found["plan"]["partitions"][0]["regions"] if region["kind"] == "ram")
    assert f"partmgr: a: core 0, 32768 KiB of RAM at {ram['host']:#x}" in done.stdout, done.stdout


def test_corpus_has_trees():
    assert len(CORPUS) > 50


def run(*words, **options):
    return subprocess.run([*COMMAND, *map(str, words)], capture_output=True, text=True, check=False, timeout=300, **options)


def test_notes_name_file_and_line(tmp_path):
    done = run(TREES / "bad/word.dts")
    assert done.returncode == check.ERRORS
    line = (TREES / "bad/word.dts").read_text().splitlines().index('    bulkhead,on-failure = "again";') + 1
    assert f"word.dts:{line}: error: /chosen/a: bulkhead,on-failure: \"again\"" in done.stdout
    assert "[word-unknown]" in done.stdout and done.stdout.endswith("1 error, 0 warnings\n")


def test_a_missing_property_is_its_nodes(tmp_path):
    done = run(TREES / "bad/memory-missing.dts")
    line = (TREES / "base.dtsi").read_text().splitlines().index("        a: a {") + 1
    assert f"base.dtsi:{line}: error: /chosen/a: memory: missing [memory-missing]" in done.stdout


def test_json_is_all_of_standard_output():
    done = run("demo", "--json")
    answer = json.loads(done.stdout)
    assert answer["version"] == 1 and answer["ok"] and done.returncode == check.GOOD
    pieces = answer["plan"]["memory"]
    for bank in answer["plan"]["banks"]:
        at = bank["base"]
        for piece in pieces:
            if bank["base"] <= piece["base"] < bank["base"] + bank["size"]:
                assert piece["base"] == at
                at += piece["size"]
        assert at == bank["base"] + bank["size"]
    assert sum(piece["size"] for piece in pieces if piece["kind"] == "free") == answer["plan"]["left"]["memory"]


def test_pools_are_named():
    """Who asks for a pool has its cores, and nobody else has."""
    plan = json.loads(run(TREES / "good/pool.dts", "--json").stdout)["plan"]
    assert [core["pool"] for core in plan["cores"]] == [None, None, "pool", "pool"]
    assert {one["name"]: one["cores"] for one in plan["partitions"]} == {"a": [2], "b": [0]}


def test_shared_memory_is_shown():
    """Where it lies in the machine, and where each peer sees it, in every form of the answer."""
    plan = json.loads(run(TREES / "good/shared-roles.dts", "--json").stdout)["plan"]
    plain, warm = plan["shared"]
    assert (plain["id"], plain["host"], plain["size"], plain["cacheable"]) == ("plain", 0x50000000, 0x3000, False)
    assert [tuple(peer.values()) for peer in plain["peers"]] == [("a", "owner", 0x70000000), ("b", "reader", 0x78000000)]
    assert (warm["size"], warm["cacheable"], warm["host"] % 0x200000) == (0x400000, True, 0)
    for area in plain, warm:
        assert [(piece["base"], piece["size"]) for piece in plan["memory"]
                if (piece["kind"], piece["name"]) == ("shared", area["id"])] == [(area["host"], area["size"])]
        for peer in area["peers"]:
            regions = next(one["regions"] for one in plan["partitions"] if one["name"] == peer["partition"])
            assert [(region["base"], region["size"], region["host"]) for region in regions
                    if region["name"] == area["id"]] == [(peer["guest"], area["size"], area["host"])]
    text = run(TREES / "good/shared-roles.dts", "--explain").stdout
    assert re.search(r"plain +0x50000000 +12 KiB +Non-cacheable +a \(owner\) at 0x70000000, b \(reader\) at 0x78000000", text)
    assert re.search(r"warm +0x\w+ +4 MiB +cacheable ", text)


def test_channels_are_shown():
    """By which slot and word each end rings, and by which interrupt or line it is rung."""
    plan = json.loads(run(TREES / "good/channel-gpio.dts", "--json").stdout)["plan"]
    ways = {"port": 1, "slot": 25, "offset": 0}
    assert plan["channels"] == [{
        "a": {"partition": "a", **ways, "notify": "interrupt", "virtual": 224, "line": None},
        "b": {"partition": "b", **ways, "notify": "gpio", "virtual": None, "line": 0}}]
    partition = plan["partitions"][1]
    assert {"virtual": 224, "name": "PL061", "physical": None} in partition["interrupts"]
    assert {"doorbells", "PL061"} <= {region["name"] for region in partition["regions"]}
    table = run(TREES / "good/channel-gpio.dts", "--explain").stdout
    assert "interrupt 224" in table and "line 0 of its PL061" in table


def test_explain_names_everything():
    done = run("demo", "--explain")
    for words in ("RAM of linux-a", "vCPU 1 of linux-a and the console service", "Left over: ", "hardware tree"):
        assert words in done.stdout


def test_overlays_and_includes(tmp_path):
    shutil.copy(TREES / "base.dtsi", tmp_path)
    (tmp_path / "s.h").write_text("#define CPUS 0\n")
    (tmp_path / "s.dts").write_text('/dts-v1/;\n#include "s.h"\n/include/ "base.dtsi"\n\n&b { cpus = <CPUS>; };\n')
    done = run(tmp_path / "s.dts")
    assert "s.dts:5: error: /chosen/b: cpus: is 0 [cpus-zero]" in done.stdout
    (tmp_path / "o.dtso").write_text('/dts-v1/;\n/plugin/;\n\n&b {\n    cpus = <1>;\n};\n\n&a {\n    nr_spis = <2000>;\n};\n')
    done = run(tmp_path / "s.dts", "--overlay", tmp_path / "o.dtso")
    assert "o.dtso:9: error: /chosen/a: nr_spis: 2000" in done.stdout and "cpus-zero" not in done.stdout


def test_modules_in_memory(tmp_path):
    (tmp_path / "s.dts").write_text("""/dts-v1/;
/ { chosen { a { compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; vpl011;
    kernel { compatible = "multiboot,kernel", "multiboot,module"; reg = <0 0x60000000 0x10000>; }; }; }; };""")
    done = run(tmp_path / "s.dts")
    assert done.returncode == check.GOOD and "contents not checked [contents-unknown]" in done.stdout
    assert run(tmp_path / "s.dts", "--strict").returncode == check.ERRORS
    file = BUILD / "guests/hello.bin"
    done = run(tmp_path / "s.dts", "--module", f"0x60000000={file}", "--explain")
    assert done.returncode == check.GOOD and "contents" not in done.stdout
    (tmp_path / "text").write_bytes(b"\x1f\x8b no kernel" * 5000)
    done = run(tmp_path / "s.dts", "--module", f"0x60000000={tmp_path / 'text'}")
    assert done.returncode == check.ERRORS and "[kernel-format]" in done.stdout


@pytest.mark.parametrize("text, words", [
    ("/dts-v1/;\n/ { chosen { ;", "s.dts:2: error: "),
    ('/dts-v1/;\n#include "nowhere.h"\n/ { };', "s.dts:2: error: nowhere.h"),
    ('/dts-v1/;\n\n/include/ "nowhere.dtsi"\n/ { };', "s.dts:3: error: Couldn't open"),
    ("/dts-v1/;\n/ { a: b { };\n a: c { }; };", "s.dts:3: error: /c: Duplicate label"),
    ("", "s.dts: error: syntax"),
])
def test_what_does_not_compile(tmp_path, text, words):
    (tmp_path / "s.dts").write_text(text)
    done = run(tmp_path / "s.dts")
    assert done.returncode == check.NOT_CHECKED
    assert words in done.stdout and "Traceback" not in done.stderr
    assert json.loads(run(tmp_path / "s.dts", "--json").stdout)["notes"][0]["name"] == "source"


def test_a_file_that_is_not_there(tmp_path):
    for name in ("/dev/zero", tmp_path, tmp_path / "nowhere.dtb"):  # the first has no end
        done = run("empty", "--machine", name)
        assert done.returncode == check.NOT_CHECKED and f"{name}: error: " in done.stdout
    done = run(tmp_path / "nowhere.dts")
    assert done.returncode == check.NOT_CHECKED and "there is no system" in done.stderr
    (tmp_path / "s.dts").write_text("""/dts-v1/;
/ { chosen { a { compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>;
    kernel { compatible = "multiboot,kernel", "multiboot,module";
             bulkhead,file = "nowhere.bin"; }; }; }; };""")
    done = run(tmp_path / "s.dts")
    assert done.returncode == check.ERRORS
    assert "s.dts:4: error: /chosen/a/kernel: bulkhead,file: nowhere.bin is in none of" in done.stdout


def test_files_without_an_end_or_without_anything(tmp_path):
    """A source that asks for all of /dev/zero costs a moment; a module must hold something."""
    (tmp_path / "s.dts").write_text('/dts-v1/;\n/ { chosen { a = /incbin/("/dev/zero"); }; };')
    done = run(tmp_path / "s.dts")
    assert done.returncode == check.NOT_CHECKED and "s.dts: error: " in done.stdout and "Traceback" not in done.stderr
    (tmp_path / "empty.bin").touch()
    (tmp_path / "s.dts").write_text("""/dts-v1/;
/ { chosen { a { compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>;
    kernel { compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "empty.bin"; }; }; }; };""")
    done = run(tmp_path / "s.dts")
    assert done.returncode == check.ERRORS and f"s.dts:3: error: /chosen/a/kernel: bulkhead,file: {tmp_path}/empty.bin is empty" in done.stdout
    done = subprocess.run([ROOT / "tools/bulkhead", "run", tmp_path / "s.dts"], capture_output=True, text=True, check=False)
    assert "/chosen/a/kernel: module" in done.stderr and "is empty" in done.stderr


def test_no_room_for_the_answer():
    """No traceback, and no success; who reads only the first line is no mistake."""
    for option in ("--json", "--explain"):
        done = subprocess.run(["sh", "-c", 'exec "$0" "$@" > /dev/full', *COMMAND, "demo", option], capture_output=True, text=True,
                              check=False)
        assert done.returncode == check.NOT_CHECKED and "No space left on device" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_file_name_that_is_none(tmp_path):
    (tmp_path / "s.dts").write_text("""/dts-v1/;
/ { chosen { a { compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>;
    kernel { compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = <7>; }; }; }; };""")
    done = run(tmp_path / "s.dts")
    assert done.returncode == check.ERRORS and "s.dts:3: error: /chosen/a/kernel: bulkhead,file: is no file's" in done.stdout


def test_binary_trees(tmp_path):
    """Of a binary tree the file is told; a damaged one is told by the plan's name for that."""
    blob = trees.compile_tree(TREES / "bad/cpus-zero.dts").blob
    (tmp_path / "s.dtb").write_bytes(blob)
    done = run(tmp_path / "s.dtb")
    assert done.returncode == check.ERRORS and f"{tmp_path}/s.dtb: error: /chosen/a: cpus: is 0 [cpus-zero]" in done.stdout
    (tmp_path / "s.dtb").write_bytes(blob[:-1])
    done = run(tmp_path / "s.dtb", "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == check.ERRORS and not answer["ok"] and answer["plan"] is None
    assert [(note["name"], note["message"]) for note in answer["notes"]] == [("tree-bad", "is cut off")]


def test_damage_is_seen_before_libfdt_is():
    """Cut anywhere, with any cell of it changed: it is refused, or all of it can be walked."""
    blob = trees.compile_tree(TREES / "good/plain.dts").blob
    assert trees.damage(blob) is None
    assert all(trees.damage(blob[:size]) for size in range(len(blob)))
    walked = 0
    for offset in range(0, len(blob), 4):
        for cell in (0, 1, 3, 9, 0x7fffffff, 0xfffffff4, 0xffffffff):
            changed = blob[:offset] + cell.to_bytes(4, "big") + blob[offset + 4:]
            if trees.damage(changed) is None:
                tree = trees.libfdt().Fdt(changed)
                walked += len(list(bundle._nodes(tree, [trees.libfdt().NOTFOUND]))) > 0
    assert walked > 100


def test_deep_and_large_sources(tmp_path):
    (tmp_path / "s.dts").write_text("/dts-v1/; / {" + "a {" * 2000 + "};" * 2001)
    with pytest.raises(trees.Refused, match="is damaged"):
        trees.compile_tree(tmp_path / "s.dts")
    (tmp_path / "s.dts").write_text('/dts-v1/; / { a = "' + "x" * 0x200000 + '"; };')
    with pytest.raises(trees.Refused, match="is larger than 2 MiB"):
        trees.compile_tree(tmp_path / "s.dts")


def test_many_nodes(tmp_path):
    """pylibfdt loses references: a tree of any size must be read to the end, and the program must end well."""
    (tmp_path / "s.dts").write_text("/dts-v1/; / { chosen { };" + "".join(f"n{at} {{ }};" for at in range(8000)) + "};")
    done = run(tmp_path / "s.dts")
    assert done.returncode == check.GOOD and "Fatal" not in done.stderr


def test_places(tmp_path):
    """The first place of a node, the last of a property; a name that looks like a comment."""
    (tmp_path / "s.dts").write_text("""/dts-v1/;
/ {
    one: node@1 {
        note = "}; /* a.dts:1:1-2:2 */ {", "x";
        number = <1>;
    };
};
&one {
    number = <2>;
    inner { flag; };
};
""")
    tree = trees.compile_tree(tmp_path / "s.dts", places=True)

    def line(*what):
        return tree.place(*what).line
    assert [line("/node@1"), line("/node@1", "note"), line("/node@1", "number")] == [3, 4, 9]
    assert [line("/node@1/inner", "flag"), line("/node@1", "missing"), line("/node@1/inner/none")] == [10, 3, 10]
    assert tree.place("bundle") is None


def test_overlays_and_their_mistakes(tmp_path):
    (tmp_path / "o.dtso").write_text("/dts-v1/;\n/plugin/;\n\n&nobody {\n    cpus = <1>;\n};\n")
    done = run(TREES / "good/plain.dts", "--overlay", tmp_path / "o.dtso")
    assert done.returncode == check.NOT_CHECKED and 'o.dtso:4: error: no label "nobody" in the tree' in done.stdout
    (tmp_path / "o.dtso").write_text("/dts-v1/;\n/plugin/;\n&a { cpus = <0>; };\n&{/chosen/b} {\n cpus = <0>; };\n")
    subprocess.run(["dtc", "-q", "-@", "-O", "dtb", "-o", tmp_path / "o.dtbo", tmp_path / "o.dtso"], check=True)
    done = run(TREES / "good/plain.dts", "--overlay", tmp_path / "o.dtso")
    assert "o.dtso:3: error: /chosen/a: cpus: is 0" in done.stdout and "o.dtso:5: error: /chosen/b: cpus" in done.stdout
    done = run(TREES / "good/plain.dts", "--overlay", tmp_path / "o.dtbo")
    assert f"{tmp_path}/o.dtbo: error: /chosen/a: cpus: is 0" in done.stdout
    blob = trees.compile_tree(TREES / "good/plain.dts", [tmp_path / "o.dtbo"]).blob
    assert b"__symbols__" not in blob


def test_a_machine_that_is_described(tmp_path):
    """The machine's tree in place of QEMU's; what is wrong in it has a line, too."""
    (tmp_path / "m.dts").write_text('''/dts-v1/;
/ { #address-cells = <2>; #size-cells = <2>;
    memory@40000000 { device_type = "memory"; reg = <0 0x40000000 0 0x20000000>; };
    psci { method = "smc"; };
    cpus { #address-cells = <1>; #size-cells = <0>;
        cpu@0 { device_type = "cpu"; reg = <0>; enable-method = "psci"; };
        cpu@1 { device_type = "cpu"; reg = <1>; enable-method = "spin-table"; };
        cpu@2 { device_type = "cpu"; reg = <2>; enable-method = "psci"; }; }; };''')
    done = run(TREES / "good/plain.dts", "--machine", tmp_path / "m.dts", "--memory", "512", "--explain")
    assert done.returncode == check.GOOD
    assert "m.dts:7: warning: /cpus/cpu@1: enable-method: not psci" in done.stdout
    assert run(TREES / "good/plain.dts", "--machine", tmp_path / "m.dts", "--machine-tree").returncode == check.NOT_CHECKED


def test_other_board_and_machine():
    done = run("demo", "--board", "qemu-virt-gicv2", "--cpus", "2")
    assert done.returncode == check.ERRORS and "[cores-few]" in done.stdout
    answer = json.loads(run("demo", "--board", "qemu-virt-gicv2", "--json").stdout)
    assert answer["plan"]["gic"] == 2 and answer["board"] == "qemu-virt-gicv2"


def test_tree_address_is_qemus():
    assert preparation.tree_address(2048 << 20, 30 << 20) == 0x48000000
    assert preparation.tree_address(128 << 20, 30 << 20) == 0x44000000
    assert preparation.tree_address(2048 << 20, 0xe70b000) == 0x4ea00000
    assert FIRST.machine.startswith("virt,")
    assert trees.compile_tree(TREES / "good/plain.dts").blob and GUESTS
