/* SPDX-License-Identifier: BSD-2-Clause */
/* Who controls whom by the tree, who starts at boot, and what the guest that controls is told. */
#include "guest_write.h"
#include "plan_fixture.h"

#define A       "/chosen/linux-a"
#define B       "/chosen/linux-b@1"
#define CONTROL "/chosen/control"
#define OFF     "/chosen/off"

#define PHANDLE_A   "\0\0\0\x11"
#define PHANDLE_B   "\0\0\0\x12"
#define PHANDLE_OFF "\0\0\0\x13"

static struct plan *plan;

/* The plan of system.dts with up to four changes, and phandles for its domains. */
static bool build(const struct fixture_change *changes, size_t count)
{
    static const struct fixture_change phandles[] = {
        {A, "phandle", BYTES(PHANDLE_A)},
        {B, "phandle", BYTES(PHANDLE_B)},
        {OFF, "phandle", BYTES(PHANDLE_OFF)},
        {"/chosen", "phandle", BYTES("\0\0\0\x14")},
    };
    struct plan_facts facts = fixture_facts();
    void *hardware = fixture_tree("virt");
    void *system = fixture_tree("system");
    bool good;

    for (size_t i = 0; i < sizeof(phandles) / sizeof(phandles[0]); i++)
        fixture_change(system, &phandles[i]);
    for (size_t i = 0; i < count; i++)
        fixture_change(system, &changes[i]);
    good = fixture_build(plan, &facts, hardware, system);
    free(hardware);
    free(system);
    return good;
}
#define BUILD(...)                                                                                 \
    build((const struct fixture_change[]){__VA_ARGS__},                                            \
          sizeof((const struct fixture_change[]){__VA_ARGS__}) / sizeof(struct fixture_change))

static void expect_error(const char *path, const char *property, const char *message)
{
    if (plan->error_count != 1)
        fixture_print(plan);
    assert_int_equal(plan->error_count, 1);
    assert_string_equal(plan->error[0].path, path);
    assert_string_equal(plan->error[0].property, property);
    assert_memory_equal(plan->error[0].message, message, strlen(message));
}

static void nobody(void **state)
{
    (void)state;
    assert_true(BUILD({A, "bulkhead,start", TEXT("boot")}));
    for (int i = 0; i < 3; i++) {
        assert_false(plan->partition[i].control);
        assert_false(plan->partition[i].resets);
        assert_false(plan->partition[i].manual);
        assert_int_equal(plan->partition[i].target_count, 0);
    }
}

static void named(void **state)
{
    const struct plan_partition *control = &plan->partition[2];

    (void)state;
    assert_true(BUILD({CONTROL, "bulkhead,controls", BYTES(PHANDLE_B PHANDLE_A PHANDLE_B)},
                      {CONTROL, "bulkhead,platform-reset", EMPTY},
                      {CONTROL, "capabilities", BYTES("\0\0\0\1")},
                      {A, "bulkhead,start", TEXT("manual")}));
    assert_true(control->control && control->resets && !control->manual);
    assert_int_equal(control->target_count, 2); /* those that are named, each once */
    assert_int_equal(control->target[0].partition, 1);
    assert_string_equal(control->target[0].name, "linux-b");
    assert_int_equal(control->target[1].partition, 0);
    assert_string_equal(control->target[1].name, "linux-a");
    assert_true(plan->partition[0].manual);
    assert_false(plan->partition[0].control);
}

static void all(void **state)
{
    const struct plan_partition *b = &plan->partition[1];

    (void)state;
    assert_true(BUILD({B, "capabilities", BYTES("\0\0\0\1")}));
    assert_true(b->control && !b->resets);
    assert_int_equal(b->target_count, 2);
    assert_int_equal(b->target[0].partition, 0);
    assert_int_equal(b->target[1].partition, 2);
    assert_true(BUILD({B, "capabilities", BYTES("\0\0\0\0")}));
    assert_false(b->control);
}

