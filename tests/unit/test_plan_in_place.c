/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernels that stay where they lie: where the RAM is then, and when they are copied after all. */
#include "plan_system.h"

#define A       "/chosen/linux-a"
#define CONTROL "/chosen/control"
#define MODULE  CONTROL "/module@44000000"

enum { HOST = 0x60080000, SIZE = 0x8000, RAM = 0x40000000, MIB = 0x100000 };

static uint8_t kernel[0x10000];

static void set(const char *path, const char *property, const char *word)
{
    fixture_change(system_tree,
                   &(struct fixture_change){path, property, word, (int)strlen(word) + 1});
}

static void place(uint64_t host, uint32_t size)
{
    uint8_t reg[12];

    fdt64_st(reg, host);
    fdt32_st(reg + 8, size);
    fixture_change(system_tree, &(struct fixture_change){MODULE, "reg", (const char *)reg, 12});
    fixture_files[0] = (struct fixture_file){host, kernel};
}

/* A raw binary, which goes to 512 KiB behind the beginning of RAM. */
static int setup(void **state)
{
    memset(kernel, 0, sizeof(kernel));
    system_setup(state);
    place(HOST, SIZE);
    set(CONTROL, "bulkhead,policy", "zero-copy");
    return 0;
}

static void expect_bank(uint32_t bank, uint64_t guest, uint64_t host, uint64_t size)
{
    const struct plan_partition *partition = &plan.partition[2];

    assert_true(bank < partition->bank_count);
    assert_int_equal(partition->bank[bank].guest, guest);
    assert_int_equal(partition->bank[bank].host, host);
    assert_int_equal(partition->bank[bank].size, size);
}

static void expect_in_place(void)
{
    expect_plan();
    assert_int_equal(plan.warning_count, 0);
    assert_true(plan.partition[2].in_place);
}

/* The kernel is copied, and that is why. */
static void expect_copied(const char *note)
{
    char text[512];

    expect_plan();
    assert_false(plan.partition[2].in_place);
    assert_int_equal(plan.warning_count, 1);
    plan_note_text(&plan.warning[0], text, sizeof(text));
    assert_string_equal(text, note);
}

static void raw(void **state)
{
    (void)state;
    expect_in_place();
    assert_int_equal(plan.partition[2].bank_count, 3);
    expect_bank(0, RAM, HOST - 0x80000, 0x80000);
    expect_bank(1, RAM + 0x80000, HOST, SIZE);
    expect_bank(2, RAM + 0x80000 + SIZE, HOST + SIZE, 16 * MIB - 0x80000 - SIZE);
    assert_int_equal(layout_ram(&plan.partition[2]).size, 16 * MIB);
    assert_int_equal(plan.partition[2].entry, RAM + 0x80000);
    place(HOST, SIZE - 1); /* whole pages */
    expect_in_place();
    expect_bank(1, RAM + 0x80000, HOST, SIZE);
    assert_int_equal(plan.partition[2].segment[0].size, SIZE - 1);
}

static void image(void **state)
{
    (void)state;
    memcpy(kernel + 56, "ARM\x64", 4);
    kernel[18] = 0x80; /* image_size: 8 MiB */
    place(0x60000000, SIZE);
    expect_in_place();
    assert_int_equal(plan.partition[2].bank_count, 2);
    expect_bank(0, RAM, 0x60000000, SIZE);
    expect_bank(1, RAM + SIZE, 0x60000000 + SIZE, 16 * MIB - SIZE);
    assert_int_equal(plan.partition[2].segment[0].room, 8 * MIB);
}

/* Where the description says, all of it at the end of the RAM: nothing is behind it. Another map.
 */
static void elsewhere(void **state)
{
    int node = fdt_path_offset(system_tree, MODULE);

    (void)state;
    assert_int_equal(fdt_setprop_u64(system_tree, node, "bulkhead,load", RAM + 16 * MIB - SIZE), 0);
    set(CONTROL, "bulkhead,layout", "xen");
    place(0x60000000 + 16 * MIB - SIZE, SIZE);
    expect_in_place();
    assert_int_equal(plan.partition[2].bank_count, 2);
    expect_bank(0, RAM, 0x60000000, 16 * MIB - SIZE);
    expect_bank(1, RAM + 16 * MIB - SIZE, 0x60000000 + 16 * MIB - SIZE, SIZE);
}

