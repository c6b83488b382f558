/* SPDX-License-Identifier: BSD-2-Clause */
/* Stage 2 against a reference walker that knows the descriptor format and nothing of the code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fake/random.h"
#include "fake/walker.h"
#include "pools.h"
#include "stage2.h"
#include <bulkhead/cap.h>
#include <bulkhead/status.h>

enum { ROUNDS = 150, RAM = BH_RIGHT_READ | BH_RIGHT_WRITE | BH_RIGHT_EXEC };

#define KIB 1024ull
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

static struct space space;

static int setup(void **state)
{
    (void)state;
    image_begin();
    regs_reset();
    regs_set("id_aa64mmfr0_el1", 2);
    space_init(&space, 3);
    return 0;
}

static int64_t map(uint64_t at, uint64_t from, uint64_t size, uint8_t rights, uint8_t kind)
{
    int64_t status;

    image_save();
    status = space_map_decode(&space, ipa(at), pa(from), size);
    assert_true(image_same()); /* a decode has no side effect */
    if (status == BH_OK)
        space_map_commit(&space, ipa(at), pa(from), size, rights, kind);
    return status;
}

/* The largest blocks that alignment and size allow, and exactly the range. */
static void blocks(void **state)
{
    static const struct {
        uint64_t at, from, size;
        uint32_t pages, middle, large, tables;
    } cases[] = {
        {0x40000000, 0x80000000, 4 * KIB, 1, 0, 0, 2},
        {0x40000000, 0x80000000, 2 * MIB, 0, 1, 0, 1},
        {0x40000000, 0x80000000, GIB, 0, 0, 1, 0},
        {0x40000000, 0x80200000, GIB, 0, 512, 0, 1},
        {0x40001000, 0x80000000, 2 * MIB, 512, 0, 0, 3},
        {0x40000000, 0x80001000, 2 * MIB, 512, 0, 0, 2},
        {0x401ff000, 0x801ff000, 2 * MIB + 8 * KIB, 2, 1, 0, 3},
        {0x3fe00000, 0x3fe00000, GIB + 4 * MIB, 0, 2, 1, 2},
        {0x7ffff000, 0xbffff000, 8 * KIB, 2, 0, 0, 4},
        {0xfffffff000, 0x1000, 4 * KIB, 1, 0, 0, 2},
        {0x8000000000, 0x4000000000, 2 * GIB, 0, 0, 2, 0},
    };

    (void)state;
    for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct walk_totals totals;

        image_begin();
        assert_int_equal(map(cases[i].at, cases[i].from, cases[i].size, RAM, BH_KIND_RAM), BH_OK);
        totals = walk_totals(&space);
        assert_int_equal(totals.entries[3], cases[i].pages);
        assert_int_equal(totals.entries[2], cases[i].middle);
        assert_int_equal(totals.entries[1], cases[i].large);
        assert_int_equal(totals.tables, cases[i].tables);
        assert_int_equal(totals.bytes, cases[i].size);
        for (uint64_t done = 0; done < cases[i].size; done += 4 * KIB)
            assert_int_equal(walk(&space, cases[i].at + done).physical, cases[i].from + done);
    }
}

static void descriptors(void **state)
{
    static const uint8_t rights[] = {BH_RIGHT_READ, BH_RIGHT_READ | BH_RIGHT_WRITE,
                                     BH_RIGHT_READ | BH_RIGHT_EXEC, RAM};
    static const uint64_t sizes[] = {4 * KIB, 2 * MIB, GIB};
    /* D5.5, "Stage 2 memory region type and cacheability attributes": write-back both, nGnRE,
     * Non-cacheable both; of SH only write-back's means anything. */
    static const uint64_t memory[] = {0, 15, 1, 5};
    static const uint64_t share[] = {0, 3, 0, 2};

    (void)state;
    for (uint32_t i = 0; i < 4; i++)
        for (uint32_t s = 0; s < 3; s++)
            for (uint8_t kind = BH_KIND_RAM; kind <= BH_KIND_UNCACHED; kind++) {
                struct walk_result found;

                image_begin();
                assert_int_equal(map(0x40000000, 0x80000000, sizes[s], rights[i], kind), BH_OK);
                found = walk(&space, 0x40000000);
                assert_int_equal(found.level, 3 - s);
                assert_int_equal(found.entry & 3, s ? 1 : 3);          /* block or page */
                assert_int_equal(found.entry >> 6 & 3, rights[i] & 3); /* S2AP: read, write */
                assert_int_equal(found.entry >> 53 & 3, rights[i] & BH_RIGHT_EXEC ? 0 : 2); /* XN */
                assert_int_equal(found.entry >> 2 & 15, memory[kind]); /* MemAttr */
                assert_int_equal(found.entry >> 8 & 3, share[kind]);   /* SH */
                assert_int_equal(found.entry >> 10 & 1, 1);            /* AF */
                assert_int_equal(found.entry >> 55, 0);
            }
}

