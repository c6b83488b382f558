# SPDX-License-Identifier: BSD-2-Clause
"""The trusted base stays small."""
from bulkheadlib import size
from conftest import BUILD


def test_size_budget():
    sizes = size.measure(BUILD)
    assert sizes["files"], "no kernel source was counted"
    assert 0 < sizes["lines"] <= size.LINES_LIMIT
    assert 0 < sizes["text"] <= size.TEXT_LIMIT
