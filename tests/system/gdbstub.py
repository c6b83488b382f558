# SPDX-License-Identifier: BSD-2-Clause
"""A client of QEMU's gdb stub: looks at a machine, and holds it, without running any of its code.

The protocol is GDB's remote serial protocol (GDB manual, appendix E); one core is one thread. QEMU's own extension
Qqemu.PhyMemMode makes memory commands physical."""
import re
import socket
import time

CHUNK = 1024  # bytes of memory in one packet
CPSR_EL = 3 << 2


class Gdb:
    """One connection. Registers are read and written as integers, by the names of the target description."""

    def __init__(self, path, timeout=60):
        self.socket = socket.socket(socket.AF_UNIX)
        end = time.monotonic() + timeout
        while self.socket.connect_ex(str(path)):
            if time.monotonic() > end:
                raise TimeoutError("QEMU opens no gdb socket")
            time.sleep(0.01)
        self.socket.settimeout(timeout)
        self.buffer = b""
        self.current = None
        self.call("qSupported:xmlRegisters=aarch64")
        self.call("QStartNoAckMode")
        self.socket.sendall(b"+")
        self.physical = None
        self.threads = self._threads()
        self.registers = dict(self._describe("target.xml", [0]))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    # --- packets ---

    def send(self, text):
        data = text.encode()
        self.socket.sendall(b"$" + data + b"#%02x" % (sum(data) & 255))

    def receive(self):
        """The next packet; whatever lies between packets (acknowledgements) is skipped."""
        while True:
            match = re.search(rb"\$([^#]*)#..", self.buffer, re.DOTALL)
            if match:
                self.buffer = self.buffer[match.end():]
                break
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("QEMU has gone")
            self.buffer += data
        # run-length encoding and escapes
        text = re.sub(rb"}(.)", lambda found: bytes([found[1][0] ^ 32]), match[1], flags=re.DOTALL)
        return text.decode("latin-1")

    def call(self, text):
        self.send(text)
        return self.receive()

    def must(self, text):
        answer = self.call(text)
        if answer != "OK":
            raise RuntimeError(f"the gdb stub answers {text.split(':')[0]} with {answer!r}")

    # --- what there is ---

    def _threads(self):
        found, answer = [], self.call("qfThreadInfo")
        while answer.startswith("m"):
            found += answer[1:].split(",")
            answer = self.call("qsThreadInfo")
        return found

    def _annex(self, name):
        text = ""
        while True:
            answer = self.call(f"qXfer:features:read:{name}:{len(text):x},ffb")
            text += answer[1:]
            if answer[0] == "l":
                return text

    def _describe(self, name, count):
        """(name, (number, bytes)) of all registers; count holds the number that comes next."""
        # No XML parser: QEMU does not declare the prefix of xi:include.
        for tag, text in re.findall(r"<(reg|xi:include)\s([^>]*)>", self._annex(name)):
            values = dict(re.findall(r'(\w+)="([^"]*)"', text))
            if tag == "xi:include":
                yield from self._describe(values["href"], count)
            else:
                number = int(values.get("regnum", count[0]))
                count[0] = number + 1
                yield values["name"], (number, int(values["bitsize"]) // 8)

    # --- one core ---

    def select(self, thread):
        if thread != self.current:
            self.must(f"Hg{thread}")
            self.current = thread

    def register(self, thread, name):
        self.select(thread)
        number, size = self.registers[name]
        data = bytes.fromhex(self.call(f"p{number:x}"))
        if len(data) != size:
            raise RuntimeError(f"{name} cannot be read")
        return int.from_bytes(data, "little")

    def set_register(self, thread, name, value):
        self.select(thread)
        number, size = self.registers[name]
        self.must(f"P{number:x}={value.to_bytes(size, 'little').hex()}")

    def level(self, thread):
        """The exception level that the core is at."""
        return (self.register(thread, "cpsr") & CPSR_EL) >> 2

    # --- physical memory ---

    def _memory_mode(self):
        if not self.physical:
            self.must("Qqemu.PhyMemMode:1")
            self.physical = True

    def read(self, address, size):
        self._memory_mode()
        data = b""
        while len(data) < size:
            count = min(CHUNK, size - len(data))
            data += bytes.fromhex(self.call(f"m{address + len(data):x},{count:x}"))
        return data

    def write(self, address, data):
        self._memory_mode()
        for at in range(0, len(data), CHUNK):
            piece = data[at:at + CHUNK]
            self.must(f"M{address + at:x},{len(piece):x}:{piece.hex()}")

    # --- running ---

    def breakpoint(self, address, on=True):
        """A hardware breakpoint, on every core and at every exception level."""
        self.must(f"{'Z' if on else 'z'}1,{address:x},4")

    def _wait(self):
        answer = self.receive()
        match = re.match(r"T[0-9a-f]{2}(?:.*;)?thread:([0-9a-fp.]+);", answer)
        if not match:
            raise RuntimeError(f"the machine did not stop but said {answer!r}")
        self.current = None
        return match[1]

    def step(self, thread):
        """One instruction of one core; no other moves, no interrupt is taken."""
        self.send(f"vCont;s:{thread}")
        return self._wait()

    def resume(self, timeout=60, only=None):
        """Runs all cores, or one alone, until one stops; that one. Out of time, they stand still, too."""
        self.socket.settimeout(timeout)
        self.send("vCont;c" + (f":{only}" if only else ""))
        try:
            return self._wait()
        except TimeoutError:
            self.socket.settimeout(60)
            self.socket.sendall(b"\x03")  # GDB's interrupt
            self._wait()
            raise

    def run_to(self, *targets, timeout=60, only=None):
        """Runs until a core is about to execute at one of the targets, each (address, exception level); that core.
        The others may be left standing.

        A breakpoint knows virtual addresses only: hits at other levels are stepped over."""
        end = time.monotonic() + timeout
        addresses = {address for address, _level in targets}
        self._breakpoints(addresses)
        while True:
            try:
                thread = self.resume(max(end - time.monotonic(), 0.1), only)
            except TimeoutError:
                self._breakpoints(addresses, False)
                raise
            places = {core: (self.register(core, "pc"), self.level(core)) for core in self.threads}
            found = [core for core in (thread, *self.threads) if places[core] in targets]
            self._breakpoints(addresses, False)
            if found:
                return found[0]
            # a core that stands on a breakpoint would not get off it
            for core, (address, _level) in places.items():
                if address in addresses and only in (None, core):
                    self.step(core)
            self._breakpoints(addresses)

    def _breakpoints(self, addresses, on=True):
        for address in addresses:
            self.breakpoint(address, on)
