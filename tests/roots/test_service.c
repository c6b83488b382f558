/* SPDX-License-Identifier: BSD-2-Clause */
/* A service that does what a guest rings for (services.h), right and wrong. */
#include "tests/roots/services.h"
#include <bulkhead/invoke.h>
#include <bulkhead/upcall.h>
#include <stdbool.h>

enum { CLOCK_DATA = 0, CLOCK_MATCH = 4, CLOCK_MASK = 0x10, CLOCK_CLEAR = 0x1c };

static struct services_page *const page = (struct services_page *)SERVICES_PAGE;
static uint32_t entered; /* rebuilt at each load */

_Noreturn void monitor_upcall(uint64_t kind, uint64_t badges);

static volatile uint32_t *clock_register(uint64_t offset)
{
    return (volatile uint32_t *)(SERVICES_CLOCK_BASE + offset);
}

static void ring_back(void)
{
    bh_svc(BH_EVENT_SIGNAL, SERVICES_BELL, 0, 0, 0, 0, 0, 0);
}

/* What a guest has in registers that EL0 can read is none of this program's business. */
static void look_around(void)
{
    uint64_t thread, read_only;

    __asm__ volatile("mrs %0, tpidr_el0\n\tmrs %1, tpidrro_el0" : "=r"(thread), "=r"(read_only));
    page->found |= thread | read_only;
    __asm__ volatile("msr tpidr_el0, %0" ::"r"(0x5e51ull));
}

static void alarm(void)
{
    uint64_t now;

    __asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(now));
    bh_svc(BH_TIMER_SET, SERVICES_TIMER, now + page->delay, 0, 0, 0, 0, 0);
}

/* The interrupt stays asserted until this program takes it back. */
static void clock_reported(void)
{
    page->reports++;
    if (page->reports % SERVICES_REPORTS)
        return;
    *clock_register(CLOCK_MASK) = 0;
    *clock_register(CLOCK_CLEAR) = 1;
    ring_back();
}

static void serve(uint64_t badges)
{
    look_around();
    if (badges >> SERVICES_PING & 1) {
        page->pings++;
        ring_back();
    }
    if (badges >> SERVICES_CLOCK & 1)
        clock_reported();
    if (badges >> SERVICES_ALARM & 1)
        alarm();
    if (badges >> SERVICES_RAISE & 1) {
        *clock_register(CLOCK_MASK) = 1;
        *clock_register(CLOCK_MATCH) = *clock_register(CLOCK_DATA); /* now */
    }
    while (badges >> SERVICES_STUCK & 1)
        page->progress++;
    if (badges >> SERVICES_SPIN & 1) {
        while (!page->enough)
            page->progress++;
        ring_back();
    }
    if (badges >> SERVICES_CRASH & 1)
        __asm__ volatile("brk #7");
}

_Noreturn void monitor_upcall(uint64_t kind, uint64_t badges)
{
    bool load = kind == BH_UPCALL_LOAD;

    if (entered++ == 0 && !load)
        __builtin_trap();
    if (load)
        page->loads++;
    if (kind == BH_UPCALL_TIMER) {
        page->timers++;
        ring_back();
    }
    if (kind == BH_UPCALL_EVENT)
        serve(badges);
    bh_svc(BH_RETURN, load ? BH_DO_START : BH_DO_RESUME, 0, 0, 0, 0, 0, 0);
    __builtin_trap();
}