static void mistakes(void **state)
{
    static const struct {
        const char *cells;
        int length;
        const char *message;
    } cases[] = {
        {"", 0, "0 bytes long, must be one or more phandles"},
        {"\0\0\0", 3, "3 bytes long"},
        {BYTES("\0\0\0\x15"), "0x15 is no node's phandle"},
        {BYTES("\0\0\0\0"), "0x0 is no node's phandle"},
        {BYTES("\xff\xff\xff\xff"), "0xffffffff is no node's phandle"},
        {BYTES(PHANDLE_A), "names the domain itself"},
        {BYTES("\0\0\0\x14"), "chosen is no domain, or a disabled one"},
        {BYTES(PHANDLE_OFF), "off is no domain, or a disabled one"},
        {BYTES(PHANDLE_B PHANDLE_B PHANDLE_B PHANDLE_B PHANDLE_B PHANDLE_B PHANDLE_B PHANDLE_B
                   PHANDLE_B PHANDLE_B PHANDLE_B PHANDLE_B PHANDLE_B PHANDLE_B PHANDLE_B PHANDLE_B),
         "more than 15 phandles"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_false(BUILD({A, "bulkhead,controls", cases[i].cells, cases[i].length}));
        expect_error(A, "bulkhead,controls", cases[i].message);
    }
    assert_false(BUILD({A, "capabilities", BYTES("\0\0\0\3")}));
    expect_error(A, "capabilities", "0x2 is the hardware domain's: not supported");
    assert_false(BUILD({A, "bulkhead,platform-reset", EMPTY}));
    expect_error(A, "bulkhead,platform-reset", "only for a domain that controls others");
    assert_true(BUILD({A, "capabilities", BYTES("\0\0\0\1")},
                      {A, "bulkhead,platform-reset", BYTES("\0\0\0\0")}));
    assert_int_equal(plan->warning_count, 1);
    assert_string_equal(plan->warning[0].property, "bulkhead,platform-reset");
    assert_false(BUILD({A, "bulkhead,start", TEXT("later")}));
    expect_error(A, "bulkhead,start", "\"later\" is not known");
}

/* A domain that waits for its start must have somebody to wait for. */
static void starts(void **state)
{
    (void)state;
    assert_false(BUILD({A, "bulkhead,start", TEXT("manual")}));
    expect_error(A, "bulkhead,start", "nobody who runs controls it");
    assert_false(
        BUILD({A, "bulkhead,start", TEXT("manual")}, {A, "capabilities", BYTES("\0\0\0\1")}));
    expect_error(A, "bulkhead,start", "nobody who runs controls it");
    /* Two that wait for each other. */
    assert_false(BUILD({A, "bulkhead,start", TEXT("manual")}, {B, "bulkhead,start", TEXT("manual")},
                       {A, "bulkhead,controls", BYTES(PHANDLE_B)},
                       {B, "bulkhead,controls", BYTES(PHANDLE_A)}));
    assert_int_equal(plan->error_count, 2);
    /* Who is started may start another. */
    assert_true(BUILD({A, "bulkhead,start", TEXT("manual")}, {B, "bulkhead,start", TEXT("manual")},
                      {A, "bulkhead,controls", BYTES(PHANDLE_B)},
                      {CONTROL, "bulkhead,controls", BYTES(PHANDLE_A)}));
}

static uint32_t cell(const void *tree, int node, const char *property, int index)
{
    const fdt32_t *value = fdt_getprop(tree, node, property, NULL);

    assert_non_null(value);
    return fdt32_ld(&value[index]);
}

static void told(void **state)
{
    uint64_t tree[PLAN_GUEST_TREE / 8] = {0};
    int node, child;

    (void)state;
    assert_true(BUILD({CONTROL, "bulkhead,controls", BYTES(PHANDLE_B PHANDLE_A)}));
    assert_true(guest_tree_write(plan, 2, tree, sizeof(tree)) > 0);
    node = fdt_node_offset_by_compatible(tree, -1, BH_CTL_COMPATIBLE);
    assert_int_equal(node, fdt_path_offset(tree, "/control@b000000"));
    assert_int_equal(cell(tree, node, "reg", 1), 0x0b000000);
    assert_int_equal(cell(tree, node, "reg", 3), BH_CTL_SIZE);
    assert_null(fdt_getprop(tree, node, "bulkhead,platform-slot", NULL));
    child = fdt_subnode_offset(tree, node, "partition@1");
    assert_int_equal(cell(tree, child, "reg", 0), 1);
    assert_int_equal(cell(tree, child, "bulkhead,slot", 0), BH_MON_TARGET + 1);
    assert_string_equal(fdt_getprop(tree, child, "label", NULL), "linux-a");
    assert_true(fdt_subnode_offset(tree, node, "partition@2") < 0);
    plan->partition[2].resets = true;
    assert_true(guest_tree_write(plan, 2, tree, sizeof(tree)) > 0);
    node = fdt_node_offset_by_compatible(tree, -1, BH_CTL_COMPATIBLE);
    assert_int_equal(cell(tree, node, "bulkhead,platform-slot", 0), BH_MON_PLATFORM);
    assert_true(guest_tree_write(plan, 0, tree, sizeof(tree)) > 0);
    assert_true(fdt_node_offset_by_compatible(tree, -1, BH_CTL_COMPATIBLE) < 0);
}

/* As many as there can be, with the longest names, fit. */
static void largest(void **state)
{
    uint64_t tree[PLAN_GUEST_TREE / 8] = {0};
    struct plan_partition partition = {.vcpus = BH_MAX_VCPUS,
                                       .layout = layout_qemu_virt,
                                       .bank_count = 1,
                                       .bank = {{1 << 30, 1 << 30, 1 << 30}},
                                       .uart = true,
                                       .control = true,
                                       .resets = true,
                                       .seeded = true,
                                       .target_count = PLAN_TARGETS};

    (void)state;
    partition.ramdisk.size = 1;
    memset(partition.bootargs, 'x', sizeof(partition.bootargs) - 1);
    for (uint32_t i = 0; i < PLAN_TARGETS; i++)
        memset(partition.target[i].name, 'n', PLAN_NAME - 1);
    assert_true(guest_write(&partition, 3, tree, sizeof(tree)) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody),   cmocka_unit_test(named),  cmocka_unit_test(all),
        cmocka_unit_test(mistakes), cmocka_unit_test(starts), cmocka_unit_test(told),
        cmocka_unit_test(largest),
    };
    int failed;

    plan = malloc(sizeof(*plan));
    failed = cmocka_run_group_tests_name("plan_control", tests, NULL, NULL);
    free(plan);
    return failed;
}
