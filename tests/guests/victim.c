/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest beside hostile ones: whatever they do, its memory, its registers, its timers, its
 * interrupts and its interrupt controller's registers stay what it made of them. */
#include "guest.h"

enum {
    WORDS = 1 << 16,
    VIRTUAL = 27,
    PHYSICAL = 30,
    SPI = 42,
    LOOPS = 20000,
    RATE = 1000,
    TICKS = 20
};

/* victim_asm.S */
uint64_t victim_hold(uint64_t seed, uint64_t loops);

static uint64_t memory[WORDS];
static volatile uint32_t seen[128], strangers;

void irq_handle(struct frame *frame)
{
    unsigned intid = gic_ack();

    (void)frame;
    if (intid == VIRTUAL)
        write_sysreg(cntv_tval_el0, clock_hz() / RATE);
    if (intid == PHYSICAL)
        write_sysreg(cntp_tval_el0, clock_hz() / RATE);
    if (intid != VIRTUAL && intid != PHYSICAL && intid != SPI && intid >= 16 && intid != SPURIOUS)
        strangers++;
    if (intid < 128)
        seen[intid]++;
    gic_eoi(intid);
}

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    return x ^ x >> 27;
}

/* Words that do not hold what they held; each gets a new value. */
static uint64_t check_memory(uint64_t round)
{
    uint64_t wrong = 0;

    for (uint64_t i = 0; i < WORDS; i++) {
        wrong += memory[i] != (round ? mix(i + (round - 1) * WORDS) : 0);
        memory[i] = mix(i + round * WORDS);
    }
    return wrong;
}

/* SGIs and an SPI that it sends to itself: none is lost, none comes twice. */
static uint64_t check_interrupts(void)
{
    uint64_t wrong = 0;

    for (unsigned i = 0; i < 17; i++) {
        unsigned intid = i < 16 ? i : SPI;
        uint32_t before = seen[intid];
        uint64_t start = clock_ticks();

        if (i < 16)
            gic_send(i, 1);
        else
            gic_pend(SPI);
        while (seen[intid] == before && clock_ticks() - start < 10 * clock_hz()) {
            irq_on();
            irq_off();
        }
        irq_on();
        irq_off();
        wrong += seen[intid] != before + 1;
    }
    return wrong;
}

/* Its own interrupt controller's registers read back what it wrote. */
static uint64_t check_controller(void)
{
    uint64_t wrong = 0;

    wrong += read32(GICD) != (gic_version == 2 ? 1 : 0x52);
    wrong += read32(gic_sgi(0) + 0x100) != (0xffffu | 1u << VIRTUAL | 1u << PHYSICAL);
    wrong += read8(gic_sgi(0) + 0x400 + VIRTUAL) != 0x40;
    wrong += read32(GICD + 0x104) != 1u << SPI % 32;
    if (gic_version == 2)
        return wrong + (read32(GICC + 4) != 0xf8); /* PMR */
    wrong += read64(GICD + 0x6000 + 8 * SPI) != 0;
    wrong += read_sysreg(icc_pmr_el1) != 0xf8;
    return wrong;
}

static void start_timers(void)
{
    for (unsigned intid = 0; intid < 16; intid++)
        gic_enable(intid);
    gic_enable(VIRTUAL);
    gic_enable(PHYSICAL);
    gic_enable(SPI);
    gic_priority(VIRTUAL, 0x40);
    gic_route(SPI, 0);
    write_sysreg(cntv_tval_el0, clock_hz() / RATE);
    write_sysreg(cntp_tval_el0, clock_hz() / RATE);
    write_sysreg(cntv_ctl_el0, 1);
    write_sysreg(cntp_ctl_el0, 1);
    write_sysreg(tpidr_el0, 0x1234);
    write_sysreg(tpidr_el1, 0x5678);
    write_sysreg(cpacr_el1, 3ul << 20);
    isb();
}

void guest_main(const void *tree)
{
    uint64_t rounds = bootargs_number(tree, "rounds", 100);
    uint64_t memory_wrong = 0, registers_wrong = 0, lost = 0, controller_wrong = 0;
    uint64_t start;

    gic_init();
    start_timers();
    for (uint64_t round = 0; round < rounds; round++) {
        memory_wrong += check_memory(round);
        registers_wrong += victim_hold(mix(round), LOOPS);
        lost += check_interrupts();
        controller_wrong += check_controller();
    }
    tap_ok(memory_wrong == 0, "memory: %lu words of %lu are wrong", memory_wrong, rounds * WORDS);
    tap_ok(registers_wrong == 0, "registers: %lu are wrong", registers_wrong);
    tap_ok(read_sysreg(tpidr_el0) == 0x1234 && read_sysreg(tpidr_el1) == 0x5678,
           "thread registers");
    tap_ok(lost == 0, "interrupts of its own: %lu are lost or come twice", lost);
    tap_ok(strangers == 0, "interrupts of others: %u", strangers);
    tap_ok(controller_wrong == 0, "interrupt controller: %lu registers are wrong",
           controller_wrong);
    start = clock_ticks();
    while ((seen[VIRTUAL] < TICKS || seen[PHYSICAL] < TICKS) &&
           clock_ticks() - start < 10 * clock_hz()) {
        irq_on();
        irq_off();
    }
    tap_ok(seen[VIRTUAL] >= TICKS && seen[PHYSICAL] >= TICKS, "timers: %u and %u ticks",
           seen[VIRTUAL], seen[PHYSICAL]);
    tap_end();
}
