/* SPDX-License-Identifier: BSD-2-Clause */
/* Priorities, one core: order, the mask, preemption by group priority, nesting. */
#include "guest.h"

enum { FIRST = 40, COUNT = 8, SGI = 3, WAIT_US = 3000000, NONE_US = 3000 };

static unsigned take(void)
{
    return gic_wait(WAIT_US);
}

static bool nothing(void)
{
    return gic_wait(NONE_US) == SPURIOUS;
}

static void check_mask(void)
{
    gic_priority(FIRST, 0xa0);
    gic_priority(FIRST + 1, 0x40);
    gic_mask(0x40);
    gic_pend(FIRST);
    gic_pend(FIRST + 1);
    tap_ok(nothing(), "the priority mask holds both back");
    gic_mask(0x48);
    tap_ok(gic_highest() == FIRST + 1, "the highest pending one is the one that passes");
    tap_ok(take() == FIRST + 1, "it comes");
    gic_eoi(FIRST + 1);
    tap_ok(nothing(), "the other waits");
    gic_mask(0xff);
    tap_ok(take() == FIRST, "and comes");
    gic_mask(0x10);
    tap_ok(gic_running() == 0xa0, "a mask that is lowered leaves the running one");
    gic_eoi(FIRST);
    gic_pend(FIRST + 1);
    tap_ok(nothing(), "masked it waits");
    gic_mask(0xff);
    tap_ok(take() == FIRST + 1, "unmasked it comes");
    gic_eoi(FIRST + 1);
    gic_mask(0);
    gic_priority(FIRST, 0);
    gic_pend(FIRST);
    tap_ok(nothing(), "a mask of 0 holds the highest priority back");
    gic_mask(8);
    tap_ok(take() == FIRST, "a mask of 8 lets it pass");
    gic_eoi(FIRST);
    gic_mask(0xff);
}

/* The lowest priority cannot be taken: the mask's highest value is not below it. */
static void check_lowest(void)
{
    gic_priority(FIRST, 0xf8);
    gic_pend(FIRST);
    gic_mask(0xf8);
    tap_ok(nothing(), "priority 0xf8 does not pass a mask of 0xf8");
    gic_unpend(FIRST);
    gic_mask(0xff);
}

static void check_order(void)
{
    bool right = true;

    for (unsigned i = 0; i < COUNT; i++)
        gic_priority(FIRST + i, 0x20 + 0x10 * (i * 5 % COUNT));
    for (unsigned i = 0; i < COUNT; i++)
        gic_pend(FIRST + i);
    for (unsigned i = 0; i < COUNT; i++) {
        unsigned intid = take();

        right = right && gic_running() == 0x20 + 0x10 * i;
        gic_eoi(intid);
    }
    tap_ok(right, "%u come in the order of their priorities", COUNT);
    for (unsigned i = 0; i < COUNT; i++)
        gic_priority(FIRST + i, 0x80);
    right = true;
    for (unsigned i = 0; i < COUNT; i++)
        gic_pend(FIRST + i);
    for (unsigned i = 0, seen = 0; i < COUNT; i++) {
        unsigned intid = take();

        right = right && intid >= FIRST && intid < FIRST + COUNT && !(seen >> (intid - FIRST) & 1);
        seen |= 1u << (intid - FIRST);
        right = right && gic_ack() == SPURIOUS;
        gic_eoi(intid);
    }
    tap_ok(right && nothing(), "%u of one priority: each once, none preempts another", COUNT);
}

/* Nested as deep as there are interrupts, then ended in order. */
static void check_nesting(void)
{
    bool right = true;

    for (unsigned i = 0; i < COUNT; i++) {
        gic_priority(FIRST + i, 0x80 - 0x10 * i);
        gic_pend(FIRST + i);
        right = right && take() == FIRST + i && gic_running() == 0x80 - 0x10 * i;
    }
    tap_ok(right, "%u nested, each preempts the one before", COUNT);
    gic_pend(FIRST);
    tap_ok(gic_is_active(FIRST) && gic_is_pending(FIRST), "the outermost is pended again");
    for (unsigned i = COUNT; i-- > 1;) {
        gic_eoi(FIRST + i);
        right = right && gic_running() == 0x80 - 0x10 * (i - 1) && gic_ack() == SPURIOUS;
    }
    tap_ok(right, "ended, the one before goes on");
    gic_eoi(FIRST);
    tap_ok(take() == FIRST, "the outermost comes again");
    gic_eoi(FIRST);
    tap_ok(gic_running() == 0xff && nothing(), "then none runs");
}

/* The binary point: what preempts is the part above it. The smallest one is the implementation's;
 * group priorities of 0x40 each are below it everywhere. */
static void check_binary_point(void)
{
    const unsigned point = gic_version == 2 ? 5 : 6; /* group priority: bits 7 and 6 */

    gic_binary_point(point);
    gic_priority(FIRST, 0x70);
    gic_priority(FIRST + 1, 0x50);
    gic_priority(FIRST + 2, 0x30);
    gic_pend(FIRST);
    tap_ok(take() == FIRST, "binary point: the first");
    gic_pend(FIRST + 1);
    tap_ok(nothing() && gic_highest() == FIRST + 1,
           "a higher one of the same group priority does not preempt");
    gic_pend(FIRST + 2);
    tap_ok(take() == FIRST + 2, "one of a higher group priority does");
    tap_ok(gic_running() == 0x00 || gic_running() == 0x30, "and runs, by its group priority");
    gic_eoi(FIRST + 2);
    tap_ok(nothing(), "the second still waits");
    gic_eoi(FIRST);
    tap_ok(take() == FIRST + 1, "and comes when the first has ended");
    gic_eoi(FIRST + 1);

    gic_pend(FIRST);
    gic_pend(FIRST + 1);
    tap_ok(take() == FIRST + 1, "of two pending ones the whole priority decides");
    gic_eoi(FIRST + 1);
    tap_ok(take() == FIRST, "then the other");
    gic_eoi(FIRST);

    gic_binary_point(7); /* GICv2, group 0: nothing preempts; GICv3, group 1: bit 7 */
    gic_priority(FIRST, 0xa0);
    gic_pend(FIRST);
    take();
    gic_pend(FIRST + 2);
    tap_ok(gic_version == 2 ? nothing() : take() == FIRST + 2,
           "with the largest one the upper bit decides, or nothing does");
    if (gic_version == 3)
        gic_eoi(FIRST + 2);
    gic_eoi(FIRST);
    if (gic_version == 2)
        gic_eoi(take());
    gic_binary_point(0);
    tap_ok(gic_running() == 0xff && nothing(), "binary point: nothing left");
}

/* SGIs, PPIs and SPIs compete with each other. */
static void check_kinds(void)
{
    gic_enable(SGI);
    gic_enable(20);
    gic_priority(SGI, 0x50);
    gic_priority(20, 0x40);
    gic_priority(FIRST, 0x30);
    gic_pend(SGI);
    gic_pend(20);
    gic_pend(FIRST);
    tap_ok(take() == FIRST, "an SPI first by priority");
    gic_eoi(FIRST);
    tap_ok(take() == 20, "then a PPI");
    gic_eoi(20);
    tap_ok(take() == SGI, "then an SGI");
    gic_eoi(SGI);
    gic_disable(20);
}

void guest_main(const void *tree)
{
    (void)tree;
    gic_init();
    for (unsigned i = 0; i < COUNT; i++) {
        gic_edge(FIRST + i, true);
        gic_enable(FIRST + i);
    }
    check_mask();
    check_lowest();
    check_order();
    check_nesting();
    check_binary_point();
    check_kinds();
    tap_end();
}
