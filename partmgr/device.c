/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's devices: their pages are cut out of the root memory, their interrupts out of the
 * root Irq. */
#include "device.h"
#include "carve.h"
#include "say.h"

bool device_map(const char *who, const struct range *pages, uint64_t slot, enum bh_space space,
                uint64_t at, uint64_t *memory)
{
    return say_done(who, "take a device", carve_device(pages->base, pages->size, memory)) &&
           say_call(who, "map a device", BH_MEMORY_MAP, *memory, slot, space, at,
                    BH_RIGHT_READ | BH_RIGHT_WRITE);
}

bool device_bind(const char *who, const struct plan_line *line, uint64_t slot, uint64_t to)
{
    uint64_t irq;

    return say_done(who, "take an interrupt", carve_irq(line->intid, &irq)) &&
           say_call(who, "bind an interrupt", BH_IRQ_BIND, irq, slot, to, line->edge, 0);
}

/* Not its monitor's, but while it loads: the guest drives it, and nobody stands between. */
static bool device_give(const char *who, const struct plan_device *device, uint64_t slot)
{
    for (uint32_t i = 0; i < device->range_count; i++) {
        const struct plan_device_range *range = &device->range[i];
        const struct range pages = {range->host, range->size};
        uint64_t memory;

        if (range->again)
            continue;
        if (!device_map(who, &pages, slot, BH_SPACE_GUEST, range->guest, &memory))
            return false;
        if (range->load && !say_call(who, "map a device to quiet it", BH_MEMORY_MAP, memory, slot,
                                     BH_SPACE_LOAD, range->load, BH_RIGHT_READ | BH_RIGHT_WRITE))
            return false;
    }
    for (uint32_t i = 0; i < device->line_count; i++)
        if (!device_bind(who, &device->line[i], slot, device->line[i].intid))
            return false;
    return true;
}

bool device_give_all(const struct plan *plan, uint32_t partition, uint64_t slot)
{
    for (uint32_t i = 0; i < plan->device_count; i++)
        if (plan->device[i].partition == partition &&
            !device_give(plan->partition[partition].name, &plan->device[i], slot))
            return false;
    return true;
}
