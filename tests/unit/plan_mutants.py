#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Breaks one rule of the plan at a time: the oracle or a unit test must notice.

plan_mutants.py BUILD RESULT: BUILD is the host's build folder (for its trees), RESULT a junit file. The mutants stand in
plan_mutants.toml. Everything is compiled anew, without sanitizers: a mutant costs one file, a link and a run."""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

import junit

ROOT = pathlib.Path(__file__).resolve().parents[2]
FUZZ = ROOT / "tests/fuzz"
SECONDS = 30  # a mutant that hangs is one that was noticed
FLAGS = ["-O0", "-std=gnu11", "-w", *(f"-I{ROOT / folder}" for folder in
                                     ("", "partmgr", "partmgr/plan", "libcap/include", "config"))]
ORACLE = [FUZZ / f"{name}.c" for name in ("oracle", "oracle_in_place", "oracle_links", "oracle_list")]
CORPUS = "the fuzzers' inputs"


def call(command, **options):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, errors="replace", check=False, **options)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}:\n{done.stderr}")


class Workshop:
    """Programs with one source of the plan changed, from the objects of all others."""

    def __init__(self, folder, trees):
        self.folder = pathlib.Path(folder)
        self.flags = [*FLAGS, f'-DTREES_DIR="{trees}"']
        self.product = {}  # source -> object
        self.programs = {}  # name -> objects

    def _compile(self, source, name, *flags):
        result = self.folder / f"{name}.o"
        call(["gcc", *self.flags, *flags, "-c", source, "-o", result])
        return result

    def prepare(self, pool, tests):
        sources = [*ROOT.glob("partmgr/plan/*.c"), *ROOT.glob("partmgr/policy/*.c")]
        product = {source: pool.submit(self._compile, source, source.stem) for source in sources}
        oracle = [pool.submit(self._compile, source, source.stem) for source in ORACLE]
        corpus = [pool.submit(self._compile, FUZZ / f"{name}.c", f"fuzz-{name}")
                  for name in ("corpus", "edit", "edit_words", "harness")]
        corpus += [pool.submit(self._compile, FUZZ / f"fuzz_{name}.c", f"fuzz-{name}", f"-DLLVMFuzzerTestOneInput=corpus_{name}")
                   for name in ("plan", "tree")]
        units = {name: pool.submit(self._compile, ROOT / f"tests/unit/test_plan_{name}.c", f"test-{name}") for name in tests}
        self.product = {source: job.result() for source, job in product.items()}
        oracle = [job.result() for job in oracle]
        self.programs = {name: [job.result(), *oracle] for name, job in units.items()}
        self.programs[CORPUS] = [*(job.result() for job in corpus), *oracle]

    def run(self, number, program, source=None, text=None):
        """What the program says and whether it fails, with that source changed."""
        objects = dict(self.product)
        result = self.folder / f"mutant-{number}"
        if source:
            changed = result.with_suffix(".c")
            changed.write_text(text)
            objects[source] = self._compile(changed, result.name, f"-I{source.parent}")
        call(["gcc", *objects.values(), *self.programs[program], "-lfdt", "-lz", "-lcmocka", "-o", result])
        words = [result, FUZZ / "corpus"] if program == CORPUS else [result]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CMOCKA_")}
        try:
            done = subprocess.run([*map(str, words)], capture_output=True, text=True, errors="replace", check=False,
                                  timeout=SECONDS, env=environment, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return "", True
        finally:
            result.unlink()
        return done.stdout + done.stderr, done.returncode != 0


def judge(workshop, number, mutant, says):
    """What is wrong with a mutant, or None; and what the oracle said that it was to say."""
    source = ROOT / "partmgr" / mutant["file"]
    text = source.read_text()
    if text.count(mutant["old"]) != 1:
        return f"partmgr/{mutant['file']} has {text.count(mutant['old'])} times: {mutant['old']}", []
    try:
        told, failed = workshop.run(number, mutant.get("by", CORPUS), source, text.replace(mutant["old"], mutant["new"]))
    except RuntimeError as error:
        return str(error), []
    if not failed:
        return "nobody notices", []
    complaints = sorted(set(re.findall(r"oracle: (.*)", told)))
    said = [complaint for complaint in complaints if says and says in complaint]
    return (f"the oracle does not say \"{says}\" but {complaints or told[-400:]}" if says and not said else None), said


def complaints_of_oracle():
    """Each complaint that the oracle can make, as a pattern; those with more words of their own come first."""
    formats = [re.sub(r'"\s*"', "", words).strip().strip('"') for source in ORACLE
               for words in re.findall(r'oracle_broken\(\s*((?:"[^"]*"\s*)+)', source.read_text())]
    lies = sorted(set(re.findall(r'"((?:is|cannot be) [a-zA-Z /]+)"', ORACLE[-1].read_text())))
    general = [words for words in formats if words.endswith(" at 0x%lx %s")]
    assert len(general) == 1 and len(lies) > 4 and len(formats) > 40
    formats = [words for words in formats if words not in general]
    formats += [general[0].removesuffix("%s") + lie for lie in lies]
    formats.sort(key=lambda words: -len(re.sub(r"%\w+", "", words)))
    return {words: re.sub("%s", ".*", re.sub("%l?[ux]", "[0-9a-f]+", re.escape(words).replace("\\%", "%"))) for words in formats}


def unproven(said):
    """Complaints of the oracle that no mutant brings about: a rule that cannot fail is none."""
    patterns = complaints_of_oracle()
    proven = {next((words for words, pattern in patterns.items() if re.fullmatch(pattern, each)), None) for each in said}
    return [words for words in patterns if words not in proven]


def main(build, result):
    parts = tomllib.loads(pathlib.Path(__file__).with_suffix(".toml").read_text())
    every = [(name, mutant) for mutants in parts.values() for name, mutant in mutants.items()]
    wrong = {}
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        workshop = Workshop(folder, build / "trees")
        workshop.prepare(pool, {mutant["by"] for _name, mutant in every if "by" in mutant})
        for program in workshop.programs:
            told, failed = workshop.run("none", program)
            if failed:
                wrong["nothing broken"] = f"{program} fails without a mutant: {told[-400:]}"
        jobs = {name: pool.submit(judge, workshop, number, mutant, mutant.get("says"))
                for number, (name, mutant) in enumerate(every)}
        wrong.update({name: job.result()[0] for name, job in jobs.items() if job.result()[0]})
        missing = unproven([each for job in jobs.values() for each in job.result()[1]])
    if missing:
        wrong["every rule of the oracle"] = "no mutant breaks: " + ", ".join(missing)
    return junit.write(result, "plan_mutants",
                       ["nothing broken", "every rule of the oracle", *(name for name, _mutant in every)], wrong)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])))
