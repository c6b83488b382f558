/* SPDX-License-Identifier: BSD-2-Clause */
/* What only a GICv2 has, several cores: filters of GICD_SGIR, SGIs by sender, banked registers,
 * targets of SPIs. */
#include "guest.h"

enum { SGI = 6, SPI = 48, SGIR = 0xf00, CPENDSGIR = 0xf10, SPENDSGIR = 0xf20, TARGETS = 0x800 };

static unsigned count;
static volatile uint32_t banked[CREW_CORES][4];

CREW_GUEST

static bool reaches(uint32_t value, unsigned set)
{
    struct crew_notes notes;

    crew_note(&notes, SGI);
    write32(GICD + SGIR, value | SGI);
    return crew_saw(&notes, set, set != 0);
}

static void check_filters(void)
{
    const unsigned all = (1u << count) - 1;
    bool right = true;

    for (unsigned set = 1; set <= all; set += count > 4 ? 11 : 1)
        right = right && reaches(set << 16, set);
    tap_ok(right, "filter 0: whatever set of %u cores", count);
    tap_ok(reaches((0xff & ~all) << 16 | 2 << 16, 2),
           "filter 0: cores that do not exist are ignored");
    tap_ok(reaches(1u << 24, all & ~1u), "filter 1: all but self");
    tap_ok(reaches(1u << 24 | 1 << 16, all & ~1u), "filter 1: the list is ignored");
    tap_ok(reaches(2u << 24, 1), "filter 2: self");
    tap_ok(reaches(2u << 24 | 0xff << 16, 1), "filter 2: the list is ignored");
}

static void send_to_0(void)
{
    write32(GICD + SGIR, 1u << 16 | SGI);
    dsb();
}

/* The same SGI from each core: one for each sender. */
static void check_sources(void)
{
    unsigned seen = 0, times = 0;

    for (unsigned cpu = 0; cpu < count; cpu++) {
        if (cpu)
            crew_do(cpu, send_to_0);
        else
            send_to_0();
    }
    tap_ok(read8(GICD + SPENDSGIR + SGI) == (1u << count) - 1, "pending from each of %u cores",
           count);
    write8(GICD + CPENDSGIR + SGI, 2);
    tap_ok(read8(GICD + SPENDSGIR + SGI) == (((1u << count) - 1) & ~2u), "one sender's taken back");
    write8(GICD + SPENDSGIR + SGI, 2);
    for (unsigned i = 0; i < 2 * count; i++) {
        unsigned intid = gic_wait(times < count ? 3000000 : 3000);

        if (intid == SGI) {
            seen |= 1u << gic_source(SGI);
            times++;
            gic_eoi(SGI);
        } else if (intid != SPURIOUS) {
            gic_eoi(intid);
        }
    }
    tap_ok(seen == (1u << count) - 1, "one from each sender, told by GICC_IAR");
    tap_ok(times == count, "and no more");
    tap_ok(read8(GICD + SPENDSGIR + SGI) == 0, "none left");
}

static void read_banked(void)
{
    unsigned cpu = cpu_number();

    write8(GICD + IPRIORITYR + SGI, 0x40 + 8 * cpu);
    gic_enable(20 + cpu % 4);
    banked[cpu][0] = read8(GICD + IPRIORITYR + SGI);
    banked[cpu][1] = read32(GICD + ISENABLER) >> 20;
    banked[cpu][2] = read32(GICD + TARGETS);
    banked[cpu][3] = read8(GICD + TARGETS + 31);
    dsb();
}

static void check_banked(void)
{
    bool priority = true, enable = true, targets = true;

    for (unsigned cpu = 1; cpu < count; cpu++)
        crew_do(cpu, read_banked);
    read_banked();
    for (unsigned cpu = 0; cpu < count; cpu++) {
        priority = priority && banked[cpu][0] == 0x40 + 8 * cpu;
        enable = enable && (banked[cpu][1] & 0xf) == 1u << cpu % 4;
        targets = targets && banked[cpu][2] == 0x01010101u << cpu && banked[cpu][3] == 1u << cpu;
    }
    tap_ok(priority, "each core has priorities of its own");
    tap_ok(enable, "and enables");
    tap_ok(targets, "GICD_ITARGETSR0 to 7 name the core that reads");
}

static void check_targets(void)
{
    struct crew_notes notes;
    const unsigned all = (1u << count) - 1;
    bool right = true;

    write32(GICD + TARGETS + SPI, 0xffffffff);
    tap_ok(read32(GICD + TARGETS + SPI) == all * 0x01010101u, "GICD_ITARGETSR: cores that exist");
    write32(GICD + TARGETS + SPI, all * 0x01010101u);
    write8(GICD + TARGETS + SPI + 1, 2);
    tap_ok(read32(GICD + TARGETS + SPI) == ((all * 0x01010101u & ~0xff00u) | 0x200),
           "GICD_ITARGETSR by bytes");
    write32(GICD + TARGETS, 0);
    tap_ok(read8(GICD + TARGETS) == 1, "the private ones are read-only");
    for (unsigned cpu = 0; cpu < count; cpu++) {
        gic_route(SPI, cpu);
        crew_note(&notes, SPI);
        gic_pend(SPI);
        right = right && crew_saw(&notes, 1u << cpu, 1);
    }
    tap_ok(right, "an SPI goes to the core that it names");
}

static void nothing(void)
{
}

/* Several targets, none of which looks when it becomes pending: one takes it. */
static void check_several(void)
{
    struct crew_notes notes;

    for (unsigned cpu = 1; cpu < count; cpu++)
        crew_set(cpu, CREW_MASKED);
    write8(GICD + TARGETS + SPI, (1u << count) - 1);
    crew_note(&notes, SPI);
    gic_pend(SPI);
    clock_wait_us(1000);
    for (unsigned cpu = 1; cpu < count; cpu++)
        crew_hush(cpu, CREW_BUSY);
    irq_on();
    irq_off();
    for (unsigned i = 0; i < 2; i++) /* all have looked when they have done it again */
        for (unsigned cpu = 1; cpu < count; cpu++)
            crew_do(cpu, nothing);
    tap_ok(crew_one_saw(&notes, (1u << count) - 1),
           "an SPI with several targets is taken by one of them, once");
    gic_route(SPI, 0);
}

void guest_main(const void *tree)
{
    (void)tree;
    count = crew_begin();
    gic_edge(SPI, true);
    gic_enable(SPI);
    for (unsigned i = 0; i < 2; i++) {
        check_filters();
        check_sources();
        for (unsigned cpu = 1; cpu < count && cpu < 3; cpu++)
            crew_set(cpu, CREW_BUSY);
    }
    check_banked();
    check_targets();
    check_several();
    crew_end();
}
