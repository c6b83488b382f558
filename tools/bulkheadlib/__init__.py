# SPDX-License-Identifier: BSD-2-Clause
"""The tools behind tools/bulkhead: one concept per module."""
