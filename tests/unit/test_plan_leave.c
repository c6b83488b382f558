/* SPDX-License-Identifier: BSD-2-Clause */
/* Bad domains that are left out: whole, with whoever names them, and the others as if there had
 * never been any. */
#include "plan_cases.h"
#include "plan_system.h"

static struct plan other;

static void change(const char *path, const char *property, const char *value, int length)
{
    const struct fixture_change one = {path, property, value, length};

    fixture_change(system_tree, &one);
}

static int setup(void **state)
{
    system_setup(state);
    change("/chosen", "bulkhead,on-bad-domain", TEXT("leave-out"));
    return 0;
}

static void expect_left_out(const char *name, const char *note)
{
    char text[512];

    if (!fixture_build(&plan, &facts, hardware, system_tree) || plan.left_out_count != 1)
        fixture_print(&plan);
    assert_int_equal(plan.left_out_count, 1);
    assert_string_equal(plan.left_out[0], name);
    plan_note_text(&plan.error[0], text, sizeof(text));
    assert_string_equal(text, note);
    assert_int_equal(plan.error_count, 1);
    assert_true(plan.error[0].left_out);
    assert_int_equal(plan.partition_count, 2);
    for (uint32_t i = 0; i < 2; i++)
        assert_string_not_equal(plan.partition[i].name, name);
}

/* What is planned without A is what is planned where A is disabled. */
static void as_if_never_there(void **state)
{
    (void)state;
    change(A, "memory", BYTES("\0\0\0\0\0\0\0\5"));
    change(A, "memroy", EMPTY);
    change(B, "strange", EMPTY);
    expect_left_out("linux-a", A ": memory: 5 KiB is no multiple of 4 KiB");
    assert_int_equal(plan.partition[0].core[0], 0);
    assert_int_equal(plan.warning_count, 2);
    assert_true(plan.warning[0].left_out);
    assert_string_equal(plan.warning[0].property, "memroy");
    assert_false(plan.warning[1].left_out);
    assert_string_equal(plan.warning[1].property, "strange");
    change(A, "status", TEXT("disabled"));
    assert_true(fixture_build(&other, &facts, hardware, system_tree));
    assert_int_equal(other.left_out_count, 0);
    for (uint32_t i = 0; i < 2; i++)
        assert_memory_equal(&plan.partition[i].vcpus, &other.partition[i].vcpus,
                            sizeof(plan.partition[i]) - sizeof(plan.partition[i].name));
    assert_memory_equal(plan.core, other.core, sizeof(plan.core));
}

/* Each kind of mistake that has a domain: its own, its module's, no memory, no core. */
static void mistakes(void **state)
{
    (void)state;
    change(A, "capabilities", BYTES("\0\0\0\4"));
    expect_left_out("linux-a", A ": capabilities: 0x4 is the xenstore domain's: not supported");
    change(A, "capabilities", GONE);
    change(A, "memory", BYTES("\0\0\0\0\0\x10\0\0"));
    assert_true(fixture_build(&plan, &facts, hardware, system_tree));
    assert_int_equal(plan.error[0].name, NOTE_MEMORY_NO_ROOM);
    change(A, "memory", BYTES("\0\0\0\0\0\4\0\0"));
    change(MODULE, "reg", BYTES("\0\0\0\0\x40\x30\0\0\0\0\x80\0"));
    assert_true(fixture_build(&plan, &facts, hardware, system_tree));
    assert_string_equal(plan.left_out[0], "control");
    change(MODULE, "reg", BYTES("\0\0\0\0\x44\0\0\0\0\0\x80\0"));
    change(B, "cpus", BYTES("\0\0\0\3"));
    expect_left_out("linux-b", B ": cpus: wants 3 cores, of 4 that can be used the domains before "
                                 "it leave 2");
}

/* The kernel of a good domain that was read before another one had to go is not given away. */
static void what_was_read_stays(void **state)
{
    static const uint8_t image[0x8000];

    (void)state;
    fixture_files[0] = (struct fixture_file){0x44000000, image};
    change(CONTROL, "memory", BYTES("\0\0\0\0\0\0\0\4"));
    expect_left_out("control",
                    CONTROL ": memory: 4 KiB are too few for kernel (32 KiB), ramdisk (0 "
                            "KiB) and device tree");
    assert_false(ranges_contain(&plan.free, 0x44000000, 0x1000));
    change(CONTROL, "status", TEXT("disabled"));
    assert_true(fixture_build(&other, &facts, hardware, system_tree));
    assert_int_equal(plan.ram_left, other.ram_left - 0x8000);
}

