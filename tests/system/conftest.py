# SPDX-License-Identifier: BSD-2-Clause
"""Fixtures of the system tests: boot a system description in QEMU and collect what its console said."""
import ctypes
import os
import pathlib
import sys
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "tools"), str(HERE)]

import reach  # noqa: E402
from bulkheadlib import bundle, guests  # noqa: E402
from bulkheadlib.boards import BOARDS  # noqa: E402
from bulkheadlib.console import Console  # noqa: E402
from bulkheadlib.places import ROOT, build_dir  # noqa: E402
from bulkheadlib.qemu import Machine, Run  # noqa: E402

# Debian 12's pylibfdt (1.6.1) loses a reference to None for each property that it does not find; after some thousands
# the interpreter aborts. These, which nobody gives back, keep it going.
for _ in range(100_000):
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(None))

BUILD = pathlib.Path(os.environ.get("BULKHEAD_BUILD") or build_dir("release"))

SETTLE = 0.5  # s that a machine goes on behind its last line, so that what it does then is seen too

DOMAIN = """{name} {{
    compatible = "xen,domain"; memory = <0 {memory}>; cpus = <{cpus}>; vpl011; bulkhead,on-reset = "stop";
    kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "{file}"; bootargs = "{args}"; }};
    {ramdisk}
}};
"""
RAMDISK = 'ramdisk {{ compatible = "multiboot,ramdisk", "multiboot,module"; bulkhead,file = "{file}"; }};'


class Lab:
    """Packs systems and boots them; every boot leaves a log from which reach.py takes the kernel code that ran."""

    def __init__(self, folder, logs):
        self.folder, self.logs = folder, logs
        self.build = BUILD

    def pack(self, system, name="system", kernel="kernel.bin", tree=None, board="qemu-virt"):
        """A bootable image. system: a path, or a name in tests/system/systems or config. board: a name in BOARDS."""
        path = pathlib.Path(system)
        for folder in (HERE / "systems", ROOT / "config"):
            if not path.is_file():
                path = folder / f"{system}.dts"
        return bundle.write_image(BUILD, path, self.folder / f"{name}.img", BOARDS[board].kernel(kernel), tree)

    def describe(self, *domains):
        """A description of domains, each (name, vCPUs, binary[, bootargs[, MiB[, ramdisk]]]): the path of its .dts
        file."""
        text = "".join(DOMAIN.format(name=name, cpus=cpus, file=file, args=rest[0] if rest else "",
                                     memory=(rest[1] if rest[1:] else 16) << 10,
                                     ramdisk=RAMDISK.format(file=rest[2]) if rest[2:] else "")
                       for name, cpus, file, *rest in domains)
        path = self.folder / "system.dts"
        path.write_text(f"/dts-v1/; / {{ chosen {{ {text} }}; }};")
        return path

    def machine(self, image, **options):
        """A machine that logs the kernel code it runs, unless it is another program than the QEMU whose log we read."""
        if "program" in options:
            return Machine(image, **options)
        number = len(list(self.logs.iterdir()))
        extra = [*options.pop("extra", []), *reach.qemu_arguments(self.logs / f"{number}.log")]
        return Machine(image, extra=extra, **options)

    def boot(self, system, timeout=60, until=None, kernel="kernel.bin", board="qemu-virt", **options):
        """Boots to the end, or until a line contains the text; the console, with `status` (None: was stopped)."""
        console = Console()
        with Run(self.machine(self.pack(system, kernel=kernel, board=board), board=BOARDS[board].machine, **options)) as run:
            for line in run.lines(timeout):
                print(line)
                console.feed(line)
                if until and until in line:
                    time.sleep(SETTLE)
                    break
            console.status = run.status
        return console


@pytest.fixture(scope="module")
def logs(request):
    """Where the boots of a file of tests leave their logs."""
    folder = BUILD / "reach" / request.path.stem
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    guests.initramfs()
    guests.erased_flash()
    guests.channels(BUILD)
    return folder


@pytest.fixture
def lab(tmp_path, logs):
    yield Lab(tmp_path, logs)
    for image in tmp_path.glob("*.img"):  # large
        image.unlink()
