/* SPDX-License-Identifier: BSD-2-Clause */
/* The page by which a guest's user space rings other partitions (bulkhead/doorbell.h). */
#include "monitor.h"

#include <bulkhead/doorbell.h>
#include <bulkhead/invoke.h>

/* True when the access is one of a doorbell's words. */
static bool doorbell_find(const struct bh_mon_config *config, uint64_t offset, uint64_t bytes,
                          uint64_t *number)
{
    *number = offset / BH_DOORBELL_RING(1);
    return bytes == 4 && offset % BH_DOORBELL_RING(1) == 0 && *number < config->doorbells;
}

uint64_t doorbell_read(const struct bh_mon_config *config, uint64_t offset, uint64_t bytes)
{
    uint64_t number;

    return doorbell_find(config, offset, bytes, &number);
}

void doorbell_write(const struct bh_mon_config *config, uint64_t offset, uint64_t bytes)
{
    uint64_t number;

    if (doorbell_find(config, offset, bytes, &number))
        bh_svc(BH_EVENT_SIGNAL, BH_MON_DOORBELL + number, 0, 0, 0, 0, 0, 0);
}
