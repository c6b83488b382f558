/* SPDX-License-Identifier: BSD-2-Clause */
/* All cores: start, interrupts between them in every form, each other's registers, routed SPIs,
 * timers of their own. */
#include "guest.h"

enum { CORES = 8, SGIS = 16, SPI = 42, TIMER = 27, WAIT_US = 5000000 };

static volatile uint32_t seen[CORES][64]; /* interrupts by core and INTID; only that core writes */
static volatile uint32_t up[CORES], stop;
static unsigned count;

void irq_handle(struct frame *frame)
{
    unsigned cpu = cpu_number(), intid = gic_ack();

    (void)frame;
    if (intid >= 64)
        return;
    if (intid == TIMER)
        write_sysreg(cntv_ctl_el0, 0);
    seen[cpu][intid]++;
    dsb();
    gic_eoi(intid);
}

void guest_secondary(uint64_t context)
{
    unsigned cpu = cpu_number();

    gic_init_cpu();
    for (unsigned intid = 0; intid < SGIS; intid++)
        gic_enable(intid);
    gic_enable(TIMER);
    write_sysreg(cntv_tval_el0, clock_hz() / 100);
    write_sysreg(cntv_ctl_el0, 1);
    up[cpu] = context == cpu + 100u ? 1 : 2;
    dsb();
    while (!stop) {
        wfi();
        irq_on();
        irq_off();
    }
}

/* Waits until each core of the set has seen `wanted` of an interrupt, and no other core more than
 * it had. */
static bool all_saw(uint32_t set, unsigned intid, const uint32_t before[CORES], uint32_t more)
{
    uint64_t start = clock_ticks();
    bool good;

    do {
        irq_on();
        irq_off();
        good = true;
        for (unsigned cpu = 0; cpu < count; cpu++)
            good &= seen[cpu][intid] - before[cpu] == (set >> cpu & 1 ? more : 0);
    } while (!good && clock_ticks() - start < WAIT_US * clock_hz() / 1000000);
    clock_wait_us(1000); /* for what must not come */
    for (unsigned cpu = 0; cpu < count; cpu++)
        good &= seen[cpu][intid] - before[cpu] == (set >> cpu & 1 ? more : 0);
    return good;
}

static void remember(unsigned intid, uint32_t before[CORES])
{
    for (unsigned cpu = 0; cpu < count; cpu++)
        before[cpu] = seen[cpu][intid];
}

static void check_sgis(void)
{
    const uint32_t all = (1u << count) - 1;
    uint32_t before[CORES];

    for (unsigned cpu = 0; cpu < count; cpu++) {
        remember(cpu, before);
        gic_send(cpu, 1u << cpu);
        tap_ok(all_saw(1u << cpu, cpu, before, 1), "SGI %u to core %u", cpu, cpu);
    }
    remember(9, before);
    gic_send(9, all);
    tap_ok(all_saw(all, 9, before, 1), "an SGI to all by list");
    remember(10, before);
    gic_send_others(10);
    tap_ok(all_saw(all & ~1u, 10, before, 1), "an SGI to all but self");
    remember(11, before);
    gic_send(11, (0xff & ~all) | 2);
    tap_ok(all_saw(2 & all, 11, before, 1), "targets that are not there are ignored");
    remember(13, before);
    for (unsigned i = 0; i < 1000; i++) {
        uint32_t had = seen[count - 1][13];
        uint64_t start = clock_ticks();

        gic_send(13, 1u << (count - 1));
        while (seen[count - 1][13] == had && clock_ticks() - start < 10 * clock_hz()) {
            irq_on();
            irq_off();
        }
    }
    tap_ok(all_saw(1u << (count - 1), 13, before, 1000), "1000 SGIs, one after the other");
}

/* Another core's redistributor, from here. */
static void check_remote(void)
{
    const unsigned last = count - 1;
    uint32_t before[CORES];

    remember(3, before);
    write32(gic_sgi(last) + 0x200, 1u << 3);
    tap_ok(all_saw(1u << last, 3, before, 1), "GICR_ISPENDR0 of core %u reaches it", last);
    write32(gic_sgi(last) + 0x180, 1u << 4);
    tap_ok(!(read32(gic_sgi(last) + 0x100) >> 4 & 1), "GICR_ICENABLER0 of core %u", last);
    remember(4, before);
    gic_send(4, 1u << last);
    tap_ok(all_saw(0, 4, before, 0), "disabled there, the SGI waits");
    tap_ok(read32(gic_sgi(last) + 0x200) >> 4 & 1, "and shows as pending");
    write32(gic_sgi(last) + 0x100, 1u << 4);
    tap_ok(all_saw(1u << last, 4, before, 1), "enabled there, it comes");
    write8(gic_sgi(last) + 0x400 + 4, 0x30);
    tap_ok(read8(gic_sgi(last) + 0x400 + 4) == 0x30 && read8(gic_sgi(0) + 0x400 + 4) != 0x30,
           "priorities are each core's own");
    tap_ok((read64(gic_rd(last) + 8) >> 32) == last, "GICR_TYPER of core %u", last);
}

static void check_routing(void)
{
    uint32_t before[CORES];

    gic_priority(SPI, 0x80);
    gic_enable(SPI);
    for (unsigned cpu = 0; cpu < count; cpu++) {
        gic_route(SPI, cpu);
        remember(SPI, before);
        gic_pend(SPI);
        tap_ok(all_saw(1u << cpu, SPI, before, 1), "an SPI routed to core %u", cpu);
    }
    gic_route(SPI, 0);
    gic_disable(SPI);
}

void guest_main(const void *tree)
{
    uint32_t before[CORES] = {0};
    uint32_t good = 1, off = 1;
    uint64_t start;

    (void)tree;
    gic_init();
    for (unsigned intid = 0; intid < SGIS; intid++)
        gic_enable(intid);
    count = cpu_count();
    tap_ok(count >= 2 && count <= CORES, "%u cores", count);
    for (unsigned cpu = 1; cpu < count; cpu++)
        tap_ok(psci_start(cpu, cpu + 100u) == 0, "core %u is started", cpu);
    start = clock_ticks();
    for (unsigned cpu = 1; cpu < count; cpu++)
        while (!up[cpu] && clock_ticks() - start < 10 * clock_hz())
            ;
    for (unsigned cpu = 1; cpu < count; cpu++)
        good = good && up[cpu] == 1;
    tap_ok(good, "all run, each with its context");
    tap_ok(all_saw(((1u << count) - 1) & ~1u, TIMER, before, 1), "each has its own timer");
    check_sgis();
    if (gic_version == 3)
        check_remote();
    check_routing();
    stop = 1;
    dsb();
    gic_send_others(0);
    for (unsigned cpu = 1; cpu < count; cpu++) {
        start = clock_ticks();
        while (psci(PSCI_AFFINITY_INFO, cpu, 0, 0) != 1 && clock_ticks() - start < 10 * clock_hz())
            ;
        off &= psci(PSCI_AFFINITY_INFO, cpu, 0, 0) == 1;
    }
    tap_ok(off, "all have gone off");
    tap_end();
}
