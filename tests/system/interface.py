# SPDX-License-Identifier: BSD-2-Clause
"""The numbers of libcap's headers, read from them."""
import re

from bulkheadlib.places import ROOT

HEADERS = ROOT / "libcap/include/bulkhead"


def _values(text):
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).replace("\\\n", " ")
    for name, value in re.findall(r"^#define (BH_\w+) +(-?\w+?)(?:u|ull)?\s*$", text, re.MULTILINE):
        yield name, int(value, 0)
    for body in re.findall(r"\benum \w+ \{([^}]*)\}", text):
        value = -1
        for entry in filter(None, map(str.strip, body.split(","))):
            name, _, given = entry.partition("=")
            value = int(given.strip().rstrip("u"), 0) if given else value + 1
            yield name.strip(), value


VALUES = {name: value for header in sorted(HEADERS.glob("*.h")) for name, value in _values(header.read_text())}
STATUS = {value: name for name, value in VALUES.items() if name == "BH_OK" or name.startswith("BH_ERR_")}
