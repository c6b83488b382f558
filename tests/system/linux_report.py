# SPDX-License-Identifier: BSD-2-Clause
"""Judges what tests/guests/linux/init prints: a Linux guest whose CPUs are busy, and switched off and on meanwhile."""
import re
from dataclasses import dataclass, field

from bulkheadlib import guests
from bulkheadlib.places import ROOT

RAMDISK = "initramfs-test"
BOOTARGS = "console=ttyAMA0 loglevel=6 panic=-1"
CONSOLE_LEVEL = 6  # as in BOOTARGS: what is below goes to the console
WARNING = 4

# Lines of level 4 and worse that a healthy Linux writes here.
HARMLESS = [re.compile(text) for text in (
    r"process \d+ \(.*\) no longer affine to cpu\d+$",  # it had moved itself to one that goes off
    r"hrtimer: interrupt took \d+ ns$",  # the simulator stood still
    # so did it for the 100 ms that a CPU has to go off; that it did shows when it is switched on again
    r"(psci: )?CPU\d+ may not have shut down cleanly(: -110| \(AFFINITY_INFO reports 0\))$",
    r"pci-host-generic .*: Memory resource size exceeds max for 32 bits$",  # QEMU's board
)]
# At any level.
TROUBLE = re.compile(r"WARNING|\bBUG\b|Oops|stall|lockup|blocked for more|unhandled|nobody cared|spurious|unstable"
                     r"|Unexpected|bad mode|Call trace|GIC.*(fail|timeout|error)", re.IGNORECASE)
ARGUMENT = re.compile(r"(Kernel command line|.*Unknown kernel command line parameters)")

RECORD = re.compile(r"<(\d+)>(\[ *\d+\.\d+\] (.*))")
SWITCHED = re.compile(r"test: cpu (\d+) is ([01])$")
TALK = "test: talk {} {} the quick brown fox jumps over the lazy dog"
FPCHECK = re.compile(r"fpcheck: (\d+) workers, (\d+) rounds, (\d+) forks, (\d+) moves, CPUs (\d+), (\d+) wrong$")
SLEPT = re.compile(r"test: slept from ([\d.]+) to ([\d.]+)$")
TIMER_RATE = 2000  # interrupts a second and CPU: Debian's HZ is 250, and the load sleeps 50 times a second


def write_ramdisk(build):
    """The RAM disk of these guests, beside the programs that are in it: its path."""
    target = build / "guests" / RAMDISK
    guests.initramfs(target, ROOT / "tests/guests/linux/init", [build / "guests/fpcheck"])
    return target


@dataclass
class Report:
    """One guest's console, taken apart."""
    lines: list
    sections: dict = field(default_factory=dict)
    log: list = field(default_factory=list)  # (level, line with its time stamp, text) of each kernel message

    def __post_init__(self):
        name = None
        for line in self.lines:
            if begin := re.fullmatch(r"test: begin (\S+)", line):
                name = begin[1]
                self.sections[name] = []
            elif line == "test: end":
                name = None
            elif name:
                self.sections[name].append(line)
        # joined: the UART breaks long lines, and a line of the log may hold several
        text = "".join("\n" + line if RECORD.match(line) else line for line in self.sections.get("dmesg", ()))
        self.log = [(int(match[1]), match[2], match[3]) for match in map(RECORD.match, text.split("\n")) if match]

    def find(self, pattern):
        """All matches in the guest's own lines."""
        return [match for match in (re.search(pattern, line) for line in self.lines) if match]

    def section(self, name):
        """A section's lines. The load talks at any time, so also in it."""
        return [line for line in self.sections.get(name, ()) if not line.startswith(("test: ", "fpcheck: "))]

    def messages(self, pattern):
        return [match for match in (re.match(pattern, text) for _level, _line, text in self.log) if match]


def interrupts(lines):
    """/proc/interrupts: name -> counts of the online CPUs."""
    cpus = lines[0].split() if lines else []
    rows = {}
    for line in lines[1:]:
        name, _, rest = line.partition(":")
        counts = rest.split()[:len(cpus)]
        if not all(count.isdigit() for count in counts):
            continue
        source = rest.split()[-1] if name.strip().isdigit() else name.strip()
        rows[source] = [int(count) for count in counts]
    return rows


def judge_log(report):
    """The kernel's messages: none of trouble, and none lost on their way through the console."""
    for level, _line, text in report.log:
        if level <= WARNING and not any(known.match(text) for known in HARMLESS):
            yield f"the kernel warns: {text}"
        elif TROUBLE.search(text) and not ARGUMENT.match(text):
            yield f"the kernel has trouble: {text}"
    start = next((index for index, line in enumerate(report.lines) if line.startswith("test: begins")), 0)
    shown = "".join(report.lines[:start])
    boot = [line for level, line, text in report.log if level < CONSOLE_LEVEL and not SWITCHED.match(text)]
    times = re.findall(r"\[ *(\d+\.\d+)\] ", shown)
    last = float(times[-1]) if times else -1
    at = 0
    for line in boot:
        if float(line[1:].split("]")[0]) > last:
            break
        found = shown.find(line.strip(), at)
        if found < 0:
            yield f"lost on the console: {line}"
        else:
            at = found + len(line.strip())
    if not boot or not times:
        yield "no messages of the kernel"


