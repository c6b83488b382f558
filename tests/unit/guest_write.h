/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes the tree of a partition that is in no plan. */
#ifndef TEST_GUEST_WRITE_H
#define TEST_GUEST_WRITE_H

#include "guest_tree.h"

static inline uint64_t guest_write(const struct plan_partition *partition, uint32_t gic, void *out,
                                   uint64_t size)
{
    static struct plan plan;

    plan.gic = gic;
    plan.partition_count = 1;
    plan.partition[0] = *partition;
    return guest_tree_write(&plan, 0, out, size);
}

#endif
