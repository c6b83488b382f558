/* SPDX-License-Identifier: BSD-2-Clause */
/* Every mistake in a tree has its own message, which names the node and the property. One row is
 * one mistake. */
#include "plan_cases_domain.h"
#include "plan_cases_hardware.h"
#include "plan_cases_module.h"
#include "plan_cases_warning.h"

static bool plan_has(const struct plan_note *notes, uint32_t count, const struct plan_case *test)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(notes[i].path, test->path) == 0 &&
            strcmp(notes[i].property, test->property) == 0 &&
            strncmp(notes[i].message, test->message, strlen(test->message)) == 0)
            return true;
    return false;
}

/* Applies the row to one of the trees and looks for its note. */
static void plan_run(const struct plan_case *test, bool in_hardware, bool error)
{
    struct plan_facts facts = fixture_facts();
    void *hardware = fixture_tree("virt");
    void *system = fixture_tree("system");
    struct plan *plan = malloc(sizeof(*plan));
    bool good;
    bool found;

    fixture_change(in_hardware ? hardware : system, &test->change);
    good = fixture_build(plan, &facts, hardware, system);
    found = error ? plan_has(plan->error, plan->error_count, test)
                  : plan_has(plan->warning, plan->warning_count, test);
    if (!found || good == error) {
        print_message("expected: %s: %s: %s\n", test->path, test->property, test->message);
        fixture_print(plan);
    }
    assert_true(found);
    assert_int_equal(good, !error);
    free(plan);
    free(hardware);
    free(system);
}

#define ROWS(table) table, sizeof(table) / sizeof((table)[0])

static void plan_run_all(const struct plan_case *tests, size_t count, bool in_hardware, bool error)
{
    for (size_t i = 0; i < count; i++)
        plan_run(&tests[i], in_hardware, error);
}

static void plan_domain(void **state)
{
    (void)state;
    plan_run_all(ROWS(domain_errors), false, true);
}

static void plan_module(void **state)
{
    (void)state;
    plan_run_all(ROWS(module_errors), false, true);
}

static void plan_hardware(void **state)
{
    (void)state;
    plan_run_all(ROWS(hardware_errors), true, true);
}

/* A GICv2 whose virtual CPU interface guests cannot have. */
static void plan_controller(void **state)
{
    static const char path[] = "/soc/interrupt-controller@2f000000";
    static const struct {
        uint32_t base, size;
        int length;
        const char *message;
    } cases[] = {
        {0x2c02f000, 0x2000, 24, "names no virtual CPU interface"},
        {0x2c02f800, 0x2000, 32, "0x2c02f800 with size 0x2000 is no virtual"},
        {0x2c02f000, 0x800, 32, "0x2c02f000 with size 0x800 is no virtual"},
        {0x2c02f000, 0, 32, "0x2c02f000 with size 0x0 is no memory range"},
    };
    struct plan_facts facts = fixture_whole_facts();
    struct plan *plan = malloc(sizeof(*plan));

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        void *tree = fixture_tree("whole");
        fdt32_t reg[8] = {0,
                          cpu_to_fdt32(0x1000),
                          0,
                          cpu_to_fdt32(0x2000),
                          0,
                          cpu_to_fdt32(0x2000),
                          cpu_to_fdt32(cases[i].base),
                          cpu_to_fdt32(cases[i].size)};

        assert_int_equal(
            fdt_setprop(tree, fdt_path_offset(tree, path), "reg", reg, cases[i].length), 0);
        assert_false(fixture_build(plan, &facts, tree, tree));
        assert_int_equal(plan->error_count, 1);
        assert_string_equal(plan->error[0].path, path);
        assert_string_equal(plan->error[0].property, "reg");
        assert_memory_equal(plan->error[0].message, cases[i].message, strlen(cases[i].message));
        free(tree);
    }
    free(plan);
}

static void plan_warnings(void **state)
{
    (void)state;
    plan_run_all(ROWS(warnings), false, false);
}

