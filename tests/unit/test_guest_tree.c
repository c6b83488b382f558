/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's tree, decoded again; dtc finds nothing to complain about. */
#include "guest_write.h"
#include "plan_fixture.h"

static struct plan_partition guest_partition(void)
{
    struct plan_partition partition = {
        .name = "guest",
        .vcpus = 3,
        .uart = true,
        .bootargs = "console=ttyAMA0 quiet",
        .layout = layout_qemu_virt,
        .bank_count = 1,
        .bank = {{0x40000000, 0x80000000, 0x140000000}},
        .ramdisk = {0x50000000, 0x123456},
        .ramdisk_guest = 0xbfcdc000,
        .tree_guest = 0xbfe00000,
    };

    return partition;
}

static void guest_cells(const void *tree, const char *path, const char *property,
                        const uint32_t *expected, int count)
{
    int length = 0;
    const fdt32_t *value = fdt_getprop(tree, fdt_path_offset(tree, path), property, &length);

    assert_non_null(value);
    assert_int_equal(length, count * 4);
    for (int i = 0; i < count; i++)
        assert_int_equal(fdt32_ld(&value[i]), expected[i]);
}

static void guest_string(const void *tree, const char *path, const char *property,
                         const char *expected)
{
    int length = 0;
    const char *value = fdt_getprop(tree, fdt_path_offset(tree, path), property, &length);

    assert_non_null(value);
    assert_int_equal(length, strlen(expected) + 1);
    assert_string_equal(value, expected);
}

static void guest_tree_full(void **state)
{
    struct plan_partition partition = guest_partition();
    uint64_t tree[PLAN_GUEST_TREE / 8] = {0};
    uint64_t size = guest_write(&partition, 3, tree, sizeof(tree));

    (void)state;
    assert_true(size > 0 && size <= sizeof(tree));
    assert_int_equal(size, fdt_totalsize(tree));
    assert_int_equal(fdt_check_full(tree, size), 0);
    guest_cells(tree, "/", "#address-cells", (uint32_t[]){2}, 1);
    guest_cells(tree, "/", "interrupt-parent",
                (uint32_t[]){fdt_get_phandle(tree, fdt_path_offset(tree, "/intc"))}, 1);
    guest_string(tree, "/chosen", "bootargs", "console=ttyAMA0 quiet");
    guest_string(tree, "/chosen", "stdout-path", "/pl011@9000000");
    guest_cells(tree, "/chosen", "linux,initrd-start", (uint32_t[]){0, 0xbfcdc000}, 2);
    guest_cells(tree, "/chosen", "linux,initrd-end", (uint32_t[]){0, 0xbfdff456}, 2);
    guest_cells(tree, "/memory@40000000", "reg", (uint32_t[]){0, 0x40000000, 1, 0x40000000}, 4);
    guest_cells(tree, "/cpus/cpu@2", "reg", (uint32_t[]){2}, 1);
    guest_string(tree, "/cpus/cpu@2", "enable-method", "psci");
    assert_true(fdt_path_offset(tree, "/cpus/cpu@3") < 0);
    guest_string(tree, "/psci", "method", "hvc");
    assert_int_equal(
        fdt_node_check_compatible(tree, fdt_path_offset(tree, "/psci"), "arm,psci-0.2"), 0);
    guest_string(tree, "/intc@8000000", "compatible", "arm,gic-v3");
    guest_cells(tree, "/intc@8000000", "reg",
                (uint32_t[]){0, 0x08000000, 0, 0x10000, 0, 0x080a0000, 0, 0x60000}, 8);
    guest_cells(tree, "/timer", "interrupts", (uint32_t[]){1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4},
                12);
    guest_cells(tree, "/pl011@9000000", "reg", (uint32_t[]){0, 0x09000000, 0, 0x1000}, 4);
    guest_cells(tree, "/pl011@9000000", "interrupts", (uint32_t[]){0, 1, 4}, 3);
    guest_cells(tree, "/apb-pclk", "clock-frequency", (uint32_t[]){24000000}, 1);
}

/* What differs where the machine has a GICv2. */
static void guest_tree_v2(void **state)
{
    struct plan_partition partition = guest_partition();
    uint64_t tree[PLAN_GUEST_TREE / 8] = {0};
    const uint32_t all = 0x704; /* three vCPUs, level */

    (void)state;
    assert_true(guest_write(&partition, 2, tree, sizeof(tree)) > 0);
    guest_string(tree, "/intc@8000000", "compatible", "arm,cortex-a15-gic");
    guest_cells(tree, "/intc@8000000", "reg",
                (uint32_t[]){0, 0x08000000, 0, 0x10000, 0, 0x08010000, 0, 0x10000}, 8);
    guest_cells(tree, "/timer", "interrupts",
                (uint32_t[]){1, 13, all, 1, 14, all, 1, 11, all, 1, 10, all}, 12);
    guest_cells(tree, "/pl011@9000000", "interrupts", (uint32_t[]){0, 1, 4}, 3);
}

