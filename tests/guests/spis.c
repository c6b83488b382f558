/* SPDX-License-Identifier: BSD-2-Clause */
/* As many shared interrupts as GICD_TYPER says: the last one comes, and behind it nothing is. */
#include "guest.h"

enum { WAIT_US = 3000000, NONE_US = 3000 };

/* True when a register reads as zero whatever is written. */
static bool is_nothing(uint64_t at)
{
    write32(at, ~0u);
    return read32(at) == 0;
}

void guest_main(const void *tree)
{
    unsigned last;

    (void)tree;
    gic_init();
    last = gic_intids() - 1;
    print("spis: the last one is INTID %u\n", last);
    gic_enable(last);
    gic_priority(last, 0x60);
    gic_pend(last);
    tap_ok(gic_wait(WAIT_US) == last, "the last shared interrupt comes");
    gic_eoi(last);
    tap_ok(!gic_is_active(last) && gic_wait(NONE_US) == SPURIOUS, "and ends");
    tap_ok(is_nothing(gic_word(last + 1, ISENABLER)) && is_nothing(gic_word(last + 1, ISPENDR)) &&
               is_nothing(gic_word(last + 1, IGROUPR)),
           "behind it there are none");
    tap_end();
}
