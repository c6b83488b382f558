# SPDX-License-Identifier: BSD-2-Clause
"""What a control partition can reach, and who is none: a guest tries every slot, and the page."""
from test_control import describe
from test_guests import judge


def look(lab, *properties, targets):
    """A guest that looks what it has, beside two others and one that may control everybody."""
    system = describe(lab, ("looks", "controller.bin", f"look=1 targets={targets}", " ".join(properties)),
                      ("named", "hello.bin", "", ""), ("stranger", "hello.bin", "", ""),
                      ("mighty", "hello.bin", "", "capabilities = <1>; bulkhead,platform-reset;"))
    console = lab.boot(system, cpus=4)
    judge(console.partitions["looks"].output)
    assert console.status == 0


def test_who_is_not_named_is_out_of_reach(lab):
    look(lab, "bulkhead,controls = <&named>;", targets=1)


def test_who_controls_nobody_has_nothing(lab):
    look(lab, targets=0)
