/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of properties against what the plan does: every row is tried out on a node of its kind
 * in trees/binding.dts. */
#include "partmgr/plan/binding.h"
#include "plan_uart.h"

static const char *const paths[BINDING_KINDS] = {
    [BINDING_CHOSEN] = "/chosen",
    [BINDING_DOMAIN] = "/chosen/domain",
    [BINDING_KERNEL] = "/chosen/domain/kernel",
    [BINDING_RAMDISK] = "/chosen/domain/ramdisk",
    [BINDING_MODULE] = "/chosen/domain/module",
    [BINDING_DEVICE_TREE] = "/chosen/domain/devices",
    [BINDING_SHARED_MEMORY] = "/chosen/domain/area",
    [BINDING_CHANNEL] = "/chosen/domain/channel",
    [BINDING_CONSOLE] = "/chosen/console",
    [BINDING_CPUPOOL] = "/chosen/pool",
    [BINDING_VCPU] = "/chosen/domain/vcpu",
};

static struct plan plan;
static struct plan other;
static struct plan_facts facts;
static void *hardware;

static int setup(void **state)
{
    (void)state;
    hardware = fixture_tree("virt");
    uart_add(hardware);
    facts = fixture_facts();
    facts.console_ram = 0x8000;
    fixture_passthrough(0x122000);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(hardware);
    return 0;
}

/* Plans the good system with one property of one node set, or removed where length is negative. */
static bool try_value(struct plan *to, const struct binding_property *row, const void *value,
                      int length)
{
    const struct fixture_change change = {paths[row->kind], row->name, value, length};
    void *system = fixture_tree("binding");
    bool good;

    if (length >= 0 || fdt_getprop(system, fdt_path_offset(system, change.path), row->name, NULL))
        fixture_change(system, &change);
    fixture_build(to, &facts, hardware, system);
    good = !to->error_count;
    free(system);
    return good;
}

static bool try_number(struct plan *to, const struct binding_property *row, uint64_t number)
{
    const fdt64_t big = cpu_to_fdt64(number);

    return row->type == BINDING_CELL ? try_value(to, row, (const uint8_t *)&big + 4, 4)
                                     : try_value(to, row, &big, 8);
}

static bool is_about(const struct plan_note *note, const struct binding_property *row)
{
    return strcmp(note->path, paths[row->kind]) == 0 && strcmp(note->property, row->name) == 0;
}

static bool has_error(const struct plan *in, const struct binding_property *row)
{
    for (uint32_t i = 0; i < in->error_count && i < PLAN_ERRORS; i++)
        if (is_about(&in->error[i], row))
            return true;
    return false;
}

static bool has_warning(const struct plan *in, const struct binding_property *row,
                        enum plan_note_name name)
{
    for (uint32_t i = 0; i < in->warning_count && i < PLAN_WARNINGS; i++)
        if (is_about(&in->warning[i], row) && in->warning[i].name == name)
            return true;
    return false;
}

static void expect(bool holds, const struct binding_property *row, const char *what)
{
    if (holds)
        return;
    print_message("%s %s: %s\n", paths[row->kind], row->name, what);
    fixture_print(&plan);
    fail();
}

/* Something is wrong with a number outside the limits that is not wrong with one inside, which may
 * be too much for this machine. */
static void expect_limit(const struct binding_property *row, uint64_t inside, uint64_t outside)
{
    bool found = false;

    try_number(&plan, row, inside);
    expect(!try_number(&other, row, outside), row, "a number outside its limits is accepted");
    for (uint32_t i = 0; i < other.error_count && i < PLAN_ERRORS; i++) {
        bool both = !is_about(&other.error[i], row);

        for (uint32_t k = 0; k < plan.error_count && k < PLAN_ERRORS; k++)
            both = both ||
                   (is_about(&plan.error[k], row) && plan.error[k].name == other.error[i].name);
        found = found || !both;
    }
    expect(found, row, "its limits are others");
}

static void check_limits(const struct binding_property *row)
{
    if (!row->low && !row->high)
        return;
    assert_true(row->low <= row->high);
    if (row->low)
        expect_limit(row, row->low, row->low - 1);
    expect_limit(row, row->high, row->high + 1);
}

/* Every word is known, no other one is, and the first is as if there were none. */
static void check_words(const struct binding_property *row)
{
    const char *word = row->words;

    while (*word) {
        size_t length = strcspn(word, " ");
        char text[32] = "";

        assert_true(length < sizeof(text));
        memcpy(text, word, length);
        if (length) {
            try_value(&plan, row, text, (int)length + 1);
            for (uint32_t i = 0; i < plan.error_count && i < PLAN_ERRORS; i++)
                expect(!is_about(&plan.error[i], row) || plan.error[i].name != NOTE_WORD_UNKNOWN,
                       row, "one of its words is unknown");
        }
        if (length && word == row->words) {
            try_value(&other, row, NULL, -1);
            expect(memcmp(&plan, &other, sizeof(plan)) == 0, row,
                   "its first word is not what a missing property means");
        }
        word += length + (word[length] == ' ');
    }
    expect(!try_value(&plan, row, "no-such-word", 13) && has_error(&plan, row), row,
           "any word is accepted");
}

