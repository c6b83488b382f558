/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernels that stay where the boot loader put them: their RAM is laid around them, and nothing is
 * copied. */
#include "../policy/policy.h"
#include "build.h"
#include "layout.h"
#include <bulkhead/call.h>
#include <libfdt.h>

/* Who controls it and may start it again: the index of a partition, or how many there are. */
static uint32_t in_place_controller(const struct plan *plan, uint32_t index)
{
    uint32_t i = 0;

    for (; i < plan->partition_count; i++)
        for (uint32_t k = 0; k < plan->partition[i].target_count; k++)
            if (plan->partition[i].target[k].partition == index)
                return i;
    return i;
}

/* One that begins anew needs its kernel as it was, which no guest has written to. */
static bool in_place_ends(struct build *build, uint32_t index)
{
    const struct plan_partition *partition = &build->plan->partition[index];
    const uint32_t controller = in_place_controller(build->plan, index);
    const int node = build->node[index];

    if (partition->on_reset)
        report_warning(build, NOTE_IN_PLACE_RESTART, build->system, node, "bulkhead,on-reset",
                       "its kernel is copied: its resets begin anew");
    else if (partition->on_failure == BH_FAILURE_RESTART)
        report_warning(build, NOTE_IN_PLACE_RESTART, build->system, node, "bulkhead,on-failure",
                       "its kernel is copied: it begins anew after a failure");
    else if (controller < build->plan->partition_count)
        report_warning(build, NOTE_IN_PLACE_RESTART, build->system, node, NULL,
                       "its kernel is copied: %s controls it, and may start it again",
                       build->plan->partition[controller].name);
    else
        return true;
    return false;
}

/* Another module, of whomever, with the same pages. */
static bool in_place_shared(struct build *build, uint32_t index)
{
    const uint64_t host = build->plan->partition[index].kernel.host;

    for (uint32_t i = 0; i < build->plan->partition_count; i++)
        for (uint32_t kind = 0; kind < BUILD_KINDS; kind++)
            if ((i != index || kind != BUILD_KERNEL) && build_module(build, i, kind)->size &&
                build_module(build, i, kind)->host == host)
                return true;
    return false;
}

/* True when the range, which may be empty, belongs to nobody. */
static bool in_place_free(const struct build *build, uint64_t base, uint64_t end)
{
    return base == end || ranges_contain(&build->free, base, end - base);
}

/* Why not; NULL: `bank` is where its RAM is to be. */
static const char *in_place_wrong(struct build *build, uint32_t index, struct range *bank)
{
    const struct plan_partition *partition = &build->plan->partition[index];
    const struct plan_segment *segment = &partition->segment[0];
    const struct range pages = range_pages(partition->kernel.host, partition->kernel.size);
    const uint64_t low = partition->layout.low_size;
    const uint64_t host = partition->kernel.host + segment->offset;
    const uint64_t offset = segment->target - partition->layout.ram; /* wraps where it is below */

    if (partition->is_static)
        return "its RAM is where xen,static-mem says";
    if (!partition->segment_count)
        return "what it will be is unknown";
    if (partition->unpacked.size)
        return "it comes compressed";
    if (partition->segment_count > 1)
        return "it is in pieces";
    if (in_place_shared(build, index))
        return "another module is the same";
    if (offset > host || (host - offset) % BLOCK_SIZE)
        return "its RAM would not begin at a multiple of 2 MiB";
    *bank = (struct range){host - offset, partition->ram_size};
    if (pages.base < bank->base || pages.base + pages.size > bank->base + bank->size ||
        (low && pages.base + pages.size > bank->base + low))
        return "it is not all in its RAM";
    /* At both ends of it something may be cut out of one range. */
    if (!in_place_free(build, bank->base, pages.base) ||
        !in_place_free(build, pages.base + pages.size, bank->base + bank->size) ||
        build->free.count + 2 > RANGES_MAX)
        return "the RAM around it is not all free";
    return NULL;
}

/* What the policy is asked for, if the kernel can stay; else it is said why. */
static bool in_place_find(struct build *build, uint32_t index, struct range *bank)
{
    const int node = build->module[index][BUILD_KERNEL];
    const char *wrong;

    if (!in_place_ends(build, index))
        return false;
    wrong = in_place_wrong(build, index, bank);
    if (wrong)
        report_warning(build, NOTE_IN_PLACE_NOT, build->system, node, place_property(build, node),
                       "the kernel is copied: %s", wrong);
    return !wrong;
}

/* The RAM before the kernel, the kernel's, and the RAM behind it. */
static void in_place_take(struct build *build, uint32_t index, const struct range *bank)
{
    struct plan_partition *partition = &build->plan->partition[index];
    const struct range pages = range_pages(partition->kernel.host, partition->kernel.size);
    const uint64_t end = pages.base + pages.size;
    const uint64_t before = pages.base - bank->base;
    const uint64_t behind = bank->base + bank->size - end;

    if (before)
        ranges_remove(&build->free, bank->base, before);
    if (behind)
        ranges_remove(&build->free, end, behind);
    partition->in_place = layout_add(partition, bank->base, before) &&
                          layout_add(partition, pages.base, pages.size) &&
                          layout_add(partition, end, behind);
}

void in_place_all(struct build *build)
{
    for (uint32_t i = 0; i < build->plan->partition_count && !leave_due(build); i++) {
        const struct plan_partition *partition = &build->plan->partition[i];
        const struct policy *policy = build_policy(build, i);
        struct policy_request request = {
            i, POLICY_GUEST_RAM, partition->ram_size, BLOCK_SIZE, 1, {0, 0}};
        struct range answer = {0, 0};

        /* What stands in the flash is not copied anyway; and there is no more to say of mistakes.
         */
        if (!policy->in_place || partition->firmware || !build->readable[i] ||
            build->bad >> i & 1 || !in_place_find(build, i, &request.in_place))
            continue;
        if (policy->memory(build->plan, &request, &build->free, &answer) &&
            answer.base == request.in_place.base && answer.size == request.in_place.size)
            in_place_take(build, i, &answer);
    }
}
