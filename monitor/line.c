/* SPDX-License-Identifier: BSD-2-Clause */
/* The interrupt outputs of emulated devices. */
#include "monitor.h"

#include <bulkhead/invoke.h>

void line_drive(uint32_t intid, bool level, bool *driven)
{
    uint64_t bit = (uint64_t)1 << intid % 32;

    if (level == *driven)
        return;
    *driven = level;
    bh_svc(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_LINE, intid & ~31u, level ? bit : 0, bit, 0, 0);
}
