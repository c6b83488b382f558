# SPDX-License-Identifier: BSD-2-Clause
"""What the checker says of a description and what the manager says of it on the machine is the same: tests/trees."""
import argparse
import json
import re
import shutil
import subprocess

import pytest

from bulkheadlib import build, bundle, check, preparation, trees
from bulkheadlib.boards import FIRST
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


def booted(lab, image):
    """What the manager says: its notes, and its lines on partitions."""
    notes, partitions = [], []
    with Run(lab.machine(image, **MACHINE)) as run:
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
    # Only off the machine can it be unknown what a module holds.
    told = [(note["level"], ": ".join(part for part in (note["node"], note["property"], note["message"]) if part))
            for note in found["notes"] if note["name"] != "contents-unknown"]
    assert told == notes
    planned = [(one["name"], one["cores"], one["memory"],
                next(region["host"] for region in one["regions"] if region["kind"] == "ram"))
               for one in (found["plan"] or {"partitions": []})["partitions"]]
    assert planned == partitions


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
    ("", "s.dts: error: syntax"),
])
def test_what_does_not_compile(tmp_path, text, words):
    (tmp_path / "s.dts").write_text(text)
    done = run(tmp_path / "s.dts")
    assert done.returncode == check.NOT_CHECKED
    assert words in done.stdout and "Traceback" not in done.stderr
    assert json.loads(run(tmp_path / "s.dts", "--json").stdout)["notes"][0]["name"] == "source"


def test_a_file_that_is_not_there(tmp_path):
    done = run(tmp_path / "nowhere.dts")
    assert done.returncode == check.NOT_CHECKED and "there is no system" in done.stderr
    (tmp_path / "s.dts").write_text("""/dts-v1/;
/ { chosen { a { compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>;
    kernel { compatible = "multiboot,kernel", "multiboot,module";
             bulkhead,file = "nowhere.bin"; }; }; }; };""")
    done = run(tmp_path / "s.dts")
    assert done.returncode == check.ERRORS
    assert "s.dts:4: error: /chosen/a/kernel: bulkhead,file: nowhere.bin is in none of" in done.stdout


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
