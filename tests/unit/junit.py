# SPDX-License-Identifier: BSD-2-Clause
"""The reports of the test programs that are written in Python."""
import sys
import xml.etree.ElementTree as xml


def write(result, suite, names, wrong):
    """Writes a junit file with a case for each name, of which those in `wrong` failed: {name: why}. What the program ends
    with: 1 if any has, else 0."""
    tree = xml.Element("testsuite", name=suite)
    for name in names:
        case = xml.SubElement(tree, "testcase", name=name)
        if name in wrong:
            xml.SubElement(case, "failure", message=wrong[name])
            print(f"{name}: {wrong[name]}", file=sys.stderr)
    result.parent.mkdir(exist_ok=True)
    xml.ElementTree(tree).write(result)
    return 1 if wrong else 0
