/* SPDX-License-Identifier: BSD-2-Clause */
/* SPIs routed to cores: each one, one that is off, none, another while it is pending or active, any
 * one of several: GICv3's GICD_IROUTER. */
#include "guest.h"

enum { SPI = 48, LEVEL = 50 };

static unsigned count;

CREW_GUEST

static void route_nowhere(unsigned intid)
{
    write64(GICD + 0x6000 + 8 * intid, 0x00000100 + count); /* another cluster */
    dsb();
}

static void check_each(const char *name, unsigned intid)
{
    struct crew_notes notes;

    for (unsigned cpu = 0; cpu < count; cpu++) {
        gic_route(intid, cpu);
        crew_note(&notes, intid);
        gic_pend(intid);
        tap_ok(crew_saw(&notes, 1u << cpu, 1), "%s to core %u", name, cpu);
    }
}

static void check_nowhere(void)
{
    struct crew_notes notes;

    crew_note(&notes, SPI);
    route_nowhere(SPI);
    gic_pend(SPI);
    tap_ok(crew_saw(&notes, 0, 0) && gic_is_pending(SPI), "routed nowhere it waits");
    gic_route(SPI, 1);
    tap_ok(crew_saw(&notes, 2, 1), "then to core 1, where it comes");
    gic_pend(SPI);
    gic_unpend(SPI);
    gic_route(SPI, 0);
}

/* Pending at one core, which does not take it, then routed to another. */
static void check_moved(void)
{
    struct crew_notes notes;

    crew_set(1, CREW_MASKED);
    gic_route(SPI, 1);
    crew_note(&notes, SPI);
    gic_pend(SPI);
    tap_ok(crew_saw(&notes, 0, 0) && gic_is_pending(SPI), "pending at a core that masks it");
    gic_route(SPI, 0);
    tap_ok(crew_saw(&notes, 1, 1), "routed here while pending, it comes here");
    crew_hush(1, CREW_BUSY);
    tap_ok(crew_saw(&notes, 1, 1), "and here only");
}

/* Active at one core, pended again and routed to another: once it has ended, it comes there. */
static void check_active(void)
{
    struct crew_notes notes;

    crew_set(1, CREW_BUSY);
    gic_route(SPI, 1);
    crew_note(&notes, SPI);
    crew_hush(1, CREW_HOLD);
    gic_pend(SPI);
    tap_ok(crew_saw(&notes, 2, 1) && gic_is_active(SPI), "active at core 1");
    gic_route(SPI, 0);
    tap_ok(gic_is_active(SPI), "routed away it stays active");
    crew_note(&notes, SPI);
    gic_pend(SPI);
    tap_ok(crew_saw(&notes, 0, 0) && gic_is_pending(SPI) && gic_is_active(SPI),
           "pended again it waits for its end");
    crew_hush(1, CREW_BUSY);
    tap_ok(crew_saw(&notes, 1, 1), "then it comes here");
    tap_ok(!gic_is_active(SPI) && !gic_is_pending(SPI), "and has ended");
    crew_set(1, CREW_IDLE);
}

/* Routed to a core that is off: it waits for it, or for another route. */
static void check_off(void)
{
    struct crew_notes notes;
    const unsigned last = count - 1;

    crew_set(last, CREW_OFF);
    while (psci(PSCI_AFFINITY_INFO, last, 0, 0) != 1)
        ;
    gic_route(SPI, last);
    crew_note(&notes, SPI);
    gic_pend(SPI);
    tap_ok(crew_saw(&notes, 0, 0) && gic_is_pending(SPI), "routed to a core that is off it waits");
    gic_route(SPI, 0);
    tap_ok(crew_saw(&notes, 1, 1), "routed here it comes");
    gic_route(SPI, last);
    gic_pend(SPI);
    crew_note(&notes, SPI);
    tap_ok(crew_start(last, CREW_IDLE), "the core is started again");
    tap_ok(crew_saw(&notes, 1u << last, 1), "and takes what waits for it");
    gic_route(SPI, 0);
}

/* Any one core, by a set of targets or by GICD_IROUTER's routing mode where GICD_TYPER offers it.
 */
static void check_any(void)
{
    struct crew_notes notes;
    bool right = true;

    if (read32(GICD + 4) >> 25 & 1) {
        tap_ok(true, "1 of N: GICD_TYPER.No1N says that there is none");
        return;
    }
    for (unsigned i = 0; i < 32; i++) {
        crew_note(&notes, SPI);
        write64(GICD + 0x6000 + 8 * SPI, 1ul << 31);
        gic_pend(SPI);
        right = right && crew_one_saw(&notes, (1u << count) - 1);
    }
    tap_ok(right, "1 of N: one core takes it, only one");
    tap_ok(read64(GICD + 0x6000 + 8 * SPI) == 1ul << 31, "1 of N: GICD_IROUTER reads back");
    for (unsigned cpu = 1; cpu < count; cpu++)
        crew_set(cpu, CREW_MASKED);
    crew_note(&notes, SPI);
    gic_pend(SPI);
    /* A core whose PSTATE masks it may have been chosen: it takes it when it looks. */
    for (unsigned cpu = 1; cpu < count; cpu++)
        crew_set(cpu, CREW_IDLE);
    tap_ok(crew_one_saw(&notes, (1u << count) - 1),
           "1 of N: pended while others mask it, one takes it");
    gic_route(SPI, 0);
}

/* Each core its own SPI, all at once, again and again. */
static void check_all(void)
{
    struct crew_notes notes[CREW_CORES];
    bool right = true;

    for (unsigned cpu = 0; cpu < count; cpu++) {
        gic_enable(64 + cpu);
        gic_edge(64 + cpu, true);
        gic_route(64 + cpu, cpu);
        crew_note(&notes[cpu], 64 + cpu);
    }
    for (unsigned i = 1; i <= 16; i++) {
        write32(gic_word(64, ISPENDR), (1u << count) - 1);
        for (unsigned cpu = 0; cpu < count; cpu++)
            right = right && crew_saw(&notes[cpu], 1u << cpu, i);
    }
    tap_ok(right, "each core has its own SPI, 16 times at once");
}

void guest_main(const void *tree)
{
    (void)tree;
    count = crew_begin();
    gic_edge(SPI, true);
    gic_priority(SPI, 0x80);
    gic_priority(LEVEL, 0x80);
    gic_enable(SPI);
    gic_enable(LEVEL);
    check_each("an edge-triggered SPI", SPI);
    check_each("a level-triggered SPI", LEVEL);
    check_nowhere();
    check_moved();
    check_active();
    check_off();
    check_any();
    check_all();
    crew_end();
}
