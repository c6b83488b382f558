# SPDX-License-Identifier: BSD-2-Clause
"""ImageBuilder's variables: which there are, what becomes of each, and their values."""
import re

from ..trees import Place, Refused, Told
from .shell import Assignments, Value

NAMES = "imagebuilder-"  # what names of mistakes in a configuration begin with
LIMIT = 1 << 20  # bytes of a configuration
MANY = 16  # domains, and anything else that is counted
# Each variable and what becomes of it: TAKEN, IGNORED (a warning: it means nothing here), REFUSED (an error, in words).
TAKEN, IGNORED = "", None
FPGA = "nothing is loaded into an FPGA; U-Boot's commands for it can stand in the file that APPEND_EXTRA_CMDS names"
BARE = "Linux without a hypervisor is not what this boots"
SIGNED = "nothing is signed; sign what tools/bulkhead fit writes with mkimage -F"
ONCE = {
    "MEMORY_START": TAKEN, "MEMORY_END": TAKEN, "LOAD_CMD": TAKEN, "BOOT_CMD": TAKEN, "UBOOT_SOURCE": TAKEN,
    "UBOOT_SCRIPT": TAKEN, "DEVICE_TREE": TAKEN, "NUM_DT_OVERLAY": TAKEN, "XEN": TAKEN, "XEN_LOAD": TAKEN,
    "NUM_DOMUS": TAKEN, "NUM_CPUPOOLS": TAKEN, "FIT": TAKEN, "FDTEDIT": TAKEN, "APPEND_EXTRA_CMDS": TAKEN,
    "DOM0_KERNEL": TAKEN, "DOM0_RAMDISK": TAKEN, "DOM0_CMD": TAKEN, "DOM0_MEM": TAKEN, "DOM0_VCPUS": TAKEN,
    "DOM0_LOAD": TAKEN,
    "XEN_CMD": IGNORED, "XEN_COLORS": IGNORED, "XEN_STATIC_HEAP": IGNORED, "DOM0_COLORS": IGNORED,
    "DOM0_ROOTFS": IGNORED, "NUM_BOOT_AUX_FILE": IGNORED, "UBOOT_DIR": IGNORED, "PASSTHROUGH_DTS_REPO": IGNORED,
    "LOPPER_PATH": IGNORED, "LOPPER_CMD": IGNORED, "BITSTREAM": FPGA, "LINUX": BARE, "LINUX_CMD": BARE,
    "LINUX_RAMDISK": BARE, "FIT_ENC_KEY_DIR": SIGNED, "FIT_ENC_UB_DTB": SIGNED,
}
EACH = {
    "DOMU_KERNEL": TAKEN, "DOMU_RAMDISK": TAKEN, "DOMU_CMD": TAKEN, "DOMU_MEM": TAKEN, "DOMU_VCPUS": TAKEN,
    "DOMU_COLORS": TAKEN, "DOMU_STATIC_MEM": TAKEN, "DOMU_DIRECT_MAP": TAKEN, "DOMU_ENHANCED": TAKEN,
    "DOMU_VPL011": TAKEN, "DOMU_SHARED_MEM": TAKEN, "DOMU_CPUPOOL": TAKEN, "DOMU_NOBOOT": TAKEN, "DOMU_NR_SPIS": TAKEN,
    "DOMU_PASSTHROUGH_DTB": TAKEN, "DOMU_GRANT_VER": TAKEN, "DOMU_GRANT_FRAMES": TAKEN, "DOMU_MAPTRACK_FRAMES": TAKEN,
    "DOMU_LOAD": TAKEN, "DT_OVERLAY": TAKEN, "CPUPOOL": TAKEN,
    "DOMU_PASSTHROUGH_PATHS": TAKEN,
    "DOMU_ROOTFS": IGNORED, "DOMU_DRIVER_DOMAIN": IGNORED, "BOOT_AUX_FILE": IGNORED,
}


class Reader:
    """One configuration being read."""

    def __init__(self, path, dom0):
        self.file, self.dom0, self.told = str(path), dom0, []
        try:
            with path.open("rb") as file:
                data = file.read(LIMIT + 1)
        except OSError as error:
            raise Refused(path, [Told(True, Place(str(path)), "", error.strerror)]) from error
        if len(data) > LIMIT:
            raise Refused(path, [Told(True, Place(str(path)), NAMES + "value", f"is larger than {LIMIT >> 20} MiB")])
        shell = Assignments(data.decode("utf-8", "surrogateescape"))
        self.values = shell.values
        for line, message in shell.wrong:
            self.tell("syntax", line, message)
        self.domains = self.number("NUM_DOMUS", None, 0, 0, MANY).text
        self.pools = self.number("NUM_CPUPOOLS", None, 0, 0, MANY).text
        self.overlays = self.number("NUM_DT_OVERLAY", None, 0, 0, MANY).text
        counts = {"DT_OVERLAY": self.overlays, "CPUPOOL": self.pools, "BOOT_AUX_FILE": MANY}
        for (name, index), value in self.values.items():
            self._known(name, index, value, counts.get(name, self.domains), shell.used)

    def tell(self, name, line, message, error=True):
        self.told.append(Told(error, Place(self.file, line), NAMES + name, message))

    def _known(self, name, index, value, count, used):
        fate = (EACH if name in EACH else ONCE).get(name)
        word = name if index is None else f"{name}[{index}]"
        if name not in EACH and name not in ONCE:
            if name not in used:
                self.tell("unknown", value.line, f"{word} is none of ImageBuilder's variables", error=False)
        elif name in ONCE and index:
            self.tell("value", value.line, f"{word}: {name} has no index")
        elif name in EACH and (index or 0) >= count:
            self.tell("unused", value.line, f"{word} is beyond the number of them, ignored", error=False)
        elif fate is IGNORED:
            self.tell("unused", value.line, f"{word} has no meaning here, ignored", error=False)
        elif fate:
            self.tell("unsupported", value.line, f"{word}: {fate}")
        elif name.startswith("DOM0_") and self.dom0 == "leave-out":
            self.tell("unused", value.line, f"{word}: Dom0 is left out", error=False)

    def get(self, name, index=None):
        """A value; None when there is none or it is empty, as ImageBuilder takes it."""
        found = self.values.get((name, index))
        if not found and not index:
            found = self.values.get((name, 0 if index is None else None))
        return found if found and found.text else None

    def text(self, name, index=None):
        found = self.get(name, index)
        return found.text if found else None

    def number(self, name, index, default, least, most):
        """A number, as the text of a Value."""
        found = self.get(name, index)
        if not found:
            return Value(default, 0)
        if re.fullmatch(r"0[xX][0-9a-fA-F]{1,16}|\d{1,19}", found.text):
            number = int(found.text, 16 if found.text[:2] in ("0x", "0X") else 10)
            if least <= number <= most:
                return Value(number, found.line)
        word = name if index is None else f"{name}[{index}]"
        which = f"from {least} to {most:#x}" if least <= most else "that could be meant: there is none"
        self.tell("value", found.line, f"{word}: {found.text!r} is no number {which}")
        return Value(default, found.line)

    def numbers(self, name, index, texts, line):
        """Addresses and sizes; None, told, when one is none."""
        found = [int(text, 0) for text in texts if re.fullmatch(r"0[xX][0-9a-fA-F]{1,16}|[1-9]\d{0,18}|0", text)]
        if len(found) == len(texts) and all(number < 1 << 64 for number in found):
            return found
        self.tell("value", line, f"{name}[{index}]: {' '.join(texts)!r} are not all numbers")
        return None