static void refused(void **state)
{
    static const struct {
        uint64_t at, from, size;
        int64_t status;
    } cases[] = {
        {0x1001, 0x1000, 0x1000, BH_ERR_ALIGN},
        {0x1000, 0x1800, 0x1000, BH_ERR_ALIGN},
        {0x1000, 0x1000, 0x1fff, BH_ERR_ALIGN},
        {0x1000, 0x1000, 0, BH_ERR_RANGE},
        {1ull << 40, 0x1000, 0x1000, BH_ERR_RANGE},
        {(1ull << 40) - 0x1000, 0x1000, 0x2000, BH_ERR_RANGE},
        {0x1000, 0x1000, ~0xfffull, BH_ERR_RANGE},
        {~0xfffull, 0x1000, 0x2000, BH_ERR_RANGE},
        /* Beside what is there: a page, a block of 2 MiB, one of 1 GiB. */
        {0x40001000, 0x1000, 0x1000, BH_ERR_TAKEN},
        {0x40000000, 0, 0x2000, BH_ERR_TAKEN},
        {0x40000000, 0, 2 * MIB, BH_ERR_TAKEN},
        {0x40000000, 0, GIB, BH_ERR_TAKEN},
        {0, 0, 2 * GIB, BH_ERR_TAKEN},
        {0x40200000, 0, 0x1000, BH_ERR_TAKEN},
        {0x403ff000, 0x1000, 0x2000, BH_ERR_TAKEN},
        {0x40200000, 0, 2 * MIB, BH_ERR_TAKEN},
        {0x803ff000, 0, 0x1000, BH_ERR_TAKEN},
        {0x80200000, 0, 2 * MIB, BH_ERR_TAKEN},
        {0x80000000, 0, GIB, BH_ERR_TAKEN},
        /* And right between them. */
        {0x40002000, 0x1000, 0x1000, BH_OK},
        {0x40000000, 0x1000, 0x1000, BH_OK},
        {0x40400000, 0, GIB - 4 * MIB, BH_OK},
    };

    (void)state;
    assert_int_equal(map(0x40001000, 0x80001000, 4 * KIB, RAM, BH_KIND_RAM), BH_OK);
    assert_int_equal(map(0x40200000, 0x80200000, 2 * MIB, RAM, BH_KIND_RAM), BH_OK);
    assert_int_equal(map(0x80000000, 0x80000000, GIB, RAM, BH_KIND_RAM), BH_OK);
    image_save();
    for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(
            space_map_decode(&space, ipa(cases[i].at), pa(cases[i].from), cases[i].size),
            cases[i].status);
    assert_true(image_same());
}

/* Where random mappings begin and end: on all kinds of boundaries. */
static uint64_t boundary(uint64_t below)
{
    static const uint64_t units[] = {4 * KIB, 2 * MIB, 2 * MIB, GIB};
    uint64_t unit = units[random_below(below < GIB ? 3 : 4)];
    uint64_t value = random_below(below / unit) * unit;

    return random_below(3) ? value : value + random_below(4) * 4 * KIB;
}

/* Decode says POOL exactly when the commit would need more tables than are left. */
static void pool_is_exact(void **state)
{
    static const uint32_t left[] = {0, 1, 2, 3, 4, 6, LIMIT_TABLES};
    struct space filler;
    uint64_t seed = random_seed("pool");

    (void)state;
    for (uint32_t round = 0; round < random_number("BULKHEAD_STEPS", ROUNDS); round++) {
        uint32_t wanted = left[random_below(7)];
        struct walk_totals before;

        random_state = seed + round;
        image_begin();
        space_init(&filler, 4);
        /* The first page of a GiB takes two tables, pages in its other blocks of 2 MiB one each. */
        for (uint64_t used = 2; used + wanted <= LIMIT_TABLES; used++)
            space_map_commit(&filler, ipa(used * 2 * MIB), pa(0), 4 * KIB, RAM, BH_KIND_RAM);
        for (uint32_t n = 0; n < 6; n++) {
            uint64_t at = boundary(3 * GIB);
            uint64_t from = random_below(2) ? at : boundary(8 * GIB);
            uint64_t size = boundary(random_below(2) ? 4 * MIB : GIB + 4 * MIB) + 4 * KIB;
            struct walk_needs needs = walk_needs(&space, at, from, size);
            int64_t status = space_map_decode(&space, ipa(at), pa(from), size);

            before = walk_totals(&space);
            if (needs.taken) /* when both are wrong, either may be said */
                assert_true(status == BH_ERR_TAKEN ||
                            (status == BH_ERR_POOL && needs.tables > wanted - before.tables));
            else if (needs.tables > wanted - before.tables)
                assert_int_equal(status, BH_ERR_POOL);
            else {
                struct walk_totals after;

                assert_int_equal(status, BH_OK);
                space_map_commit(&space, ipa(at), pa(from), size, RAM, BH_KIND_RAM);
                after = walk_totals(&space);
                assert_int_equal(after.tables, before.tables + needs.tables);
                assert_int_equal(after.bytes, before.bytes + size);
                assert_int_equal(walk(&space, at).physical, from);
                assert_int_equal(walk(&space, at + size - 1).physical, from + size - 1);
            }
        }
    }
}

