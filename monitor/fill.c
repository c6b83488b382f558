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

/* What lies there already is only cleaned: the boot loader may have written it with caches on. */
static void fill_image(const struct bh_mon_image *image, uint64_t skipped, char *to, uint64_t size)
{
    if (image->address)
        fill_copy(to, (const char *)image->address + skipped, size);
    else
        bh_cache_clean(to, size);
}

/* Fills a bank from its first byte to its last. Images may begin before it and end behind it. */
static void fill_bank(const struct bh_mon_config *config, const struct bh_mon_bank *bank)
{
    char *const ram = (char *)bank->address;
    const uint64_t end = bank->guest + bank->size;
    uint64_t done = bank->guest; /* everything below is as it shall be */

    for (uint32_t i = 0; i < config->images; i++) {
        const struct bh_mon_image *image = &config->image[i];
        uint64_t first = image->target > done ? image->target : done;
        uint64_t last = image->target + image->size < end ? image->target + image->size : end;

        if (first >= last)
            continue;
        zero_ram(ram + (done - bank->guest), ram + (first - bank->guest));
        fill_image(image, first - image->target, ram + (first - bank->guest), last - first);
        done = last;
    }
    zero_ram(ram + (done - bank->guest), ram + bank->size);
}

void fill_ram(const struct bh_mon_config *config)
{
    for (uint64_t i = 0; i < config->banks; i++)
        fill_bank(config, &config->bank[i]);
}