/* So does a tree of devices, whoever was left out for it: the manager has its pages already. */
static void a_tree_that_was_read_stays(void **state)
{
    static const uint8_t no_tree[0x1000];
    const char devices[] = A "/devices";

    (void)state;
    fixture_files[1] = (struct fixture_file){0x46000000, no_tree};
    change(devices, "compatible", TEXT("multiboot,device-tree\0multiboot,module"));
    change(devices, "reg", BYTES("\0\0\0\0\x46\0\0\0\0\0\x10\0"));
    assert_true(fixture_build(&plan, &facts, hardware, system_tree));
    assert_int_equal(plan.left_out_count, 1);
    assert_int_equal(plan.error[0].name, NOTE_TREE_BAD);
    assert_false(ranges_contain(&plan.free, 0x46000000, 0x1000));
    change(A, "status", TEXT("disabled"));
    assert_true(fixture_build(&other, &facts, hardware, system_tree));
    assert_true(ranges_contain(&other.free, 0x46000000, 0x1000));
    fixture_files[1] = (struct fixture_file){0};
}

/* Who names a domain that is left out is left out with it. */
static void chains(void **state)
{
    (void)state;
    change(A, "phandle", BYTES("\0\0\0\x11"));
    change(B, "phandle", BYTES("\0\0\0\x12"));
    change(B, "bulkhead,controls", BYTES("\0\0\0\x11"));
    change(A, "cpus", GONE);
    assert_true(fixture_build(&plan, &facts, hardware, system_tree));
    assert_int_equal(plan.left_out_count, 2);
    assert_string_equal(plan.left_out[0], "linux-a");
    assert_string_equal(plan.left_out[1], "linux-b");
    assert_int_equal(plan.error_count, 2);
    assert_int_equal(plan.error[1].name, NOTE_CONTROL_NO_DOMAIN);
    assert_int_equal(plan.partition_count, 1);
    /* And who waits to be started by it. */
    change(B, "bulkhead,controls", GONE);
    change(A, "bulkhead,controls", BYTES("\0\0\0\x12"));
    change(B, "bulkhead,start", TEXT("manual"));
    assert_true(fixture_build(&plan, &facts, hardware, system_tree));
    assert_int_equal(plan.left_out_count, 2);
    assert_int_equal(plan.error[1].name, NOTE_START_NOBODY);
}

static void expect_halt(uint32_t errors)
{
    assert_false(fixture_build(&plan, &facts, hardware, system_tree));
    assert_int_equal(plan.error_count, errors);
    assert_int_equal(plan.left_out_count, 0);
    for (uint32_t i = 0; i < errors; i++)
        assert_false(plan.error[i].left_out);
}

/* What is nobody's mistake halts, and so does everybody's. */
static void halts(void **state)
{
    (void)state;
    change(A, "memory", GONE);
    change("/chosen", "bulkhead,on-end", TEXT("none"));
    expect_halt(2);
    change("/chosen", "bulkhead,on-end", GONE);
    change(B, "memory", GONE);
    change(CONTROL, "memory", GONE);
    expect_halt(4);
    assert_int_equal(plan.error[3].name, NOTE_DOMAINS_NONE);
    change("/chosen", "bulkhead,on-bad-domain", TEXT("halt"));
    expect_halt(3);
    change("/chosen", "bulkhead,on-bad-domain", TEXT("ignore"));
    expect_halt(4);
    change("/chosen", "bulkhead,on-bad-domain", TEXT("leave-out"));
    change(B, "memory", BYTES("\0\0\0\0\0\1\0\0"));
    fdt_setprop(hardware, fdt_path_offset(hardware, "/cpus/cpu@1"), "reg", "\0\0\0\0", 4);
    assert_false(fixture_build(&plan, &facts, hardware, system_tree));
    assert_int_equal(plan.left_out_count, 0);
}

static void deterministic(void **state)
{
    (void)state;
    change(A, "memory", GONE);
    memset(&plan, 0x55, sizeof(plan));
    memset(&other, 0xaa, sizeof(other));
    assert_true(fixture_build(&plan, &facts, hardware, system_tree));
    assert_true(fixture_build(&other, &facts, hardware, system_tree));
    assert_memory_equal(&plan, &other, sizeof(plan));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, system_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(as_if_never_there),
        TEST(mistakes),
        TEST(what_was_read_stays),
        TEST(a_tree_that_was_read_stays),
        TEST(chains),
        TEST(halts),
        TEST(deterministic),
    };

    return cmocka_run_group_tests_name("plan_leave", tests, NULL, NULL);
}
