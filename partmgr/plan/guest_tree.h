/* SPDX-License-Identifier: BSD-2-Clause */
/* The device tree that a guest gets. */
#ifndef PLAN_GUEST_TREE_H
#define PLAN_GUEST_TREE_H

#include "plan.h"

/* Writes the tree of the partition with that index at `out` (8-byte aligned) and returns its size,
 * 0 when it does not fit in `size`. */
uint64_t guest_tree_write(const struct plan *plan, uint32_t index, void *out, uint64_t size);

#endif
