/* SPDX-License-Identifier: BSD-2-Clause */
/* What keeps memory from being given away, one thing at a time: where nothing else would. The
 * oracle judges each plan. */
#include "plan_uart.h"

#include "plan_system.h"

#define A   "/chosen/linux-a"
#define B   "/chosen/linux-b@1"
#define SHM "xen,domain-shared-memory-v1"

static void change(void *tree, const char *path, const char *property, const char *value,
                   int length)
{
    fixture_change(tree, &(struct fixture_change){path, property, value, length});
}

/* It lies where the first domain's RAM would be, and the roots do not say so. */
static void kept_kernel(void **state)
{
    (void)state;
    expect_plan();
    facts.kernel = (struct range){plan.partition[0].bank[0].host, 0x200000};
    facts.root_count = 0;
    expect_plan();
    assert_int_equal(plan.partition[0].bank[0].host, facts.kernel.base + facts.kernel.size);
}

static void kept_hardware_tree(void **state)
{
    (void)state;
    expect_plan();
    facts.hardware_tree = (struct range){plan.partition[0].bank[0].host, 0x1000};
    expect_plan();
    assert_int_equal(plan.partition[0].bank[0].host, facts.hardware_tree.base + BLOCK_SIZE);
}

/* With 30 bits a guest ends where its RAM would begin. */
static void kept_addresses(void **state)
{
    (void)state;
    facts.guest_bits = 30;
    assert_false(fixture_build(&plan, &facts, hardware, system_tree));
    assert_int_equal(plan.error[0].name, NOTE_MEMORY_ADDRESSES);
}

/* Who has the machine's addresses has shared memory where it is. */
static void kept_direct(void **state)
{
    static const char controller[] =
        "\0\0\0\0\x08\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\x08\x0a\0\0\0\0\0\0"
        "\0\xf6\0\0";

    (void)state;
    uart_add(hardware);
    change(hardware, "/intc@8000000", "compatible", TEXT("arm,gic-v3"));
    change(hardware, "/intc@8000000", "reg", controller, 32);
    change(system_tree, A, "direct-map", EMPTY);
    change(system_tree, A, "xen,static-mem", BYTES("\0\0\0\0\x50\0\0\0\x10\0\0\0"));
    change(system_tree, A "/shm", "compatible", TEXT(SHM));
    change(system_tree, A "/shm", "xen,shm-id", TEXT("ring"));
    change(system_tree, A "/shm", "xen,shared-mem",
           BYTES("\0\0\0\0\x61\0\0\0\0\0\0\0\x62\0\0\0\0\0\x10\0"));
    change(system_tree, B "/shm", "compatible", TEXT(SHM));
    change(system_tree, B "/shm", "xen,shm-id", TEXT("ring"));
    change(system_tree, B "/shm", "xen,shared-mem",
           BYTES("\0\0\0\0\x61\0\0\0\0\0\0\0\x62\0\0\0\0\0\x10\0"));
    assert_false(fixture_build(&plan, &facts, hardware, system_tree));
    assert_int_equal(plan.error_count, 1);
    assert_int_equal(plan.error[0].name, NOTE_SHARED_DIRECT);
    assert_string_equal(plan.error[0].path, A "/shm");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, system_setup, system_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(kept_kernel),
        TEST(kept_hardware_tree),
        TEST(kept_addresses),
        TEST(kept_direct),
    };

    return cmocka_run_group_tests_name("plan_kept", tests, NULL, NULL);
}
