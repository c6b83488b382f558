/* SPDX-License-Identifier: BSD-2-Clause */
/* Modules beside kernel and ramdisk in the plan: where they may go; and kernels in the flash. */
#include "plan_system.h"

#define A       "/chosen/linux-a"
#define KERNEL  A "/kernel"
#define RAMDISK A "/ramdisk"
#define B       "/chosen/linux-b@1"
#define MODULE  A "/extra"

enum { RAMDISK_AT = 0x4fcdc000, TREE_AT = 0x4fe00000 };

static void set(const char *path, const char *property, const char *value, int length)
{
    const struct fixture_change change = {path, property, value, length};

    fixture_change(system_tree, &change);
}

static void set_load(const char *path, uint64_t load)
{
    fdt64_t value = cpu_to_fdt64(load);

    set(path, "bulkhead,load", (const char *)&value, 8);
}

/* A module of so many bytes behind linux-a's ramdisk; every `index` another one. */
static void add(const char *path, uint64_t index, uint64_t size, uint64_t load)
{
    const fdt64_t image[2] = {cpu_to_fdt64(0x1944000 - 0x1000 * index), cpu_to_fdt64(size)};

    set(path, "compatible", TEXT("multiboot,module"));
    set(path, "bulkhead,image", (const char *)image, 16);
    set_load(path, load);
}

/* Room for the modules of add(). */
static void shorten_ramdisk(void)
{
    set(RAMDISK, "bulkhead,image", BYTES("\0\0\0\0\1\x82\0\0\0\0\0\0\0\x10\0\0"));
}

static void expect_quiet_plan(void)
{
    expect_plan();
    assert_int_equal(plan.warning_count, 0);
}

static void module_in_ram(void **state)
{
    const struct plan_extra *extra = plan.partition[0].extra;

    (void)state;
    shorten_ramdisk();
    add(MODULE, 1, 0xfff, 0x42000004);
    expect_quiet_plan();
    assert_int_equal(extra[0].module.host, 0x40400000 + 0x1943000);
    assert_int_equal(extra[0].module.size, 0xfff);
    assert_int_equal(extra[0].load, 0x42000004);
    assert_int_equal(extra[1].module.size, 0);
    set_load(MODULE, 0x50000000 - 0xfff); /* its last byte is the RAM's */
    expect_quiet_plan();
    set_load(MODULE, 0x50000000 - 0xffe);
    expect_error(MODULE ": bulkhead,load: 0xfff bytes at 0x4ffff002 are not in its RAM, 0x10000000"
                        " bytes at 0x40000000");
    set_load(MODULE, 0xfffffffffffff800);
    expect_error(MODULE ": bulkhead,load: 0xfff bytes at 0xfffffffffffff800 are not in its RAM, "
                        "0x10000000 bytes at 0x40000000");
    set_load(MODULE, TREE_AT + 0x1fff);
    expect_error(MODULE
                 ": bulkhead,load: 0xfff bytes at 0x4fe01fff overlap the device tree, 0x10000"
                 " bytes at 0x4fe00000");
    set_load(MODULE, TREE_AT - 0x10000 - 0xffe);
    expect_error(MODULE ": bulkhead,load: 0xfff bytes at 0x4fdef002 overlap the ramdisk, 0x100000"
                        " bytes at 0x4fd00000");
    set_load(MODULE, 0x40080000 + 0x17fffff);
    expect_error(MODULE ": bulkhead,load: 0xfff bytes at 0x4187ffff overlap the kernel, 0x1800000"
                        " bytes at 0x40080000");
    set_load(MODULE, 0x40080000 + 0x1800000);
    expect_quiet_plan();
}

static void modules_in_flash(void **state)
{
    (void)state;
    shorten_ramdisk();
    add(MODULE, 1, 0xfff, 0x07fff000);
    expect_quiet_plan();
    set(MODULE, "bulkhead,image", BYTES("\0\0\0\0\1\x94\x20\0\0\0\0\0\0\0\x10\1"));
    expect_error(MODULE ": bulkhead,load: 0x1001 bytes at 0x7fff000 are not in its flash, 0x8000000"
                        " bytes at 0x0");
    set_load(MODULE, 0x4002);
    expect_error(MODULE
                 ": bulkhead,load: 0x4002 is no multiple of 4 KiB, as it must be in the flash");
    set_load(MODULE, 0x4000);
    expect_quiet_plan();
    add(A "/other", 3, 4, 0x5000); /* in the last page of the first one, behind its last byte */
    expect_error(A "/extra: bulkhead,load: 0x2000 bytes at 0x4000 overlap the module other, 0x1000"
                   " bytes at 0x5000");
    set_load(A "/other", 0x6000);
    expect_quiet_plan();
}

