/* SPDX-License-Identifier: BSD-2-Clause */
/* First fit: the lowest address and the first core in the tree's order. What fits nowhere in one
 * piece is made of the largest ones. */
#include "policy.h"

static bool first_fit_memory(const struct plan *plan, const struct policy_request *request,
                             const struct ranges *free, struct range *answer)
{
    struct range largest = {0, 0};

    (void)plan;
    for (uint32_t i = 0; i < free->count; i++) {
        uint64_t at = align_up(free->at[i].base, request->alignment);
        uint64_t end = free->at[i].base + free->at[i].size;

        if (at < end && end - at >= request->size) {
            *answer = (struct range){at, request->size};
            return true;
        }
        if (at < end && align_down(end - at, request->alignment) > largest.size)
            largest = (struct range){at, align_down(end - at, request->alignment)};
    }
    *answer = largest;
    return request->pieces > 1 && largest.size;
}

static bool first_fit_core(const struct plan *plan, uint32_t partition, uint32_t vcpu,
                           uint32_t choices, uint32_t *core)
{
    (void)partition;
    (void)vcpu;
    for (*core = 0; *core < plan->core_count; ++*core)
        if (choices >> *core & 1)
            return true;
    return false;
}

const struct policy policy_first_fit = {"first-fit", first_fit_memory, first_fit_core, false};
