/* SPDX-License-Identifier: BSD-2-Clause */
/* Two partitions ring each other in turn, by HVC and by the page; and nobody rings what is not
 * theirs. bootargs: first=1 begins, rings=N of each way. */
#include "guest.h"
#include <bulkhead/doorbell.h>
#include <bulkhead/invoke.h>

enum { WAIT_S = 20, WAYS = 2 };
enum { GPIOIEV = 0x40c, GPIOIE = 0x410, GPIOMIS = 0x418, GPIOIC = 0x41c };

static uint64_t page, slot, offset;
static unsigned intid;
static uint64_t gpio, line; /* of the PL061, if rings come by one; else 0 */
static volatile uint32_t seen, strange;

void irq_handle(struct frame *frame)
{
    unsigned taken = gic_ack();

    (void)frame;
    if (taken == intid && !gpio)
        seen = seen + 1;
    else if (taken == intid && read8(gpio + GPIOMIS) == 1u << line) {
        write8(gpio + GPIOIC, 1u << line);
        seen = seen + 1;
    } else if (taken < 1020)
        strange = strange + 1;
    if (taken < 1020)
        gic_eoi(taken);
}

/* One channel of the tree's. Of `interrupts` and `gpios` the second cell is the number. */
static void read_channel(const void *tree)
{
    page = fdt_number(tree, "doorbell", NULL, "reg");
    slot = fdt_number(tree, "doorbell", "channel", "bulkhead,slot");
    offset = fdt_number(tree, "doorbell", "channel", "bulkhead,offset");
    intid = 32 + (unsigned)fdt_number(tree, "doorbell", "channel", "interrupts");
    if (intid > 32)
        return;
    gpio = fdt_number(tree, "pl061", NULL, "reg");
    line = (uint32_t)fdt_number(tree, "doorbell", "channel", "gpios");
    intid = 32 + (unsigned)fdt_number(tree, "pl061", NULL, "interrupts");
}

static int64_t ring(unsigned way)
{
    if (!way)
        return bh_hvc(BH_EVENT_SIGNAL, slot, 0, 0, 0, 0, 0, 0).status;
    write32(page + offset, 0x5a5a5a5a);
    return BH_OK;
}

/* One more than `before`; an interrupt that is on its way is taken here. */
static bool wait_for(uint32_t before)
{
    uint64_t end = clock_ticks() + WAIT_S * clock_hz();

    while (seen == before && clock_ticks() < end) {
        irq_on();
        irq_off();
    }
    return seen == before + 1;
}

static void play(bool first, uint32_t rings)
{
    for (unsigned way = 0; way < WAYS; way++) {
        uint32_t answered = 0, refused = 0;

        if (first)
            refused += ring(way) != BH_OK;
        while (answered < rings && wait_for(way * rings + answered)) {
            answered++;
            if (!first || answered < rings)
                refused += ring(way) != BH_OK;
        }
        tap_ok(answered == rings && !refused, "%u of %u rings by %s, %u refused", answered, rings,
               way ? "the page" : "HVC", refused);
    }
}

/* Every slot but one, by every call that is meant for an Event, and what the page has besides. */
static void check_strangers(void)
{
    uint32_t allowed = 0, bound = 0, there = 0;

    for (uint64_t other = 0; other < 80; other++) {
        allowed += other != slot && bh_hvc(BH_EVENT_SIGNAL, other, 0, 0, 0, 0, 0, 0).status >= 0;
        bound += bh_hvc(BH_EVENT_BIND, slot, other, intid, 0, 0, 0, 0).status >= 0;
        bound += bh_hvc(BH_CAP_COPY, slot, other, slot + 1, 0xff, 0, 0, 0).status >= 0;
    }
    tap_ok(!allowed, "%u other slots can be rung", allowed);
    tap_ok(!bound, "%u times it was bound or copied", bound);
    for (uint64_t at = 0; at < BH_DOORBELL_SIZE; at += 4) {
        there += at != offset && read32(page + at);
        if (at != offset)
            write32(page + at, 1);
    }
    tap_ok(read32(page + offset) == 1 && !there, "the page has %u other doorbells", there);
    write8(page + offset, 1);
    write16(page + offset, 1);
    write64(page + offset, 1);
    tap_ok(!read8(page + offset) && !read16(page + offset) && !read64(page + offset),
           "only words ring");
}

void guest_main(const void *tree)
{
    const uint32_t rings = (uint32_t)bootargs_number(tree, "rings", 100);
    uint32_t before;

    read_channel(tree);
    tap_ok(fdt_compatible(tree, "doorbell", BH_DOORBELL_COMPATIBLE) && page && slot,
           "page 0x%lx, slot %lu, INTID %u", page, slot, intid);
    gic_init_keep();
    if (gpio) {
        write8(gpio + GPIOIEV, 1u << line);
        write8(gpio + GPIOIE, 1u << line);
    }
    gic_edge(intid, !gpio);
    gic_enable(intid);
    play(bootargs_number(tree, "first", 0), rings);
    before = seen;
    check_strangers();
    irq_on();
    irq_off();
    tap_ok(seen == before && !strange, "%u rings and %u other interrupts besides", seen - before,
           strange);
    tap_end();
}
