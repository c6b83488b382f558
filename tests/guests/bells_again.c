/* SPDX-License-Identifier: BSD-2-Clause */
/* A partition that begins anew while its doorbell is rung: what had come is gone, what comes then
 * arrives, and its peer goes on. bootargs: peer=1 stays. */
#include "guest.h"
#include <bulkhead/doorbell.h>
#include <bulkhead/guest.h>
#include <bulkhead/invoke.h>

enum { WAIT_S = 30 };

static unsigned intid;
static uint64_t slot;
static volatile uint32_t seen;

void irq_handle(struct frame *frame)
{
    unsigned taken = gic_ack();

    (void)frame;
    if (taken >= 1020)
        return;
    seen += taken == intid;
    gic_eoi(taken);
}

static bool ring(void)
{
    return bh_hvc(BH_EVENT_SIGNAL, slot, 0, 0, 0, 0, 0, 0).status == BH_OK;
}

static bool wait_for(uint32_t rings)
{
    uint64_t end = clock_ticks() + WAIT_S * clock_hz();

    while (seen < rings && clock_ticks() < end) {
        irq_on();
        irq_off();
    }
    return seen == rings;
}

static bool wait_pending(void)
{
    uint64_t end = clock_ticks() + WAIT_S * clock_hz();

    while (!gic_is_pending(intid) && clock_ticks() < end)
        ;
    return gic_is_pending(intid);
}

static void peer(void)
{
    gic_enable(intid);
    tap_ok(ring() && wait_for(1), "answered in its first life");
    tap_ok(ring() && wait_for(2), "rung in its second");
    tap_ok(ring(), "answered");
    tap_end();
}

static void first_life(void)
{
    bool good;

    gic_enable(intid);
    good = wait_for(1);
    gic_disable(intid);
    good = good && ring() && wait_pending();
    print("# first life: %s\n", good ? "rung, and again" : "not rung");
    psci(PSCI_SYSTEM_RESET, 0, 0, 0);
}

static void second_life(void)
{
    tap_ok(!gic_is_pending(intid), "nothing is left of the first life");
    gic_enable(intid);
    tap_ok(ring() && wait_for(1), "a new ring arrives: %u", seen);
    tap_end();
}

void guest_main(const void *tree)
{
    uint64_t lives = bh_hvc(BH_GUEST_STATE, 0, 0, 0, 0, 0, 0, 0).value[0] >> 32;

    slot = fdt_number(tree, "doorbell", "channel", "bulkhead,slot");
    intid = 32 + (unsigned)fdt_number(tree, "doorbell", "channel", "interrupts");
    gic_init_keep();
    gic_edge(intid, true);
    if (bootargs_number(tree, "peer", 0))
        peer();
    else if (!lives)
        first_life();
    else
        second_life();
}
