/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes each guest's tree once to see how large it is: names and nodes of trees that are copied
 * from share bytes in ways that no sum foretells. */
#include "build.h"
#include "guest_tree.h"
#include <stddef.h>

static uint8_t guest_tree_trial[PLAN_GUEST_TREE] __attribute__((aligned(8)));

void guest_trees_check(struct build *build)
{
    if (build->bad || build->fatal)
        return;
    for (uint32_t i = 0; i < build->plan->partition_count; i++)
        if (!guest_tree_write(build->plan, i, guest_tree_trial, sizeof(guest_tree_trial)))
            report_error(build, NOTE_GUEST_TREE_LARGE, build->system, build->node[i], NULL,
                         "its guest's device tree would be larger than %lu KiB",
                         (unsigned long)(sizeof(guest_tree_trial) / 1024));
}