static void commit_is_seen(void **state)
{
    (void)state;
    assert_int_equal(map(0, 0, 4 * KIB, RAM, BH_KIND_RAM), BH_OK);
    assert_string_equal(regs_log(0), "dsb ishst");
    assert_string_equal(regs_log(1), "isb");
    assert_string_equal(regs_log(2), "");
}

static void destroyed(void **state)
{
    static const char *const order[] = {
        NULL, "isb", "dsb ishst", "tlbi vmalls12e1is", "dsb ish", "vttbr_el2 = 0x1234", "isb", ""};
    struct walk_totals totals;
    char own[64];

    (void)state;
    for (uint64_t i = 0; i < 40; i++)
        assert_int_equal(map(i * (GIB + 2 * MIB), i * 4 * KIB, 3 * MIB, RAM, BH_KIND_RAM), BH_OK);
    assert_int_equal(map(600 * GIB, 0, GIB, RAM, BH_KIND_RAM), BH_OK);
    assert_int_not_equal(walk_leftovers(), 0);
    regs_reset();
    regs_set("vttbr_el2", 0x1234);
    space_destroy(&space);
    totals = walk_totals(&space);
    assert_int_equal(totals.bytes, 0);
    assert_int_equal(totals.tables, 0);
    assert_int_equal(walk_leftovers(), 0); /* in tables that nothing leads to any more */
    snprintf(own, sizeof(own), "vttbr_el2 = 0x%" PRIx64, space.vttbr);
    assert_string_equal(regs_log(0), own);
    for (uint32_t i = 1; i < sizeof(order) / sizeof(order[0]); i++)
        assert_string_equal(regs_log(i), order[i]);
}

static void registers(void **state)
{
    static const struct {
        uint32_t range, bits, space;
    } cases[] = {{0, 32, 32}, {1, 36, 36}, {2, 40, 40}, {3, 42, 40},
                 {4, 44, 40}, {5, 48, 40}, {6, 48, 40}};
    struct space other;

    (void)state;
    for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t vtcr;

        regs_set("id_aa64mmfr0_el1", 0xabcd0 | cases[i].range);
        vtcr = stage2_vtcr();
        assert_int_equal(stage2_output_limit(), 1ull << cases[i].bits);
        assert_int_equal(stage2_limit(), 1ull << cases[i].space);
        assert_int_equal(vtcr & 63, 64 - cases[i].space); /* T0SZ */
        assert_int_equal(vtcr >> 6 & 3, 1);               /* SL0: level 1 */
        assert_int_equal(vtcr >> 8 & 0xff, 0x35); /* walks: write-back, Inner Shareable, 4 KiB */
        assert_int_equal(vtcr >> 16 & 7, cases[i].range > 5 ? 5 : cases[i].range); /* PS */
        assert_int_equal(vtcr >> 19, 1 << 12);                                     /* RES1, VS 0 */
    }
    /* A root of two concatenated tables is aligned to both; no two spaces share root or VMID. */
    space_init(&other, 4);
    assert_int_equal(space.root.raw % (8 * KIB), 0);
    assert_int_equal(other.root.raw - space.root.raw, 8 * KIB);
    assert_int_not_equal(space.vttbr >> 48, other.vttbr >> 48);
    assert_int_equal(space.vttbr & 0xffffffffffff, space.root.raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(blocks, setup),         cmocka_unit_test_setup(descriptors, setup),
        cmocka_unit_test_setup(refused, setup),        cmocka_unit_test_setup(pool_is_exact, setup),
        cmocka_unit_test_setup(commit_is_seen, setup), cmocka_unit_test_setup(destroyed, setup),
        cmocka_unit_test_setup(registers, setup),
    };

    return cmocka_run_group_tests_name("kernel_stage2", tests, NULL, NULL);
}
