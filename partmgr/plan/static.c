/* SPDX-License-Identifier: BSD-2-Clause */
/* xen,static-mem: RAM of the machine that a domain names itself, and that nobody else gets. */
#include "layout.h"
#include "tree.h"
#include <libfdt.h>

static const char static_property[] = "xen,static-mem";

/* The ranges stand in the banks, in the order of the property, until they are taken. */
void static_read(struct build *build, uint32_t index, struct tree_cells cells)
{
    struct plan_partition *partition = &build->plan->partition[index];
    int node = build->node[index];
    uint32_t count = tree_ranges(build, build->system, node, static_property, cells);
    uint64_t sum = 0;

    partition->is_static = fdt_getprop(build->system, node, static_property, NULL);
    if (count > PLAN_BANKS) {
        report_error(build, NOTE_STATIC_MANY, build->system, node, static_property,
                     "%lu ranges, at most %lu", (unsigned long)count, (unsigned long)PLAN_BANKS);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct range range;

        if (!tree_range(build, build->system, node, static_property, cells, i, &range))
            return;
        if ((range.base | range.size) % PAGE_SIZE) {
            report_error(build, NOTE_STATIC_ALIGNMENT, build->system, node, static_property,
                         "0x%lx with size 0x%lx is not made of whole pages of 4 KiB",
                         (unsigned long)range.base, (unsigned long)range.size);
            return;
        }
        partition->bank[partition->bank_count++] = (struct plan_bank){0, range.base, range.size};
        sum += range.size;
    }
    if (count && partition->ram_size && sum != partition->ram_size)
        report_error(build, NOTE_STATIC_SUM, build->system, node, static_property,
                     "%lu KiB, but memory says %lu", (unsigned long)(sum / 1024),
                     (unsigned long)(partition->ram_size / 1024));
}

/* The name of the module that the range overlaps, and whose it is. */
static const char *static_meets_module(struct build *build, const struct range *range,
                                       const char **owner)
{
    for (uint32_t i = 0; i < build->plan->partition_count; i++)
        for (uint32_t kind = 0; kind < BUILD_KINDS; kind++) {
            const struct plan_module *module = build_module(build, i, kind);
            struct range pages;

            if (!module->size)
                continue;
            pages = range_pages(module->host, module->size);
            if (range_overlaps(&pages, range)) {
                *owner = build->plan->partition[i].name;
                return fdt_get_name(build->system, build->module[i][kind], NULL);
            }
        }
    return NULL;
}

/* The domain, this one or one before, that has some of the range already; NULL: nobody. */
static const char *static_meets_another(const struct build *build, uint32_t index, uint32_t bank,
                                        const struct range *range)
{
    for (uint32_t i = 0; i <= index; i++) {
        const struct plan_partition *partition = &build->plan->partition[i];
        uint32_t count = i == index ? bank : partition->bank_count;

        for (uint32_t j = 0; partition->is_static && j < count; j++) {
            const struct range other = {partition->bank[j].host, partition->bank[j].size};

            if (range_overlaps(&other, range))
                return partition->name;
        }
    }
    return NULL;
}

static bool static_take_range(struct build *build, uint32_t index, uint32_t bank)
{
    const struct plan_bank *at = &build->plan->partition[index].bank[bank];
    const struct range range = {at->host, at->size};
    const unsigned long base = at->host;
    const unsigned long size = at->size;
    const char *owner = "";
    int node = build->node[index];
    uint64_t where = 0;
    const char *other = place_meets_ours(build, &range, &where);

    if (other)
        report_error(build, NOTE_STATIC_ON_OURS, build->system, node, static_property,
                     "0x%lx with size 0x%lx overlaps %s at 0x%lx", base, size, other,
                     (unsigned long)where);
    else if (!ranges_contain(&build->usable, range.base, range.size))
        report_error(build, NOTE_STATIC_NO_RAM, build->system, node, static_property,
                     "0x%lx with size 0x%lx is not all in usable RAM", base, size);
    else if ((other = static_meets_module(build, &range, &owner)))
        report_error(build, NOTE_STATIC_ON_MODULE, build->system, node, static_property,
                     "0x%lx with size 0x%lx overlaps module %s of %s", base, size, other, owner);
    else if ((other = static_meets_another(build, index, bank, &range)))
        report_error(build, NOTE_STATIC_OVERLAP, build->system, node, static_property,
                     "0x%lx with size 0x%lx overlaps RAM of %s", base, size, other);
    else if (!ranges_contain(&build->free, range.base, range.size))
        report_error(build, NOTE_STATIC_RESERVED, build->system, node, static_property,
                     "0x%lx with size 0x%lx is in part the boot loader's, or the bundle's", base,
                     size);
    else if (!ranges_remove(&build->free, range.base, range.size))
        report_error(build, NOTE_PIECES_MANY, build->system, node, static_property,
                     "leaves too many pieces of RAM");
    else
        return true;
    return false;
}

/* A direct map has its banks where they are; they ascend. */
static void static_sort(struct plan_partition *partition)
{
    for (uint32_t i = 1; i < partition->bank_count; i++)
        for (uint32_t j = i; j && partition->bank[j].host < partition->bank[j - 1].host; j--) {
            struct plan_bank bank = partition->bank[j];

            partition->bank[j] = partition->bank[j - 1];
            partition->bank[j - 1] = bank;
        }
}

static bool static_map(struct build *build, uint32_t index)
{
    struct plan_partition *partition = &build->plan->partition[index];
    const struct plan_partition named = *partition;
    int node = build->node[index];
    uint64_t end = 0;

    if (partition->layout.kind == PLAN_LAYOUT_DIRECT) {
        static_sort(partition);
        if (!layout_direct(build, index))
            return false;
    } else {
        partition->bank_count = 0;
        for (uint32_t i = 0; i < named.bank_count; i++)
            if (!layout_add(partition, named.bank[i].host, named.bank[i].size)) {
                report_error(build, NOTE_STATIC_MANY, build->system, node, static_property,
                             "more than %lu pieces of its memory map", (unsigned long)PLAN_BANKS);
                return false;
            }
    }
    for (uint32_t i = 0; i < partition->bank_count; i++)
        end = partition->bank[i].guest + partition->bank[i].size;
    if (end <= 1ull << build->facts->guest_bits)
        return true;
    report_error(build, NOTE_STATIC_ADDRESSES, build->system, node, static_property,
                 "ends at 0x%lx for its guest, which has %lu bits of address", (unsigned long)end,
                 (unsigned long)build->facts->guest_bits);
    return false;
}

void static_take(struct build *build)
{
    for (uint32_t i = 0; i < build->plan->partition_count; i++) {
        struct plan_partition *partition = &build->plan->partition[i];
        bool good = partition->is_static && partition->bank_count && partition->ram_size;

        for (uint32_t bank = 0; partition->is_static && bank < partition->bank_count; bank++)
            good &= static_take_range(build, i, bank);
        if (partition->is_static &&
            !(good && static_map(build, i))) /* reported: nothing more is to be said of it */
            partition->ram_size = partition->bank_count = 0;
    }
}
