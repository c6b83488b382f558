/* SPDX-License-Identifier: BSD-2-Clause */
/* Top down: the highest address and the last core in the tree's order, which leaves low memory and
 * the first cores over. */
#include "policy.h"

static bool top_down_memory(const struct plan *plan, const struct policy_request *request,
                            const struct ranges *free, struct range *answer)
{
    (void)plan;
    for (uint32_t i = free->count; i > 0; i--) {
        const struct range *range = &free->at[i - 1];
        uint64_t at;

        if (range->size < request->size)
            continue;
        at = align_down(range->base + range->size - request->size, request->alignment);
        if (at >= range->base) {
            *answer = (struct range){at, request->size};
            return true;
        }
    }
    return policy_first_fit.memory(plan, request, free, answer); /* in pieces */
}

static bool top_down_core(const struct plan *plan, uint32_t partition, uint32_t vcpu,
                          uint32_t choices, uint32_t *core)
{
    (void)partition;
    (void)vcpu;
    for (*core = plan->core_count; *core > 0;)
        if (choices >> --*core & 1)
            return true;
    return false;
}

const struct policy policy_top_down = {"top-down", top_down_memory, top_down_core, false};
