/* SPDX-License-Identifier: BSD-2-Clause */
/* Fills guest RAM: the modules where they belong, zeroes everywhere else, all of it cleaned. */
#include "monitor.h"

#include <bulkhead/el0.h>

/* Bytes written before they are cleaned: they are in the first cache then. */
enum { CHUNK = 16384 };

static void fill_copy(char *to, const char *from, uint64_t size)
{
    while (size) {
        size_t count = size < CHUNK ? (size_t)size : CHUNK;

        __builtin_memcpy(to, from, count);
        bh_cache_clean(to, count);
        to += count;
        from += count;
        size -= count;
    }
}

/* Zeroes by cache line where the core allows it: the line's old content is never read. */
static void fill_zero(char *at, const char *end)
{
    uint64_t dczid, block;

    __asm__("mrs %0, dczid_el0" : "=r"(dczid));
    block = (uint64_t)4 << (dczid & 15);
    if (dczid & 16 || block > CHUNK / 4) /* DZP: DC ZVA is prohibited */
        block = 0;
    while (at < end) {
        /* to the next multiple of CHUNK: pieces leave odd ends at their edges only */
        char *next = (char *)(((uintptr_t)at | (CHUNK - 1)) + 1);
        char *stop = next < end ? next : (char *)end;
        size_t count = (size_t)(stop - at);

        if (!block || count != CHUNK)
            __builtin_memset(at, 0, count);
        else
            for (char *line = at; line != stop; line += 4 * block)
                __asm__ volatile("dc zva, %0\n\tdc zva, %1\n\tdc zva, %2\n\tdc zva, %3" ::"r"(line),
                                 "r"(line + block), "r"(line + 2 * block), "r"(line + 3 * block)
                                 : "memory");
        bh_cache_clean(at, count);
        at = stop;
    }
}

/* Fills the RAM from its first byte to its last. */
void fill_ram(const struct bh_mon_config *config)
{
    char *const ram = (char *)BH_MON_RAM;
    uint64_t done = 0; /* everything below is as it shall be */

    for (uint32_t i = 0; i < config->images; i++) {
        const struct bh_mon_image *image = &config->image[i];
        uint64_t start = image->target - config->ram_base;

        fill_zero(ram + done, ram + start);
        fill_copy(ram + start, (const char *)image->address, image->size);
        done = start + image->size;
    }
    fill_zero(ram + done, ram + config->ram_size);
}
