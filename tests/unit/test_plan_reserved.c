/* SPDX-License-Identifier: BSD-2-Clause */
/* RAM that is kept: /reserved-memory and /memreserve/ in all their forms; and cells, which a node
 * that does not say them has from its parent, as in Xen. */
#include "plan_cases.h"
#include "plan_system.h"

#define RESERVED "/reserved-memory"
#define MINE     RESERVED "/mine"

static void machine(const char *path, const char *property, const char *value, int length)
{
    const struct fixture_change one = {path, property, value, length};

    fixture_change(hardware, &one);
}

static void domain(const char *path, const char *property, const char *value, int length)
{
    const struct fixture_change one = {path, property, value, length};

    fixture_change(system_tree, &one);
}

/* A megabyte at 0x50000000 is reserved, or it is not. */
static void expect_reserved(bool reserved)
{
    static uint64_t before;

    expect_plan();
    if (!reserved)
        before = plan.ram_left;
    else
        assert_int_equal(plan.ram_left, before - 0x100000);
    for (uint32_t i = 0; reserved && i < plan.partition_count; i++)
        for (uint32_t k = 0; k < plan.partition[i].bank_count; k++) {
            const struct plan_bank *bank = &plan.partition[i].bank[k];

            assert_true(bank->host >= 0x50100000 || bank->host + bank->size <= 0x50000000);
        }
}

static void forms(void **state)
{
    (void)state;
    expect_reserved(false);
    /* A child that has a size only is given no place, so it keeps none. */
    machine(MINE, "size", BYTES("\0\0\0\0\0\x10\0\0"));
    machine(MINE, "reusable", EMPTY);
    expect_reserved(false);
    machine(MINE, "reg", BYTES("\0\0\0\0\x50\0\0\0\0\0\0\0\0\x10\0\0"));
    expect_reserved(true);
    machine(MINE, "no-map", EMPTY);
    expect_reserved(true);
    machine(MINE, "status", TEXT("disabled"));
    expect_reserved(false);
    machine(MINE, "status", TEXT("okay"));
    /* Several ranges in one node; what is not whole pages is kept whole. */
    machine(MINE, "reg",
            BYTES("\0\0\0\0\x50\0\0\0\0\0\0\0\0\x08\0\0\0\0\0\0\x50\x08\0\0\0\0\0\0\0\x07\xf0\1"));
    expect_reserved(true);
    /* One of no size keeps nothing, and is no mistake; one that has no end is one. */
    machine(MINE, "reg", BYTES("\0\0\0\0\x50\0\0\0\0\0\0\0\0\0\0\0"));
    expect_reserved(false);
    machine(MINE, "reg", BYTES("\0\0\0\0\x50\0\0\0\xff\xff\xff\xff\xff\xff\xf0\0"));
    expect_error(MINE ": reg: 0x50000000 with size 0xfffffffffffff000 is no memory range");
}

/* The children's reg is in the cells of /reserved-memory, or of the root where it has none. */
static void reserved_cells(void **state)
{
    (void)state;
    expect_reserved(false);
    machine(RESERVED, "#address-cells", GONE);
    machine(RESERVED, "#size-cells", GONE);
    machine(MINE, "reg", BYTES("\0\0\0\0\x50\0\0\0\0\0\0\0\0\x10\0\0"));
    expect_reserved(true);
    machine(RESERVED, "#address-cells", BYTES("\0\0\0\1"));
    machine(RESERVED, "#size-cells", BYTES("\0\0\0\1"));
    machine(RESERVED "/firmware@7fe00000", "reg", BYTES("\x7f\xe0\0\0\0\x20\0\0"));
    machine(MINE, "reg", BYTES("\x50\0\0\0\0\x10\0\0"));
    expect_reserved(true);
}

/* A module may lie where the boot loader keeps memory for it, and nowhere in /reserved-memory. */
static void modules(void **state)
{
    (void)state;
    assert_int_equal(fdt_add_mem_rsv(hardware, 0x44000000, 0x8000), 0);
    expect_plan();
    machine(MINE, "reg", BYTES("\0\0\0\0\x44\0\0\0\0\0\0\0\0\0\x10\0"));
    expect_error(MODULE ": reg: 0x44000000 with size 0x8000 is not all in usable RAM");
}

/* Each of the two cells is inherited alone: from the domain, /chosen, the root, 2 and 1. */
static void inherited(void **state)
{
    (void)state;
    expect_plan(); /* nobody says any */
    domain("/chosen", "#address-cells", BYTES("\0\0\0\1"));
    expect_error(MODULE ": reg: 12 bytes long, must be a multiple of 8 (1 address, 1 size cells)");
    domain(MODULE, "reg", BYTES("\x44\0\0\0\0\0\x80\0"));
    expect_plan();
    assert_int_equal(plan.partition[2].kernel.host, 0x44000000);
    domain(CONTROL, "#size-cells", BYTES("\0\0\0\2"));
    domain(MODULE, "reg", BYTES("\x44\0\0\0\0\0\0\0\0\0\x80\0"));
    expect_plan();
    assert_int_equal(plan.partition[2].kernel.size, 0x8000);
    domain(CONTROL, "#address-cells", BYTES("\0\0\0\2"));
    domain(MODULE, "reg", BYTES("\0\0\0\0\x44\0\0\0\0\0\0\0\0\0\x80\0"));
    expect_plan();
    /* A module's own are its children's, not its own. */
    domain(MODULE, "#address-cells", BYTES("\0\0\0\1"));
    expect_plan();
    assert_int_equal(plan.partition[2].kernel.host, 0x44000000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, system_setup, system_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(forms),
        TEST(reserved_cells),
        TEST(modules),
        TEST(inherited),
    };

    return cmocka_run_group_tests_name("plan_reserved", tests, NULL, NULL);
}
