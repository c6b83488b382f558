/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's pools: a system that needs more than config/pools.h has is a mistake of its
 * description, told before anything is built.
 *
 * Cores bound most of it: each partition has one at least. Translation tables are what RAM can use
 * up, when it is large, or not congruent with where the guest has it to 2 MiB, so that it is mapped
 * by pages. */
#include "build.h"
#include "layout.h"
#include "pools.h"

#define TABLES_PAGES 21u /* 2 MiB: what one table of pages covers */
#define TABLES_MID   30u /* 1 GiB: what one table of 2 MiB blocks covers */

/* A space of an EL0 program without its guest's: one table of blocks, and one of pages each for
 * text, writable memory, its configuration and its console's pages. */
#define TABLES_PROGRAM 5u

/* The manager's own, where nothing depends on the description: program, stack, trees, the window's
 * first tables. */
#define TABLES_MANAGER 12u

_Static_assert(PLAN_CORES + 1 <= LIMIT_PARTITIONS, "a partition for each core, and the console");
_Static_assert(PLAN_CORES + 1 <= LIMIT_VCPUS, "a vCPU for each core, and the console's");
_Static_assert(PLAN_CORES + 1 + 2 * PLAN_CHANNELS <= LIMIT_EVENTS,
               "a bell for each partition, the console's, and two of each event channel");

/* Regions that need a table of their own, by number, in one space. */
struct tables {
    struct ranges pages;
    struct ranges mid;
    bool full; /* so many apart that they are too many anyway */
};

static void tables_add(struct tables *tables, struct ranges *set, uint32_t shift, uint64_t first,
                       uint64_t last)
{
    tables->full =
        !ranges_add(set, first >> shift, (last >> shift) - (first >> shift) + 1) || tables->full;
}

/* What is not congruent, and what is cut off at either end, is mapped by smaller blocks: as
 * space_map_commit() does it in the kernel. */
static void tables_map_level(struct tables *tables, struct ranges *set, uint32_t shift, uint64_t at,
                             uint64_t from, uint64_t size)
{
    const uint64_t mask = (1ull << shift) - 1;
    const uint64_t end = at + size;

    if ((at ^ from) & mask) {
        tables_add(tables, set, shift, at, end - 1);
        return;
    }
    if (at & mask)
        tables_add(tables, set, shift, at, at);
    if (end & mask)
        tables_add(tables, set, shift, end - 1, end - 1);
}

static void tables_map(struct tables *tables, uint64_t at, uint64_t from, uint64_t size)
{
    if (!size)
        return;
    tables_map_level(tables, &tables->pages, TABLES_PAGES, at, from, size);
    tables_map_level(tables, &tables->mid, TABLES_MID, at, from, size);
}

/* A table of pages stands in one of blocks, whose region a smaller block has made it in anyway. */
static uint64_t tables_count(const struct tables *tables)
{
    return tables->full ? LIMIT_TABLES + 1
                        : ranges_total(&tables->pages) + ranges_total(&tables->mid);
}

/* The next address as far from a 2 MiB boundary as the pages are, as the manager chooses it. */
static uint64_t tables_next(uint64_t next, uint64_t base)
{
    uint64_t at = align_down(next, BLOCK_SIZE) + base % BLOCK_SIZE;

    return at < next ? at + BLOCK_SIZE : at;
}

/* A kernel that stays in its place is RAM. */
static const struct plan_module *tables_image(const struct plan_partition *partition,
                                              uint32_t index)
{
    static const struct plan_module none;

    if (!index && partition->in_place)
        return &none;
    if (!index)
        return partition->unpacked.size ? &partition->unpacked : &partition->kernel;
    return index == 1 ? &partition->ramdisk : &partition->extra[index - 2].module;
}

/* Where the guest finds the image in its flash; false when it is loaded instead. */
static bool tables_flash(const struct plan_partition *partition, uint32_t index, uint64_t *at)
{
    if (index == 1 || (!index && !partition->firmware))
        return false;
    *at = index ? partition->extra[index - 2].load : partition->segment[0].target;
    return *at < partition->layout.flash_size;
}

static void tables_devices(struct tables *tables, const struct plan *plan, uint32_t partition)
{
    for (uint32_t i = 0; i < plan->device_count; i++)
        for (uint32_t k = 0; k < plan->device[i].range_count; k++) {
            const struct plan_device_range *range = &plan->device[i].range[k];

            if (plan->device[i].partition == partition && !range->again)
                tables_map(tables, range->guest, range->host, range->size);
        }
}

static void tables_shared(struct tables *tables, const struct plan *plan, uint32_t index)
{
    for (uint32_t i = 0; i < plan->shared_count; i++) {
        const struct plan_shared *area = &plan->shared[i];

        for (uint32_t k = 0; k < area->peer_count; k++)
            if (area->peer[k].partition == index)
                tables_map(tables, area->peer[k].guest, area->host, area->size);
    }
}

