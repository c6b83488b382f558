/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest has where, and that nothing which the description adds to it meets something. */
#include "build.h"
#include "layout.h"
#include <stddef.h>

/* RAM, what is in the flash, six devices, shared memory, and devices that are passed through. */
#define GUEST_MAP_ENTRIES                                                                          \
    (PLAN_BANKS + 1 + PLAN_EXTRAS + 8 + PLAN_SHARED + PLAN_DEVICES * PLAN_DEVICE_RANGES)

struct guest_map {
    uint32_t count;
    struct {
        struct range range;
        const char *name;
    } at[GUEST_MAP_ENTRIES];
};

static void guest_map_add(struct guest_map *map, uint64_t base, uint64_t size, const char *name)
{
    map->at[map->count].range = (struct range){base, size};
    map->at[map->count++].name = name;
}

static void guest_map_add_flash(struct guest_map *map, const struct plan_partition *partition)
{
    if (partition->firmware)
        guest_map_add(map, partition->segment[0].target,
                      align_up(partition->segment[0].size, PAGE_SIZE), "the kernel in the flash");
    for (uint32_t i = 0; i < PLAN_EXTRAS; i++)
        if (partition->extra[i].load < partition->layout.flash_size)
            guest_map_add(map, partition->extra[i].load,
                          align_up(partition->extra[i].module.size, PAGE_SIZE),
                          "a module in the flash");
}

static void guest_map_read(const struct build *build, const struct plan_partition *partition,
                           struct guest_map *map)
{
    const struct plan_layout *layout = &partition->layout;
    const uint64_t frames = LAYOUT_WATCHDOG_CONTROL + LAYOUT_WATCHDOG_SIZE;

    map->count = 0;
    for (uint32_t i = 0; i < partition->bank_count; i++)
        guest_map_add(map, partition->bank[i].guest, partition->bank[i].size, "its RAM");
    guest_map_add_flash(map, partition);
    guest_map_add(map, layout->gicd, layout->gicd_size, "its interrupt controller");
    if (build->plan->gic == 2)
        guest_map_add(map, layout->gicc, layout->gicc_size, "its interrupt controller");
    else
        guest_map_add(map, layout->gicr, LAYOUT_GICR_SIZE * partition->vcpus,
                      "its interrupt controller");
    if (partition->uart || partition->board_uart)
        guest_map_add(map, layout->uart, LAYOUT_UART_SIZE, "its UART");
    if (partition->watchdog != BH_MON_WATCHDOG_NONE)
        guest_map_add(map, layout->watchdog, frames, "its watchdog");
    if (partition->control)
        guest_map_add(map, layout->control, BH_CTL_SIZE, "its control page");
    if (partition->doorbell_count)
        guest_map_add(map, layout->doorbell, BH_DOORBELL_SIZE, "its doorbell page");
    if (partition->gpio_lines)
        guest_map_add(map, layout->gpio, LAYOUT_GPIO_SIZE, "its PL061");
}

/* Adds a range of the description's; false, reported, when a guest has no such address or has
 * something there. */
static bool guest_map_take(struct build *build, struct guest_map *map, const struct range *range,
                           const char *name, int node, const char *property)
{
    const uint64_t space = 1ull << build->facts->guest_bits;

    if (range->base > space || range->size > space - range->base) {
        report_error(build, NOTE_GUEST_ADDRESS_RANGE, build->system, node, property,
                     "guest address 0x%lx with size 0x%lx is beyond its %lu bits",
                     (unsigned long)range->base, (unsigned long)range->size,
                     (unsigned long)build->facts->guest_bits);
        return false;
    }
    for (uint32_t i = 0; i < map->count; i++)
        if (range_overlaps(&map->at[i].range, range)) {
            report_error(build, NOTE_GUEST_ADDRESS_TAKEN, build->system, node, property,
                         "guest address 0x%lx with size 0x%lx meets %s at 0x%lx",
                         (unsigned long)range->base, (unsigned long)range->size, map->at[i].name,
                         (unsigned long)map->at[i].range.base);
            return false;
        }
    guest_map_add(map, range->base, range->size, name);
    return true;
}

