/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that this partition shares with others, in areas at the two addresses below, if its tree
 * has them: each writer fills a page of its own with a new pattern every round, all see what the
 * others wrote, and a reader that it cannot write. Boot arguments: me=N (writers are numbered from
 * 0, readers behind them), writers=N, rounds=N, caches=1: with MMU and caches on; storm=N: instead
 * of all that, writes so many times wherever it can. */
#include "guest.h"

static const struct {
    const char *node;
    uint64_t base;
} areas[] = {
    {"xen-shmem@70000000", 0x70000000},
    {"xen-shmem@74000000", 0x74000000},
};

enum { PAGE = 4096, DATA = 64, EC_FETCH = 0x21, EC_DATA = 0x25, FSC_EXTERNAL = 0x10 };
enum { RET = 0xd65f03c0, WAIT_S = 30 };

/* What each writer's page begins with. */
enum {
    ROUND = 0, /* twice the round whose pattern stands behind; odd while that is being written */
    SEEN = 8,  /* the last round of which it has seen all writers' patterns */
};

struct area {
    uint64_t base;
    uint64_t size;
    bool reader;
};

static const void *tree;
static uint64_t me, writers, rounds;
static bool caches;

static bool equal(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

static uint64_t pattern(uint64_t writer, uint64_t round, uint64_t offset)
{
    uint64_t x = (writer << 56 | round << 24 | offset) * 0x9e3779b97f4a7c15;

    return x ^ x >> 29;
}

static uint64_t page(const struct area *area, uint64_t writer)
{
    return area->base + writer * PAGE;
}

/* Aborts that the function's access brings; the last one's syndrome is as wanted. */
static void check_abort(const struct area *area, const char *what, void (*access)(uint64_t),
                        uint64_t at, unsigned class, bool write)
{
    struct trap trap;

    trap_expect();
    access(at);
    trap = trap_result();
    tap_ok(trap.count == 1 && trap.esr >> 26 == class && (trap.esr & 0x3f) == FSC_EXTERNAL &&
               (class == EC_FETCH || (trap.esr >> 6 & 1) == write) && trap.far == at,
           "0x%lx: %s aborts: %u, syndrome 0x%lx at 0x%lx", area->base, what, (unsigned)trap.count,
           trap.esr, trap.far);
}

static void do_load(uint64_t at)
{
    read64(at);
}

static void do_store(uint64_t at)
{
    write64(at, ~0ul);
}

static void do_store_byte(uint64_t at)
{
    write8(at, 0xff);
}

static void do_zero(uint64_t at)
{
    __asm__ volatile("dc zva, %0" ::"r"(at) : "memory");
}

static void do_call(uint64_t at)
{
    ((void (*)(void))at)();
}

static void check_tree(const struct area *area, const char *node, bool cacheable)
{
    const char *parent = "reserved-memory";
    uint64_t ram_end = fdt_ram_end(tree);

    tap_ok(equal(fdt_string(tree, parent, node, "compatible"), "xen,shared-memory-v1"),
           "%s: compatible", node);
    tap_ok(equal(fdt_string(tree, parent, node, "xen,id"), cacheable ? "warm" : "plain"),
           "%s: xen,id", node);
    tap_ok(equal(fdt_string(tree, parent, node, "bulkhead,role"), area->reader ? "reader"
                                                                  : me         ? "borrower"
                                                                               : "owner"),
           "%s: role", node);
    tap_ok(fdt_flag(tree, parent, node, "no-map") && fdt_flag(tree, parent, node, "xen,offset") &&
               !fdt_number(tree, parent, node, "xen,offset"),
           "%s: no-map, offset 0", node);
    tap_ok(fdt_flag(tree, parent, node, "bulkhead,cacheable") == cacheable, "%s: cacheable", node);
    tap_ok(ram_end <= area->base, "%s: it is no RAM", node);
}

/* Nobody writes to this writer's page but itself: it is what the manager left. */
static void check_empty(const struct area *area)
{
    uint64_t wrong = 0;

    for (uint64_t at = 0; at < PAGE; at += 8)
        wrong += read64(page(area, me) + at) != 0;
    tap_ok(!wrong, "0x%lx: empty at first", area->base);
}

static void check_refused(const struct area *area)
{
    check_abort(area, "a load behind it", do_load, area->base + area->size, EC_DATA, false);
    if (area->reader) {
        check_abort(area, "a store", do_store, area->base + DATA, EC_DATA, true);
        check_abort(area, "a byte's store", do_store_byte, area->base + area->size - 1, EC_DATA,
                    true);
        if (caches)
            check_abort(area, "zeroing", do_zero, area->base + DATA, EC_DATA, true);
    } else {
        write32(page(area, me) + PAGE - 8, RET);
        dsb();
        check_abort(area, "a call", do_call, page(area, me) + PAGE - 8, EC_FETCH, false);
        write32(page(area, me) + PAGE - 8, 0);
    }
}

static void fill(const struct area *area, uint64_t round)
{
    const uint64_t own = page(area, me);

    write64(own + ROUND, 2 * round - 1);
    dsb();
    for (uint64_t at = DATA; at < PAGE; at += 8)
        write64(own + at, pattern(me, round, at));
    dsb();
    write64(own + ROUND, 2 * round);
    dsb();
}

/* Words of a writer's page that are not that round's. */
static uint64_t compare(const struct area *area, uint64_t writer, uint64_t round)
{
    uint64_t wrong = 0;

    for (uint64_t at = DATA; at < PAGE; at += 8)
        wrong += read64(page(area, writer) + at) != pattern(writer, round, at);
    return wrong;
}

static bool wait_for(uint64_t at, uint64_t least)
{
    const uint64_t start = clock_ticks();

    while (read64(at) < least)
        if (clock_ticks() - start > WAIT_S * clock_hz())
            return false;
    dsb();
    return true;
}

static void take_part(const struct area *area)
{
    uint64_t wrong = 0, late = 0;

    for (uint64_t round = 1; round <= rounds && !late; round++) {
        fill(area, round);
        for (uint64_t i = 0; i < writers; i++) {
            late += !wait_for(page(area, i) + ROUND, 2 * round);
            wrong += compare(area, i, round);
        }
        write64(page(area, me) + SEEN, round);
        for (uint64_t i = 0; i < writers; i++)
            late += !wait_for(page(area, i) + SEEN, round);
    }
    tap_ok(!late && !wrong, "0x%lx: %u rounds, %u wrong words, %u too late", area->base,
           (unsigned)rounds, (unsigned)wrong, (unsigned)late);
}

/* What stays the same while it looks is some round's pattern; at last it is the last one's. */
static void look_on(const struct area *area)
{
    uint64_t wrong = 0, whole = 0, late = 0;

    for (uint64_t i = 0; i < writers; i++) {
        const uint64_t start = clock_ticks();
        uint64_t round;

        do {
            uint64_t differ;

            round = read64(page(area, i) + ROUND);
            dsb();
            differ = compare(area, i, round / 2);
            dsb();
            if (round && !(round & 1) && read64(page(area, i) + ROUND) == round) {
                wrong += differ;
                whole++;
            }
            late = clock_ticks() - start > WAIT_S * clock_hz();
        } while (round < 2 * rounds && !late);
    }
    tap_ok(whole >= writers && !wrong && !late, "0x%lx: %u patterns seen whole, %u wrong words",
           area->base, (unsigned)whole, (unsigned)wrong);
}

/* The last words, too, are the same memory for all: the size is right. */
static void check_end(const struct area *area)
{
    const uint64_t end = area->base + area->size;
    bool good = true;

    if (!area->reader)
        write64(end - 8 * (me + 1), pattern(me, rounds + 1, 0));
    for (uint64_t i = 0; i < writers; i++) {
        good = wait_for(end - 8 * (i + 1), 1) && good;
        good = read64(end - 8 * (i + 1)) == pattern(i, rounds + 1, 0) && good;
    }
    tap_ok(good, "0x%lx: its last words", area->base);
}

/* All of the area, with every kind of store, values at random. */
static void storm(const struct area *area, uint64_t count)
{
    uint64_t x = me + 1;

    trap_expect();
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t at = area->base + (x >> 8) % area->size;

        x = x * 6364136223846793005 + 1442695040888963407;
        switch (x >> 60) {
        case 0:
            __asm__ volatile("dc civac, %0" ::"r"(at) : "memory");
            break;
        case 1:
            __asm__ volatile("dc ivac, %0" ::"r"(at) : "memory");
            break;
        case 2:
            do_zero(at);
            break;
        case 3:
            do_call(at & ~3ul);
            break;
        case 4:
            __asm__ volatile("ldaxr x9, [%0]\n stlxr w10, %1, [%0]" ::"r"(at & ~7ul), "r"(x)
                             : "x9", "x10", "memory");
            break;
        case 5:
            write8(at, (uint32_t)x);
            break;
        default:
            write64(at & ~7ul, x);
        }
    }
    trap_result();
    print("stormed\n");
}

void guest_main(const void *its_tree)
{
    uint64_t storms;

    tree = its_tree;
    me = bootargs_number(tree, "me", 0);
    writers = bootargs_number(tree, "writers", 1);
    rounds = bootargs_number(tree, "rounds", 10);
    storms = bootargs_number(tree, "storm", 0);
    caches = bootargs_number(tree, "caches", 0);
    if (caches)
        mmu_on(SCTLR_CACHES);
    for (unsigned i = 0; i < sizeof(areas) / sizeof(areas[0]); i++) {
        struct area area = {.reader = me >= writers};

        if (!fdt_reg(tree, "reserved-memory", areas[i].node, &area.base, &area.size))
            continue;
        if (storms) {
            storm(&area, storms);
            continue;
        }
        tap_ok(area.base == areas[i].base, "%s: where its node says", areas[i].node);
        check_tree(&area, areas[i].node, i == 1);
        if (!area.reader)
            check_empty(&area);
        check_refused(&area);
        if (area.reader)
            look_on(&area);
        else
            take_part(&area);
        check_end(&area);
    }
    if (!storms)
        tap_end();
}
