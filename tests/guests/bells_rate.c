/* SPDX-License-Identifier: BSD-2-Clause */
/* A partition that rings itself as often as it can: the kernel lets it wait, so that nobody can be
 * rung more often than that. */
#include "guest.h"
#include <bulkhead/invoke.h>

enum { RINGS = 1000, RATE = 100000 };

void guest_main(const void *tree)
{
    const uint64_t slot = fdt_number(tree, "doorbell", "channel", "bulkhead,slot");
    const uint64_t start = clock_ticks();
    uint64_t ticks, refused = 0;

    for (unsigned i = 0; i < RINGS; i++)
        refused += bh_hvc(BH_EVENT_SIGNAL, slot, 0, 0, 0, 0, 0, 0).status != BH_OK;
    ticks = clock_ticks() - start;
    tap_ok(!refused && ticks >= (RINGS - 1) * (clock_hz() / RATE), "rings %lu ns apart",
           ticks * 1000000000 / clock_hz() / RINGS);
    tap_end();
}
