# SPDX-License-Identifier: BSD-2-Clause
"""Fails when a program's disassembly names an FP/SIMD register: those hold the guest's values while it runs."""
import re
import subprocess
import sys

REGISTER = re.compile(r"(?<![\w.#])[vqdshbz](?:[0-9]|[12][0-9]|3[01])(?![\w])")


def offenders(disassembly):
    """The instructions that name an FP/SIMD register; symbols and comments do not count."""
    for line in disassembly.splitlines():
        fields = line.split("\t", 2)
        if len(fields) == 3 and REGISTER.search(re.sub(r"<[^>]*>|//.*", "", fields[2])):
            yield line.strip()


def main():
    objdump, program = sys.argv[1:]
    text = subprocess.run([objdump, "-d", "--no-show-raw-insn", program], check=True, capture_output=True,
                          text=True).stdout
    found = list(offenders(text))
    for line in found[:10]:
        print(f"{program}: FP/SIMD register: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
