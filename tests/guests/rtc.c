/* SPDX-License-Identifier: BSD-2-Clause */
/* One of the machine's devices by its own registers: the PL031 of QEMU's virt board, whose
 * interrupt is a level. Found by the tree. Boot arguments: storm=N lets it come for N ms without
 * ever taking its cause away; lives=N begins anew with the interrupt raised, enabled and in hand,
 * until that life, which the device's own match register counts. */
#include "guest.h"

enum { DR = 0x00, MR = 0x04, IMSC = 0x10, RIS = 0x14, MIS = 0x18, ICR = 0x1c, ID = 0xfe0 };
enum { INTID = 34, WAIT_US = 3000000, NONE_US = 5000, LIFE = 0x11fe0000 };

static uint64_t rtc;
static volatile uint32_t seen[8];
static volatile uint64_t keeps; /* the cause, until then */

void irq_handle(struct frame *interrupted)
{
    unsigned intid = gic_ack();

    (void)interrupted;
    if (intid == SPURIOUS)
        return;
    if (intid == INTID) {
        seen[cpu_number()]++;
        if (clock_ticks() >= keeps)
            write32(rtc + ICR, 1);
        dsb();
    }
    gic_eoi(intid);
}

void guest_secondary(uint64_t context)
{
    (void)context;
    gic_init_cpu();
    irq_on();
    for (;;)
        wfi();
}

/* The time of the match is now, so that it comes at once. */
static void raise(void)
{
    write32(rtc + MR, read32(rtc + DR));
}

static void clear(void)
{
    write32(rtc + ICR, 1);
    dsb();
}

static bool seen_at(unsigned cpu, uint32_t count)
{
    const uint64_t end = clock_ticks() + clock_hz() * 3;

    while (seen[cpu] < count && clock_ticks() < end)
        ;
    clock_wait_us(NONE_US);
    return seen[cpu] == count;
}

static void check_registers(void)
{
    static const uint8_t id[8] = {0x31, 0x10, 0, 0, 0x0d, 0xf0, 0x05, 0xb1};
    bool right = true;

    for (unsigned i = 0; i < 8; i++) /* 2 and 3 tell the revision */
        right = right && (i == 2 || i == 3 || read32(rtc + ID + 4 * i) == id[i]);
    tap_ok(right, "PL031 by its identification registers");
    tap_ok(read32(rtc + DR) > 1600000000, "it is not 1970 any more");
}

static void check_level(void)
{
    write32(rtc + IMSC, 1);
    clear();
    gic_enable(INTID);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "nothing before the time is there");
    raise();
    tap_ok(gic_wait(WAIT_US) == INTID, "then it comes");
    tap_ok(read32(rtc + MIS) == 1 && gic_is_active(INTID), "raised there, active here");
    gic_eoi(INTID);
    tap_ok(gic_wait(WAIT_US) == INTID, "again after its end: it is a level");
    clear();
    gic_eoi(INTID);
    tap_ok(gic_wait(NONE_US) == SPURIOUS && !gic_is_pending(INTID), "its cause gone, not again");
    raise();
    write32(rtc + IMSC, 0);
    tap_ok(gic_wait(NONE_US) == SPURIOUS && !gic_is_pending(INTID), "masked there it is not here");
    write32(rtc + IMSC, 1);
    tap_ok(gic_wait(WAIT_US) == INTID, "unmasked it is");
    gic_disable(INTID);
    gic_eoi(INTID);
    tap_ok(gic_wait(NONE_US) == SPURIOUS && gic_is_pending(INTID), "disabled here it waits");
    clear();
    tap_ok(!gic_is_pending(INTID), "and is withdrawn");
}

static void check_priority(void)
{
    gic_priority(INTID, 0xa0);
    gic_enable(INTID);
    gic_mask(0xa0);
    raise();
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "masked by its priority it waits");
    gic_mask(0xa8);
    tap_ok(gic_wait(WAIT_US) == INTID && gic_running() == 0xa0, "and comes with it");
    clear();
    gic_eoi(INTID);
    gic_mask(0xf8);
    gic_priority(INTID, 0x40);
    raise();
    tap_ok(gic_wait(WAIT_US) == INTID && gic_running() == 0x40, "with another one, too");
    clear();
    gic_eoi(INTID);
}

/* Raised while it is routed to each core, and while it goes from one to the other. */
static void check_routes(unsigned count)
{
    irq_on();
    for (unsigned cpu = 0; cpu < count; cpu++) {
        gic_route(INTID, cpu);
        seen[cpu] = 0;
        raise();
        tap_ok(seen_at(cpu, 1), "routed to core %u it comes there", cpu);
    }
    irq_off();
    gic_route(INTID, 0);
    for (unsigned cpu = 1; cpu < count; cpu++) {
        seen[cpu] = 0;
        raise();
        tap_ok(gic_is_pending(INTID) && !seen[cpu], "pending at a core that masks it");
        gic_route(INTID, cpu);
        tap_ok(seen_at(cpu, 1), "routed to core %u it goes there", cpu);
        gic_route(INTID, 0);
    }
    gic_disable(INTID);
}

static void check_storm(uint64_t ms)
{
    const uint64_t end = clock_ticks() + clock_hz() * ms / 1000;

    keeps = end; /* nothing but the handler runs until then */
    write32(rtc + IMSC, 1);
    gic_enable(INTID);
    seen[0] = 0;
    irq_on();
    raise();
    while (clock_ticks() < end)
        ;
    irq_off();
    tap_ok(seen[0] > 100, "a storm of more than a hundred");
    print("# %u of them\n", seen[0]);
    clear();
    gic_disable(INTID);
}

/* What the device does outlives the partition; what the interrupt controller knew does not. */
static void check_life(uint64_t lives)
{
    const uint32_t life = read32(rtc + MR) - LIFE < lives ? read32(rtc + MR) - LIFE + 1 : 1;
    bool enabled = read32(gic_word(INTID, ISENABLER)) >> INTID % 32 & 1;

    if (life > 1)
        tap_ok(read32(rtc + MIS) == 1 && !enabled && !gic_is_active(INTID) && gic_is_pending(INTID),
               "life %u: still raised, neither enabled nor active", life);
    write32(rtc + IMSC, 1);
    raise();
    gic_enable(INTID);
    tap_ok(gic_wait(WAIT_US) == INTID, "life %u: it comes", life);
    if (life == lives) {
        clear();
        gic_eoi(INTID);
        tap_ok(gic_wait(NONE_US) == SPURIOUS, "life %u: and ends", life);
        return;
    }
    write32(rtc + MR, LIFE + life);
    psci(PSCI_SYSTEM_RESET, 0, 0, 0);
}

void guest_main(const void *tree)
{
    const uint64_t storm = bootargs_number(tree, "storm", 0);
    const uint64_t lives = bootargs_number(tree, "lives", 0);

    gic_init();
    rtc = fdt_number(tree, "passthrough", "rtc", "reg");
    if (!rtc)
        rtc = fdt_number(tree, "devices", "pl031", "reg");
    if (!rtc)
        rtc = fdt_number(tree, "pl031", NULL, "reg");
    if (!rtc) {
        tap_ok(false, "the tree has a PL031");
        tap_end();
        return;
    }
    if (storm) {
        check_storm(storm);
    } else if (lives) {
        check_life(lives);
    } else {
        const unsigned count = cpu_count();

        for (unsigned cpu = 1; cpu < count; cpu++)
            psci_start(cpu, 0);
        check_registers();
        check_level();
        check_priority();
        check_routes(count);
    }
    tap_end();
}
