# SPDX-License-Identifier: BSD-2-Clause
"""A machine under observation: held at its reset, its RAM a file that is read while it stands still, its cores in the
hands of the gdb stub, every exception return in a log."""
import mmap
import pathlib
import re
import subprocess
import tempfile

from bulkheadlib.boards import BOARDS
from bulkheadlib.qemu import Machine, Run
import walks
from gdbstub import Gdb

RAM = 0x40000000  # where QEMU's virt board has it
PAGE = 4096
STALE = b"\xa5" * PAGE  # what RAM holds at power-on where no boot loader has written
GUEST_RETURN = re.compile(r"^Exception return from AArch64 EL2 to AArch\d\d EL1 PC (0x[0-9a-f]+)", re.MULTILINE)


def symbols(elf):
    """Name -> (address, size); size 0 for marks of the linker script."""
    text = subprocess.run(["aarch64-linux-gnu-nm", "-S", elf], check=True, capture_output=True, text=True).stdout
    found = re.findall(r"^([0-9a-f]{16})(?: ([0-9a-f]{16}))? \S (\S+)$", text, re.MULTILINE)
    return {name: (int(address, 16), int(size or "0", 16)) for address, size, name in found}


def programs(held):
    """Where the manager's image and the monitor's lie in a machine at its reset."""
    return [at for at, page in held.loaded.items() if page.startswith(b"BKHPROG1")]


class Held:
    """`with Held(image, ..) as held:` the machine stands at its reset."""

    def __init__(self, image, cpus, memory, cpu="cortex-a53", board="qemu-virt"):
        self.size = memory << 20
        self.folder = tempfile.TemporaryDirectory()  # a short name: the path of a socket holds 107 characters
        folder = pathlib.Path(self.folder.name)
        with open(folder / "ram", "w+b") as file:
            for _ in range(memory):
                file.write(STALE * 256)
            file.flush()
            self.ram = mmap.mmap(file.fileno(), self.size)
        self.log = folder / "log"
        extra = ["-S", "-gdb", f"unix:{folder}/gdb,server=on,wait=off", "-d", "int", "-D", str(self.log),
                 "-object", f"memory-backend-file,id=ram,size={memory}M,mem-path={folder}/ram,share=on",
                 "-machine", "memory-backend=ram"]
        self.run = Run(Machine(image, cpus=cpus, memory=memory, cpu=cpu, extra=extra,
                               board=BOARDS[board].machine))
        try:
            self.gdb = Gdb(folder / "gdb")
        except BaseException:
            self.__exit__()
            raise
        self.loaded = dict(self.pages(lambda page: page != STALE))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if hasattr(self, "gdb"):
            self.gdb.socket.close()
        self.run.stop()
        self.ram.close()
        self.folder.cleanup()

    def pages(self, wanted):
        """(address, content) of the pages of RAM that are wanted."""
        for at in range(0, self.size, PAGE):
            page = self.ram[at:at + PAGE]
            if wanted(page):
                yield RAM + at, page

    def in_ram(self, address, size=1):
        return RAM <= address and address + size <= RAM + self.size

    def read(self, address, size):
        """Physical memory, as it is now."""
        if not self.in_ram(address, size):
            raise ValueError(f"{address:#x} is no RAM")
        return self.ram[address - RAM:address - RAM + size]

    def write(self, address, data):
        self.read(address, len(data))
        self.ram[address - RAM:address - RAM + len(data)] = data

    def guest_returns(self):
        """Where the kernel has gone to EL1 so far."""
        return [int(pc, 16) for pc in GUEST_RETURN.findall(self.log.read_text(errors="replace"))]


class Image:
    """Where the kernel lies: link addresses from its symbols, the load address from EL2's own tables."""

    def __init__(self, held, elf, core):
        self.held = held
        self.names = symbols(elf)
        self.base = self.virtual("image_start")
        self.mapped = list(walks.stage1(held.read, held.gdb.register(core, "TTBR0_EL2")))
        self.load = next(leaf.to for leaf in self.mapped if leaf.at == self.base)
        self.image = self.load, self.physical("image_end")
        self.manager = self.physical("manager_image"), self.physical("manager_image_end")

    def virtual(self, name):
        return self.names[name][0]

    def physical(self, name):
        return self.virtual(name) - self.base + self.load

    def content(self, name):
        """The bytes of an object."""
        return self.held.read(self.physical(name), self.names[name][1])