static void guest_tree_watchdogs(void **state)
{
    struct plan_partition partition = {
        .vcpus = 1, .layout = layout_qemu_virt, .watchdog = BH_MON_WATCHDOG_SBSA};
    uint64_t tree[PLAN_GUEST_TREE / 8] = {0};
    uint32_t clock;

    (void)state;
    assert_true(guest_write(&partition, 3, tree, sizeof(tree)) > 0);
    guest_string(tree, "/watchdog@9810000", "compatible", "arm,sbsa-gwdt");
    guest_cells(tree, "/watchdog@9810000", "reg",
                (uint32_t[]){0, 0x09810000, 0, 0x1000, 0, 0x09800000, 0, 0x1000}, 8);
    guest_cells(tree, "/watchdog@9810000", "interrupts", (uint32_t[]){0, 10, 4}, 3);

    partition.watchdog = BH_MON_WATCHDOG_SP805; /* whose clocks are there without a UART, too */
    assert_true(guest_write(&partition, 3, tree, sizeof(tree)) > 0);
    assert_true(fdt_path_offset(tree, "/watchdog@9810000") < 0);
    guest_cells(tree, "/watchdog@9800000", "reg", (uint32_t[]){0, 0x09800000, 0, 0x1000}, 4);
    guest_cells(tree, "/watchdog@9800000", "interrupts", (uint32_t[]){0, 10, 4}, 3);
    clock = fdt_get_phandle(tree, fdt_path_offset(tree, "/wdog-clk"));
    guest_cells(tree, "/watchdog@9800000", "clocks",
                (uint32_t[]){clock, fdt_get_phandle(tree, fdt_path_offset(tree, "/apb-pclk"))}, 2);
    guest_cells(tree, "/wdog-clk", "clock-frequency", (uint32_t[]){1000000}, 1);
}

static void guest_tree_small(void **state)
{
    struct plan_partition partition = {.vcpus = 1, .layout = layout_qemu_virt};
    uint64_t tree[PLAN_GUEST_TREE / 8] = {0};
    int chosen;

    (void)state;
    assert_true(guest_write(&partition, 3, tree, sizeof(tree)) > 0);
    chosen = fdt_path_offset(tree, "/chosen");
    assert_true(chosen >= 0);
    assert_null(fdt_getprop(tree, chosen, "bootargs", NULL));
    assert_null(fdt_getprop(tree, chosen, "linux,initrd-start", NULL));
    assert_null(fdt_getprop(tree, chosen, "stdout-path", NULL));
    assert_true(fdt_path_offset(tree, "/pl011@9000000") < 0);
    assert_true(fdt_path_offset(tree, "/apb-pclk") < 0);
}

/* The largest tree that a plan can ask for fits the room that the plan keeps for it; less room is
 * refused. */
static void guest_tree_size(void **state)
{
    struct plan_partition partition = guest_partition();
    uint64_t tree[PLAN_GUEST_TREE / 8] = {0};
    uint64_t size;

    (void)state;
    partition.vcpus = BH_MAX_VCPUS;
    partition.watchdog = BH_MON_WATCHDOG_SP805;
    memset(partition.bootargs, 'x', sizeof(partition.bootargs) - 1);
    size = guest_write(&partition, 3, tree, sizeof(tree));
    assert_true(size > 0);
    for (uint64_t room = 0; room < size; room += 8)
        assert_int_equal(guest_write(&partition, 3, tree, room), 0);
}

static void guest_tree_please_dtc(uint32_t watchdog)
{
    struct plan_partition partition = guest_partition();
    uint64_t tree[PLAN_GUEST_TREE / 8] = {0};
    char path[] = "/tmp/guest-tree-XXXXXX";
    char command[256];
    char line[256] = "";
    FILE *file = fdopen(mkstemp(path), "wb");
    uint64_t size;

    partition.watchdog = watchdog;
    size = guest_write(&partition, 3, tree, sizeof(tree));
    assert_non_null(file);
    assert_int_equal(fwrite(tree, 1, size, file), size);
    fclose(file);
    snprintf(command, sizeof(command), "dtc -I dtb -O dts -o /dev/null %s 2>&1", path);
    file = popen(command, "r");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file))
        print_message("%s", line);
    assert_int_equal(pclose(file), 0);
    assert_string_equal(line, "");
    remove(path);
}

static void guest_tree_pleases_dtc(void **state)
{
    (void)state;
    guest_tree_please_dtc(BH_MON_WATCHDOG_NONE);
    guest_tree_please_dtc(BH_MON_WATCHDOG_SBSA);
    guest_tree_please_dtc(BH_MON_WATCHDOG_SP805);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guest_tree_full),      cmocka_unit_test(guest_tree_v2),
        cmocka_unit_test(guest_tree_watchdogs), cmocka_unit_test(guest_tree_small),
        cmocka_unit_test(guest_tree_size),      cmocka_unit_test(guest_tree_pleases_dtc),
    };

    return cmocka_run_group_tests_name("guest_tree", tests, NULL, NULL);
}
