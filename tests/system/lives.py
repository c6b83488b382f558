# SPDX-License-Identifier: BSD-2-Clause
"""Systems in which a partition begins anew beside one that must not notice."""
import re

KERNEL = """kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "{file}";
    bootargs = "{args}"; }};"""
AGAIN = """again {{ compatible = "xen,domain"; memory = <0 0x1000>; cpus = <{cpus}>; vpl011; {life} {kernel} }};"""
VICTIM = """victim {{ compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; vpl011; {kernel} }};"""


def boot(lab, cpus=3, life="", args="", victim=("victim.bin", "rounds=100"), chosen="", timeout=120, **options):
    """The console of a system with tests/guests/restart.c and the victim, if it is not None."""
    domains = AGAIN.format(cpus=cpus, life=life, kernel=KERNEL.format(file="restart.bin", args=args))
    if victim:
        domains += VICTIM.format(kernel=KERNEL.format(file=victim[0], args=victim[1]))
    path = lab.folder / "restart.dts"
    path.write_text(f"/dts-v1/; / {{ chosen {{ {chosen} {domains} }}; }};")
    return lab.boot(path, timeout=timeout, cpus=cpus + bool(victim), **options)


def starts(console, name="again"):
    return sum(bool(re.match(f"{name} started ", line)) for line in console.lines)


def failures(console):
    """What follows each failure, in order: (reason, consequence)."""
    found = [re.search(r"failed, reason (0x\w+) .*: ([a-z ]+)$", line) for line in console.find("bulkhead: partition ")]
    return [(int(match[1], 16), match[2]) for match in found if match]
