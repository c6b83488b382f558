/* SPDX-License-Identifier: BSD-2-Clause */
/* The console service in the plan: its UART, its core, its memory, and what can be wrong with them.
 */
#include "plan_uart.h"

#define NODE "/chosen/console"

static struct plan plan;

static bool build(const struct fixture_change *change, bool in_hardware)
{
    const struct fixture_change node = {NODE, "compatible", TEXT("bulkhead,console")};

    return uart_build(&plan, &node, change, in_hardware);
}

static void test_shares_a_core(void **state)
{
    const struct plan_console *console = &plan.console;

    (void)state;
    assert_true(build(NULL, false));
    assert_true(console->used);
    assert_false(console->stamps);
    assert_true(plan.uart.given);
    assert_int_equal(plan.uart.pages.base, 0x09000000);
    assert_int_equal(plan.uart.pages.size, 0x1000);
    assert_int_equal(plan.uart.line.intid, 39);
    assert_false(plan.uart.line.edge);
    assert_int_equal(console->core, plan.partition[0].core[1]); /* linux-a has two */
    assert_int_equal(console->budget, 1000);
    assert_int_equal(console->period, 10000);
    assert_int_equal(console->ports_host, console->config_host + 0x1000);
    for (uint32_t i = 0; i < plan.partition_count; i++)
        assert_true(plan.partition[i].ring && !plan.partition[i].drop);
}

static void test_has_a_core(void **state)
{
    const struct fixture_change one_less = {"/chosen/control", "status", TEXT("disabled")};
    const struct fixture_change drop = {"/chosen/control", "bulkhead,console-full", TEXT("drop")};
    const struct fixture_change off = {NODE, "status", TEXT("disabled")};

    (void)state;
    assert_true(build(&one_less, false));
    assert_true(plan.core[plan.console.core].used);
    for (uint32_t i = 0; i < plan.partition_count; i++)
        for (uint32_t vcpu = 0; vcpu < plan.partition[i].vcpus; vcpu++)
            assert_int_not_equal(plan.partition[i].core[vcpu], plan.console.core);
    assert_int_equal(plan.console.budget, plan.console.period);
    assert_true(build(&drop, false));
    assert_true(plan.partition[2].drop);
    assert_true(build(&off, false));
    assert_false(plan.console.used || plan.partition[0].ring);
}

static void test_options(void **state)
{
    const struct fixture_change core = {NODE, "bulkhead,core", BYTES("\0\0\0\3")};
    const struct fixture_change budget = {NODE, "bulkhead,budget", BYTES("\0\0\0\x32\0\0\4\0")};
    const struct fixture_change stamps = {NODE, "bulkhead,stamps", EMPTY};
    const struct fixture_change edge = {UART, "interrupts", BYTES("\0\0\0\0\0\0\0\0\0\0\0\1")};
    const struct fixture_change unknown = {NODE, "bulkhead,speed", BYTES("\0\0\0\3")};

    (void)state;
    assert_true(build(&core, false));
    assert_int_equal(plan.console.core, 3);
    assert_true(build(&budget, false));
    assert_int_equal(plan.console.budget, 50);
    assert_int_equal(plan.console.period, 1024);
    assert_true(build(&stamps, false));
    assert_true(plan.console.stamps);
    assert_true(build(&edge, true));
    assert_int_equal(plan.uart.line.intid, 32);
    assert_true(plan.uart.line.edge);
    assert_int_equal(plan.warning_count, 0);
    assert_true(build(&unknown, false));
    assert_int_equal(plan.warning_count, 1);
    assert_string_equal(plan.warning[0].property, "bulkhead,speed");
}

