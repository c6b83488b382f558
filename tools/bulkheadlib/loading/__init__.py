# SPDX-License-Identifier: BSD-2-Clause
"""Boot loaders: what a system's description, or ImageBuilder's configuration of it, asks U-Boot to load and where."""
