/* SPDX-License-Identifier: BSD-2-Clause */
/* One partition of a circle of rings (tools/guest/relay.h), with doorbells. Areas of shared memory
 * are numbered by their addresses, from 0x70000000 on in steps of 1 MiB; channels as the tree does.
 * Boot arguments: in=N, out=N, the areas with the two rings' messages; in_head=N, out_head=N, those
 * with their consumers' heads (otherwise the same); in_bell=N, out_bell=N, the channels to the
 * peers; source=N: begins, N messages, of which window=N are under way; reset=N: begins anew after
 * every N messages, times=N times; caches=1: MMU and caches on; device=1: those, and the areas
 * mapped as Device memory, of which an unaligned load must abort; look=N: takes what comes from a
 * hostile peer in that area beside; hostile=1: writes what it likes to the areas with messages, and
 * rings, for ever. */
#include "guest.h"
#include "relay.h"
#include <bulkhead/guest.h>
#include <bulkhead/invoke.h>

static const char *const areas[] = {
    "xen-shmem@70000000", "xen-shmem@70100000", "xen-shmem@70200000",
    "xen-shmem@70300000", "xen-shmem@70400000",
};

static const char *const channels[] = {"channel@0", "channel@1", "channel@2", "channel@3"};

enum {
    AREAS = sizeof(areas) / sizeof(areas[0]),
    NONE = 99,
    WINDOW = RELAY_COUNT / 2,
    ENOUGH = 10,
    ALIAS_GIB = 5
};

static const void *tree;
static volatile uint64_t heard;
static uint64_t rung;
static uint64_t alias; /* what to add to an area's address */

void irq_handle(struct frame *frame)
{
    unsigned intid = gic_ack();

    (void)frame;
    if (intid == SPURIOUS)
        return;
    heard++;
    gic_eoi(intid);
}

static _Noreturn void give_up(const char *what, uint64_t number)
{
    print("ring: %s %lu\n", what, number);
    psci_system_off();
}

static void area_find(uint64_t number, uint64_t *base, uint64_t *size)
{
    if (number >= AREAS || !fdt_reg(tree, "reserved-memory", areas[number], base, size))
        give_up("no area", number);
}

static struct bh_ring_layout ring_find(const char *messages, const char *head)
{
    uint64_t number = bootargs_number(tree, messages, NONE), base, size, head_base, head_size;

    area_find(number, &base, &size);
    area_find(bootargs_number(tree, head, number), &head_base, &head_size);
    return relay_layout((void *)(alias + base), size, (void *)(alias + head_base), head_size);
}

/* The capability slot to ring by; the interrupt of the peer's rings is on from now on. */
static uint64_t bell_find(const char *argument)
{
    uint64_t number = bootargs_number(tree, argument, 0);
    uint64_t slot = fdt_number(tree, "doorbell", channels[number % 4], "bulkhead,slot");
    uint64_t spi = fdt_number(tree, "doorbell", channels[number % 4], "interrupts") & 0xffffffff;

    if (!slot)
        give_up("no channel", number);
    gic_edge((unsigned)spi + 32, true);
    gic_enable((unsigned)spi + 32);
    return slot;
}

static void bell_ring(uint64_t slot)
{
    struct bh_result result = bh_hvc(BH_EVENT_SIGNAL, slot, 0, 0, 0, 0, 0, 0);

    if (result.status != BH_OK)
        give_up("the doorbell answers", (uint64_t)-result.status);
    rung++;
}

/* Whoever rings between the look at the ring and the WFI has left an interrupt that is pending. */
static void sleep(void)
{
    wfi();
    irq_on();
    irq_off();
}

/* Often what could be, so that it is looked into, and whatever it likes. */
static _Noreturn void be_hostile(void)
{
    uint64_t area = bootargs_number(tree, "out", NONE), slot = bell_find("out_bell"), base, size;
    uint64_t random = 1;

    area_find(area, &base, &size);
    for (;;) {
        uint64_t state = read64(base + 16);

        random = random * 6364136223846793005u + 1442695040888963407u;
        write64(base + BH_RING_HEAD + (random >> 40) % (RELAY_COUNT * RELAY_WORDS) * 8, random);
        write64(base, BH_RING_MAGIC);
        write64(base + 8, (uint64_t)RELAY_COUNT << 32 | RELAY_MESSAGE);
        switch (random >> 60) {
        case 0: /* begins anew */
            write64(base + 24, state + (1ul << 32));
            write64(base + 16, state + (1ul << 32));
            break;
        case 1:
            write64(base + (random >> 57) % 8 * 8, random >> 3);
            break;
        case 2:
            write64(base + 16, state + (random >> 40) % 0x1000);
            break;
        default: /* more than there is, in time */
            write64(base + 16, state + 1);
        }
        if (random << 8 >> 56 < 16)
            bell_ring(slot);
    }
}