static void guest_map_take_shared(struct build *build, struct guest_map *map, uint32_t partition)
{
    const bool direct = build->plan->partition[partition].layout.kind == PLAN_LAYOUT_DIRECT;

    for (uint32_t i = 0; i < build->plan->shared_count; i++) {
        const struct plan_shared *area = &build->plan->shared[i];

        for (uint32_t k = 0; k < area->peer_count; k++) {
            const struct range range = {area->peer[k].guest, area->size};

            if (area->peer[k].partition != partition)
                continue;
            if (direct && area->host != range.base)
                report_error(build, NOTE_SHARED_DIRECT, build->system, build->shared_node[i][k],
                             "xen,shared-mem",
                             "guest address 0x%lx is not the host's: the domain's map is direct",
                             (unsigned long)range.base);
            else
                guest_map_take(build, map, &range, area->id, build->shared_node[i][k],
                               "xen,shared-mem");
        }
    }
}

static void guest_map_take_device(struct build *build, struct guest_map *map, uint32_t partition,
                                  const struct plan_device *device)
{
    build->inside = device->name;
    for (uint32_t k = 0; k < device->range_count; k++) {
        const struct range range = {device->range[k].guest, device->range[k].size};

        if (!device->range[k].again)
            guest_map_take(build, map, &range, device->name, build->module[partition][BUILD_TREE],
                           "xen,reg");
    }
    build->inside = NULL;
}

/* What is in the way of a range; NULL: nothing. */
static const struct range *guest_map_meets(const struct guest_map *map, const struct range *range)
{
    for (uint32_t i = 0; i < map->count; i++)
        if (range_overlaps(&map->at[i].range, range))
            return &map->at[i].range;
    return NULL;
}

/* A device that may be anywhere stays where the machine has it, or goes to the layout's window. */
static void guest_map_place(struct build *build, struct guest_map *map,
                            const struct plan_device *device, struct plan_device_range *at)
{
    const struct plan_partition *partition = &build->plan->partition[device->partition];
    const uint64_t space = 1ull << build->facts->guest_bits;
    const struct range *meets;
    struct range range = {at->host, at->size};

    if (partition->layout.kind == PLAN_LAYOUT_DIRECT) {
        guest_map_take(build, map, &range, device->name, build->node[device->partition],
                       device_asks(build, device->partition));
        return;
    }
    if (range.base >= space || range.size > space - range.base || guest_map_meets(map, &range)) {
        range.base = LAYOUT_WINDOW;
        while ((meets = guest_map_meets(map, &range)) != NULL)
            range.base = align_up(meets->base + meets->size, LAYOUT_WINDOW_STEP);
    }
    at->guest = range.base;
    guest_map_take(build, map, &range, device->name, build->node[device->partition],
                   device_asks(build, device->partition));
}

/* Pages that are there already are where they are. */
static void guest_map_find(const struct plan *plan, uint32_t partition,
                           struct plan_device_range *range)
{
    for (uint32_t i = 0; i < plan->device_count; i++)
        for (uint32_t k = 0; k < plan->device[i].range_count; k++) {
            const struct plan_device_range *there = &plan->device[i].range[k];

            if (plan->device[i].partition == partition && !there->again &&
                range->host >= there->host && range->host - there->host < there->size)
                range->guest = there->guest + (range->host - there->host);
        }
}

static void guest_map_take_devices(struct build *build, struct guest_map *map, uint32_t partition)
{
    struct plan *plan = build->plan;

    for (uint32_t i = 0; i < plan->device_count; i++) {
        struct plan_device *device = &plan->device[i];

        if (device->partition != partition)
            continue;
        if (!device->written)
            guest_map_take_device(build, map, partition, device);
        for (uint32_t k = 0; device->written && k < device->range_count; k++)
            if (device->range[k].again)
                guest_map_find(plan, partition, &device->range[k]);
            else
                guest_map_place(build, map, device, &device->range[k]);
    }
}

void guest_maps_check(struct build *build)
{
    for (uint32_t i = 0; i < build->plan->partition_count; i++) {
        struct guest_map map;

        guest_map_read(build, &build->plan->partition[i], &map);
        guest_map_take_shared(build, &map, i);
        guest_map_take_devices(build, &map, i);
    }
}
