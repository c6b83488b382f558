# SPDX-License-Identifier: BSD-2-Clause
"""Doorbells are their peers' alone, and who does not want to be rung is not disturbed."""
from test_doorbells import storm, take_turns


def test_only_the_peer_rings(lab):
    take_turns(lab, "qemu-virt")


def test_disabled_is_undisturbed(lab):
    storm(lab, "qemu-virt", "")
