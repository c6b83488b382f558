/* SPDX-License-Identifier: BSD-2-Clause */
/* Priority, group and trigger mode that change while an interrupt is pending or active, one core.
 */
#include "guest.h"

enum { FIRST = 40, PPI = 20, SGI = 3, WAIT_US = 3000000, NONE_US = 3000 };

static unsigned take(void)
{
    return gic_wait(WAIT_US);
}

static bool nothing(void)
{
    return gic_wait(NONE_US) >= 1020; /* 1022 is for a group that is not the usual one, GICv2 */
}

/* Written while pending: it counts at once. Written while active: the running one keeps its own. */
static void check_priority(void)
{
    gic_priority(FIRST, 0x80);
    gic_priority(FIRST + 1, 0x60);
    gic_mask(0x10);
    gic_pend(FIRST);
    gic_pend(FIRST + 1);
    gic_priority(FIRST, 0x40);
    gic_mask(0xff);
    tap_ok(take() == FIRST, "raised while pending, it comes first");
    tap_ok(gic_running() == 0x40, "with its new priority");
    gic_priority(FIRST, 0xa0);
    tap_ok(gic_running() == 0x40, "lowered while active, it runs on as it was");
    tap_ok(gic_ack() == SPURIOUS, "and is not preempted by what it would be now");
    gic_eoi(FIRST);
    tap_ok(take() == FIRST + 1, "then the other");
    gic_pend(FIRST);
    tap_ok(nothing(), "the first is the lower one by now");
    gic_priority(FIRST, 0x20);
    tap_ok(take() == FIRST, "raised while pending, it preempts");
    gic_eoi(FIRST);
    gic_eoi(FIRST + 1);
    gic_priority(FIRST, 0x80);
    gic_pend(FIRST);
    gic_priority(FIRST, 0xc0);
    gic_mask(0xa0);
    tap_ok(nothing(), "lowered while pending, the mask holds it back");
    gic_priority(FIRST, 0x88);
    tap_ok(take() == FIRST, "raised again it comes");
    gic_mask(0xff);
    gic_eoi(FIRST);
}

/* The same for private ones: their priorities lie elsewhere. */
static void check_private(const char *name, unsigned intid)
{
    gic_enable(intid);
    gic_priority(intid, 0xa0);
    gic_priority(FIRST, 0x80);
    gic_mask(0x10);
    gic_pend(intid);
    gic_pend(FIRST);
    gic_priority(intid, 0x40);
    gic_mask(0xff);
    tap_ok(take() == intid, "%s raised while pending comes first", name);
    gic_eoi(intid);
    tap_ok(take() == FIRST, "%s: then the other", name);
    gic_pend(intid);
    tap_ok(take() == intid && gic_running() == 0x40, "%s preempts", name);
    gic_eoi(intid);
    gic_eoi(FIRST);
}

/* Switched to the other group while pending: it comes by that group, when that is on. */
static void check_group(const char *name, unsigned intid)
{
    const unsigned usual = gic_version == 2 ? 0 : 1;

    gic_enable(intid);
    gic_pend(intid);
    gic_group(intid, !usual);
    tap_ok(nothing() && gic_is_pending(intid), "%s: pending, then in a group that is off, it waits",
           name);
    gic_group(intid, usual);
    tap_ok(take() == intid, "%s: back in its group it comes", name);
    gic_group(intid, !usual);
    tap_ok(gic_is_active(intid), "%s: in another group while active, it stays active", name);
    gic_group(intid, usual);
    gic_eoi(intid);
    tap_ok(!gic_is_active(intid) && nothing(), "%s: until its end", name);
}

/* The trigger mode of an interrupt without a device: what is pending by register stays so. */
static void check_trigger(void)
{
    gic_mask(0x10);
    gic_edge(FIRST, true);
    gic_pend(FIRST);
    gic_disable(FIRST);
    gic_edge(FIRST, false);
    tap_ok(gic_is_pending(FIRST), "edge to level: still pending by register");
    gic_edge(FIRST, true);
    gic_enable(FIRST);
    gic_mask(0xff);
    tap_ok(take() == FIRST, "level to edge: it comes");
    gic_disable(FIRST);
    gic_edge(FIRST, false);
    gic_enable(FIRST);
    gic_pend(FIRST);
    tap_ok(gic_is_active(FIRST) && gic_is_pending(FIRST), "to level while active: pended again");
    gic_eoi(FIRST);
    tap_ok(take() == FIRST, "and comes again");
    gic_eoi(FIRST);
    tap_ok(nothing() && !gic_is_pending(FIRST), "once");
}

void guest_main(const void *tree)
{
    (void)tree;
    gic_init();
    gic_edge(FIRST, true);
    gic_edge(FIRST + 1, true);
    gic_enable(FIRST);
    gic_enable(FIRST + 1);
    check_priority();
    check_private("an SGI", SGI);
    check_private("a PPI", PPI);
    check_group("SGI", SGI);
    check_group("PPI", PPI);
    check_group("SPI", FIRST);
    check_trigger();
    tap_end();
}
