/* SPDX-License-Identifier: BSD-2-Clause */
/* The images that partitions load. */
#include "images.h"
#include "carve.h"
#include "say.h"
#include <stddef.h>

struct image {
    struct range pages;
    uint64_t slot;
    uint32_t users;
};

static struct image images[PLAN_PARTITIONS * 2];
static uint32_t image_count;

/* NULL when there is none yet. The plan has made sure that ranges are identical or apart. */
static struct image *images_find(const struct plan_module *module)
{
    for (uint32_t i = 0; i < image_count; i++)
        if (images[i].pages.base == module->host)
            return &images[i];
    return NULL;
}

static bool images_add(const char *who, const struct plan_module *module)
{
    struct image *image = images_find(module);

    if (!module->size)
        return true;
    if (!image) {
        image = &images[image_count++];
        image->pages = range_pages(module->host, module->size);
        if (!say_done(who, "take a module's memory",
                      carve_ram(image->pages.base, image->pages.size, &image->slot)))
            return false;
    }
    image->users++;
    return true;
}

bool images_take(const struct plan *plan)
{
    for (uint32_t i = 0; i < plan->partition_count; i++) {
        const struct plan_partition *partition = &plan->partition[i];

        if (!images_add(partition->name, &partition->kernel) ||
            !images_add(partition->name, &partition->ramdisk))
            return false;
    }
    return true;
}

bool images_map(const struct plan_partition *partition, uint64_t slot,
                const struct plan_module *module, uint64_t *next, uint64_t *address)
{
    const struct image *image = images_find(module);
    uint64_t source;

    if (!module->size || !image)
        return true;
    source = image->slot;
    if (image->users > 1) {
        source = carve_slot();
        if (!say_call(partition->name, "share a module", BH_MEMORY_SHARE, image->slot, source,
                      BH_RIGHT_READ, 0, 0))
            return false;
    }
    /* As far from a 2 MiB boundary as in physical memory, so that blocks can be used. */
    *address = align_down(*next, BLOCK_SIZE) + image->pages.base % BLOCK_SIZE;
    if (*address < *next)
        *address += BLOCK_SIZE;
    *next = *address + image->pages.size;
    return say_call(partition->name, "map a module", BH_MEMORY_MAP, source, slot, BH_SPACE_LOAD,
                    *address, BH_RIGHT_READ);
}