/* Who comes first in the description, and would get that RAM, gets other RAM. */
static void before_others(void **state)
{
    (void)state;
    expect_plan();
    assert_int_equal(plan.partition[1].bank[0].host, 0x61000000);
    assert_int_equal(plan.partition[0].bank[0].host, 0x48200000);
    place(0x48280000, SIZE);
    expect_in_place();
    expect_bank(0, RAM, 0x48200000, 0x80000);
    assert_int_equal(plan.partition[0].bank[0].host, 0x49200000);
}

/* The system's policy is everybody's who has none of its own. */
static void whose_policy(void **state)
{
    (void)state;
    expect_in_place();
    assert_string_equal(plan.policy, "first-fit");
    assert_string_equal(plan.partition[0].policy, "first-fit");
    assert_string_equal(plan.partition[2].policy, "zero-copy");
    set("/chosen", "bulkhead,policy", "zero-copy");
    set(A, "bulkhead,policy", "top-down");
    expect_plan();
    assert_true(plan.partition[2].in_place);
    assert_string_equal(plan.partition[0].policy, "top-down");
    assert_int_equal(plan.partition[0].bank[0].host, 0x7fe00000 - 0x10000000);
    assert_int_equal(plan.partition[0].core[0], 3);
    assert_true(plan.partition[0].monitor_host > 0x50000000);
    assert_true(plan.partition[1].monitor_host < 0x50000000);
    assert_int_equal(plan.partition[1].core[0], 0);
    assert_int_equal(plan.warning_count, 1); /* linux-b restarts */
    assert_int_equal(plan.warning[0].name, NOTE_IN_PLACE_RESTART);
    assert_string_equal(plan.warning[0].path, "/chosen/linux-b@1");
    set(A, "bulkhead,policy", "worst-fit");
    expect_error(A ": bulkhead,policy: \"worst-fit\" is not known, only: first-fit, top-down, "
                   "zero-copy");
}

static void restarted(void **state)
{
    const uint32_t phandle = cpu_to_fdt32(7);

    (void)state;
    set(CONTROL, "bulkhead,on-reset", "restart");
    expect_copied(CONTROL ": bulkhead,on-reset: its kernel is copied: its resets begin anew");
    set(CONTROL, "bulkhead,on-reset", "stop");
    set(CONTROL, "bulkhead,on-failure", "restart");
    expect_copied(CONTROL
                  ": bulkhead,on-failure: its kernel is copied: it begins anew after a failure");
    set(CONTROL, "bulkhead,on-failure", "stop");
    expect_in_place();
    fixture_change(system_tree, &(struct fixture_change){CONTROL, "phandle", BYTES("\0\0\0\7")});
    fixture_change(system_tree,
                   &(struct fixture_change){A, "bulkhead,controls", (const char *)&phandle, 4});
    expect_copied(CONTROL ": its kernel is copied: linux-a controls it, and may start it again");
    assert_string_equal(plan_note_name(plan.warning[0].name), "IN_PLACE_RESTART");
}

#define COPIED MODULE ": reg: the kernel is copied: "

static void shared(void **state)
{
    const struct fixture_change same = {A "/ramdisk", "reg",
                                        BYTES("\0\0\0\0\x60\x08\0\0\0\0\x80\0")};
    const struct fixture_change before = {A "/ramdisk", "reg",
                                          BYTES("\0\0\0\0\x60\0\0\0\0\0\x10\0")};

    (void)state;
    fixture_change(system_tree, &(struct fixture_change){A "/ramdisk", "bulkhead,image", GONE});
    fixture_change(system_tree, &same);
    expect_copied(COPIED "another module is the same");
    assert_string_equal(plan_note_name(plan.warning[0].name), "IN_PLACE_NOT");
    fixture_change(system_tree, &before);
    expect_copied(COPIED "the RAM around it is not all free");
}

static void elsewhere_than_it_should(void **state)
{
    (void)state;
    place(HOST + 0x1000, SIZE);
    expect_copied(COPIED "its RAM would not begin at a multiple of 2 MiB");
    place(HOST, 16 * MIB);
    fixture_files[0].data = NULL;
    expect_error(CONTROL
                 ": memory: 16384 KiB are too few for kernel (16384 KiB), ramdisk (0 KiB) and "
                 "device tree");
    place(0x40080000, SIZE); /* the kernel's image is behind it */
    expect_copied(COPIED "the RAM around it is not all free");
    place(0x7f080000, SIZE); /* the end of RAM */
    expect_copied(COPIED "the RAM around it is not all free");
    place(0x47f80000, SIZE); /* in the way is what the boot loader reserves */
    expect_copied(COPIED "its RAM would not begin at a multiple of 2 MiB");
    place(0x47280000, SIZE);
    expect_copied(COPIED "the RAM around it is not all free");
    place(0x47080000, SIZE); /* just before that */
    expect_in_place();
}

