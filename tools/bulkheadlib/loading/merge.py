# SPDX-License-Identifier: BSD-2-Clause
"""A description into the machine's tree: what is to be added, and the tree that this gives."""
import copy

from .flat import Flat, Node, numbers

FILE, REG = "bulkhead,file", "reg"
# Properties with phandles of other domains and pools, and which of their cells those are: every `step`th from `first` on.
REFERENCES = {"domain-cpupool": (0, 1), "bulkhead,controls": (0, 1), "xen,evtchn": (1, 2)}
POOL, CPUS = "cpupool-cpus", "cpus"
DEVICES = "bulkhead,devices"  # phandles of the machine's tree
NOT_OURS = ("__symbols__", "__fixups__", "__local_fixups__")


def _cell(number):
    return number.to_bytes(4, "big")


def _phandle(node):
    return int.from_bytes(node.properties.get("phandle", b""), "big")


def _number(node, cells):
    """The first number of a node's reg; None without one."""
    found = numbers(node.properties.get(REG, b""), (cells,))
    return found[0][0] if found else None


def modules(chosen):
    """(path below /chosen, domain, module) of every module that names a file."""
    for domain in chosen.children:
        for path, node in domain.walk(f"/{domain.name}"):
            if FILE in node.properties:
                yield path, domain, node


def fixed(chosen):
    """(base, end) of what the description itself puts somewhere: modules, static and shared memory."""
    outer = chosen.cells()
    for domain in chosen.children:
        cells = domain.cells(outer)
        for base, size in numbers(domain.properties.get("xen,static-mem", b""), outer):
            yield base, base + size
        for node in domain.children:
            for base, size in numbers(node.properties.get(REG, b""), cells):
                yield base, base + size
            shared = node.properties.get("xen,shared-mem", b"")
            if len(shared) == 4 * (2 * cells[0] + cells[1]):
                base, _guest, size = numbers(shared, (cells[0], *cells))[0]
                yield base, base + size


def kept(chosen, domain, module):
    """The bytes that must be free from a kernel on, so that the policy zero-copy can leave it there: its domain's RAM. 0
    where nothing stays."""
    policy = domain.string("bulkhead,policy") or chosen.string("bulkhead,policy")
    kernel = "multiboot,kernel" in module.strings("compatible") and "bulkhead,load" not in module.properties
    if policy != "zero-copy" or not kernel:
        return 0
    return int.from_bytes(domain.properties.get("memory", b""), "big") << 10


class Merge:
    """A description's /chosen on its way into a machine's tree. wrong: [(path, property, name, message)]."""

    def __init__(self, machine, description):
        self.machine, self.wrong = machine, []
        self.chosen = copy.deepcopy(description.root.child("chosen") or Node("chosen"))
        for name, cells in zip(("#address-cells", "#size-cells"), self.chosen.cells(description.root.cells())):
            self.chosen.properties[name] = _cell(cells)
        self.elsewhere = []  # (path, property, value) to set outside of /chosen
        for node in description.root.children:
            if node.name not in ("chosen", CPUS, "aliases", *NOT_OURS):
                self.wrong.append((f"/{node.name}", "", "node-elsewhere",
                                   "belongs into the machine's tree; of a description /chosen counts"))
        there = machine.root.child("chosen")
        for node in self.chosen.children:
            if there and there.child(node.name):
                self.wrong.append((f"/chosen/{node.name}", "", "node-there", "the machine's tree has this node already"))
            if DEVICES in node.properties:
                self.wrong.append((f"/chosen/{node.name}", DEVICES, "device-other-tree",
                                   "its phandles are not the machine's: this description is another tree"))
        self._pools(description)
        self._phandles()

    def _pools(self, description):
        """cpupool-cpus names the machine's own nodes."""
        known = description.root.child(CPUS) or Node()
        ours = {_phandle(node): node for node in known.children}
        there = self.machine.root.child(CPUS) or Node()
        theirs = {_number(node, there.cells()[0]): node for node in there.children if node.string("device_type") == "cpu"}
        for pool in self.chosen.children:
            value = b""
            for (phandle,) in numbers(pool.properties.get(POOL, b""), (1,)):
                node = ours.get(phandle)
                reg = _number(node, known.cells()[0]) if node else None
                cpu = None if reg is None else theirs.get(reg)
                if not cpu:
                    self.wrong.append((f"/chosen/{pool.name}", POOL, "pool-node",
                                       f"the machine's tree has no {node.name if node else 'such node'}"))
                else:
                    value += _cell(self._named(cpu))
            if value:
                pool.properties[POOL] = value

    def _named(self, cpu):
        """The phandle of a node of the machine, new where it has none."""
        new = [value for path, _name, value in self.elsewhere if path == f"/{CPUS}/{cpu.name}"]
        if not _phandle(cpu) and not new:
            new = [_cell(max(self._taken(), default=0) + 1 + len(self.elsewhere))]
            self.elsewhere.append((f"/{CPUS}/{cpu.name}", "phandle", new[0]))
        return _phandle(cpu) or int.from_bytes(new[0], "big")

    def _taken(self):
        return {_phandle(node) for _path, node in self.machine.root.walk()} - {0}

    def _phandles(self):
        """Nodes get other phandles than the machine's."""
        new, next_one = {}, max(self._taken(), default=0) + 1 + len(self.elsewhere)
        for _path, node in self.chosen.walk():
            if _phandle(node):
                new[_phandle(node)] = next_one
                node.properties["phandle"] = _cell(next_one)
                next_one += 1
        for _path, node in self.chosen.walk():
            node.properties.pop("linux,phandle", None)
            for name, (first, step) in REFERENCES.items():
                cells = [number for (number,) in numbers(node.properties.get(name, b""), (1,))]
                if cells and len(node.properties[name]) % 4 == 0:
                    for at in range(first, len(cells), step):
                        cells[at] = new.get(cells[at], 0)
                    node.properties[name] = b"".join(map(_cell, cells))

    def tree(self):
        """The machine's tree with the description in it, as the loader's commands make it."""
        whole = copy.deepcopy(self.machine.root)
        for path, name, value in self.elsewhere:
            whole.at(path).properties[name] = value
        there = whole.child("chosen")
        if not there:
            there = Node("chosen")
            whole.children.append(there)
        there.properties |= self.chosen.properties
        there.children[:0] = copy.deepcopy(self.chosen.children)
        return Flat(whole, self.machine.reserved, self.machine.boot)


def settle(chosen, placed, wrong):
    """Gives every module that names a file its reg: placed has (base, size) by path. The domain's cells become two each
    unless something else in it is counted in them."""
    outer = chosen.cells()
    for domain in chosen.children:
        files = [(path, node) for path, owner, node in modules(chosen) if owner is domain]
        cells = domain.cells(outer)
        if files and not any(name in node.properties for node in domain.children for name in (REG, "xen,shared-mem")):
            cells = (2, 2)
            domain.properties |= dict.fromkeys(("#address-cells", "#size-cells"), _cell(2))
        for path, node in files:
            del node.properties[FILE]
            base, size = placed.get(path, (0, 0))
            if all(1 <= count <= 2 for count in cells) and not base >> 32 * cells[0] and not size >> 32 * cells[1]:
                node.properties[REG] = base.to_bytes(4 * cells[0], "big") + size.to_bytes(4 * cells[1], "big")
            else:
                wrong.append((f"/chosen{path}", FILE, "cells-few", f"{size:#x} bytes at {base:#x} do not fit the domain's "
                              f"#address-cells and #size-cells, {cells[0]} and {cells[1]}"))
