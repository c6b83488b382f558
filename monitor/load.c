/* SPDX-License-Identifier: BSD-2-Clause */
/* Loads the partition: what goes where was planned by the manager. */
#include "monitor.h"

static struct answer load_refuse(const char *name, const char *what, const char *reason)
{
    struct text text = {.length = 0};

    text_string(&text, name);
    text_string(&text, " error: ");
    text_string(&text, what);
    text_string(&text, ": ");
    text_string(&text, reason);
    port_print(&text);
    return (struct answer){BH_DO_STOP, {BH_STOP_LOAD}};
}

/* True when all of it is RAM. Banks that touch are one piece of it. No sum is formed before it is
 * known to fit. */
static bool load_is_ram(const struct bh_mon_config *config, uint64_t at, uint64_t size)
{
    for (uint64_t i = 0; i < config->banks; i++) {
        const struct bh_mon_bank *bank = &config->bank[i];
        uint64_t start = at - bank->guest; /* wraps to something large below it */

        if (start >= bank->size)
            continue;
        if (size <= bank->size - start)
            return true;
        size -= bank->size - start;
        at = bank->guest + bank->size;
    }
    return false;
}

/* True when the banks ascend, and the images in them, each behind the one before. */
static bool load_fits(const struct bh_mon_config *config)
{
    uint64_t done = 0;

    for (uint64_t i = 0; i < config->banks; i++) {
        const struct bh_mon_bank *bank = &config->bank[i];

        if (!bank->size || bank->guest < done || bank->guest + bank->size < bank->guest)
            return false;
        done = bank->guest + bank->size;
    }
    done = 0;
    for (uint32_t i = 0; i < config->images; i++) {
        const struct bh_mon_image *image = &config->image[i];

        if (image->target < done || !load_is_ram(config, image->target, image->size))
            return false;
        done = image->target + image->size;
    }
    return true;
}

static void load_report(const struct bh_mon_config *config)
{
    struct text text = {.length = 0};
    uint64_t size = 0;

    for (uint64_t i = 0; i < config->banks; i++)
        size += config->bank[i].size;
    text_string(&text, config->name);
    text_string(&text, " started cores=");
    text_number(&text, config->vcpus);
    text_string(&text, " memory=");
    if (size % 0x100000) {
        text_number(&text, size >> 10);
        text_string(&text, "K at=");
    } else {
        text_number(&text, size >> 20);
        text_string(&text, "M at=");
    }
    text_number(&text, clock_us());
    text_string(&text, "us");
    port_print(&text);
}

struct answer load_partition(const struct bh_mon_config *config)
{
    if (config->magic != BH_MON_MAGIC || config->vcpus > BH_MAX_VCPUS ||
        config->images > BH_MON_IMAGES || config->banks > BH_MON_BANKS ||
        config->writes > BH_MON_WRITES)
        return load_refuse("monitor", "configuration", "of another version");
    if (!load_fits(config))
        return load_refuse(config->name, "configuration", "images outside of the RAM");
    quiesce_devices(config);
    fill_ram(config);
    load_report(config);
    return (struct answer){BH_DO_START, {config->entry, config->tree}};
}
