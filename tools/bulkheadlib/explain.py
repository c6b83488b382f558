# SPDX-License-Identifier: BSD-2-Clause
"""A plan as tables: who gets which memory, cores and interrupts, and what is left over."""
from .say import columns


def size(number):
    for unit, shift in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if number and number % (1 << shift) == 0:
            return f"{number >> shift} {unit}"
    return f"{number} bytes"


def _span(piece):
    return [f"{piece['base']:#012x}", f"{piece['base'] + piece['size'] - 1:#012x}", size(piece["size"])]


def _table(title, head, rows):
    return f"\n{title}\n{columns([head, *rows])}" if rows else f"\n{title}\n(none)"


def _cores(plan):
    def row(core):
        does = [f"vCPU {core['vcpu']} of {core['partition']}"] if core["partition"] else []
        does += [f"the {core['service']} service"] if core["service"] else []
        return [str(core["index"]), f"{core['mpidr']:#x}", core["pool"] or "", " and ".join(does) or "free"]
    return _table("Cores", ["core", "MPIDR", "pool", "runs"], [row(core) for core in plan["cores"]])


def _memory(plan):
    return _table("Memory of the machine", ["from", "to", "size", "what", "name"],
                  [[*_span(piece), piece["kind"], piece["name"]] for piece in plan["memory"]])


def _interrupts(plan):
    return _table("Interrupts given away", ["INTID", "owner", "there", "name"],
                  [[str(one["intid"]), one["owner"], "" if one["virtual"] is None else str(one["virtual"]), one["name"]]
                   for one in plan["interrupts"]])


def _partition(partition):
    cores = " ".join(map(str, partition["cores"]))
    facts = [["cores", cores], ["layout", partition["layout"]], ["placement", partition["policy"]], ["starts", partition["start"]],
             ["after a failure", partition["on_failure"]], ["console", partition["console"]],
             ["entry", f"{partition['entry']:#x}"], ["device tree", f"{partition['tree']:#x}"],
             ["bootargs", partition["bootargs"] or "(none)"],
             ["interrupts", " ".join(f"{one['virtual']} ({one['name']})" for one in partition["interrupts"]) or "(none)"]]
    regions = [[*_span(piece), piece["kind"], "" if piece["host"] is None else f"{piece['host']:#x}", piece["name"]]
               for piece in partition["regions"]]
    images = [[image["role"], image["name"], size(image["size"]), f"{image['host']:#x}", f"{image['target']:#x}"]
              for image in partition["images"]]
    return (f"\nPartition {partition['name']}\n{columns(facts)}"
            + _table("What its guest sees", ["from", "to", "size", "what", "machine", "name"], regions)
            + _table("What is loaded", ["role", "name", "size", "from", "to"], images))


def _shared(plan):
    rows = [[area["id"], f"{area['host']:#x}", size(area["size"]), "cacheable" if area["cacheable"] else "Non-cacheable",
             ", ".join(f"{peer['partition']} ({peer['role']}) at {peer['guest']:#x}" for peer in area["peers"])]
            for area in plan["shared"]]
    return _table("Shared memory", ["id", "machine", "size", "memory type", "peers"], rows) if rows else ""


def told(end):
    """How an end of a channel learns of a ring."""
    return f"line {end['line']} of its PL061" if end["notify"] == "gpio" else f"interrupt {end['virtual']}"


def _channels(plan):
    rows = [[f"{end['partition']} port {end['port']}", f"slot {end['slot']}, offset {end['offset']:#x}", told(end)]
            for one in plan["channels"] for end in (one["a"], one["b"])]
    return _table("Channels, two ends each", ["end", "rings by", "is rung by"], rows) if rows else ""


def _left(plan):
    left = plan["left"]
    cores = " ".join(map(str, left["cores"])) or "none"
    return f"\nLeft over: {size(left['memory'])} of RAM, {size(left['largest'])} of it in one piece; cores: {cores}"


def text(plan):
    """The tables, one under the other."""
    head = f"Interrupt controller GICv{plan['gic']}, placement {plan['policy']}, when all have ended: {plan['on_end']}"
    return "\n".join([head, _cores(plan), _memory(plan), _interrupts(plan), *map(_partition, plan["partitions"]),
                      _shared(plan) + _channels(plan) + _left(plan)])
