/* SPDX-License-Identifier: BSD-2-Clause */
/* The board's UART as a partition's own: the plan, the guest's tree, and what can be wrong. */
#include "guest_write.h"
#include "plan_uart.h"

#define A "/chosen/linux-a"
#define B "/chosen/linux-b@1"

/* linux-b has it; linux-a has an emulated one. */
static const struct fixture_change owner = {B, "bulkhead,uart", TEXT("physical")};

static struct plan plan;

static bool build(const struct fixture_change *change, bool in_hardware)
{
    return uart_build(&plan, &owner, change, in_hardware);
}

static void test_one_has_it(void **state)
{
    (void)state;
    assert_true(build(NULL, false));
    assert_true(plan.uart.given);
    assert_false(plan.console.used);
    assert_int_equal(plan.uart.pages.base, 0x09000000);
    assert_int_equal(plan.uart.pages.size, 0x1000);
    assert_int_equal(plan.uart.line.intid, 39);
    assert_false(plan.uart.line.edge);
    assert_true(plan.partition[1].board_uart && !plan.partition[1].uart);
    for (uint32_t i = 0; i < plan.partition_count; i++)
        assert_true(!plan.partition[i].ring && plan.partition[i].board_uart == (i == 1));
    assert_int_equal(plan.warning_count, 1); /* linux-a's leads nowhere */
    assert_string_equal(plan.warning[0].path, A);
    assert_string_equal(plan.warning[0].property, "vpl011");
    assert_string_equal(plan.warning[0].message, "leads nowhere: the machine's UART is linux-b's");
}

static void test_nobody_has_it(void **state)
{
    const struct fixture_change none = {B, "bulkhead,uart", GONE};

    (void)state;
    assert_true(build(&none, false));
    assert_false(plan.uart.given || plan.partition[1].board_uart);
    assert_int_equal(plan.warning_count, 0);
}

/* Its tree is that of a guest with an emulated one. */
static void test_tree(void **state)
{
    struct plan_partition own = {.vcpus = 1, .layout = layout_qemu_virt, .board_uart = true};
    struct plan_partition emulated = {.vcpus = 1, .layout = layout_qemu_virt, .uart = true};
    uint64_t tree[PLAN_GUEST_TREE / 8] = {0}, other[PLAN_GUEST_TREE / 8] = {0};
    uint64_t size = guest_write(&own, 3, tree, sizeof(tree));

    (void)state;
    assert_true(size > 0);
    assert_int_equal(guest_write(&emulated, 3, other, sizeof(other)), size);
    assert_memory_equal(tree, other, size);
    assert_true(fdt_path_offset(tree, UART) > 0);
}

static void test_mistakes(void **state)
{
    static const struct {
        struct fixture_change change;
        bool hardware;
        const char *path; /* of the first note */
        const char *property;
        const char *message; /* how it begins */
    } cases[] = {
        {{B, "bulkhead,uart", TEXT("mine")}, false, B, "bulkhead,uart", "\"mine\" is not known"},
        {{B, "bulkhead,uart", EMPTY}, false, B, "bulkhead,uart", "is no"},
        {{B, "vpl011", EMPTY}, false, B, "bulkhead,uart", "\"physical\" beside vpl011"},
        {{"/chosen/control", "bulkhead,uart", TEXT("physical")},
         false,
         "/chosen/control",
         "bulkhead,uart",
         "linux-b has it already"},
        {{"/chosen/console", "compatible", TEXT("bulkhead,console")},
         false,
         B,
         "bulkhead,uart",
         "the console service has it already"},
        {{"/chosen", "stdout-path", GONE}, true, "/chosen", "", "stdout-path: names no PL011"},
        {{UART, "interrupts", BYTES("\0\0\0\0\0\0\0\1\0\0\0\1")},
         true,
         B,
         "bulkhead,uart",
         "the machine's interrupt is an edge"},
        {{UART, "interrupts", GONE}, true, UART, "interrupts", "not one shared interrupt"},
        {{UART, "reg", BYTES("\0\0\0\0\x09\0\1\0\0\0\0\0\0\0\x10\0")},
         true,
         UART,
         "reg",
         "0x9000100 begins inside a page"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *message = cases[i].message;
        bool good = build(&cases[i].change, cases[i].hardware);

        if (good || strncmp(plan.error[0].message, message, strlen(message)) != 0) {
            print_message("expected: %s\n", message);
            fixture_print(&plan);
        }
        assert_false(good);
        assert_string_equal(plan.error[0].path, cases[i].path);
        assert_string_equal(plan.error[0].property, cases[i].property);
        assert_int_equal(strncmp(plan.error[0].message, message, strlen(message)), 0);
    }
}

/* stdout-path by an alias: one that is a path counts, others lead nowhere, and not on either. */
static void test_aliases(void **state)
{
    static const struct {
        const char *value;
        int length;
        bool good;
    } cases[] = {
        {TEXT(UART), true},        {TEXT("serial0"), false}, {TEXT("serial1"), false},
        {BYTES(UART), false},      {TEXT("pl011"), false},   {EMPTY, false},
        {TEXT("/nowhere"), false},
    };
    const struct fixture_change given = {B, "bulkhead,uart", TEXT("physical")};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct plan_facts facts = fixture_facts();
        void *hardware = fixture_tree("virt");
        void *system = fixture_tree("system");
        const struct fixture_change aliases[] = {
            {"/chosen", "stdout-path", TEXT("serial0:115200n8")},
            {"/aliases", "serial1", TEXT("serial0")},
            {"/aliases", "serial0", cases[i].value, cases[i].length},
        };

        uart_add(hardware);
        for (size_t k = 0; k < sizeof(aliases) / sizeof(aliases[0]); k++)
            fixture_change(hardware, &aliases[k]);
        fixture_change(system, &given);
        assert_int_equal(fixture_build(&plan, &facts, hardware, system), cases[i].good);
        if (!cases[i].good)
            assert_int_equal(plan.error[0].name, NOTE_UART_MISSING);
        free(hardware);
        free(system);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_has_it), cmocka_unit_test(test_nobody_has_it),
        cmocka_unit_test(test_tree),       cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_aliases),
    };

    return cmocka_run_group_tests_name("plan_uart", tests, NULL, NULL);
}
