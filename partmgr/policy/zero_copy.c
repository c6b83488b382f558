/* SPDX-License-Identifier: BSD-2-Clause */
/* Zero copy: the RAM of a guest whose kernel can stay where it lies is laid around it, so that
 * nothing is copied. All else is first fit. */
#include "policy.h"

static bool zero_copy_memory(const struct plan *plan, const struct policy_request *request,
                             const struct ranges *free, struct range *answer)
{
    if (!request->in_place.size)
        return policy_first_fit.memory(plan, request, free, answer);
    *answer = request->in_place;
    return true;
}

static bool zero_copy_core(const struct plan *plan, uint32_t partition, uint32_t vcpu,
                           uint32_t choices, uint32_t *core)
{
    return policy_first_fit.core(plan, partition, vcpu, choices, core);
}

const struct policy policy_zero_copy = {"zero-copy", zero_copy_memory, zero_copy_core, true};
