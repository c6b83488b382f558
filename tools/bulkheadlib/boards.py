# SPDX-License-Identifier: BSD-2-Clause
"""The boards that there is a kernel for: one build makes all of them."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Board:
    name: str
    suffix: str  # of the kernel's files and of the folder of its objects
    machine: str  # QEMU's -M
    driver: tuple  # what only this board's kernel has, against the first one's: paths relative to the source tree

    def kernel(self, name="kernel.bin"):
        """This board's file beside the first one's: kernel-gicv2.bin for kernel.bin."""
        stem, dot, kind = name.partition(".")
        return f"{stem}{self.suffix}{dot}{kind}"


BOARDS = {board.name: board for board in (
    Board("qemu-virt", "", "virt,virtualization=on,gic-version=3", ()),
    Board("qemu-virt-gicv2", "-gicv2", "virt,virtualization=on,gic-version=2",
          ("kernel/arm64/gicv2", "platform/qemu-virt-gicv2")),
)}
FIRST = BOARDS["qemu-virt"]


def arguments(parser):
    parser.add_argument("--board", default=FIRST.name, choices=BOARDS, help="default: %(default)s")
