/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's translation tables: a system that has just enough of them, and one GiB more, which
 * is told by its name. */
#include "plan_system.h"

#define GIB (1ull << 30)

static const char *const domains[] = {"/chosen/linux-a", "/chosen/linux-b@1", "/chosen/control",
                                      "/chosen/more"};

/* 512 GiB of RAM, and what four domains of one core have of it, in GiB. */
static void tables_system(uint64_t a, uint64_t others, uint64_t last)
{
    static const uint64_t kib = GIB / 1024;
    const uint64_t memory[] = {a * kib, others * kib, others * kib, last * kib};
    static const struct fixture_change more[] = {
        {"/chosen/linux-a", "cpus", BYTES("\0\0\0\1")},
        {"/chosen/more", "compatible", TEXT("xen,domain")},
        {"/chosen/more", "cpus", BYTES("\0\0\0\1")},
        {"/chosen/more/kernel", "compatible", TEXT("multiboot,kernel\0multiboot,module")},
        {"/chosen/more/kernel", "bulkhead,image", BYTES("\0\0\0\0\0\2\0\0\0\0\0\0\1\x80\0\0")},
    };
    const fdt32_t reg[] = {0, cpu_to_fdt32(0x40000000), cpu_to_fdt32(0x80), 0};

    assert_int_equal(fdt_setprop(hardware, fdt_path_offset(hardware, "/memory@40000000"), "reg",
                                 reg, sizeof(reg)),
                     0);
    for (uint32_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
        fixture_change(system_tree, &more[i]);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(fdt_setprop_u64(system_tree, fdt_path_offset(system_tree, domains[i]),
                                         "memory", memory[i]),
                         0);
}

/* As far from a multiple of 1 GiB as no guest has it. */
static bool tables_apart(const struct plan *of, const struct policy_request *request,
                         const struct ranges *free, struct range *answer)
{
    struct policy_request larger = *request;

    larger.size += GIB;
    if (request->purpose != POLICY_GUEST_RAM)
        return policy_find("first-fit")->memory(of, request, free, answer);
    if (!policy_find("first-fit")->memory(of, &larger, free, answer))
        return false;
    answer->base = align_up(answer->base, GIB) + BLOCK_SIZE;
    answer->size = request->size;
    return true;
}

/* RAM that is not congruent to 1 GiB costs the guest's space and the loader's a table for each. */
static void tables_at_the_limit(void **state)
{
    struct policy apart = *policy_find("first-fit");
    uint64_t last = 1;

    (void)state;
    apart.memory = tables_apart;
    facts.policy = &apart;
    tables_system(27, 27, last);
    expect_plan();
    while (last < 27 && fixture_build(&plan, &facts, hardware, system_tree))
        tables_system(27, 27, ++last);
    print_message("%lu GiB are too many\n", (unsigned long)(3 * 27 + last));
    assert_int_equal(plan.error_count, 1);
    assert_int_equal(plan.error[0].name, NOTE_TABLES_MANY);
    assert_string_equal(plan.error[0].path, "/chosen/linux-a");
    assert_string_equal(plan.error[0].property, "memory");
    tables_system(27, 27, last - 1);
    expect_plan();
}

/* A monitor sees its guest's RAM below its images. */
static void tables_window(void **state)
{
    (void)state;
    tables_system(27, 1, 1);
    expect_plan();
    tables_system(28, 1, 1);
    assert_false(fixture_build(&plan, &facts, hardware, system_tree));
    assert_int_equal(plan.error_count, 1);
    assert_int_equal(plan.error[0].name, NOTE_MEMORY_ADDRESSES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tables_at_the_limit, system_setup, system_teardown),
        cmocka_unit_test_setup_teardown(tables_window, system_setup, system_teardown),
    };

    return cmocka_run_group_tests_name("plan_tables", tests, NULL, NULL);
}
