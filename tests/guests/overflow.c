/* SPDX-License-Identifier: BSD-2-Clause */
/* More interrupts at once than there are list registers: pending and active, in both EOI modes,
 * with preemption and without. Order by priority must hold, and none may be lost. */
#include "guest.h"

enum { FIRST = 40, COUNT = 12, DEPTH = 8, WAIT_US = 3000000, NONE_US = 20000 };

static unsigned mode;
static unsigned log[64], logged; /* INTIDs as acknowledged */
static unsigned depth, deepest;  /* of nested handlers */
static unsigned chain;           /* how many of the chain are left to pend */
static bool nest;                /* handlers run with interrupts enabled */
static bool hold;                /* handlers leave deactivation to somebody else */

/* Interrupts in an order that is not that of their numbers: FIRST + 5 * i modulo COUNT. */
static unsigned nth(unsigned i)
{
    return FIRST + 5 * i % COUNT;
}

/* The one with index i has the i-th highest priority. */
static void set_priorities(void)
{
    for (unsigned i = 0; i < COUNT; i++) {
        gic_priority(nth(i), 0x10 + 8 * i);
        gic_enable(nth(i));
    }
}

static void end(unsigned intid)
{
    gic_eoi(intid);
    if (mode == 1 && !hold)
        gic_dir(intid);
}

void irq_handle(struct frame *frame)
{
    unsigned intid = gic_ack();

    (void)frame;
    if (intid == SPURIOUS)
        return;
    if (logged < sizeof(log) / sizeof(log[0]))
        log[logged++] = intid;
    if (++depth > deepest)
        deepest = depth;
    if (chain) /* the next one up preempts this one */
        gic_pend(nth(--chain));
    if (nest) {
        irq_on();
        for (unsigned i = 0; i < 100; i++) /* time for it to come */
            isb();
        irq_off();
    }
    depth--;
    end(intid);
}

static void pend_all(void)
{
    for (unsigned i = 0; i < COUNT; i++)
        gic_pend(nth((i * 7 + 3) % COUNT));
}

static bool quiet(void)
{
    bool none = gic_wait(NONE_US) == SPURIOUS;

    for (unsigned i = 0; i < COUNT; i++)
        none = none && !gic_is_active(nth(i)) && !gic_is_pending(nth(i));
    return none && gic_running() == 0xff;
}

static bool in_order(void)
{
    for (unsigned i = 0; i < COUNT; i++)
        if (log[i] != nth(i))
            return false;
    return logged == COUNT;
}

/* Runs with interrupts on until nothing comes any more. */
static void run(void)
{
    uint64_t start = clock_ticks();
    unsigned had;

    do {
        had = logged;
        irq_on();
        clock_wait_us(NONE_US);
        irq_off();
    } while (logged != had && clock_ticks() - start < clock_hz() * 10);
}

static void reset(void)
{
    logged = depth = deepest = chain = 0;
    nest = hold = false;
    gic_eoimode(mode);
}

static void check_polled(void)
{
    unsigned intid;

    reset();
    pend_all();
    for (unsigned i = 0; i < COUNT; i++) {
        intid = gic_wait(WAIT_US);
        log[logged++] = intid;
        if (intid != SPURIOUS)
            end(intid);
    }
    tap_ok(in_order(), "mode %u: %u pending, polled: in order", mode, COUNT);
    tap_ok(quiet(), "mode %u: polled: nothing left", mode);
}

static void check_pending(bool nested)
{
    reset();
    nest = nested;
    pend_all();
    run();
    tap_ok(in_order(), "mode %u: %u pending, %s: in order", mode, COUNT,
           nested ? "nested handlers" : "plain handlers");
    tap_ok(deepest == 1, "mode %u: none preempts a higher one", mode);
    tap_ok(quiet(), "mode %u: nothing left", mode);
}

/* All but the highest are pending; it comes while the first is handled. */
static void check_latecomer(void)
{
    unsigned first, second;

    reset();
    for (unsigned i = 1; i < COUNT; i++)
        gic_pend(nth(i));
    first = gic_wait(WAIT_US);
    gic_pend(nth(0));
    second = gic_wait(WAIT_US);
    tap_ok(first == nth(1) && second == nth(0), "mode %u: a late higher one overtakes %u others",
           mode, COUNT - 2);
    end(second);
    end(first);
    run();
    tap_ok(logged == COUNT - 2 && quiet(), "mode %u: then the others come", mode);
}

/* Handlers that pend the next higher one and let it in: all are active at the deepest point. */
static void check_nested(unsigned levels)
{
    bool order = true;

    reset();
    nest = true;
    chain = levels - 1;
    gic_pend(nth(levels - 1));
    run();
    for (unsigned i = 0; i < levels; i++)
        order = order && log[i] == nth(levels - 1 - i);
    tap_ok(order && logged == levels, "mode %u: nested %u deep, each preempts the one before", mode,
           levels);
    tap_ok(deepest == levels, "mode %u: %u were active at once", mode, deepest);
    tap_ok(quiet(), "mode %u: nested: nothing left", mode);
}

/* Mode 1: priorities drop at once, so that many are active and none runs; deactivation in any
 * order. */
static void check_deactivation(const char *name, unsigned step)
{
    unsigned active = 0;
    bool right = true;

    reset();
    hold = true;
    pend_all();
    run();
    for (unsigned i = 0; i < COUNT; i++)
        active += gic_is_active(nth(i));
    tap_ok(in_order() && active == COUNT, "%u active at once, acknowledged in order", active);
    for (unsigned i = 0; i < COUNT; i++) {
        unsigned intid = nth(i * step % COUNT);

        gic_pend(intid); /* waits for the deactivation */
        if (i < 3)
            right = right && gic_wait(NONE_US / 4) == SPURIOUS;
        gic_dir(intid);
        right = right && gic_wait(WAIT_US) == intid;
        gic_eoi(intid);
        gic_dir(intid);
        right = right && !gic_is_active(intid);
    }
    tap_ok(right, "deactivated %s: each comes again, once", name);
    tap_ok(quiet(), "deactivated %s: nothing left", name);
}

/* By the distributor instead of the CPU interface. */
static void check_distributor(void)
{
    reset();
    hold = true;
    pend_all();
    run();
    write32(gic_word(FIRST, ICACTIVER), ~0u);
    tap_ok(logged == COUNT && quiet(), "GICD_ICACTIVER ends all of them");
    pend_all();
    write32(gic_word(FIRST, ICPENDR), ~0u);
    tap_ok(quiet(), "GICD_ICPENDR takes all of them back");
}

void guest_main(const void *tree)
{
    (void)tree;
    gic_init();
    set_priorities();
    for (mode = 0; mode < 2; mode++) {
        check_polled();
        check_pending(false);
        check_pending(true);
        check_latecomer();
        check_nested(DEPTH);
        check_nested(COUNT);
    }
    mode = 1;
    check_deactivation("in order", 1);
    check_deactivation("backwards", COUNT - 1);
    check_deactivation("crosswise", 7);
    check_distributor();
    tap_end();
}
