/* SPDX-License-Identifier: BSD-2-Clause */
/* The images that partitions load. */
#include "images.h"
#include "carve.h"
#include "say.h"
#include <bulkhead/el0.h>
#include <stddef.h>

struct image {
    struct range pages;
    uint64_t slot;
    uint32_t users;
    void *at; /* NULL: not mapped here */
};

/* Kernel, what that is unpacked to, ramdisk, and others. */
static struct image images[PLAN_PARTITIONS * (3 + PLAN_EXTRAS)];
static uint32_t image_count;

/* NULL when there is none yet. The plan has made sure that ranges are identical or apart. */
static struct image *images_find(uint64_t base)
{
    for (uint32_t i = 0; i < image_count; i++)
        if (images[i].pages.base == base)
            return &images[i];
    return NULL;
}

/* The image with these pages, its memory taken; NULL when that was refused. */
static struct image *images_get(const char *who, const struct range *pages)
{
    struct image *image = images_find(pages->base);

    if (image)
        return image;
    image = &images[image_count];
    image->pages = *pages;
    if (!say_done(who, "take a module's memory", carve_ram(pages->base, pages->size, &image->slot)))
        return NULL;
    image_count++;
    return image;
}

static void *images_at(const struct range *pages, uint64_t rights)
{
    struct image *image = images_get("image", pages);

    if (!image)
        return NULL;
    if (!image->at &&
        !say_done("image", "map a module",
                  carve_map_blocks(image->slot, pages->base, pages->size, rights, &image->at)))
        image->at = NULL;
    return image->at;
}

static const uint8_t *images_read(const struct range *pages)
{
    return images_at(pages, BH_RIGHT_READ);
}

static uint8_t *images_write(const struct range *pages)
{
    return images_at(pages, BH_RIGHT_READ | BH_RIGHT_WRITE);
}

const struct plan_memory images_memory = {images_read, images_write, NULL};

const struct plan_module *images_kernel(const struct plan_partition *partition)
{
    return partition->unpacked.size ? &partition->unpacked : &partition->kernel;
}

static bool images_add(const char *who, const struct plan_module *module)
{
    const struct range pages = range_pages(module->host, module->size);
    struct image *image;

    if (!module->size)
        return true;
    image = images_get(who, &pages);
    if (!image)
        return false;
    image->users++;
    return true;
}

bool images_take(const struct plan *plan)
{
    for (uint32_t i = 0; i < plan->partition_count; i++) {
        const struct plan_partition *partition = &plan->partition[i];

        if ((!partition->in_place && !images_add(partition->name, images_kernel(partition))) ||
            !images_add(partition->name, &partition->ramdisk))
            return false;
        for (uint32_t extra = 0; extra < PLAN_EXTRAS; extra++)
            if (!images_add(partition->name, &partition->extra[extra].module))
                return false;
    }
    return true;
}

bool images_take_ram(const char *who, const struct range *pages, uint64_t *slot)
{
    const struct image *image = images_get(who, pages);

    if (image)
        *slot = image->slot;
    return image;
}

/* The slot by which this user maps an image: its own, if others use the image too. */
static bool images_slot(const struct plan_partition *partition, const struct image *image,
                        uint64_t rights, uint64_t *slot)
{
    *slot = image->slot;
    if (image->users == 1)
        return true;
    *slot = carve_slot();
    return say_call(partition->name, "share a module", BH_MEMORY_SHARE, image->slot, *slot, rights,
                    0, 0);
}

bool images_map(const struct plan_partition *partition, uint64_t slot,
                const struct plan_module *module, uint64_t *next, uint64_t *address)
{
    const struct image *image = images_find(module->host);
    uint64_t source;

    if (!module->size || !image)
        return true;
    if (!images_slot(partition, image, BH_RIGHT_READ, &source))
        return false;
    /* As far from a 2 MiB boundary as in physical memory, so that blocks can be used. */
    *address = carve_congruent(*next, image->pages.base, BLOCK_SIZE);
    *next = *address + image->pages.size;
    return say_call(partition->name, "map a module", BH_MEMORY_MAP, source, slot, BH_SPACE_LOAD,
                    *address, BH_RIGHT_READ);
}

bool images_map_flash(const struct plan_partition *partition, uint64_t slot,
                      const struct plan_module *module, uint64_t at)
{
    const uint64_t rights = BH_RIGHT_READ | BH_RIGHT_EXEC;
    const struct range pages = range_pages(module->host, module->size);
    const struct image *image = images_find(module->host);
    void *bytes = images_at(&pages, BH_RIGHT_READ);
    uint64_t source;

    if (!image || !bytes)
        return false;
    /* The guest begins with its caches off, and no monitor copies this for it. */
    bh_cache_clean(bytes, pages.size);
    return images_slot(partition, image, rights, &source) &&
           say_call(partition->name, "map a module for its guest", BH_MEMORY_MAP, source, slot,
                    BH_SPACE_GUEST, at, rights);
}
