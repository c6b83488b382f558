# SPDX-License-Identifier: BSD-2-Clause
"""Commands as U-Boot's shell takes them."""
import re

PLAIN = re.compile(r"[A-Za-z0-9_.,+@%=/:~-]+")
QUOTED = re.compile(r"[ !#-&(-\[\]-~]+")  # taken as it is between ', and between " too but for $ and `
TEXT = re.compile(r"[ !#%&(-\[\]-_a-~]*")
NAME = re.compile(r"[A-Za-z0-9,._+?#@-]+")  # of a node or property
VALUE = 1024  # bytes of a property's value that `fdt set` has room for
WRONG = "bulkhead_wrong"  # the variable that says what has failed


def sayable(name):
    """True for a file's name that a command can hold."""
    return bool(QUOTED.fullmatch(name))


def word(text):
    return text if PLAIN.fullmatch(text) else f"'{text}'"


def _texts(value):
    """The strings that a property consists of; None when it does not, or the shell would change them."""
    if not value.endswith(b"\0"):
        return None
    texts = [part.decode("latin-1") for part in value[:-1].split(b"\0")]
    good = all(text and TEXT.fullmatch(text) and text[0] not in "<[" for text in texts)
    return texts if good else None


def value(data):
    """A property's value as the last words of `fdt set`."""
    texts = _texts(data)
    if not data:
        return ""
    if texts:
        return " " + " ".join(f'"{text}"' for text in texts)
    if len(data) % 4 == 0:
        return ' "<' + " ".join(f"{int.from_bytes(data[at:at + 4], 'big'):#x}" for at in range(0, len(data), 4)) + '>"'
    return ' "[' + data.hex(" ") + ']"'


def fdt(command):
    """A command whose failure is remembered."""
    return f"fdt {command} || setenv {WRONG} 'the tree'"


def node(path, one):
    """Commands that add a node with all below it. The last that is made is the first in the tree, so the last is made
    first; names of properties are quoted because of their #."""
    parent, _slash, name = path.rpartition("/")
    yield fdt(f"mknod {parent or '/'} {name}")
    yield from inside(path, one)


def inside(path, one):
    """Commands for a node's properties and children."""
    for name, data in reversed(one.properties.items()):
        yield fdt(f'set {path} "{name}"{value(data)}')
    for child in reversed(one.children):
        yield from node(f"{path}/{child.name}", child)


def load(command, address, name, size):
    """Commands that load a file and see whether it is the one."""
    yield "setenv filesize"
    yield f"{command} {address:#x} {word(name)} || setenv {WRONG} {word(name)}"
    yield f'test -z "${{filesize}}" || test "${{filesize}}" = {size:x} || setenv {WRONG} {word(name)}'
