# SPDX-License-Identifier: BSD-2-Clause
"""What a run must know of a system's description beforehand: who is in it, and who can be heard. The manager alone
judges whether it is a good one."""
import re
from dataclasses import dataclass, field

from .say import Failure
from .trees import get

NAME = re.compile(r"[A-Za-z0-9_.-]{1,31}(?:@|$)")


@dataclass
class Domain:
    """A partition, as its node says."""
    name: str
    manual: bool = False  # it does not start by itself
    resets: bool = True  # its own reset begins it anew
    controlled: bool = False  # another partition may start it again


@dataclass
class Description:
    domains: list = field(default_factory=list)
    stamps: bool = False
    owner: str | None = None  # the partition that has the board's UART

    @property
    def names(self):
        return [domain.name for domain in self.domains]

    def heard(self, name):
        """False: it has no voice, because another one has the machine's only UART."""
        return self.owner in (None, name)


class _Tree:
    """A compiled tree, read with libfdt."""

    def __init__(self, blob):
        import libfdt  # here and not above: on a new machine setup, in this same process, installs it
        self.quiet = [libfdt.NOTFOUND]
        try:
            self.fdt = libfdt.FdtRo(bytearray(blob))
        except libfdt.FdtException as bad:
            raise Failure(f"this is no device tree: {bad}") from bad

    def children(self, node):
        child = self.fdt.first_subnode(node, self.quiet)
        while child >= 0:
            yield child
            child = self.fdt.next_subnode(child, self.quiet)

    def bytes(self, node, name):
        """A property; None when it is missing."""
        found = get(self.fdt, node, name)
        return None if found is None else bytes(found)

    def strings(self, node, name):
        return [part.decode(errors="replace") for part in (self.bytes(node, name) or b"").split(b"\0") if part]

    def enabled(self, node):
        return self.strings(node, "status") in ([], ["okay"], ["ok"])


def _domain(tree, node):
    return Domain(tree.fdt.get_name(node).partition("@")[0],
                  manual=tree.strings(node, "bulkhead,start") == ["manual"],
                  resets=tree.strings(node, "bulkhead,on-reset") != ["stop"])


def _controlled(tree, nodes):
    """Offsets of the nodes that somebody controls: of all, or those that a list names."""
    found = set()
    for node in nodes:
        flags = tree.bytes(node, "capabilities") or b"\0"
        if flags[-1] & 1:
            found.update(other for other in nodes if other != node)
        value = tree.bytes(node, "bulkhead,controls") or b""
        wanted = {value[at:at + 4] for at in range(0, len(value), 4)}
        found.update(other for other in nodes if tree.bytes(other, "phandle") in wanted)
    return found


def read(blob):
    """The description in a compiled tree."""
    tree = _Tree(blob)
    chosen = tree.fdt.subnode_offset(0, "chosen", tree.quiet)
    enabled = [node for node in (tree.children(chosen) if chosen >= 0 else ()) if tree.enabled(node)]
    # Other names are the manager's to refuse; here they would become names of files.
    nodes = [node for node in enabled if "xen,domain" in tree.strings(node, "compatible")
             and NAME.match(tree.fdt.get_name(node))]
    description = Description([_domain(tree, node) for node in nodes])
    controlled = _controlled(tree, nodes)
    for node, domain in zip(nodes, description.domains):
        domain.controlled = node in controlled
        if tree.strings(node, "bulkhead,uart") == ["physical"]:
            description.owner = domain.name
    description.stamps = any("bulkhead,console" in tree.strings(node, "compatible") and
                             tree.bytes(node, "bulkhead,stamps") is not None for node in enabled)
    return description