static void modules_as_many_as_there_is_room_for(void **state)
{
    char path[32];

    (void)state;
    shorten_ramdisk();
    for (uint32_t i = 0; i < PLAN_EXTRAS; i++) {
        snprintf(path, sizeof(path), A "/module-%u", i);
        add(path, i + 1, 0x1000, 0x42000000 + 0x1000 * i);
    }
    expect_quiet_plan();
    assert_int_equal(plan.partition[0].extra[PLAN_EXTRAS - 1].module.size, 0x1000);
    add(MODULE, 8, 0x1000, 0x43000000);
    assert_false(fixture_build(&plan, &facts, hardware, system_tree));
    assert_string_equal(plan.error[0].message,
                        "the domain has 4 modules beside kernel and ramdisk already");
    assert_int_equal(plan.error_count, 1);
}

static void module_says_where(void **state)
{
    (void)state;
    shorten_ramdisk();
    add(MODULE, 1, 0x1000, 0x42000000);
    set(MODULE, "bulkhead,load", GONE);
    expect_error(MODULE ": compatible: neither multiboot,kernel nor multiboot,ramdisk, and no "
                        "bulkhead,load");
    set(MODULE, "bulkhead,load", BYTES("\0\0\0"));
    assert_false(fixture_build(&plan, &facts, hardware, system_tree));
    assert_string_equal(plan.error[0].message, "3 bytes long, must be 8");
    set_load(MODULE, 0x42000000);
    set(MODULE, "bootargs", TEXT("x"));
    assert_true(fixture_build(&plan, &facts, hardware, system_tree));
    assert_int_equal(plan.warning_count, 1);
    assert_string_equal(plan.warning[0].message, "counts only on the kernel, ignored");
}

/* A raw kernel in the flash is firmware: not copied, its tree at the start of the RAM. */
static void kernel_in_flash(void **state)
{
    (void)state;
    set(B "/kernel", "bulkhead,load", BYTES("\0\0\0\0"));
    expect_quiet_plan();
    assert_true(plan.partition[1].firmware);
    assert_int_equal(plan.partition[1].entry, 0);
    assert_int_equal(plan.partition[1].tree_guest, layout_qemu_virt.ram);
    assert_false(plan.partition[0].firmware);
    assert_int_equal(plan.partition[0].tree_guest, TREE_AT);
    assert_int_equal(plan.partition[0].ramdisk_guest, RAMDISK_AT);
    set(B, "memory", BYTES("\0\0\0\0\0\0\0\x44")); /* no room for a kernel is needed */
    expect_quiet_plan();
    set(B, "memory", BYTES("\0\0\0\0\0\0\0\x40"));
    expect_error(B ": memory: 64 KiB are too few for kernel (0 KiB), ramdisk (0 KiB) and device "
                   "tree");
    set(B, "memory", BYTES("\0\0\0\0\0\2\0\0"));
    set(B "/kernel", "bulkhead,load", BYTES("\x07\0\0\0"));
    expect_error(B "/kernel: bulkhead,image: 0x1800000 bytes at 0x7000000 are not in its flash, "
                   "0x8000000 bytes at 0x0");
    set(B "/kernel", "bulkhead,load", BYTES("\x06\0\0\4"));
    expect_error(B "/kernel: bulkhead,image: 0x6000004 is no multiple of 4 KiB, as it must be in "
                   "the flash");
    set(B "/kernel", "bulkhead,load", BYTES("\x06\x80\0\0"));
    expect_quiet_plan();
    set(KERNEL, "bulkhead,load", BYTES("\0\0\0\0"));
    expect_error(RAMDISK ": compatible: a kernel in the flash is firmware, which chooses its own "
                         "RAM: make it a module with bulkhead,load");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(module_in_ram, system_setup, system_teardown),
        cmocka_unit_test_setup_teardown(modules_in_flash, system_setup, system_teardown),
        cmocka_unit_test_setup_teardown(modules_as_many_as_there_is_room_for, system_setup,
                                        system_teardown),
        cmocka_unit_test_setup_teardown(module_says_where, system_setup, system_teardown),
        cmocka_unit_test_setup_teardown(kernel_in_flash, system_setup, system_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
