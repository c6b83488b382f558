# SPDX-License-Identifier: BSD-2-Clause
"""Answers of a check as the report reads them, made by hand: small, large, with errors, hostile."""
KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
DEVICES = ((0x8000000, 64 * KIB, "GICD"), (0x80a0000, 256 * KIB, "GICR"), (0x9000000, 4 * KIB, "UART"))


class Memory:
    """The machine's memory, piece by piece; what is skipped is free."""

    def __init__(self, *banks):
        self.banks, self.pieces, self.next = list(banks), [], banks[0][0]

    def _bank(self, address):
        return next((base, base + size) for base, size in self.banks if base <= address < base + size)

    def skip_to(self, address):
        """Leaves what lies before that address, in any bank, free."""
        for base, size in self.banks:
            start, end = max(base, self.next), min(base + size, address)
            if start < end:
                self._add(start, end - start, "free", None, "free")
        self.next = address

    def _add(self, base, size, kind, owner, name):
        self.pieces.append({"base": base, "size": size, "kind": kind, "owner": owner, "name": name})

    def take(self, size, kind, owner=None, name=None, align=4 * KIB, users=()):
        """The next piece of memory; its address."""
        base = -(-self.next // align) * align
        _start, end = next(((start, start + length) for start, length in self.banks
                            if base < start + length and max(base, start) + size <= start + length))
        if base < _start:
            base = _start
        self.skip_to(base)
        self._add(base, size, kind, owner, name)
        if users:
            self.pieces[-1]["users"] = list(users)
        self.next = base + size
        assert self.next <= end
        return base

    def finish(self):
        self.skip_to(max(base + size for base, size in self.banks))
        free = [piece["size"] for piece in self.pieces if piece["kind"] == "free"]
        return sum(free), max(free, default=0)


def partition(name, cores, regions, images, **more):
    return {"name": name, "layout": "qemu-virt", "vcpus": len(cores), "cores": cores, "entry": 0x40200000,
            "tree": 0x48000000, "bootargs": "console=ttyAMA0 loglevel=6 panic=-1", "start": "boot",
            "on_failure": "stop", "console": "ring", "regions": sorted(regions, key=lambda each: each["base"]),
            "images": images, "interrupts": [{"virtual": 33, "name": "UART", "physical": None}], "spis": 256, **more}


def region(base, size, kind, name, host=None):
    return {"base": base, "size": size, "kind": kind, "name": name, "host": host}


def devices():
    return [region(base, size, "emulated", name) for base, size, name in DEVICES]


def _kernel(memory, count):
    memory.skip_to(memory.next + 2 * MIB)
    memory.take(2 * MIB, "kernel", None, "kernel")
    memory.take(4 * KIB, "bundle", None, "header of the bundle")
    memory.take(24 * KIB, "bundle", None, "monitor")
    memory.take(16 * KIB, "bundle", None, "console")
    images = {name: (memory.take(-(-size // 4096) * 4096, "image", owners[0], name, users=owners), size)
              for name, size, owners in (("linux", 34_103_808, ["linux-a", "linux-b"]),
                                         ("initramfs", 917_243, ["linux-a", "linux-b"]),
                                         ("control.bin", 3_864, ["control"]))}
    memory.take(8 * KIB, "tree", None, "system's device tree")
    for index in range(count):
        memory.take(64 * KIB, "private", f"linux-{chr(97 + index)}", "monitor")
        memory.take(12 * KIB, "private", f"linux-{chr(97 + index)}", "configuration and tree")
    return images


def small():
    """The demo, about as it is."""
    memory = Memory((GIB, 2 * GIB))
    images = _kernel(memory, 2)
    partitions = []
    for name, cores, size in (("linux-a", [0, 1], 256 * MIB), ("linux-b", [2], 256 * MIB), ("control", [3], 16 * MIB)):
        host = memory.take(size, "ram", name, "RAM", align=2 * MIB)
        parts = ("linux", "initramfs") if size > 16 * MIB else ("control.bin",)
        places = {"linux": GIB + 2 * MIB, "initramfs": GIB + 136 * MIB, "control.bin": GIB + 512 * KIB}
        loaded = [{"role": "kernel" if part != "initramfs" else "ramdisk", "name": part, "host": images[part][0],
                   "size": images[part][1], "target": places[part]} for part in parts]
        loaded.append({"role": "tree", "name": "tree", "host": None, "size": 2123, "target": GIB + size // 2})
        partitions.append(partition(name, cores, [*devices(), region(GIB, size, "ram", "RAM", host)], loaded))
    memory.skip_to(3 * GIB - 2 * MIB)
    memory.take(MIB, "tree", None, "the machine's device tree")
    left, largest = memory.finish()
    owners = ((0, "linux-a", 0), (1, "linux-a", 1), (2, "linux-b", 0), (3, "control", 0))
    return answer(memory, partitions, left=left, largest=largest,
                  cores=[{"index": index, "mpidr": index, "boot": index == 0, "pool": None, "partition": name,
                          "vcpu": vcpu, "service": "console" if index == 0 else None} for index, name, vcpu in owners],
                  interrupts=[{"intid": 33, "owner": "console", "virtual": 33, "name": "UART"}])


def channel_end(partition, port, number, gpio=False):
    """An end of a channel."""
    return {"partition": partition, "port": port, "slot": 25 + number, "offset": 4 * number,
            "notify": "gpio" if gpio else "interrupt", "virtual": None if gpio else 224 + number,
            "line": number % 8 if gpio else None}


def answer(memory, partitions, left, largest, cores, interrupts, shared=(), channels=(), notes=(), system="demo.dts"):
    free = [core["index"] for core in cores if not core["partition"] and not core["service"]]
    return {"version": 1, "ok": True, "system": system, "board": "qemu-virt", "notes": list(notes),
            "omitted": {"errors": 0, "warnings": 0}, "left_out": [],
            "plan": {"gic": 3, "policy": "first-fit", "on_end": "off", "memory": memory.pieces,
                     "banks": [{"base": base, "size": size} for base, size in memory.banks], "cores": cores,
                     "interrupts": interrupts, "partitions": partitions, "shared": list(shared),
                     "channels": list(channels), "left": {"memory": left, "largest": largest, "cores": free}}}


def name_of(index):
    """Names of up to 31 characters, some without a place to break."""
    return (f"partition-{index:02}-with-a-long-name-x", f"p{index}", f"{index:02}" + "unbreakable" * 2 + "names",
            f"linux_{index}.node,unit+x")[index % 4][:31]


def _large_memory():
    """Eight banks; the partitions' RAM, several pieces each, is dealt out with their private memory in between."""
    memory = Memory((GIB, 2 * GIB), (5 * GIB, 3 * GIB), (9 * GIB, GIB), (0x1000000000, 64 * MIB))
    images = _kernel(memory, 16)
    for index in range(12):
        memory.take(4 * KIB * (1 + index % 3), "reserved", None, f"firmware-region-{index}@{memory.next:x}",
                    align=64 * KIB)
    hosts = []
    for index in range(16):
        name = name_of(index)
        memory.take(256 * KIB, "private", name, "monitor")
        memory.take(12 * KIB, "private", name, "configuration and tree")
        if index % 3 == 0:
            memory.take(8 * KIB + index * KIB * 4, "shared", None, f"shared-{index}")
        if index % 2:
            memory.take(5 * MIB + 4 * KIB, "image", name, "unpacked kernel")
        hosts.append(memory.take((64 << index % 4) * MIB, "ram", name, "RAM, bank 0", align=2 * MIB))
        if index == 7:
            memory.skip_to(5 * GIB)
    second = [memory.take(128 * MIB, "ram", name_of(index), "RAM, bank 1", align=2 * MIB) for index in range(8)]
    memory.skip_to(9 * GIB)
    memory.take(GIB, "ram", name_of(3), "RAM, bank 2", align=2 * MIB)
    left, largest = memory.finish()
    return memory, images, hosts, second, left, largest


def large():
    """As much as the plan can hold: 16 partitions, 8 cores, several banks, long names, all kinds of things."""
    memory, images, hosts, second, left, largest = _large_memory()
    partitions = []
    for index in range(16):
        size = (64 << index % 4) * MIB
        regions = [*devices(), region(GIB, size, "ram", "RAM, bank 0", hosts[index])]
        if index < 8:
            regions.append(region(0x200000000, 128 * MIB, "ram", "RAM, bank 1", second[index]))
        if index == 3:
            regions.append(region(0x280000000, GIB, "ram", "RAM, bank 2", 9 * GIB))
        if index % 3 == 0:
            regions.append(region(0x30000000, 12 * KIB, "shared", f"shared-{index}", GIB))
        if index == 5:
            regions += [region(0xa000000 + number * 64 * KIB, 4 * KIB, "device", f"ethernet-controller@{number:x}",
                               0xa000000 + number * 64 * KIB) for number in range(14)]
            regions.append(region(0, 2 * MIB, "flash", "flash", images["linux"][0]))
        loaded = [{"role": role, "name": part, "host": images[part][0], "size": images[part][1], "target": target}
                  for role, part, target in (("kernel", "linux", GIB), ("ramdisk", "initramfs", GIB + 40 * MIB))]
        loaded.append({"role": "tree", "name": "tree", "host": None, "size": 3210, "target": GIB + 41 * MIB})
        cores = [index] if index < 8 else []
        partitions.append(partition(name_of(index), cores, regions, loaded, bootargs="x=1 " * 60))
    partitions[2]["controls"] = [name_of(index) for index in range(3, 9)]
    partitions[5]["interrupts"] += [{"virtual": 48 + number * 3 // 2, "name": f"ethernet-controller@{number:x}",
                                     "physical": 48 + number * 3 // 2} for number in range(14)]
    interrupts = [{"intid": 33, "owner": "console", "virtual": 33, "name": "UART"}]
    interrupts += [{"intid": each["physical"], "owner": name_of(5), "virtual": each["virtual"], "name": each["name"]}
                   for each in partitions[5]["interrupts"][1:]]
    cores = [{"index": index, "mpidr": index % 4 | index // 4 << 8, "boot": index == 0, "partition": name_of(index),
              "pool": ("a-pool-with-a-rather-long-name", "Pool-1", None)[index % 3], "vcpu": 0,
              "service": ("console", None)[index > 0]} for index in range(8)]
    shared = [{"id": f"shared-memory-{index}", "host": GIB + index * MIB, "size": (4 + 4 * index) * KIB,
               "cacheable": index % 2 == 0,
               "peers": [{"partition": name_of(peer), "role": role, "guest": 0x30000000 + index * MIB}
                         for peer, role in zip((index, index + 3, index + 7), ("owner", "borrower", "reader"))]}
              for index in range(6)]
    ends = [((index, index + 1), (15 - index, 200)) for index in range(7)] + [((2, 9), (2, 10))]
    channels = [{"a": channel_end(name_of(a[0]), a[1], a[0]), "b": channel_end(name_of(b[0]), b[1], b[0], True)} for a, b in ends]
    return answer(memory, partitions, left, largest, cores, interrupts, shared, channels, system="config/large.dts",
                  notes=[note("warning", 1), note("warning", 2, inside="/passthrough/rtc@9010000")])


def by_chance(chance):
    """A system that nobody would make: banks, pieces, names and links as they come."""
    banks, base = [], 0
    for _ in range(chance.randrange(1, 5)):
        base += chance.randrange(0, 1 << chance.randrange(12, 40)) >> 12 << 12
        size = chance.randrange(1, 1 << chance.randrange(2, 22)) << 12
        banks.append((base, size))
        base += size
    memory = Memory(*banks)
    kinds = ("kernel", "bundle", "tree", "reserved", "ram", "private", "image", "shared", "free")
    letters = "abcdefghijklmnopqrstuvwxyz0123456789-_,.+@ "
    name = lambda: "".join(chance.choice(letters) for _ in range(chance.randrange(1, 32))).strip() or "x"
    names = sorted({name() for _ in range(chance.randrange(1, 17))})
    for start, size in banks:
        while size:
            part = min(size, chance.randrange(1, 1 << chance.randrange(1, 22)) << 12)
            if chance.random() < 0.02 or len(memory.pieces) > 200:
                part = size
            memory.pieces.append({"base": start, "size": part, "kind": chance.choice(kinds), "name": name(),
                                  "owner": chance.choice((None, *names))})
            start, size = start + part, size - part
    partitions = [_partition_by_chance(chance, each, name) for each in names]
    some, maybe = lambda: chance.choice(names), lambda: chance.choice((None, *names))
    cores = [{"index": index, "mpidr": chance.randrange(1 << 24), "boot": index == 0, "pool": maybe(),
              "partition": maybe(), "vcpu": chance.randrange(8), "service": chance.choice((None, name()))}
             for index in range(chance.randrange(1, 9))]
    shared = [{"id": name()[:15], "host": chance.randrange(1 << 36) << 12, "size": chance.randrange(1, 1 << 20) << 12,
               "peers": [{"partition": each, "role": chance.choice(("owner", "borrower", "reader")),
                          "guest": chance.randrange(1 << 36) << 12} for each in
                         chance.sample(names, chance.randrange(1, len(names) + 1))]}
              for _ in range(chance.randrange(9))]
    channels = [{each: channel_end(some(), chance.randrange(1 << 32), chance.randrange(15), chance.random() < 0.5)
                 for each in "ab"} for _ in range(chance.randrange(9))]
    lines = [{"intid": number, "owner": some(), "virtual": number, "name": name()} for number in
             chance.sample(range(32, 988), chance.randrange(40))]
    return answer(memory, partitions, 0, 0, cores, lines, shared, channels)


def _partition_by_chance(chance, name, word):
    regions, base = [], 0
    for _ in range(chance.randrange(1, 25)):
        base += chance.choice((0, chance.randrange(1 << chance.randrange(1, 25)) << 12))
        size = chance.randrange(1, 1 << chance.randrange(1, 22)) << 12
        kind = chance.choice(("ram", "emulated", "device", "shared", "flash"))
        regions.append(region(base, size, kind, word(), base))
        base += size
    images = []
    for each in regions:
        if chance.random() < 0.4:
            start = each["base"]
            while start < each["base"] + each["size"] and len(images) < 16 and chance.random() < 0.8:
                size = chance.randrange(1, each["base"] + each["size"] - start + 1)
                images.append({"role": "module", "name": word(), "host": start, "size": size, "target": start})
                start += size
    lines = [{"virtual": number, "name": word(), "physical": chance.choice((None, number))} for number in
             chance.sample(range(32, 288), chance.choice((0, 1, 3, 60)))]
    return partition(name, [0], regions, images, interrupts=lines)


def note(level, number, **more):
    return {"level": level, "name": "memory-missing", "node": f"/chosen/linux-{number}", "property": "memory",
            "message": "missing", "advice": "Give the domain its RAM in KiB, as two cells: memory = <0 0x40000>;",
            "tree": "system", "file": "config/demo.dts", "line": 12 + number, **more}


def bad(count=9):
    """Errors and warnings, and more than the plan keeps."""
    notes = [note("warning" if number % 3 == 0 else "error", number) for number in range(count)]
    notes.append(note("error", 99, tree="hardware", file=None, line=None, property="",
                      node="/soc/" + "very-long-node-name@" * 12))
    return {"version": 1, "ok": False, "system": "config/bad.dts", "board": "qemu-virt", "notes": notes,
            "omitted": {"errors": 3, "warnings": 0}, "left_out": [], "plan": None}


TEXTS = ("name", "system", "board", "message", "node", "file", "advice", "property", "bootargs", "policy", "pool", "id",
         "owner")
HOSTILE = '"><script>document.title="run"</script><b onmouseover=x>\0\x1b[31m\u202eevil\u200b&lt;'


def hostile():
    """The small one, every text of which wants to be more than a text."""
    def spoil(value, key=""):
        if isinstance(value, dict):
            return {name: spoil(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [spoil(each, key) for each in value]
        return HOSTILE if isinstance(value, str) and key in TEXTS else value
    answered = small()
    answered["notes"] = [note("warning", 1)]
    return spoil(answered)