static struct relay relay;
static uint64_t said[BH_RING_NONSENSE + 1]; /* of the hostile peer's ring, each status */

/* Takes from the hostile peer, who has no other way to reach this partition. */
static void look(struct bh_ring_consumer *hostile)
{
    uint64_t message[RELAY_WORDS];
    int status = bh_ring_take(hostile, message);

    if (status < 0 || status > BH_RING_NONSENSE)
        give_up("a ring says", (uint64_t)status);
    said[status]++;
}

/* True when this life is to end here. */
static bool is_time(uint64_t every, uint64_t lives, uint64_t times)
{
    return every && lives < times && relay.received >= every && !relay.holding;
}

static void report(uint64_t start)
{
    print("ring: %lu sent, %lu received, %lu lost, %lu torn, %lu odd, %lu old\n", relay.sent,
          relay.received, relay.lost, relay.torn, relay.odd, relay.old);
    print("ring: peers began %lu and %lu times; %lu doorbells rung, %lu heard\n", relay.new_in,
          relay.new_out, rung, heard);
    if (relay.count)
        print("ring: ticks %lu for a message, %lu for the shortest round\n",
              (clock_ticks() - start) / relay.sent, relay.shortest);
    if (bootargs_number(tree, "look", NONE) != NONE)
        print("ring: hostile: %lu taken, %lu new, %lu mismatches, %lu nonsense\n", said[BH_RING_OK],
              said[BH_RING_NEW_PEER], said[BH_RING_MISMATCH], said[BH_RING_NONSENSE]);
    tap_ok(relay.lost == 0 && relay.torn == 0, "none lost, none torn");
    tap_end();
}

/* The areas lie in the second GiB, as Normal memory where the MMU is on. */
static void map(void)
{
    bool device = bootargs_number(tree, "device", 0);

    if (device || bootargs_number(tree, "caches", 0))
        mmu_on(SCTLR_CACHES);
    if (!device)
        return;
    mmu_set(ALIAS_GIB, RAM | MMU_DEVICE);
    alias = ((uint64_t)ALIAS_GIB << 30) - RAM;
}

/* Where Device memory is as on silicon, so that the library's accesses are proven to be aligned. */
static void expect_abort(const struct bh_ring_layout *layout)
{
    struct trap trap;

    trap_expect();
    (void)read64((uint64_t)layout->produced + BH_RING_HEAD + 1);
    trap = trap_result();
    tap_ok(trap.count == 1 && trap.esr >> 26 == 0x25 && (trap.esr & 0x3f) == 0x21,
           "an unaligned load aborts: %lu, syndrome %lx", trap.count, trap.esr);
}

static void circle(uint64_t in_bell, uint64_t out_bell, struct bh_ring_consumer *hostile)
{
    uint64_t every = bootargs_number(tree, "reset", 0), times = bootargs_number(tree, "times", 0);
    uint64_t lives = bh_hvc(BH_GUEST_STATE, 0, 0, 0, 0, 0, 0, 0).value[0] >> 32;
    uint64_t start = clock_ticks();
    unsigned todo;

    do {
        todo = relay_step(&relay, clock_ticks());
        if (hostile)
            look(hostile);
        if (todo & RELAY_RING_IN)
            bell_ring(in_bell);
        if (todo & RELAY_RING_OUT)
            bell_ring(out_bell);
        if (is_time(every, lives, times))
            psci(PSCI_SYSTEM_RESET, 0, 0, 0);
        if (todo & RELAY_SLEEP) {
            sleep();
            relay_awake(&relay);
        }
        if (relay.received == 0)
            start = clock_ticks();
    } while (!(todo & RELAY_OVER));
    while (hostile && (said[BH_RING_OK] < ENOUGH || said[BH_RING_NONSENSE] < ENOUGH))
        look(hostile);
    report(start);
}

void guest_main(const void *from)
{
    struct bh_ring_layout in, out, beside;
    struct bh_ring_consumer hostile;
    uint64_t in_bell, out_bell;
    bool looks;

    tree = from;
    gic_init();
    map();
    if (bootargs_number(tree, "hostile", 0))
        be_hostile();
    looks = bootargs_number(tree, "look", NONE) != NONE;
    in = ring_find("in", "in_head");
    out = ring_find("out", "out_head");
    in_bell = bell_find("in_bell");
    out_bell = bell_find("out_bell");
    if (alias)
        expect_abort(&in);
    if (looks) {
        beside = ring_find("look", "look");
        bh_ring_attach_consumer(&hostile, &beside);
    }
    if (relay_begin(&relay, &in, &out, bootargs_number(tree, "source", 0),
                    bootargs_number(tree, "window", WINDOW)) != BH_RING_OK)
        give_up("the areas are too small", in.produced_size);
    circle(in_bell, out_bell, looks ? &hostile : NULL);
}
