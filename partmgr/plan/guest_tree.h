/* SPDX-License-Identifier: BSD-2-Clause */
/* The device tree that a guest gets. */
#ifndef PLAN_GUEST_TREE_H
#define PLAN_GUEST_TREE_H

#include "plan.h"

/* Writes the partition's tree, for that version of the interrupt controller, at `out` (8-byte
 * aligned) and returns its size, 0 when it does not fit in `size`. */
uint64_t guest_tree_write(const struct plan_partition *partition, uint32_t gic, void *out,
                          uint64_t size);

#endif
