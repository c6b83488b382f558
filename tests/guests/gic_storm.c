/* SPDX-License-Identifier: BSD-2-Clause */
/* Many interrupts between all cores at once: none is lost, none comes twice. Each SGI below TOKENS
 * is a token: whoever gets it passes it on, so that one that is lost stops. */
#include "guest.h"

enum {
    TOKENS = 8,
    ROUNDS = 100,
    SPI = 64,
    TICKS = 20,
    TIMER = 27,
    WAIT_S = 8 /* without progress: the host may be busy */
};

static volatile uint32_t hops[CREW_CORES][TOKENS], spis[CREW_CORES], ticks[CREW_CORES];
static volatile uint32_t up[CREW_CORES], stop,
    early; /* tokens are passed on before their end, or behind it */
static unsigned count;

static void pass(unsigned cpu, unsigned token)
{
    if (++hops[cpu][token] < ROUNDS || cpu + 1 < count)
        gic_send(token, 1u << (cpu + 1) % count);
}

void irq_handle(struct frame *frame)
{
    unsigned cpu = cpu_number(), intid = gic_ack();

    (void)frame;
    if (intid >= 1020)
        return;
    if (intid < TOKENS && early)
        pass(cpu, intid);
    if (intid == TIMER) {
        write_sysreg(cntv_tval_el0, clock_hz() / 2000);
        if (++ticks[cpu] == TICKS)
            write_sysreg(cntv_ctl_el0, 0);
    }
    if (intid >= SPI && intid < SPI + CREW_CORES)
        spis[cpu]++;
    gic_eoi(intid);
    if (intid < TOKENS && !early)
        pass(cpu, intid);
    dsb();
}

static void start_core(void)
{
    for (unsigned token = 0; token < TOKENS; token++) {
        gic_priority(token, 0x40 + 0x10 * token);
        gic_enable(token);
    }
    gic_priority(TIMER, 0x20);
    gic_enable(TIMER);
    write_sysreg(cntv_tval_el0, 0);
    write_sysreg(cntv_ctl_el0, 1);
}

void guest_secondary(uint64_t context)
{
    (void)context;
    gic_init_cpu();
    start_core();
    up[cpu_number()] = 1;
    dsb();
    while (!stop) {
        wfi();
        irq_on();
        irq_off();
    }
}

static uint32_t sum(const volatile uint32_t *each, unsigned step)
{
    uint32_t all = 0;

    for (unsigned cpu = 0; cpu < count; cpu++)
        all += each[cpu * step];
    return all;
}

/* True until this has stood still for as long as is waited. */
static bool goes_on(uint32_t done)
{
    static uint32_t seen;
    static uint64_t since;

    if (done != seen || !since)
        since = clock_ticks();
    seen = done;
    return clock_ticks() - since < WAIT_S * clock_hz();
}

static uint32_t all_hops(void)
{
    uint32_t all = 0;

    for (unsigned token = 0; token < TOKENS; token++)
        all += sum(&hops[0][token], TOKENS);
    return all;
}

static void run(const char *how)
{
    uint32_t pended = 0, before = sum(spis, 1);
    bool right = true;

    for (unsigned cpu = 0; cpu < count; cpu++)
        for (unsigned token = 0; token < TOKENS; token++)
            hops[cpu][token] = 0;
    dsb();
    for (unsigned token = 0; token < TOKENS; token++)
        gic_send(token, 1);
    while (all_hops() != TOKENS * ROUNDS * count && goes_on(all_hops())) {
        if (sum(spis, 1) - before == pended) { /* the last one has come: the next, elsewhere */
            gic_pend(SPI + pended % count);
            pended++;
        }
        irq_on();
        irq_off();
    }
    while (sum(spis, 1) - before != pended && goes_on(sum(spis, 1))) {
        irq_on();
        irq_off();
    }
    for (unsigned cpu = 0; cpu < count; cpu++)
        for (unsigned token = 0; token < TOKENS; token++)
            right = right && hops[cpu][token] == ROUNDS;
    tap_ok(right, "%u tokens go round %u cores %u times, %s", TOKENS, count, ROUNDS, how);
    tap_ok(pended && sum(spis, 1) - before == pended, "SPIs meanwhile: each comes once, %s", how);
}

void guest_main(const void *tree)
{
    (void)tree;
    gic_init();
    count = cpu_count();
    for (unsigned cpu = 0; cpu < count; cpu++) {
        gic_edge(SPI + cpu, true);
        gic_priority(SPI + cpu, 0x30);
        gic_enable(SPI + cpu);
        gic_route(SPI + cpu, cpu);
    }
    for (unsigned cpu = 1; cpu < count; cpu++)
        psci_start(cpu, 0);
    start_core();
    up[0] = 1;
    while (sum(up, 1) != count && goes_on(sum(up, 1)))
        ;
    early = 0;
    run("passed on behind their end");
    early = 1;
    run("passed on before their end");
    while (sum(ticks, 1) != count * TICKS && goes_on(sum(ticks, 1))) {
        irq_on();
        irq_off();
    }
    tap_ok(sum(ticks, 1) == count * TICKS, "each core's timer has come %u times", TICKS);
    stop = 1;
    dsb();
    gic_send_others(0);
    tap_end();
}