/* All mistakes are told at once, each exactly once, in the order of the tree. */
static void plan_three_at_once(void **state)
{
    static const struct fixture_change changes[] = {
        {A, "memory", GONE},
        {B, "cpus", BYTES("\0\0\0\0")},
        {CONTROL, "direct-map", EMPTY},
    };
    struct plan_facts facts = fixture_facts();
    void *hardware = fixture_tree("virt");
    void *system = fixture_tree("system");
    struct plan *plan = malloc(sizeof(*plan));
    char text[256];

    (void)state;
    for (int i = 0; i < 3; i++)
        fixture_change(system, &changes[i]);
    assert_false(fixture_build(plan, &facts, hardware, system));
    assert_int_equal(plan->error_count, 3);
    plan_note_text(&plan->error[0], text, sizeof(text));
    assert_string_equal(text, "/chosen/linux-a: memory: missing");
    plan_note_text(&plan->error[1], text, sizeof(text));
    assert_string_equal(text, "/chosen/linux-b@1: cpus: is 0");
    plan_note_text(&plan->error[2], text, sizeof(text));
    assert_string_equal(
        text, "/chosen/control: direct-map: needs xen,static-mem: it says where the RAM is");
    free(plan);
    free(hardware);
    free(system);
}

/* More mistakes than there is room for: the first are kept, all are counted. */
static void plan_overflow(void **state)
{
    struct plan_facts facts = fixture_facts();
    void *hardware = fixture_tree("virt");
    void *system = fixture_tree("virt");
    struct plan *plan = malloc(sizeof(*plan));
    int chosen = fdt_path_offset(system, "/chosen");

    (void)state;
    for (int i = 0; i < 20; i++) {
        char name[16];
        int node;

        snprintf(name, sizeof(name), "d%d", i);
        node = fdt_add_subnode(system, chosen, name);
        assert_true(node >= 0);
        assert_int_equal(fdt_setprop_string(system, node, "compatible", "xen,domain"), 0);
    }
    assert_false(fixture_build(plan, &facts, hardware, system));
    /* Sixteen domains without memory, cpus and kernel, and one too many. */
    assert_int_equal(plan->error_count, 16 * 3 + 1);
    assert_int_equal(plan->partition_count, PLAN_PARTITIONS);
    assert_string_equal(plan->error[PLAN_ERRORS - 1].message, "missing");
    free(plan);
    free(hardware);
    free(system);
}

static void plan_needs_a_monitor(void **state)
{
    struct plan_facts facts = fixture_facts();
    void *hardware = fixture_tree("virt");
    void *system = fixture_tree("system");
    struct plan *plan = malloc(sizeof(*plan));

    (void)state;
    facts.monitor_ram = 0;
    assert_false(fixture_build(plan, &facts, hardware, system));
    assert_int_equal(plan->error_count, 1);
    assert_string_equal(plan->error[0].path, "bundle");
    free(plan);
    free(hardware);
    free(system);
}

static void plan_long_bootargs(void **state)
{
    struct plan_facts facts = fixture_facts();
    void *hardware = fixture_tree("virt");
    void *system = fixture_tree("system");
    struct plan *plan = malloc(sizeof(*plan));
    char bootargs[PLAN_BOOTARGS + 1];

    (void)state;
    memset(bootargs, 'x', sizeof(bootargs));
    for (size_t length = PLAN_BOOTARGS; length <= PLAN_BOOTARGS + 1; length++) {
        bootargs[length - 1] = 0;
        assert_int_equal(
            fdt_setprop(system, fdt_path_offset(system, KERNEL), "bootargs", bootargs, (int)length),
            0);
        assert_int_equal(fixture_build(plan, &facts, hardware, system), length == PLAN_BOOTARGS);
        bootargs[length - 1] = 'x';
    }
    assert_string_equal(plan->error[0].property, "bootargs");
    free(plan);
    free(hardware);
    free(system);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plan_domain),        cmocka_unit_test(plan_module),
        cmocka_unit_test(plan_hardware),      cmocka_unit_test(plan_controller),
        cmocka_unit_test(plan_warnings),      cmocka_unit_test(plan_three_at_once),
        cmocka_unit_test(plan_overflow),      cmocka_unit_test(plan_needs_a_monitor),
        cmocka_unit_test(plan_long_bootargs),
    };

    return cmocka_run_group_tests_name("plan_errors", tests, NULL, NULL);
}
