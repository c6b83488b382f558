/* SPDX-License-Identifier: BSD-2-Clause */
/* How devices that write to memory by themselves are told to leave it alone: writes to their
 * registers, which the monitor makes before it loads their partition. */
#include "layout.h"
#include "tree.h"
#include <bulkhead/monitor.h>
#include <libfdt.h>

#define QUIESCE_CELLS 3u /* address, in two, and value */

_Static_assert(PLAN_WRITES == BH_MON_WRITES, "the monitor's list has room for all");

static const char quiesce_property[] = "bulkhead,quiesce";

/* Those pages of the domain's devices that a register is in; NULL: none. */
static struct plan_device_range *quiesce_pages(struct plan *plan, uint32_t partition, uint64_t at)
{
    for (uint32_t i = 0; i < plan->device_count; i++)
        for (uint32_t k = 0; k < plan->device[i].range_count; k++) {
            struct plan_device_range *range = &plan->device[i].range[k];

            if (plan->device[i].partition == partition && !range->again &&
                at - range->host < range->size)
                return range;
        }
    return NULL;
}

/* The monitor has the pages one behind the other. False, reported: there are too many. */
static bool quiesce_place(struct build *build, uint32_t partition, struct plan_device_range *range,
                          uint64_t *next)
{
    if (range->load)
        return true;
    if (range->size > BH_MON_DEVICES + BH_MON_DEVICES_SIZE - *next) {
        report_error(build, NOTE_QUIESCE_WRITES, build->system, build->node[partition],
                     quiesce_property, "pages of more than %lu KiB with registers to write",
                     (unsigned long)BH_MON_DEVICES_SIZE / 1024);
        return false;
    }
    range->load = *next;
    *next += range->size;
    return true;
}

static bool quiesce_add(struct build *build, uint32_t index, const uint8_t *cells, uint64_t *next)
{
    struct plan_partition *partition = &build->plan->partition[index];
    const uint64_t at = tree_number(cells, 2);
    struct plan_device_range *range = quiesce_pages(build->plan, index, at);

    if (!range || at % 4) {
        report_error(build, NOTE_QUIESCE_OUTSIDE, build->system, build->node[index],
                     quiesce_property, "0x%lx is no register of a device of its own",
                     (unsigned long)at);
        return false;
    }
    if (!quiesce_place(build, index, range, next))
        return false;
    partition->write[partition->write_count++] = (struct plan_write){
        at, range->load + (at - range->host), (uint32_t)tree_number(cells + 8, 1)};
    return true;
}

void quiesce_read(struct build *build, uint32_t index)
{
    uint64_t next = BH_MON_DEVICES;
    int length = 0;
    const uint8_t *value =
        fdt_getprop(build->system, build->node[index], quiesce_property, &length);

    if (!value)
        return;
    if (!length || length % (int)(4 * QUIESCE_CELLS) ||
        length > (int)(4 * QUIESCE_CELLS * PLAN_WRITES)) {
        report_error(build, NOTE_QUIESCE_WRITES, build->system, build->node[index],
                     quiesce_property, "%lu bytes long, must be %lu for each of 1 to %lu writes",
                     (unsigned long)length, (unsigned long)(4 * QUIESCE_CELLS),
                     (unsigned long)PLAN_WRITES);
        return;
    }
    for (int at = 0; at < length; at += (int)(4 * QUIESCE_CELLS))
        if (!quiesce_add(build, index, value + at, &next))
            return;
}

/* Several devices can be in a page, each with registers of its own. */
static bool quiesce_is_in(const void *tree, const struct plan_device *device, int parent,
                          uint64_t at)
{
    const int address = fdt_address_cells(tree, parent);
    const int size = fdt_size_cells(tree, parent);
    int length = 0;
    const uint8_t *reg = fdt_getprop(tree, device->node, "reg", &length);

    if (!reg || address < 1 || address > 2 || size < 1 || size > 2)
        return false;
    for (; length >= 4 * (address + size); length -= 4 * (address + size)) {
        const uint64_t base = tree_number(reg, (uint32_t)address);

        if (at - base < tree_number(reg + 4 * address, (uint32_t)size))
            return true;
        reg += 4 * (address + size);
    }
    return false;
}

bool quiesce_covers(const struct plan *plan, const struct plan_device *device)
{
    const struct plan_partition *partition = &plan->partition[device->partition];
    const int parent = device->node ? fdt_parent_offset(plan->hardware, device->node) : -1;

    for (uint32_t i = 0; i < partition->write_count; i++) {
        const uint64_t at = partition->write[i].host;

        if (parent >= 0 && quiesce_is_in(plan->hardware, device, parent, at))
            return true;
        for (uint32_t k = 0; k < device->range_count && !device->node; k++)
            if (at - device->range[k].host < device->range[k].size)
                return true;
    }
    return false;
}
