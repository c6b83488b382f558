/* SPDX-License-Identifier: BSD-2-Clause */
/* What lies where in a guest's RAM and flash: nothing outside, nothing over another. */
#include "build.h"
#include "layout.h"
#include <libfdt.h>

struct piece {
    struct range range; /* guest physical; in the flash whole pages */
    const char *kind;
    const char *name;
    int node;             /* the module's, where a mistake is the description's */
    const char *property; /* of it; NULL: placed by us */
    bool flash;
};

struct pieces {
    uint32_t count;
    struct piece at[PLAN_SEGMENTS + 2 + PLAN_EXTRAS];
};

static struct piece *pieces_add(struct pieces *pieces, const char *name, uint64_t base,
                                uint64_t size)
{
    struct piece *piece = &pieces->at[pieces->count++];

    *piece = (struct piece){.range = {base, size}, .kind = "", .name = name};
    return piece;
}

static void pieces_collect(struct build *build, uint32_t index, struct pieces *pieces)
{
    const struct plan_partition *partition = &build->plan->partition[index];
    struct piece *piece;

    pieces_add(pieces, "ramdisk", partition->ramdisk_guest, partition->ramdisk.size);
    pieces_add(pieces, "device tree", partition->tree_guest, PLAN_GUEST_TREE);
    for (uint32_t i = 0; i < partition->segment_count; i++) {
        piece =
            pieces_add(pieces, "kernel", partition->segment[i].target, partition->segment[i].room);
        piece->node = build->module[index][BUILD_KERNEL];
        piece->property = place_property(build, piece->node);
        piece->flash = partition->firmware;
    }
    for (uint32_t i = 0; i < PLAN_EXTRAS && partition->extra[i].module.size; i++) {
        piece = pieces_add(pieces, NULL, partition->extra[i].load, partition->extra[i].module.size);
        piece->node = build->module[index][BUILD_EXTRA + i];
        piece->name = fdt_get_name(build->system, piece->node, NULL);
        piece->kind = "module ";
        piece->property = "bulkhead,load";
        piece->flash = piece->range.base < partition->layout.flash_size;
    }
}

/* True when it lies in what it belongs to; else reported. */
static bool pieces_inside(struct build *build, const struct plan_partition *partition,
                          const struct piece *piece)
{
    const struct range ram = layout_ram(partition);
    const struct range flash = {0, partition->layout.flash_size};
    const struct range *whole = piece->flash ? &flash : &ram;
    const struct range *range = &piece->range;

    if (piece->flash && range->base % PAGE_SIZE) {
        report_error(build, NOTE_FLASH_ALIGNMENT, build->system, piece->node, piece->property,
                     "0x%lx is no multiple of 4 KiB, as it must be in the flash",
                     (unsigned long)range->base);
        return false;
    }
    /* No sum: the address is the description's. */
    if (range->base >= whole->base && range->size <= whole->size &&
        range->base - whole->base <= whole->size - range->size)
        return true;
    report_error(build, NOTE_PIECE_OUTSIDE, build->system, piece->node, piece->property,
                 "0x%lx bytes at 0x%lx are not in its %s, 0x%lx bytes at 0x%lx",
                 (unsigned long)range->size, (unsigned long)range->base,
                 piece->flash ? "flash" : "RAM", (unsigned long)whole->size,
                 (unsigned long)whole->base);
    return false;
}

void pieces_check(struct build *build, uint32_t index)
{
    const struct plan_partition *partition = &build->plan->partition[index];
    struct pieces pieces = {.count = 0};

    pieces_collect(build, index, &pieces);
    for (uint32_t i = 0; i < pieces.count; i++) {
        struct piece *piece = &pieces.at[i];

        if (!piece->property)
            continue;
        if (!pieces_inside(build, partition, piece)) {
            piece->range.size = 0; /* it overlaps nothing */
            continue;
        }
        if (piece->flash)
            piece->range.size = align_up(piece->range.size, PAGE_SIZE);
        for (uint32_t other = 0; other < i; other++)
            if (range_overlaps(&piece->range, &pieces.at[other].range))
                report_error(build, NOTE_PIECE_OVERLAP, build->system, piece->node, piece->property,
                             "0x%lx bytes at 0x%lx overlap the %s%s, 0x%lx bytes at 0x%lx",
                             (unsigned long)piece->range.size, (unsigned long)piece->range.base,
                             pieces.at[other].kind, pieces.at[other].name,
                             (unsigned long)pieces.at[other].range.size,
                             (unsigned long)pieces.at[other].range.base);
    }
}
