# SPDX-License-Identifier: BSD-2-Clause
"""A partition with a device that writes to memory by itself begins anew: what is loaded then stays as it is, whatever the
device was told before, because it is told to stop."""
import socket
import subprocess
import threading

import pytest
from bulkheadlib.boards import BOARDS
from bulkheadlib.console import Console
from bulkheadlib.qemu import Run
from test_passthrough import compile_tree, ends

TRANSPORT = 31
AT = 0xa000000 + 0x200 * TRANSPORT
TREE = f"""/dts-v1/; / {{
    #address-cells = <2>; #size-cells = <2>;
    gic: gic {{ #interrupt-cells = <3>; interrupt-controller; }};
    passthrough {{
        compatible = "simple-bus"; #address-cells = <2>; #size-cells = <2>; ranges;
        virtio_mmio@{AT:x} {{
            compatible = "virtio,mmio"; reg = <0 {AT:#x} 0 0x200>; dma-coherent;
            interrupt-parent = <&gic>; interrupts = <0 {16 + TRANSPORT} 1>;
            xen,path = "/virtio_mmio@{AT:x}"; xen,reg = <0 {AT & ~0xfff:#x} 0 0x1000 0 {AT & ~0xfff:#x}>;
            xen,force-assign-without-iommu;
        }};
    }};
}};
"""
SYSTEM = """/dts-v1/; / {{ chosen {{ #address-cells = <2>; #size-cells = <2>;
    dma {{ compatible = "xen,domain"; memory = <0 0x4000>; cpus = <1>; vpl011; direct-map; bulkhead,on-reset = "restart";
        xen,static-mem = <0x0 0x60000000 0x0 0x1000000>; bulkhead,quiesce = <0x0 {status:#x} 0x0>;
        kernel {{ compatible = "multiboot,kernel", "multiboot,module"; bulkhead,file = "dma.bin";
            bootargs = "at={at} lives={lives} rests={rests}"; }};
        devices {{ compatible = "multiboot,device-tree", "multiboot,module"; bulkhead,file = "{tree}"; }}; }};
    }}; }};
"""
FRAME = b"\xff" * 6 + b"\x52\x54\0\0\0\1" + b"\x88\xb5" + bytes(range(1, 129))


class Packets:
    """Frames for the device, one each millisecond, while `on` is set."""

    def __init__(self):
        self.sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sender.bind(("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.bind(("127.0.0.1", 0))
            self.machine = one.getsockname()
        self.on, self.over = threading.Event(), threading.Event()
        self.on.set()

    def arguments(self):
        udp = f"udp=127.0.0.1:{self.sender.getsockname()[1]},localaddr=127.0.0.1:{self.machine[1]}"
        return ["-netdev", f"socket,id=net,{udp}", "-device", f"virtio-net-device,netdev=net,bus=virtio-mmio-bus.{TRANSPORT}"]

    def send(self):
        while not self.over.wait(0.001):
            if self.on.is_set():
                self.sender.sendto(FRAME, self.machine)

    def __enter__(self):
        self.thread = threading.Thread(target=self.send, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self.sender.close()


def boot(lab, board, lives, rests):
    """The console. rests: no packets from where it is about to begin anew until it watches its image."""
    system = lab.folder / "dma.dts"
    system.write_text(SYSTEM.format(tree=compile_tree(lab, "dma", TREE), at=AT, status=AT + 0x70, lives=lives,
                                    rests=int(rests)))
    console = Console()
    with Packets() as packets, Run(lab.machine(lab.pack(system, board=board), board=BOARDS[board].machine, cpus=1,
                                               memory=1024, extra=packets.arguments())) as run:
        for line in run.lines(60):
            print(line)
            console.feed(line)
            if "] rests" in line:
                packets.on.clear()
            if "] life" in line:
                packets.on.set()
        console.status = run.status
    return console


@pytest.mark.parametrize("board, rests", [("qemu-virt", False), ("qemu-virt", True), ("qemu-virt-gicv2", True)])
def test_what_is_loaded_stays(lab, board, rests):
    """With packets all the while, and with the first ones where the new image is whole: it could be written to."""
    lives = 3
    console = boot(lab, board, lives, rests)
    said = [line for line in console.partitions["dma"].output if line.startswith(("ok", "not ok"))]
    assert not [line for line in said if line.startswith("not ok")]
    assert len(said) == 3 * lives
    ends(console, "dma")