/* A value that has not the row's type. */
static void check_type(const struct binding_property *row)
{
    switch (row->type) {
    case BINDING_FLAG:
        try_value(&plan, row, "", 0);
        expect(!has_warning(&plan, row, NOTE_FLAG_VALUE), row, "needs a value");
        try_value(&plan, row, "\0\0\0\1", 4);
        expect(has_warning(&plan, row, NOTE_FLAG_VALUE), row, "may have a value");
        return;
    case BINDING_WORD:
        check_words(row);
        /* fall through */
    case BINDING_STRING:
        expect(!try_value(&plan, row, "endless", 7) && has_error(&plan, row), row, "is no string");
        return;
    case BINDING_CELL:
    case BINDING_LONG:
        check_limits(row);
        /* fall through */
    case BINDING_ADDRESS:
    case BINDING_PAIR:
    case BINDING_PHANDLE:
    case BINDING_PHANDLES:
    case BINDING_REG:
    case BINDING_REGS:
    case BINDING_CELLS:
        expect(!try_value(&plan, row, "\0\0", 3) && has_error(&plan, row), row,
               "may be three bytes");
        return;
    case BINDING_ANY: /* what nobody reads must be accepted for another reason */
        expect(strcmp(row->name, "phandle") == 0 || strcmp(row->name, "linux,phandle") == 0 ||
                   row->name[0] == '#',
               row, "is not read by anybody");
        return;
    case BINDING_STRINGS:
        return;
    }
}

static void check_row(const struct binding_property *row)
{
    switch (row->fate) {
    case BINDING_NEEDED:
        if (strcmp(row->name, "compatible") == 0) /* without it this is another node */
            return;
        expect(!try_value(&plan, row, NULL, -1), row, "may be missing");
        check_type(row);
        return;
    case BINDING_READ:
        check_type(row);
        return;
    case BINDING_IGNORED:
        try_value(&plan, row, "\0\0\0\1", 4);
        expect(has_warning(&plan, row, NOTE_PROPERTY_IGNORED), row, "is not ignored");
        return;
    case BINDING_MISPLACED:
        try_value(&plan, row, "\0\0\0\1", 4);
        expect(has_warning(&plan, row, NOTE_PROPERTY_KERNEL_ONLY), row, "has its place here");
        return;
    }
}

static void test_tree_is_good(void **state)
{
    const struct binding_property none = {
        BINDING_DOMAIN, "none", BINDING_ANY, BINDING_READ, 0, 0, ""};

    (void)state;
    expect(try_value(&plan, &none, NULL, -1), &none, "the tree is not good");
    assert_int_equal(plan.warning_count, 0);
    for (uint32_t kind = 0; kind < BINDING_KINDS; kind++)
        assert_non_null(paths[kind]); /* a new kind needs a node in the tree */
}

static void test_rows(void **state)
{
    (void)state;
    for (uint32_t i = 0; binding_at(i); i++)
        check_row(binding_at(i));
}

static void test_no_row_twice(void **state)
{
    (void)state;
    for (uint32_t i = 0; binding_at(i); i++)
        for (uint32_t k = 0; k < i; k++)
            expect(binding_at(i)->kind != binding_at(k)->kind ||
                       strcmp(binding_at(i)->name, binding_at(k)->name) != 0,
                   binding_at(i), "stands there twice");
}

/* What is in no row. */
static void test_rest(void **state)
{
    (void)state;
    for (enum binding_kind kind = 0; kind < BINDING_KINDS; kind++) {
        const struct binding_property any = {kind, "no-such", BINDING_ANY, BINDING_READ, 0, 0, ""};
        const struct binding_property ours = {
            kind, "bulkhead,no-such", BINDING_ANY, BINDING_READ, 0, 0, ""};

        expect(try_value(&plan, &any, "", 0), &any, "is an error");
        expect(has_warning(&plan, &any, NOTE_PROPERTY_UNKNOWN) ==
                   (binding_rest_of(kind) == BINDING_WARN),
               &any, "is judged otherwise");
        expect(try_value(&plan, &ours, "", 0), &ours, "is an error");
        expect(has_warning(&plan, &ours, NOTE_PROPERTY_UNKNOWN) ==
                   (binding_rest_of(kind) != BINDING_LEAVE),
               &ours, "is judged otherwise");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tree_is_good, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rows, setup, teardown),
        cmocka_unit_test(test_no_row_twice),
        cmocka_unit_test_setup_teardown(test_rest, setup, teardown),
    };

    return cmocka_run_group_tests_name("plan_binding", tests, NULL, NULL);
}
