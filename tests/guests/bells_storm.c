/* SPDX-License-Identifier: BSD-2-Clause */
/* A partition that rings all day, and what its victim sees of that. The ringing one also controls
 * the victim, so that it can read how often that has left its guest. Both have an area of shared
 * memory, in which the victim says which state it is in, and the other one when it has rung.
 * bootargs: peer=1 rings. */
#include "guest.h"
#include <bulkhead/doorbell.h>
#include <bulkhead/invoke.h>

#define AREA 0x70000000ul /* words: the victim's state, the peer's answer */

enum state { DISABLED, MASKED, HELD, SERVED, STATES, READY = 16 };
/* An interrupt by the PL061 that the victim takes costs it so many exits at most. */
enum { RINGS = 20000, WAIT_S = 30, FEW = 4, EACH = 8 };
enum { GPIOIEV = 0x40c, GPIOIE = 0x410, GPIOMIS = 0x418, GPIOIC = 0x41c };

static const char *const names[] = {"disabled", "masked", "in its handler", "served"};
static unsigned intid;
static uint64_t gpio;
static volatile uint32_t state, seen, hold;

static uint32_t area(unsigned word)
{
    return read32(AREA + 4 * word);
}

static void tell(unsigned word, uint32_t value)
{
    dsb();
    write32(AREA + 4 * word, value);
    dsb();
}

static bool await(unsigned word, uint32_t value)
{
    uint64_t end = clock_ticks() + WAIT_S * clock_hz();

    while (area(word) != value && clock_ticks() < end)
        ;
    return area(word) == value;
}

/* What the peer has done in this state is done when its answer is the state's number + 1. */
static void go_on(void)
{
    tell(0, state + 1);
    await(1, state + 1);
}

void irq_handle(struct frame *frame)
{
    unsigned taken = gic_ack();

    (void)frame;
    if (taken >= 1020)
        return;
    if (taken == intid && hold) {
        hold = 0;
        go_on();
    }
    if (taken == intid && gpio)
        write8(gpio + GPIOIC, read8(gpio + GPIOMIS));
    seen += taken == intid;
    gic_eoi(taken);
}

/* Takes what is pending, and says how much that was. */
static uint32_t drain(void)
{
    uint32_t before = seen;

    irq_on();
    clock_wait_us(20000);
    irq_off();
    return seen - before;
}

static void victim(void)
{
    uint32_t rung;

    state = DISABLED;
    go_on();
    gic_enable(intid);
    rung = drain();
    /* By the PL061: the first one, and what has come since. */
    tap_ok(rung == 1 || (gpio && rung == 2), "rung while disabled: %u interrupts", rung);
    state = MASKED;
    go_on();
    rung = drain();
    tap_ok(rung == 1 || rung == 2, "rung while masked: %u interrupts", rung);
    state = HELD;
    hold = 1;
    tell(0, READY);
    irq_on();
    await(1, HELD + 1);
    rung = drain();
    tap_ok(!hold && rung <= 2, "rung in its handler: %u interrupts", rung);
    state = SERVED;
    rung = seen;
    irq_on();
    go_on();
    irq_off();
    rung = seen - rung;
    tap_ok(rung > 0, "%u interrupts, %u rings", rung, RINGS);
    tell(2, rung);
    tell(0, STATES + 1);
}

/* Its exits of that kind: 0 to the monitor, 1 for interrupts. */
static uint64_t exits(unsigned kind)
{
    return bh_hvc(BH_PARTITION_EXITS, BH_MON_TARGET, 0, 0, 0, 0, 0, 0).value[kind];
}

static void peer(const void *tree)
{
    const uint64_t slot = fdt_number(tree, "doorbell", "channel", "bulkhead,slot");
    const bool by_gpio = bootargs_number(tree, "gpio", 0);
    uint64_t limit = by_gpio ? FEW : 0;

    for (unsigned now = DISABLED; now < STATES; now++) {
        uint64_t upcalls, interrupts, start, ticks, refused = 0;

        if (now == HELD && await(0, READY)) /* for a first ring, which it keeps in hand */
            bh_hvc(BH_EVENT_SIGNAL, slot, 0, 0, 0, 0, 0, 0);
        if (!await(0, now + 1))
            break;
        upcalls = exits(0);
        interrupts = exits(1);
        start = clock_ticks();
        for (unsigned i = 0; i < RINGS; i++)
            refused += bh_hvc(BH_EVENT_SIGNAL, slot, 0, 0, 0, 0, 0, 0).status != BH_OK;
        ticks = clock_ticks() - start;
        upcalls = exits(0) - upcalls;
        interrupts = exits(1) - interrupts;
        tell(1, now + 1);
        if (now == SERVED && await(0, STATES + 1))
            limit = EACH * area(2) + FEW;
        if (now &&
            !by_gpio) /* each of its looks may be one: nobody else disables it for the victim */
            limit = RINGS + EACH * RINGS * (now == SERVED);
        tap_ok(!refused && upcalls + interrupts <= limit,
               "%s: %u rings at %lu ns each, %lu upcalls, %lu interrupts", names[now], RINGS,
               ticks * 1000000000 / clock_hz() / RINGS, upcalls, interrupts);
    }
}

void guest_main(const void *tree)
{
    gic_init_keep();
    if (bootargs_number(tree, "peer", 0)) {
        peer(tree);
        tap_end();
        return;
    }
    intid = 32 + (unsigned)fdt_number(tree, "doorbell", "channel", "interrupts");
    if (intid == 32) {
        gpio = fdt_number(tree, "pl061", NULL, "reg");
        intid = 32 + (unsigned)fdt_number(tree, "pl061", NULL, "interrupts");
        write8(gpio + GPIOIEV, 0xff);
        write8(gpio + GPIOIE, 0xff);
    }
    gic_edge(intid, !gpio);
    victim();
    tap_end();
}
