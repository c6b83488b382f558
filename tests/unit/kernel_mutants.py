#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Breaks one rule of the virtual interrupts' or the partitions' state machine at a time: the tests must notice.

kernel_mutants.py BUILD RESULT: BUILD is the host's build folder, RESULT a junit file. A mutant is a piece of source that
must stand there exactly once, and what takes its place."""
import json
import os
import pathlib
import shlex
import subprocess
import sys
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parents[2]
SEQUENCES, SECONDS = 10000, 60  # of each kind; a mutant that hangs is one that was noticed

VIRQ = {
    "a route that changes tells nobody": (
        "virq.c", "targets |= virq_targets(bank, vcpu, bits); /* the new route too */", ""),
    "a group that goes off stays listed": (
        "virq.c", "held = virq_gather_all(partition);", "held = 0;"),
    "disabled while listed": ("virq.c", "return mask & bank->enable & ~value;", "return 0;"),
    "a level that falls stays listed": ("virq.c", "return mask & bank->line & ~value;", "return 0;"),
    "a rising edge does not latch": (
        "virq.c", "bank->latch |= set & ~old & bank->edge;", ""),
    "active by software is taken": (
        "virq.c", "bank->running[bit] = VIRQ_NOT_TAKEN;", "bank->running[bit] = bank->priority[bit];"),
    "what is cleared stays physically active": (
        "virq.c", "virq_physical(bank, vcpu, 0, 0, cleared & ~bank->active);", ";"),
    "an SGI of the other group arrives": (
        "virq.c", ">> intid & 1) == group)", ">> intid & 1) < 2)"),
    "priorities do not reach list registers": (
        "virq.c", "return 0xfu << intid % 32;", "return 0;"),
    "taken, not consumed": ("virq_lists.c", "bank->latched &= ~bit;\n    /* Where", "/* Where"),
    "unlinked and not ended": (
        "virq_lists.c", "bank->unlinked &= ~bit;\n        gic_deactivate(bank->physical[intid % 32]);",
        "bank->unlinked &= ~bit;"),
    "nobody hears that it is free": (
        "virq_lists.c", "virq_tell(vcpu->partition, bank->route[intid % 32] & ~(1u << vcpu->index));", ";"),
    "evicted is lost": ("virq_lists.c", "bank->latch |= bank->latched & bit;", ""),
    "a group in the list register is today's": (
        "virq_lists.c", "active ? bank->running[index] : urgency);", "urgency);"),
    "listed for others": (
        "virq_lists.c", "bool pending = !watched && ", "bool pending = "),
    "pending in a group that is off": (
        "virq_lists.c", "if ((!enabled && ich_read(n) & LR_PENDING) ||", "if ("),
    "the latch merges and stays": (
        "virq_lists.c", "bank->latch &= ~bit;\n        bank->latched |= bit;", "bank->latched |= bit;"),
    "the least urgent first": ("virq_lists.c", "if (key < best.key)", "if (key > best.key || best.key == KEY_NONE)"),
    "no room for the more urgent": (
        "virq_lists.c", "if (best.key >= victim.key)", "if (victim.key != KEY_NONE)"),
    "ends outside are not counted": (
        "virq_lists.c", "ended && !split; ended--)", "ended && !split && !ended; ended--)"),
    "ends are counted with EOImode 1": (
        "virq_lists.c", "ended && !split; ended--)", "ended; ended--)"),
    "ended outside, physically active": (
        "virq_lists.c", "if (bank->hardware >> ended.at % 32 & 1)", "if (0)"),
    "active ones keep their registers with EOImode 1": (
        "virq_lists.c", "if (active && split)", "if (0)"),
    "quick although it is active": (
        "virq_lists_quick.c", "fresh & (bank->listed | bank->active |", "fresh & (bank->listed |"),
    "held, and entered all the same": ("virq_run.c", "while (cpu->hold) {", "while (0) {"),
    "due after the look": (
        "virq_run.c", "if (due & DUE_LISTS || (due & DUE_ARRIVED && !lists_add(vcpu)))\n        lists_fill(vcpu);",
        "if (due & DUE_LISTS || (due & DUE_ARRIVED && !lists_add(vcpu)))\n        lists_fill(vcpu);\n"
        "    vcpu_done(vcpu, DUE_ARRIVED | DUE_LISTS);"),
    "off, and its timers stay active": (
        "virq_run.c", "virq_physical(bank, vcpu, 0, 0, bank->active | bank->latch);", ";"),
    "off, and still in hand": (
        "virq_run.c", "shared->running[lowest(left)] = VIRQ_NOT_TAKEN;", ";"),
    "no maintenance on underflow": ("arm64/ich.c", "(outside ? HCR_UIE : 0)", "0"),
    "no maintenance when none is pending": ("arm64/ich.c", "(emptied ? HCR_NPIE : 0)", "0"),
    "no maintenance for counted ends": (
        "arm64/ich.c", "hcr |= active_outside && !ich_split_eoi() ? HCR_LRENPIE : 0;", ""),
    "no maintenance when a group comes on": (
        "arm64/ich.c", "hcr |= groups & 2 ? 0 : HCR_VGRP1EIE;", ""),
}
LIFE = {
    "a core's check-in counts again": (
        "core.c", "        vcpu->stop != partition_stops(state)) {", "        1) {"),
    "a vCPU stays started": (
        "life.c", "__atomic_store_n(&partition->vcpu[i]->state, VCPU_OFF, __ATOMIC_RELAXED);", ";"),
    "shared interrupts stay": ("life.c", "    virq_stop(partition);\n", ""),
    "a vCPU's interrupts stay": (
        "virq_run.c", "        virq_init_cpu(&partition->vcpu[i]->virq);", "        ;"),
    "a shared priority stays": ("virq_run.c", "        memset(bank->priority, 0, sizeof(bank->priority));\n", ""),
    "the first core does not hear that it begins anew": (
        "life.c", "    if (action == BH_FAILURE_RESTART)\n        core_kick(partition->vcpu[0]->core);\n    else if (",
        "    if (action != BH_FAILURE_RESTART && "),
    "the others do not hear that it stops": (
        "life.c", "        vcpu_due(partition->vcpu[i], DUE_STATE);\n", ""),
    "it is loaded before the last is there": (
        "life.c", "if (__atomic_sub_fetch(&partition->remaining, 1, __ATOMIC_ACQ_REL))",
        "if (__atomic_sub_fetch(&partition->remaining, 1, __ATOMIC_ACQ_REL) > 1)"),
    "the next stop expects nobody": (
        "life.c", "    partition->remaining = partition->vcpu_count;\n", ""),
    "a load that was stopped runs": (
        "life.c", "1u << BH_PARTITION_LOADING, BH_PARTITION_RUNNING, 0);",
        "1u << BH_PARTITION_LOADING | 1u << BH_PARTITION_STOPPING, BH_PARTITION_RUNNING, 0);"),
    "who comes second says why": (
        "life.c", "if (!life_swap(partition, 1u << BH_PARTITION_LOADING | 1u << BH_PARTITION_RUNNING,",
        "if (!life_swap(partition, 1u << BH_PARTITION_LOADING | 1u << BH_PARTITION_RUNNING |\n"
        "                   1u << BH_PARTITION_STOPPING,"),
    "the budget is not counted": ("life.c", "return partition->spent++ < partition->budget;", "return true;"),
    "a period never ends": ("life.c", "now - partition->since > partition->period", "false"),
    "what is no failure costs": (
        "life.c", "    if (reason < BH_STOP_FAILURE)\n        return", "    if (reason < BH_STOP_RESET)\n        return"),
    "a second failure takes the first one's place": (
        "life.c", "partition->failure[count % BH_FAILURES] =", "partition->failure[0] ="),
    "the machine's end waits for nobody": (
        "life.c", "partition->awaited && !__atomic_sub_fetch", "partition->awaited || !__atomic_sub_fetch"),
    "a stop may be started": (
        "life.c", "    if (!life_swap(partition, 1u << from, BH_PARTITION_LOADING, 0))",
        "    if (!life_swap(partition, 1u << from | 1u << BH_PARTITION_STOPPING, BH_PARTITION_LOADING, 0))"),
}
MUTANTS = {"test_kernel_virq_many": VIRQ, "test_kernel_life_race": LIFE}
STEPS = {"test_kernel_life_race": "test_kernel_life"}  # tried too: cases of the same sources


class Workshop:
    """Builds a program with one source changed, from what the build has of the others."""

    def __init__(self, build, target):
        self.build = build
        self.target = target
        self.folder = build / "mutants"
        # where fake/image.lds finds what the kernel's sources can write
        self.object = self.folder / "kernel/mutant.c.o"
        self.object.parent.mkdir(exist_ok=True, parents=True)
        self.commands = {}
        for entry in json.loads((build / "compile_commands.json").read_text()):
            arguments = shlex.split(entry["command"])
            target = arguments[arguments.index("-o") + 1]
            if f"/{self.target}.dir/" in target:
                self.commands[entry["file"]] = (entry["directory"], arguments, target)

    def _run(self, arguments, directory):
        done = subprocess.run(arguments, cwd=directory, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{shlex.join(arguments)}:\n{done.stderr}")

    def program(self, name, old, new):
        source = ROOT / "kernel" / name
        text = source.read_text()
        if text.count(old) != 1:
            raise RuntimeError(f"kernel/{name} has {text.count(old)} times: {old}")
        changed, result = self.folder / source.name, self.folder / self.target
        changed.write_text(text.replace(old, new))
        directory, arguments, target = self.commands[str(source)]
        arguments = [str(changed) if word == str(source) else word for word in arguments]
        arguments[arguments.index("-o") + 1] = str(self.object)
        # beside its headers; a variable that nobody uses any more is no news
        self._run(arguments + [f"-I{source.parent}", "-Wno-error"], directory)
        objects = [str(self.object) if there == target else there
                   for _directory, _arguments, there in self.commands.values()]
        sanitize = [word for word in arguments if word.startswith("-fsanitize")]
        self._run([arguments[0], *sanitize, "-no-pie", "-T", str(ROOT / "tests/unit/fake/image.lds"), *objects, "-lcmocka",
                   "-o", str(result)], directory)
        return result


def notices(program, sequences):
    """True when the program fails, or does not end."""
    environment = {**os.environ, "BULKHEAD_SEED": "1", "BULKHEAD_SEQUENCES": str(sequences), "BULKHEAD_SHORTEN": "0"}
    for name in ("CMOCKA_MESSAGE_OUTPUT", "CMOCKA_XML_FILE"):
        environment.pop(name, None)
    try:
        return subprocess.run([program], env=environment, capture_output=True, timeout=SECONDS, check=False).returncode
    except subprocess.TimeoutExpired:
        return True


def judge(build, target, mutants):
    """Mutant -> what is wrong with it, of those that nobody notices."""
    tests = [Workshop(build, name) for name in filter(None, (STEPS.get(target), target))]
    wrong = {}
    for name, mutant in mutants.items():
        try:
            if not any(notices(test.program(*mutant), SEQUENCES) for test in tests):
                wrong[name] = "no test fails"
        except RuntimeError as error:
            wrong[name] = str(error)
    if any(notices(build / "tests/unit" / test.target, 200) for test in tests):
        wrong["nothing broken"] = f"{target} fails without a mutant"
    return wrong


def main(build, result):
    suite = xml.Element("testsuite", name="kernel_mutants")
    wrong = {}
    for target, mutants in MUTANTS.items():
        wrong.update(judge(build, target, mutants))
    for name in ["nothing broken", *VIRQ, *LIFE]:
        case = xml.SubElement(suite, "testcase", name=name)
        if name in wrong:
            xml.SubElement(case, "failure", message=wrong[name])
            print(f"{name}: {wrong[name]}", file=sys.stderr)
    result.parent.mkdir(exist_ok=True)
    xml.ElementTree(suite).write(result)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])))
