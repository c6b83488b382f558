/* SPDX-License-Identifier: BSD-2-Clause */
/* The manager's table of capabilities: a system whose building takes more slots than it has is a
 * mistake of its description, told before anything is built.
 *
 * Counted as the manager uses them (partmgr/carve.h): a slot is never used again. What is cut out
 * of a larger piece takes one for each of the two cuts, though some cuts fall together. */
#include "build.h"
#include "pools.h"
#include <stddef.h>

#define SLOTS_TAKE 2u /* memory, a device, an interrupt: cut off below, cut off above */

/* Both trees in two pieces, the bundle's page, and two programs, cut into text and the rest. */
#define SLOTS_BOOT (7u * SLOTS_TAKE + 4u)

/* Itself; text and rodata of its monitor; the monitor's RAM, the configuration, the guest's tree.
 */
#define SLOTS_PARTITION (3u + 3u * SLOTS_TAKE)

/* Itself, vCPU and timer; text and rodata; RAM, configuration, UART and its interrupt; its Event.
 */
#define SLOTS_CONSOLE (6u + 4u * SLOTS_TAKE)

/* Each partition's pages and Event for it. */
#define SLOTS_PORT (SLOTS_TAKE + 2u)

/* A module of a partition by number; NULL behind the last. */
static const struct plan_module *slots_module(const struct plan_partition *partition,
                                              uint32_t index)
{
    const struct plan_module *const own[] = {&partition->kernel, &partition->unpacked,
                                             &partition->ramdisk, &partition->passthrough};
    const uint32_t count = sizeof(own) / sizeof(own[0]);

    if (index < count)
        return own[index];
    return index < count + PLAN_EXTRAS ? &partition->extra[index - count].module : NULL;
}

/* True when a partition before this one has the same module. */
static bool slots_seen(const struct plan *plan, uint32_t index, const struct plan_module *module)
{
    for (uint32_t i = 0; i < index; i++) {
        const struct plan_module *other;

        for (uint32_t k = 0; (other = slots_module(&plan->partition[i], k)); k++)
            if (other->size && other->host == module->host)
                return true;
    }
    return false;
}

/* One piece, and a copy for who has it together with others. */
static uint64_t slots_modules(const struct plan *plan, uint32_t index)
{
    const struct plan_module *module;
    uint64_t count = 0;

    for (uint32_t k = 0; (module = slots_module(&plan->partition[index], k)); k++)
        if (module->size)
            count += 1 + (slots_seen(plan, index, module) ? 0 : SLOTS_TAKE);
    return count;
}

static uint64_t slots_partition(const struct plan *plan, uint32_t index)
{
    const struct plan_partition *partition = &plan->partition[index];
    uint64_t count = SLOTS_PARTITION + 2 * partition->vcpus + SLOTS_TAKE * partition->bank_count +
                     slots_modules(plan, index);

    count += plan->gic == 2; /* a copy of the virtual CPU interface */
    count += partition->board_uart ? 2 * SLOTS_TAKE : 0;
    count += partition->ring ? SLOTS_PORT : 0;
    for (uint32_t i = 0; i < plan->device_count; i++)
        if (plan->device[i].partition == index)
            count += SLOTS_TAKE * (plan->device[i].range_count + plan->device[i].line_count);
    for (uint32_t i = 0; i < plan->shared_count; i++)
        for (uint32_t k = 0; k < plan->shared[i].peer_count; k++)
            count += plan->shared[i].peer[k].partition == index;
    return count;
}

void slots_check(struct build *build)
{
    const struct plan *plan = build->plan;
    uint64_t needed = BH_ROOT_MEMORY + build->facts->root_count + SLOTS_BOOT + plan->core_count +
                      (plan->console.used ? SLOTS_CONSOLE : 0) + (plan->gic == 2 ? SLOTS_TAKE : 0) +
                      SLOTS_TAKE * plan->shared_count +
                      2 * plan->channel_count; /* an Event each way */
    uint64_t most = 0;
    uint32_t largest = 0;

    if (build->bad || build->fatal)
        return; /* what is not placed needs nothing */
    for (uint32_t i = 0; i < plan->partition_count; i++) {
        const uint64_t own = slots_partition(plan, i);

        needed += own;
        if (own > most) {
            most = own;
            largest = i;
        }
    }
    if (needed > LIMIT_MANAGER_SLOTS)
        report_error(build, NOTE_SLOTS_MANY, build->system, build->node[largest], NULL,
                     "the system needs up to %lu of the manager's capabilities, %lu of them this "
                     "domain; there are %lu",
                     (unsigned long)needed, (unsigned long)most,
                     (unsigned long)LIMIT_MANAGER_SLOTS);
}