def judge_cpus(report, cpus):
    """The CPUs are those of the tree, and say of themselves what they said when they came."""
    if [line for line in report.section("tree") if line] != [f"{number:08x}" for number in range(cpus)]:
        yield f"tree: {report.section('tree')}"
    if len([line for line in report.section("cpuinfo") if line.startswith("processor")]) != cpus:
        yield f"not {cpus} CPUs in /proc/cpuinfo"
    models = {int(line, 16) for line in report.section("midr")}
    first = report.messages(r"Booting Linux on physical CPU 0x(\w+) \[0x(\w+)\]")
    others = report.messages(r"CPU(\d+): Booted secondary processor 0x(\w+) \[0x(\w+)\]")
    if len(report.section("midr")) != cpus or len(models) != 1:
        yield f"MIDRs {report.section('midr')}"
    if [(int(match[1], 16), int(match[2], 16)) for match in first] != [(0, *models)]:
        yield "the boot CPU is another"
    for match in others:
        if (int(match[2], 16), int(match[3], 16)) != (int(match[1]), *models):
            yield f"another CPU: {match[0]}"
    if not report.messages(rf"SMP: Total of {cpus} processors activated"):
        yield "not all CPUs came up"


def judge_switching(report, cpus, rounds):
    """Each switch was done and the kernel says so; each CPU was off and on again, the boot CPU among them."""
    failed = report.find(r"test: cpu \d+ is not [01]$")
    yield from (f"not switched: {match[0]}" for match in failed)
    done = [(int(match[1]), match[2]) for match in report.find(SWITCHED.pattern)]
    want = sum(cpus if number % 2 == 0 else cpus - 1 for number in range(rounds)) if cpus > 1 else 0
    for state in "01":
        if len([1 for _cpu, what in done if what == state]) != want:
            yield f"not {want} times switched to {state}"
    if want and {cpu for cpu, _state in done} != set(range(cpus)):
        yield "not every CPU was switched"
    for cpu in range(cpus):
        off = len([1 for switch in done if switch == (cpu, "0")])
        came = off + (cpu > 0)
        if len(report.messages(rf"psci: CPU{cpu} (killed|may not have shut down)")) != off:
            yield f"CPU {cpu}: not {off} times killed"
        if len(report.messages(rf"CPU{cpu}: Booted secondary processor")) != came:
            yield f"CPU {cpu}: not {came} times booted"


def judge_load(report, cpus):
    """Registers and sums were right all the time, and no line was lost."""
    fp = report.find(FPCHECK.pattern)
    if len(fp) != 1:
        yield "fpcheck said nothing"
    else:
        workers, rounds, forks, moves, visited, wrong = map(int, fp[0].groups())
        if wrong:
            yield f"{wrong} FP registers were wrong"
        if workers != cpus + 1 or rounds < 8 * workers or not forks or visited != (1 << cpus) - 1:
            yield f"fpcheck did too little: {fp[0][0]}"
        if cpus > 1 and not moves:
            yield "no process moved"
    if report.find("test: sum is wrong"):
        yield "a sum was wrong"
    if len([1 for match in report.find(r"test: sums \w (\d+)$") if int(match[1])]) != 2:
        yield "no sums were made"
    for name in "ab":
        end = report.find(rf"test: talked {name} (\d+)$")
        said = [match[0] for match in report.find(f"test: talk {name} .*$")]
        if len(end) != 1 or said != [TALK.format(name, number) for number in range(1, int(end[0][1]) + 1)] or not said:
            yield f"lines of talk {name} are lost"


def judge_interrupts(report, cpus):
    """Timers tick on each CPU, IPIs arrive, nothing is spurious and nothing storms."""
    before, middle, after = (interrupts(report.section(f"interrupts-{number}")) for number in range(3))
    slept = report.find(SLEPT.pattern)
    if len(slept) != 1:
        yield "it did not sleep"
        return
    seconds = float(slept[0][2]) - float(slept[0][1])
    if not 1 <= seconds < 60:
        yield f"a second took {seconds:.2f} s"
    for table in (before, middle, after):
        if table.get("Err") != [0]:
            yield f"Err: {table.get('Err')}"
        if len(table.get("arch_timer", ())) != cpus:
            yield "no arch_timer of each CPU"
            return
    for cpu in range(cpus):
        ticks = after["arch_timer"][cpu] - middle["arch_timer"][cpu]
        # a tickless CPU that is idle all the time need not tick
        if not 0 < ticks < TIMER_RATE * (seconds + 1):
            yield f"CPU {cpu}: {ticks} timer interrupts in {seconds:.2f} s"
        ipis = sum(after[f"IPI{number}"][cpu] - before[f"IPI{number}"][cpu] for number in (0, 1))
        if cpus > 1 and ipis <= 0:
            yield f"CPU {cpu}: no IPIs"
    for name in ("IPI2", "IPI3"):
        if any(after.get(name, [1])):
            yield f"{name}: {after.get(name)}"


def complaints(lines, cpus, rounds):
    """What is wrong with a guest's console, as a list."""
    report = Report(lines)
    found = [f"no {mark}" for mark in (f"test: begins, {cpus} cpus", "test: ends") if mark not in lines]
    if report.section("clocksource") != ["arch_sys_counter"]:
        found.append(f"clock source {report.section('clocksource')}")
    for judge in (judge_log(report), judge_cpus(report, cpus), judge_switching(report, cpus, rounds),
                  judge_load(report, cpus), judge_interrupts(report, cpus)):
        found += judge
    return found
