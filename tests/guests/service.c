/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest of a service's core, or of another one (bootargs remote=1), under the manager
 * tests/roots/services.c: what the service does for it, and what it can do to it. With times=1 time
 * is instructions (QEMU's -icount), and shares of it can be measured. */
#include "../roots/services.h"
#include "guest.h"
#include <bulkhead/invoke.h>

enum { TIMER = 27, NONE_US = 5000, PINGS = 50, STEP_US = 300, LATE = 50 };

static struct services_page *const page = (struct services_page *)SERVICES_PAGE;
static uint64_t wait_us = 3000000;            /* on a busy host */
static volatile uint64_t bells, ticks, worst; /* worst: a tick's delay */

void irq_handle(struct frame *frame)
{
    uint64_t now = clock_ticks();
    unsigned intid = gic_ack();

    (void)frame;
    if (intid == TIMER) {
        uint64_t late = now - read_sysreg(cntv_cval_el0);

        worst = late > worst ? late : worst;
        ticks++;
        write_sysreg(cntv_cval_el0, now + STEP_US * clock_hz() / 1000000);
        isb();
    }
    bells += intid == SERVICES_INTID;
    gic_eoi(intid);
}

static void tick(bool on)
{
    irq_off();
    worst = ticks = 0;
    write_sysreg(cntv_cval_el0, clock_ticks() + STEP_US * clock_hz() / 1000000);
    write_sysreg(cntv_ctl_el0, on);
    isb();
    irq_on();
}

static void ring(unsigned badge)
{
    bh_hvc(BH_EVENT_SIGNAL, SERVICES_RING + badge, 0, 0, 0, 0, 0, 0);
}

/* Busy, or asleep if nothing else happens: true when the service has rung. */
static bool heard(uint64_t before, uint64_t us, bool asleep)
{
    uint64_t end = clock_ticks() + us * clock_hz() / 1000000;

    while (bells == before && clock_ticks() < end) {
        irq_off();
        if (asleep && bells == before)
            wfi();
        irq_on();
    }
    return bells > before;
}

static void ask(unsigned badge, const char *what, bool asleep)
{
    uint64_t before = bells;

    ring(badge);
    tap_ok(heard(before, wait_us, asleep), "%s: rings back", what);
}

/* Rounds of work in so many microseconds. */
static uint64_t work(uint64_t us)
{
    uint64_t end = clock_ticks() + us * clock_hz() / 1000000;
    uint64_t rounds = 0;

    while (clock_ticks() < end)
        rounds++;
    return rounds;
}

static void check_pings(void)
{
    uint64_t loads = page->loads;
    unsigned missing = 0;

    tap_ok(loads == 1, "the service was loaded: %lu", loads);
    write_sysreg(tpidr_el0, 0x1111);
    write_sysreg(tpidrro_el0, 0x2222);
    for (unsigned i = 0; i < PINGS; i++) {
        uint64_t before = bells;

        ring(SERVICES_PING);
        missing += !heard(before, wait_us, i % 2);
    }
    tap_ok(!missing, "%u pings, unanswered %u", PINGS, missing);
    tap_ok(page->pings == PINGS, "each was reported once: %lu", page->pings);
    tap_ok(read_sysreg(tpidr_el0) == 0x1111 && read_sysreg(tpidrro_el0) == 0x2222,
           "thread registers are kept");
    tap_ok(page->found == 0, "and are not the service's to see: %lx", page->found);
}

static void check_causes(void)
{
    page->delay = clock_hz() / 500;
    ask(SERVICES_ALARM, "its timer", true);
    tap_ok(page->timers == 1, "one upcall: %lu", page->timers);
    ask(SERVICES_ALARM, "its timer, the guest busy", false);
    ask(SERVICES_RAISE, "its interrupt", true);
    tap_ok(page->reports == SERVICES_REPORTS, "reported while it was asserted: %lu", page->reports);
    ask(SERVICES_RAISE, "its interrupt, the guest busy", false);
    tap_ok(page->reports == 2 * SERVICES_REPORTS, "and again: %lu", page->reports);
    tap_ok(!heard(bells, NONE_US, false) && page->reports == 2 * SERVICES_REPORTS, "then silence");
}

/* Parts of a thousand that are left to the guest while the service takes what it can. */
static void check_share(uint64_t alone, uint64_t alone_worst, const char *what)
{
    uint64_t before = page->progress;
    uint64_t left;

    left = work(20000) * 1000 / alone;
    tap_ok(left > 760, "%s: the guest keeps its part: %lu of 1000", what, left);
    tap_ok(left < 840 && page->progress > before, "%s: the service has its own", what);
    tick(true);
    work(20000);
    tap_ok(ticks > 40, "%s: interrupts come: %lu", what, ticks);
    tap_ok(worst < alone_worst + LATE, "%s: and in time: %lu ticks, alone %lu", what, worst,
           alone_worst);
    before = worst = 0;
    for (unsigned i = 0; i < 50; i++)
        wfi();
    tap_ok(worst < alone_worst + LATE, "%s: also where the guest waits: %lu ticks", what, worst);
    tick(false);
}

static void check_budget(bool stuck)
{
    uint64_t alone, alone_worst, before, spent;

    alone = work(20000);
    tick(true);
    work(20000);
    alone_worst = worst;
    tick(false);
    ring(stuck ? SERVICES_STUCK : SERVICES_SPIN);
    check_share(alone, alone_worst, stuck ? "stuck" : "spinning");
    if (stuck)
        return;
    before = bells;
    page->enough = 1;
    tap_ok(heard(before, wait_us, false), "it comes back");
    work(3000);
    spent = work(20000) * 1000 / alone;
    tap_ok(spent > 995, "and costs nothing then: %lu of 1000", spent);
}

static void check_crash(void)
{
    uint64_t before = page->pings;

    ring(SERVICES_CRASH);
    for (uint64_t end = clock_ticks() + wait_us * (clock_hz() / 1000000);
         page->loads < 2 && clock_ticks() < end;)
        ;
    tap_ok(page->loads == 2, "it crashed and begins anew: %lu", page->loads);
    ask(SERVICES_PING, "a ping", true);
    ring(SERVICES_CRASH);
    clock_wait_us(NONE_US);
    tap_ok(page->loads == 2, "it crashed for good: %lu", page->loads);
    ring(SERVICES_PING);
    tap_ok(!heard(bells, NONE_US, false) && page->pings == before + 1, "nobody answers");
}

void guest_main(const void *tree)
{
    bool timed = bootargs_number(tree, "times", 0);

    if (timed)
        wait_us = 20000;
    gic_init();
    gic_enable(SERVICES_INTID);
    gic_enable(TIMER);
    tick(true); /* so that no wait is for ever */
    while (!page->loads)
        ;
    check_pings();
    if (bootargs_number(tree, "stuck", 0)) {
        tick(false);
        check_budget(true);
    } else {
        check_causes();
        tick(false);
        if (timed)
            check_budget(false);
        tick(true);
        check_crash();
        tick(false);
    }
    irq_off();
    tap_end();
}
