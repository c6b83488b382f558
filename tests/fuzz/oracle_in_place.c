/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernels that stay where they lie: the guest finds every byte where it would have been copied to,
 * and nobody needs them as they were. */
#include "oracle_rules.h"
#include "partmgr/plan/layout.h"
#include <bulkhead/call.h>

static bool in_place_used(const struct plan_module *module, uint64_t host)
{
    return module->size && module->host == host;
}

/* The modules of a partition that lie there; its kernel is one. */
static uint32_t in_place_users(const struct plan_partition *partition, uint64_t host)
{
    uint32_t count = (uint32_t)in_place_used(&partition->kernel, host) +
                     (uint32_t)in_place_used(&partition->ramdisk, host) +
                     (uint32_t)in_place_used(&partition->passthrough, host);

    for (uint32_t i = 0; i < PLAN_EXTRAS; i++)
        count += in_place_used(&partition->extra[i].module, host);
    return count;
}

static bool in_place_alone(const struct plan *plan, const struct plan_partition *partition)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < plan->partition_count; i++) {
        const struct plan_partition *other = &plan->partition[i];

        count += in_place_users(other, partition->kernel.host);
        for (uint32_t k = 0; k < other->target_count; k++)
            if (&plan->partition[other->target[k].partition] == partition)
                return oracle_broken("%s: in place, and %s may start it again", partition->name,
                                     other->name);
    }
    return count == 1 || oracle_broken("%s: in place, with %u users", partition->name, count);
}

/* The bank is all of the module, and each byte of the segment is at its address. */
static bool in_place_bank(const struct plan_partition *partition)
{
    const struct plan_segment *segment = &partition->segment[0];

    for (uint32_t i = 0; i < partition->bank_count; i++) {
        const struct plan_bank *bank = &partition->bank[i];

        if (!layout_in_place(partition, i))
            continue;
        if (bank->size != range_pages(partition->kernel.host, partition->kernel.size).size ||
            segment->offset > partition->kernel.size ||
            segment->size > partition->kernel.size - segment->offset ||
            segment->target - bank->guest != segment->offset)
            return oracle_broken("%s: in place, at another place", partition->name);
        return true;
    }
    return oracle_broken("%s: in place, and not in its RAM", partition->name);
}

bool oracle_in_place(const struct plan *plan)
{
    for (uint32_t i = 0; i < plan->partition_count; i++) {
        const struct plan_partition *partition = &plan->partition[i];

        if (!partition->in_place)
            continue;
        if (partition->on_reset || partition->on_failure == BH_FAILURE_RESTART ||
            partition->firmware || partition->unpacked.size || partition->segment_count != 1)
            return oracle_broken("%s: in place", partition->name);
        if (!in_place_alone(plan, partition) || !in_place_bank(partition))
            return false;
    }
    return true;
}
