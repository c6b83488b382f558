# SPDX-License-Identifier: BSD-2-Clause
"""Which folder may use what of which: forbidden dependencies, found in #include lines, names and linker inputs."""
import re

SOURCES = (".c", ".h", ".S", ".lds", ".in")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
TEST_SWITCH = re.compile(r"^\s*#\s*(?:if|ifdef|ifndef|elif)\b.*TEST", re.MULTILINE)
CALL = re.compile(r"\bbh_(?:svc|hvc)\b|BH_DEFINE_CALL")

# Folder -> folders whose headers its files may include, beside their own and the compiler's.
MAY_USE = {
    "kernel": ("kernel", "libcap/include", "platform", "config"),
    "platform": ("platform", "kernel", "libcap/include", "config"),
    "libcap": ("libcap",),
    "partmgr": ("partmgr", "libcap/include", "libfdt", "libz", "libc"),
    "monitor": ("monitor", "libcap/include"),
    "services": ("services", "libcap/include"),
}
# Headers that -ffreestanding guarantees: any folder may use them.
COMPILER = {"stddef.h", "stdint.h", "stdbool.h", "stdarg.h", "pools.h", "stdalign.h", "stdnoreturn.h"}
LIBRARY = {"libfdt.h": "libfdt", "fdt.h": "libfdt", "libfdt_env.h": "libfdt", "zlib.h": "libz", "zconf.h": "libz"}
# A program is linked from objects of these folders and no others.
MAY_LINK = {
    "kernel": ("kernel/", "platform/", "kernel-manager.S"),
    "partmgr": ("partmgr/", "libcap/el0/"),
    "monitor": ("monitor/", "libcap/el0/"),
    "console": ("services/console/", "libcap/el0/"),
}


def _files(root, folder):
    return [path for path in sorted((root / folder).rglob("*")) if path.suffix in SOURCES]


def _owner(root, file, name):
    """The product folder that an included name comes from: beside the file, or by a search of the folders."""
    beside = (file.parent / name).resolve()
    if beside.is_file():
        return str(beside.relative_to(root))
    if name in COMPILER:
        return None
    if name in LIBRARY:
        return LIBRARY[name]
    for folder in (*MAY_USE, "config", "tests"):
        for header in _files(root, folder):
            if str(header).endswith("/" + name):
                return str(header.relative_to(root))
    return "libc"


def _may_use(folder, path):
    return any(path == allowed or path.startswith(allowed + "/") for allowed in MAY_USE[folder])


def source_violations(root):
    """Every forbidden #include, test switch and call, as `file: what`."""
    found = []
    for folder in MAY_USE:
        for file in _files(root, folder):
            text, name = file.read_text(), file.relative_to(root)
            for included in INCLUDE.findall(text):
                owner = _owner(root, file, included)
                if owner and not _may_use(folder, owner):
                    found.append(f"{name}: includes {included} ({owner})")
            if TEST_SWITCH.search(text):
                found.append(f"{name}: a switch for tests in product code")
            if str(name).startswith(("partmgr/plan", "partmgr/policy")) and (
                    CALL.search(text) or "bulkhead/invoke.h" in text):
                found.append(f"{name}: the plan makes capability calls")
    return found


def link_violations(inputs):
    """Objects and libraries that a program must not be linked from. inputs: program -> what the linker read."""
    found = []
    for program, files in inputs.items():
        for file in files:
            if file.endswith(".a") and program != "partmgr":
                found.append(f"{program}: linked with {file}")
            elif file.endswith(".obj") and not any(part in file for part in MAY_LINK[program]):
                found.append(f"{program}: linked with {file}")
    return found


def link_inputs(build):
    """Program -> files named by LOAD in the linker's map."""
    return {program: re.findall(r"^LOAD (\S+)", (build / f"{program}.map").read_text(), re.MULTILINE)
            for program in MAY_LINK}
