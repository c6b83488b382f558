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

/* True when the images lie in the RAM, one behind the other. No sum is formed before it is known to
 * fit. */
static bool load_fits(const struct bh_mon_config *config)
{
    uint64_t done = 0;

    for (uint32_t i = 0; i < config->images; i++) {
        const struct bh_mon_image *image = &config->image[i];
        uint64_t start = image->target - config->ram_base; /* wraps to something large below it */

        if (start < done || start > config->ram_size || image->size > config->ram_size - start)
            return false;
        done = start + image->size;
    }
    return true;
}

static void load_report(const struct bh_mon_config *config)
{
    struct text text = {.length = 0};

    text_string(&text, config->name);
    text_string(&text, " started cores=");
    text_number(&text, config->vcpus);
    text_string(&text, " memory=");
    if (config->ram_size % 0x100000) {
        text_number(&text, config->ram_size >> 10);
        text_string(&text, "K at=");
    } else {
        text_number(&text, config->ram_size >> 20);
        text_string(&text, "M at=");
    }
    text_number(&text, clock_us());
    text_string(&text, "us");
    port_print(&text);
}

struct answer load_partition(const struct bh_mon_config *config)
{
    if (config->magic != BH_MON_MAGIC || config->vcpus > BH_MAX_VCPUS ||
        config->images > BH_MON_IMAGES)
        return load_refuse("monitor", "configuration", "of another version");
    if (!load_fits(config))
        return load_refuse(config->name, "configuration", "images outside of the RAM");
    fill_ram(config);
    load_report(config);
    return (struct answer){BH_DO_START, {config->entry, config->tree}};
}