static void test_mistakes(void **state)
{
    static const struct {
        struct fixture_change change;
        bool hardware;
        const char *message; /* how the first note begins */
    } cases[] = {
        {{NODE, "bulkhead,core", BYTES("\0\0\0\4")},
         false,
         "4: the machine has 4 that can be used"},
        {{NODE, "bulkhead,core", BYTES("\xff\xff\xff\xff")},
         false,
         "4294967295: the machine has 4 that can be used"},
        {{NODE, "bulkhead,core", BYTES("\0")}, false, "1 bytes long, must be 4"},
        {{NODE, "bulkhead,budget", BYTES("\0\0\0\0\0\0\4\0")}, false, "must be microseconds, 10"},
        {{NODE, "bulkhead,budget", BYTES("\0\0\4\1\0\0\4\0")}, false, "must be microseconds, 10"},
        {{NODE, "bulkhead,budget", BYTES("\0\0\0\1\1\0\0\0")}, false, "must be microseconds, 10"},
        {{NODE, "bulkhead,budget", BYTES("\0\0\0\x09\0\0\4\0")}, false, "must be microseconds, 10"},
        {{NODE, "bulkhead,budget", BYTES("\0\0\0\x10\0\0\0\x63")}, false, "must be microseconds"},
        {{"/chosen/tty", "compatible", TEXT("bulkhead,console")},
         false,
         "tty is the console already"},
        {{"/chosen/control", "compatible", TEXT("xen,domain\0bulkhead,console")},
         false,
         "both a domain and the console"},
        {{"/chosen/control", "bulkhead,console-full", TEXT("maybe")}, false, "\"maybe\" is not"},
        {{"/chosen", "stdout-path", GONE}, true, "stdout-path: names no PL011"},
        {{"/chosen", "stdout-path", TEXT("/nothing")}, true, "stdout-path: names no PL011"},
        {{"/chosen", "stdout-path", BYTES("/pl011")}, true, "stdout-path: names no PL011"},
        {{UART, "compatible", TEXT("ns16550")}, true, "stdout-path: names no PL011"},
        {{UART, "reg", BYTES("\0\0\0\0\x09\0\1\0\0\0\0\0\0\0\x10\0")}, true, "0x9000100 begins"},
        {{UART, "interrupts", GONE}, true, "not one shared interrupt"},
        {{UART, "interrupts", BYTES("\0\0\0\1\0\0\0\1\0\0\0\4")}, true, "not one shared"},
        {{UART, "interrupts", BYTES("\0\0\0\0\0\0\3\xdc\0\0\0\4")}, true, "not one shared"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool good = build(&cases[i].change, cases[i].hardware);

        if (good || strncmp(plan.error[0].message, cases[i].message, strlen(cases[i].message))) {
            print_message("expected: %s\n", cases[i].message);
            fixture_print(&plan);
        }
        assert_false(good);
        assert_int_equal(strncmp(plan.error[0].message, cases[i].message, strlen(cases[i].message)),
                         0);
    }
}

/* The core is looked at although the domains do not fit. */
static void test_all_at_once(void **state)
{
    struct plan_facts facts = fixture_facts();
    void *hardware = fixture_tree("virt");
    void *system = fixture_tree("system");
    const struct fixture_change changes[] = {
        {NODE, "compatible", TEXT("bulkhead,console")},
        {NODE, "bulkhead,core", BYTES("\0\0\0\4")},
        {"/chosen/control", "cpus", BYTES("\0\0\0\3")},
    };

    (void)state;
    facts.console_ram = 0x8000;
    uart_add(hardware);
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        fixture_change(system, &changes[i]);
    assert_false(fixture_build(&plan, &facts, hardware, system));
    assert_int_equal(plan.error_count, 2);
    assert_string_equal(plan.error[0].property, "bulkhead,core");
    assert_string_equal(plan.error[1].property, "cpus");
    free(hardware);
    free(system);
}

/* One that is disabled hides no other. */
static void test_disabled_first(void **state)
{
    const struct fixture_change second = {"/chosen/tty", "compatible", TEXT("bulkhead,console")};
    const struct fixture_change off = {"/chosen/tty", "status", TEXT("disabled")};
    struct plan_facts facts = fixture_facts();
    void *hardware = fixture_tree("virt");
    void *system = fixture_tree("system");

    (void)state;
    facts.console_ram = 0x8000;
    uart_add(hardware);
    /* The tree grows at the front: the one that is added last stands first. */
    fixture_change(system, &(struct fixture_change){NODE, "compatible", TEXT("bulkhead,console")});
    fixture_change(system, &second);
    fixture_change(system, &off);
    assert_true(fixture_build(&plan, &facts, hardware, system));
    assert_true(plan.console.used);
    free(hardware);
    free(system);
}

/* Some take what only has to be there for a switch. */
static void test_values_of_flags(void **state)
{
    const struct fixture_change stamps = {NODE, "bulkhead,stamps", BYTES("\0\0\0\0")};
    const struct fixture_change stays = {"/chosen/control", "bulkhead,stays", BYTES("\0\0\0\0")};
    const struct fixture_change end = {"/chosen", "bulkhead,onend", TEXT("off")};
    const struct fixture_change *changes[] = {&stamps, &stays, &end};

    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        assert_true(build(changes[i], false));
        assert_int_equal(plan.warning_count, 1);
        assert_string_equal(plan.warning[0].property, changes[i]->property);
    }
}

/* The bundle of an older tool has none. */
static void test_no_program(void **state)
{
    const struct fixture_change node = {NODE, "compatible", TEXT("bulkhead,console")};
    struct plan_facts facts = fixture_facts();
    void *hardware = fixture_tree("virt");
    void *system = fixture_tree("system");

    (void)state;
    fixture_change(system, &node);
    assert_false(fixture_build(&plan, &facts, hardware, system));
    assert_string_equal(plan.error[0].message, "no console in it: the description asks for one");
    free(hardware);
    free(system);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares_a_core),  cmocka_unit_test(test_has_a_core),
        cmocka_unit_test(test_options),        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_no_program),     cmocka_unit_test(test_all_at_once),
        cmocka_unit_test(test_disabled_first), cmocka_unit_test(test_values_of_flags),
    };

    return cmocka_run_group_tests_name("plan_console", tests, NULL, NULL);
}