static void its_ram_is_elsewhere(void **state)
{
    (void)state;
    fixture_change(system_tree, &(struct fixture_change){CONTROL, "xen,static-mem",
                                                         BYTES("\0\0\0\0\x70\0\0\0\1\0\0\0")});
    expect_copied(COPIED "its RAM is where xen,static-mem says");
}

/* Two that want the same RAM: the first one has it. */
static void two(void **state)
{
    static const struct fixture_change changes[] = {
        {A "/kernel", "bulkhead,image", GONE},
        {A "/kernel", "reg", BYTES("\0\0\0\0\x61\x08\0\0\0\0\x80\0")},
    };

    (void)state;
    for (size_t i = 0; i < 2; i++)
        fixture_change(system_tree, &changes[i]);
    set(A, "bulkhead,policy", "zero-copy");
    set(A, "bulkhead,on-reset", "stop");
    expect_in_place();
    assert_true(plan.partition[0].in_place);
    assert_int_equal(plan.partition[0].bank[0].host, 0x61000000);
    place(0x60880000, SIZE); /* its end */
    expect_copied(COPIED "the RAM around it is not all free");
    assert_true(plan.partition[0].in_place);
}

/* With bad domains left out: what was read of their kernels is nobody's RAM any more. */
static void others_left_out(void **state)
{
    static const struct fixture_change bad[] = {
        {"/chosen/bad", "compatible", TEXT("xen,domain")},
        {"/chosen/bad", "memory", BYTES("\0\0\0\0\0\0\1\0")}, /* too little */
        {"/chosen/bad", "cpus", BYTES("\0\0\0\1")},
        {"/chosen/bad/kernel", "compatible", TEXT("multiboot,kernel\0multiboot,module")},
        {"/chosen/bad/kernel", "reg", BYTES("\0\0\0\0\x70\x08\0\0\0\0\x80\0")},
    };
    const struct fixture_change near = {"/chosen/bad/kernel", "reg",
                                        BYTES("\0\0\0\0\x60\x48\0\0\0\0\x80\0")};

    (void)state;
    set("/chosen", "bulkhead,on-bad-domain", "leave-out");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        fixture_change(system_tree, &bad[i]);
    assert_true(fixture_build(&plan, &facts, hardware, system_tree));
    assert_int_equal(plan.left_out_count, 1);
    assert_true(plan.partition[2].in_place);
    fixture_change(system_tree, &near);
    assert_true(fixture_build(&plan, &facts, hardware, system_tree));
    assert_int_equal(plan.left_out_count, 1);
    assert_string_equal(plan.partition[2].name, "control");
    assert_false(plan.partition[2].in_place);
}

/* One that wants to hear of it, and then takes something else. */
static bool other_memory(const struct plan *of, const struct policy_request *request,
                         const struct ranges *free, struct range *answer)
{
    if (!request->in_place.size)
        return policy_first_fit.memory(of, request, free, answer);
    *answer = request->in_place;
    answer->base += BLOCK_SIZE;
    return true;
}

static void not_taken(void **state)
{
    const struct policy other = {"other", other_memory, policy_first_fit.core, true};

    (void)state;
    fixture_change(system_tree, &(struct fixture_change){CONTROL, "bulkhead,policy", GONE});
    facts.policy = &other;
    expect_plan();
    assert_false(plan.partition[2].in_place);
    assert_int_equal(plan.partition[2].bank_count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, system_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(raw),
        TEST(image),
        TEST(elsewhere),
        TEST(before_others),
        TEST(whose_policy),
        TEST(restarted),
        TEST(shared),
        TEST(elsewhere_than_it_should),
        TEST(its_ram_is_elsewhere),
        TEST(two),
        TEST(others_left_out),
        TEST(not_taken),
    };

    return cmocka_run_group_tests_name("plan_in_place", tests, NULL, NULL);
}