static uint64_t tables_guest(const struct plan *plan, uint32_t index)
{
    const struct plan_partition *partition = &plan->partition[index];
    struct tables tables = {.full = false};
    uint64_t at;

    for (uint32_t i = 0; i < partition->bank_count; i++)
        tables_map(&tables, partition->bank[i].guest, partition->bank[i].host,
                   partition->bank[i].size);
    for (uint32_t i = 0; i < 2 + PLAN_EXTRAS; i++) {
        const struct plan_module *image = tables_image(partition, i);
        const struct range pages = range_pages(image->host, image->size);

        if (image->size && tables_flash(partition, i, &at))
            tables_map(&tables, at, pages.base, pages.size);
    }
    if (plan->gic == 2)
        tables_map(&tables, partition->layout.gicc, plan->gicv.base, plan->gicv.size);
    if (partition->board_uart)
        tables_map(&tables, partition->layout.uart, plan->uart.pages.base, PAGE_SIZE);
    tables_shared(&tables, plan, index);
    tables_devices(&tables, plan, index);
    return tables_count(&tables);
}

/* What the monitor has while it loads. */
static uint64_t tables_load(const struct plan_partition *partition)
{
    struct tables tables = {.full = false};
    uint64_t next = BH_MON_RAM;
    uint64_t at;

    for (uint32_t i = 0; i < partition->bank_count; i++) {
        next = tables_next(next, partition->bank[i].host);
        tables_map(&tables, next, partition->bank[i].host, partition->bank[i].size);
        next += partition->bank[i].size;
    }
    next = BH_MON_MODULES;
    for (uint32_t i = 0; i < 2 + PLAN_EXTRAS; i++) {
        const struct plan_module *image = tables_image(partition, i);
        const struct range pages = range_pages(image->host, image->size);

        if (!image->size || tables_flash(partition, i, &at))
            continue;
        next = tables_next(next, pages.base);
        tables_map(&tables, next, pages.base, pages.size);
        next += pages.size;
    }
    tables_map(&tables, align_up(next, BLOCK_SIZE), PAGE_SIZE, PLAN_GUEST_TREE);
    if (partition->write_count)
        tables_map(&tables, BH_MON_DEVICES, PAGE_SIZE, BH_MON_DEVICES_SIZE);
    return tables_count(&tables) + TABLES_PROGRAM;
}

/* The manager maps kernels that it reads and shared memory that it empties, each in blocks but for
 * its ends, and small pieces side by side. */
static uint64_t tables_manager(const struct plan *plan)
{
    uint64_t bytes = 0;
    uint64_t small = 0;
    uint64_t count = TABLES_MANAGER;

    for (uint32_t i = 0; i < plan->partition_count; i++) {
        const struct plan_partition *partition = &plan->partition[i];

        count += 2 + 2u * (partition->unpacked.size != 0) + 2u * (partition->passthrough.size != 0);
        bytes += partition->kernel.size + partition->unpacked.size;
    }
    for (uint32_t i = 0; i < plan->shared_count; i++) {
        const struct plan_shared *area = &plan->shared[i];

        count += area->size < BLOCK_SIZE ? 0 : 3;
        bytes += area->size;
        small += area->size < BLOCK_SIZE ? area->size : 0;
    }
    return count + (bytes >> TABLES_MID) + (small >> TABLES_PAGES);
}

/* The guest's RAM while it is loaded lies below its images. */
static bool tables_window(struct build *build, uint32_t index)
{
    const struct plan_partition *partition = &build->plan->partition[index];
    const uint64_t room = BH_MON_MODULES - BH_MON_RAM - PLAN_BANKS * BLOCK_SIZE;

    if (partition->ram_size <= room)
        return true;
    report_error(build, NOTE_MEMORY_ADDRESSES, build->system, build->node[index], "memory",
                 "%lu KiB are more than the %lu KiB that a monitor can load",
                 (unsigned long)(partition->ram_size / 1024), (unsigned long)(room / 1024));
    return false;
}

void tables_check(struct build *build)
{
    const struct plan *plan = build->plan;
    uint64_t needed = tables_manager(plan) + (plan->console.used ? TABLES_PROGRAM : 0);
    uint64_t most = 0;
    uint32_t largest = 0;
    bool fits = true;

    if (build->bad || build->fatal)
        return; /* what is not placed needs nothing */
    for (uint32_t i = 0; i < plan->partition_count; i++) {
        const struct plan_partition *partition = &plan->partition[i];
        uint64_t own = tables_guest(plan, i) + tables_load(partition) + TABLES_PROGRAM;

        fits = tables_window(build, i) && fits;
        needed += own;
        if (own > most) {
            most = own;
            largest = i;
        }
    }
    if (fits && needed > LIMIT_TABLES)
        report_error(build, NOTE_TABLES_MANY, build->system, build->node[largest], "memory",
                     "the system needs about %lu translation tables, %lu of them this domain; "
                     "there are %lu",
                     (unsigned long)needed, (unsigned long)most, (unsigned long)LIMIT_TABLES);
}
