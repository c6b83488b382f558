/* SPDX-License-Identifier: BSD-2-Clause */
/* Passthrough trees in the plan: what a domain would get, and every mistake that they can have. */
#include "guest_tree.h"
#include "plan_links.h"

#define TA     A "/devices"
#define TB     B "/devices"
#define RTC    "/passthrough/rtc@9010000"
#define HOST   "/pl031@9010000"
#define MODULE BYTES("\0\0\0\0\x01\x94\x50\0\0\0\0\0\0\0\x10\0") /* in the bundle's page */

/* In the fragment: two cells each for addresses, one for sizes. */
#define REG(host, guest) BYTES("\0\0\0\0" host "\0\0\x10\0\0\0\0\0" guest)
#define LINE(number)     BYTES("\0\0\0\0\0\0\0" number "\0\0\0\4")

enum { HARDWARE, SYSTEM, FRAGMENT };

#define CASE_CHANGES 4

struct tree_case {
    const char *name;
    const char *inside;
    const char *property;
    const char *message;
    struct {
        int tree;
        struct fixture_change change;
    } at[CASE_CHANGES];
};

static const struct fixture_change machine[] = {
    {"/gic", "compatible", TEXT("arm,gic-v3")},
    {"/gic", "phandle", BYTES("\0\0\0\1")},
    {"/", "interrupt-parent", BYTES("\0\0\0\1")},
    {HOST, "compatible", TEXT("arm,pl031")},
    {HOST, "reg", BYTES("\0\0\0\0\x09\1\0\0\0\0\0\0\0\0\x10\0")},
    {HOST, "interrupts", LINE("\2")},
    {"/pl011@9000000", "compatible", TEXT("arm,pl011")},
    {"/pl011@9000000", "reg", BYTES("\0\0\0\0\x09\0\0\0\0\0\0\0\0\0\x10\0")},
    {"/pl011@9000000", "interrupts", LINE("\7")},
    {"/chosen", "stdout-path", TEXT("/pl011@9000000")},
};

static uint8_t fragment[0x1000];

static void apply(void *tree, const struct fixture_change *change)
{
    if (strcmp(change->path, "/") == 0)
        assert_int_equal(fdt_setprop(tree, 0, change->property, change->value, change->length), 0);
    else
        fixture_change(tree, change);
}

static bool build(const struct tree_case *test, bool cut)
{
    struct plan_facts facts = fixture_facts();
    void *tree[] = {fixture_tree("virt"), fixture_tree("system"), fixture_tree("passthrough")};
    const struct fixture_change module[] = {
        {TA, "compatible", TEXT("multiboot,device-tree\0multiboot,module")},
        {TA, "bulkhead,image", MODULE},
    };
    bool good;

    facts.bundle.size += 0x1000;
    facts.root[0] = (struct range){0x9000000, 0x31200000};
    for (size_t i = 0; i < sizeof(machine) / sizeof(machine[0]); i++)
        apply(tree[HARDWARE], &machine[i]);
    for (size_t i = 0; i < 2; i++)
        apply(tree[SYSTEM], &module[i]);
    for (size_t i = 0; test && i < CASE_CHANGES && test->at[i].change.path; i++)
        apply(tree[test->at[i].tree], &test->at[i].change);
    assert_int_equal(fdt_pack(tree[FRAGMENT]), 0);
    memset(fragment, 0, sizeof(fragment));
    assert_true(fdt_totalsize(tree[FRAGMENT]) <= sizeof(fragment));
    memcpy(fragment, tree[FRAGMENT], fdt_totalsize(tree[FRAGMENT]));
    if (cut)
        fragment[0x40] ^= 0xff;
    fixture_files[0] = (struct fixture_file){0x40400000 + 0x1945000, fragment};
    good = fixture_build(&plan, &facts, tree[HARDWARE], tree[SYSTEM]);
    for (size_t i = 0; i < 3; i++)
        free(tree[i]);
    return good;
}

/* That error, and none of another name. */
static void expect(const struct tree_case *test)
{
    bool found = false;
    bool only = true;

    for (uint32_t i = 0; i < plan.error_count && i < PLAN_ERRORS; i++) {
        const struct plan_note *note = &plan.error[i];

        only = only && strcmp(plan_note_name(note->name), test->name) == 0;
        found = found || (strcmp(note->inside, test->inside) == 0 &&
                          strcmp(note->property, test->property) == 0 &&
                          strncmp(note->message, test->message, strlen(test->message)) == 0);
    }
    if (!only || !found) {
        print_message("expected: %s: %s: %s: %s\n", test->name, test->inside, test->property,
                      test->message);
        fixture_print(&plan);
    }
    assert_true(only && found);
}

static void test_device(void **state)
{
    const struct plan_device *device = &plan.device[0];

    (void)state;
    if (!build(NULL, false))
        fixture_print(&plan);
    assert_int_equal(plan.error_count, 0);
    assert_int_equal(plan.warning_count, 0);
    assert_int_equal(plan.device_count, 1);
    assert_string_equal(device->name, "rtc@9010000");
    assert_int_equal(device->partition, 0);
    assert_int_equal(device->range_count, 1);
    assert_int_equal(device->range[0].host, 0x9010000);
    assert_int_equal(device->range[0].guest, 0xa000000);
    assert_int_equal(device->range[0].size, 0x1000);
    assert_int_equal(device->line_count, 1);
    assert_int_equal(device->line[0].intid, 34);
    assert_false(device->line[0].edge);
}

/* A guest whose number of shared interrupts nobody says has as many as its devices take. */
static void test_spis(void **state)
{
    static const struct tree_case last = {
        .at = {{HARDWARE, {HOST, "interrupts", BYTES("\0\0\0\0\0\0\3\xbf\0\0\0\4")}},
               {FRAGMENT, {RTC, "interrupts", GONE}}}};

    (void)state;
    build(NULL, false);
    assert_int_equal(plan.partition[0].spis, 256);
    build(&last, false);
    assert_int_equal(plan.device[0].line[0].intid, 991);
    assert_int_equal(plan.partition[0].spis, 960);
}

static void test_guest_tree(void **state)
{
    static const struct tree_case symbols = {
        .at = {{FRAGMENT, {"/gic", "phandle", BYTES("\0\0\xfd\xe8")}},
               {FRAGMENT, {RTC, "interrupt-parent", BYTES("\0\0\xfd\xe8")}},
               {FRAGMENT, {RTC "/child", "deep", TEXT("down here")}},
               {FRAGMENT, {"/passthrough/last", "xen,force-assign-without-iommu", EMPTY}}}};
    static uint64_t tree[PLAN_GUEST_TREE / 8];
    int rtc;

    (void)state;
    for (uint32_t given = 0; given < 2; given++) {
        const char *path;
        int length = 0;

        assert_true(build(given ? &symbols : NULL, false));
        assert_true(guest_tree_write(&plan, 0, tree, sizeof(tree)) > 0);
        assert_int_equal(fdt_check_full(tree, sizeof(tree)), 0);
        path = fdt_get_alias(tree, "rtc0");
        assert_string_equal(path, RTC);
        rtc = fdt_path_offset(tree, path);
        assert_int_equal(fdt_node_check_compatible(tree, rtc, "arm,pl031"), 0);
        assert_non_null(fdt_getprop(tree, rtc, "reg", NULL));
        assert_null(fdt_getprop(tree, rtc, "xen,reg", NULL));
        assert_null(fdt_getprop(tree, rtc, "xen,path", NULL));
        assert_int_equal(fdt_get_phandle(tree, fdt_path_offset(tree, "/intc")),
                         fdt32_ld(fdt_getprop(tree, rtc, "interrupt-parent", NULL)));
        assert_int_equal(fdt_get_phandle(tree, fdt_path_offset(tree, "/intc")),
                         fdt32_ld(fdt_getprop(tree, 0, "interrupt-parent", NULL)));
        assert_true(fdt_path_offset(tree, "/gic") < 0);
        if (given) {
            assert_int_equal(fdt_get_phandle(tree, fdt_path_offset(tree, "/intc")), 0xfde8);
            assert_string_equal(
                fdt_getprop(tree, fdt_path_offset(tree, RTC "/child"), "deep", NULL), "down here");
            fdt_getprop(tree, fdt_path_offset(tree, "/passthrough/last"),
                        "xen,force-assign-without-iommu", &length);
            assert_int_equal(length, -FDT_ERR_NOTFOUND);
        }
        assert_true(guest_tree_write(&plan, 1, tree, sizeof(tree)) > 0);
        assert_true(fdt_path_offset(tree, "/passthrough") < 0);
    }
}

/* What is in no tree, and what has interrupts elsewhere. */
static void test_accepted(void **state)
{
    static const struct tree_case cases[] = {
        {.at = {{FRAGMENT, {RTC, "xen,path", GONE}},
                {FRAGMENT, {RTC, "interrupts", GONE}},
                {FRAGMENT, {RTC, "xen,force-assign-without-iommu", EMPTY}}}},
        {.at = {{FRAGMENT, {RTC, "interrupts", GONE}}}},
        {.at = {{FRAGMENT, {RTC, "xen,reg", GONE}}}},
        {.at = {{FRAGMENT, {"/passthrough/other", "phandle", BYTES("\0\0\0\7")}},
                {FRAGMENT, {RTC, "interrupt-parent", BYTES("\0\0\0\7")}},
                {FRAGMENT, {RTC, "interrupts", BYTES("\0\0\0\1")}}}},
        {.at = {{HARDWARE, {HOST, "reg", BYTES("\0\0\0\0\x09\1\2\0\0\0\0\0\0\0\2\0")}}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (!build(&cases[i], false))
            fixture_print(&plan);
        assert_int_equal(plan.error_count, 0);
        assert_int_equal(plan.device_count, 1);
    }
}

static void test_mistakes(void **state)
{
    static const char reg[] = "xen,reg";
    static const char path[] = "xen,path";
    static const struct tree_case cases[] = {
        {"RANGES_LENGTH",
         RTC,
         reg,
         "4 bytes long, must be a multiple of 20",
         {{FRAGMENT, {RTC, reg, BYTES("\0\0\0\1")}}}},
        {"RANGES_LENGTH", RTC, reg, "0 bytes long", {{FRAGMENT, {RTC, reg, EMPTY}}}},
        {"RANGES_LENGTH",
         RTC,
         reg,
         "20 bytes long, must be a multiple of 16",
         {{FRAGMENT, {"/passthrough", "#address-cells", BYTES("\0\0\0\1")}},
          {FRAGMENT, {"/passthrough", "#size-cells", BYTES("\0\0\0\2")}}}},
        {"CELLS_NO_RANGE",
         RTC,
         reg,
         "#address-cells or",
         {{FRAGMENT, {"/passthrough", "#size-cells", BYTES("\0\0\0\0")}}}},
        {"RANGE_BAD",
         RTC,
         reg,
         "0x9010000 with size 0x0",
         {{FRAGMENT, {RTC, reg, BYTES("\0\0\0\0\x09\1\0\0\0\0\0\0\0\0\0\0\x0a\0\0\0")}}}},
        {"DEVICE_ALIGNMENT",
         RTC,
         reg,
         "host 0x9010000, size 0x1000, guest 0xa000800",
         {{FRAGMENT, {RTC, reg, REG("\x09\1\0\0", "\x0a\0\x8\0")}}}},
        {"DEVICE_NO_PATH",
         RTC,
         reg,
         "neither",
         {{FRAGMENT, {RTC, path, GONE}}, {FRAGMENT, {RTC, "interrupts", GONE}}}},
        {"DEVICE_PATH", RTC, path, "\"/nobody\"", {{FRAGMENT, {RTC, path, TEXT("/nobody")}}}},
        {"DEVICE_PATH", RTC, path, "\"/\"", {{FRAGMENT, {RTC, path, TEXT("/")}}}},
        {"STRING_BAD", RTC, path, "is no", {{FRAGMENT, {RTC, path, BYTES("/pl")}}}},
        {"DEVICE_BUS",
         RTC,
         path,
         "/soc/rtc is behind a bus",
         {{HARDWARE, {"/soc", "ranges", BYTES("\0\0\0\0")}},
          {HARDWARE, {"/soc/rtc", "compatible", TEXT("arm,pl031")}},
          {FRAGMENT, {RTC, path, TEXT("/soc/rtc")}}}},
        {"DEVICE_OUTSIDE",
         RTC,
         reg,
         "0x1000 bytes at 0x9011000 are not all in the pages of " HOST,
         {{FRAGMENT, {RTC, reg, REG("\x09\1\x10\0", "\x0a\0\0\0")}}}},
        {"DEVICE_RAM", /* that nobody has */
         RTC,
         reg,
         "0x1000 bytes at 0x7f000000 meet RAM",
         {{FRAGMENT, {RTC, reg, REG("\x7f\0\0\0", "\x0a\0\0\0")}},
          {HARDWARE, {HOST, "reg", BYTES("\0\0\0\0\x7f\0\0\0\0\0\0\0\0\0\x10\0")}}}},
        {"DEVICE_RAM",
         RTC,
         reg,
         "0x1000 bytes at 0x50000000 meet RAM",
         {{FRAGMENT, {RTC, reg, REG("\x50\0\0\0", "\x0a\0\0\0")}},
          {HARDWARE, {HOST, "reg", BYTES("\0\0\0\0\x50\0\0\0\0\0\0\0\0\0\x10\0")}}}},
        {"DEVICE_NEVER",
         RTC,
         reg,
         "0x1000 bytes at 0x8000000: the kernel",
         {{FRAGMENT, {RTC, reg, REG("\x08\0\0\0", "\x0a\0\0\0")}},
          {HARDWARE, {HOST, "reg", BYTES("\0\0\0\0\x08\0\0\0\0\0\0\0\0\0\x10\0")}}}},
        {"DEVICE_IN_USE",
         RTC,
         reg,
         "0x1000 bytes at 0x9000000 meet the console's UART",
         {{FRAGMENT, {RTC, reg, REG("\x09\0\0\0", "\x0a\0\0\0")}},
          {HARDWARE, {HOST, "reg", BYTES("\0\0\0\0\x09\0\0\0\0\0\0\0\0\0\x10\0")}}}},
        {"DEVICE_TAKEN",
         RTC, /* a node that is added comes first */
         reg,
         "pages at 0x9010000 are twin of linux-a",
         {{FRAGMENT, {"/passthrough/twin", reg, REG("\x09\1\0\0", "\x0b\0\0\0")}},
          {FRAGMENT, {"/passthrough/twin", "xen,force-assign-without-iommu", EMPTY}}}},
        {"DEVICE_TAKEN",
         RTC,
         reg,
         "pages at 0x9010000 stand there twice",
         {{FRAGMENT,
           {RTC, reg,
            BYTES(
                "\0\0\0\0\x09\1\0\0\0\0\x10\0\0\0\0\0\x0a\0\0\0\0\0\0\0\x09\1\0\0\0\0\x10\0\0\0\0\0"
                "\x0b\0\0\0")}}}},
        {"DEVICE_INTERRUPT_TAKEN",
         RTC,
         path,
         "interrupt 34 of " HOST " is that of twin",
         {{FRAGMENT, {"/passthrough/twin", path, TEXT(HOST)}}}},
        {"DEVICE_INTERRUPT_TAKEN",
         RTC,
         path,
         "interrupt 39 of " HOST " is that of the console's",
         {{HARDWARE, {HOST, "interrupts", LINE("\7")}},
          {FRAGMENT, {RTC, "interrupts", LINE("\7")}},
          {SYSTEM, {B, "bulkhead,uart", TEXT("physical")}}}},
        {"DEVICE_INTERRUPT_TAKEN",
         RTC,
         path,
         "interrupt 33 of " HOST " is that of the domain's",
         {{HARDWARE, {HOST, "interrupts", LINE("\1")}},
          {FRAGMENT, {RTC, "interrupts", LINE("\1")}}}},
        {"DEVICE_INTERRUPT_TAKEN",
         RTC,
         path,
         "interrupt 34 of " HOST " is that of itself",
         {{HARDWARE,
           {HOST, "interrupts", BYTES("\0\0\0\0\0\0\0\2\0\0\0\4\0\0\0\0\0\0\0\2\0\0\0\4")}}}},
        {"DEVICE_INTERRUPT",
         RTC,
         path,
         HOST " has an interrupt that is no shared one",
         {{HARDWARE, {HOST, "interrupts", BYTES("\0\0\0\1\0\0\0\2\0\0\0\4")}},
          {FRAGMENT, {RTC, "interrupts", GONE}}}},
        {"DEVICE_INTERRUPT",
         RTC,
         path,
         HOST " has interrupts-extended",
         {{HARDWARE, {HOST, "interrupts-extended", EMPTY}}}},
        {"SPIS_MANY",
         RTC,
         path,
         "interrupt 992 of " HOST,
         {{HARDWARE, {HOST, "interrupts", BYTES("\0\0\0\0\0\0\3\xc0\0\0\0\4")}},
          {FRAGMENT, {RTC, "interrupts", GONE}}}},
        {"DEVICE_DISAGREES",
         RTC,
         "interrupts",
         "<0 3 4> is no interrupt of " HOST,
         {{FRAGMENT, {RTC, "interrupts", LINE("\3")}}}},
        {"DEVICE_DISAGREES",
         RTC,
         "interrupts",
         "<0 2 1> is no interrupt of " HOST,
         {{FRAGMENT, {RTC, "interrupts", BYTES("\0\0\0\0\0\0\0\2\0\0\0\1")}}}},
        {"DEVICE_DISAGREES",
         RTC,
         "interrupts",
         "8 bytes long",
         {{FRAGMENT, {RTC, "interrupts", BYTES("\0\0\0\0\0\0\0\2")}}}},
        {"DEVICE_DISAGREES",
         RTC,
         "interrupts",
         "<0 2 4> is no interrupt of a node of the machine",
         {{FRAGMENT, {RTC, path, GONE}},
          {FRAGMENT, {RTC, "xen,force-assign-without-iommu", EMPTY}}}},
        {"PHANDLE_UNKNOWN",
         RTC,
         "interrupt-parent",
         "0x99 is no",
         {{FRAGMENT, {RTC, "interrupt-parent", BYTES("\0\0\0\x99")}}}},
        {"GUEST_ADDRESS_TAKEN",
         "rtc@9010000",
         reg,
         "guest address 0x9000000 with size 0x1000 meets its UART",
         {{FRAGMENT, {RTC, reg, REG("\x09\1\0\0", "\x09\0\0\0")}}}},
        {"GUEST_ADDRESS_TAKEN",
         "rtc@9010000",
         reg,
         "guest address 0x40000000 with size 0x1000 meets its RAM",
         {{FRAGMENT, {RTC, reg, REG("\x09\1\0\0", "\x40\0\0\0")}}}},
        {"DEVICE_TAKEN",
         RTC,
         reg,
         "pages at 0x9010000 are rtc@9010000 of linux-a",
         {{SYSTEM, {TB, "compatible", TEXT("multiboot,device-tree")}},
          {SYSTEM, {TB, "bulkhead,image", MODULE}},
          {HARDWARE, {HOST, "interrupts", GONE}},
          {FRAGMENT, {RTC, "interrupts", GONE}}}},
        {"MASTER_NOT_DIRECT", /* what is in no tree is not known, either */
         "",
         "",
         "rtc@9010000 writes",
         {{FRAGMENT, {RTC, path, GONE}},
          {FRAGMENT, {RTC, "interrupts", GONE}},
          {FRAGMENT, {RTC, "xen,force-assign-without-iommu", EMPTY}},
          {FRAGMENT, {RTC, reg, REG("\x09\x20\0\0", "\x0a\0\0\0")}}}},
        {"PHANDLE_RESERVED",
         "/passthrough/other",
         "phandle",
         "0x7fff0000 is not below 0x7fff0000",
         {{FRAGMENT, {"/passthrough/other", "phandle", BYTES("\x7f\xff\0\0")}}}},
        {"MODULE_TWICE",
         "",
         "compatible",
         "the domain has a passthrough tree already",
         {{SYSTEM, {A "/more", "compatible", TEXT("multiboot,device-tree")}},
          {SYSTEM, {A "/more", "bulkhead,image", MODULE}}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_false(build(&cases[i], false));
        expect(&cases[i]);
    }
}

static void test_no_tree(void **state)
{
    static const struct tree_case bad = {
        .name = "TREE_BAD", .inside = "", .property = "bulkhead,image", .message = "is "};
    static const struct tree_case empty = {
        .name = "PASSTHROUGH_MISSING",
        .inside = "/",
        .property = "",
        .message = "has no node",
    };
    struct plan_facts facts = fixture_facts();
    void *hardware = fixture_tree("virt");
    void *system = fixture_tree("system");

    (void)state;
    build(NULL, true);
    expect(&bad);
    fixture_change(system,
                   &(struct fixture_change){TA, "compatible", TEXT("multiboot,device-tree")});
    fixture_change(system, &(struct fixture_change){TA, "bulkhead,image", MODULE});
    facts.bundle.size += 0x1000;
    assert_int_equal(fdt_create_empty_tree(fragment, sizeof(fragment)), 0);
    assert_false(fixture_build(&plan, &facts, hardware, system));
    expect(&empty);
    free(hardware);
    free(system);
}

/* More than there is room for ends, and says so once. */
static void test_many(void **state)
{
    static struct tree_case many;
    struct plan_facts facts = fixture_facts();
    void *hardware = fixture_tree("virt");
    void *system = fixture_tree("system");

    (void)state;
    many = (struct tree_case){"DEVICES_MANY", "/passthrough/d0", "", "more devices", {{0}}};
    facts.bundle.size += 0x1000;
    for (size_t i = 0; i < sizeof(machine) / sizeof(machine[0]); i++)
        apply(hardware, &machine[i]);
    fixture_change(hardware, &(struct fixture_change){"/quiet", "compatible", TEXT("nothing")});
    fixture_change(system,
                   &(struct fixture_change){TA, "compatible", TEXT("multiboot,device-tree")});
    fixture_change(system, &(struct fixture_change){TA, "bulkhead,image", MODULE});
    assert_int_equal(fdt_create_empty_tree(fragment, sizeof(fragment)), 0);
    for (uint32_t i = 0; i <= PLAN_DEVICES; i++) {
        char path[40];

        snprintf(path, sizeof(path), "/passthrough/d%u", i);
        if (!i)
            fixture_change(fragment, &(struct fixture_change){"/passthrough", NULL, NULL, 0});
        fixture_change(fragment, &(struct fixture_change){path, "xen,path", TEXT("/quiet")});
    }
    assert_false(fixture_build(&plan, &facts, hardware, system));
    assert_int_equal(plan.device_count, PLAN_DEVICES);
    expect(&many);
    free(hardware);
    free(system);
}

/* What is copied must fit in the guest's tree, with all else. */
static void test_large(void **state)
{
    static const struct tree_case large = {
        "GUEST_TREE_LARGE", "", "", "its guest's device tree", {{0}}};
    static uint8_t big[0x20000];
    struct plan_facts facts = fixture_facts();

    (void)state;
    facts.bundle.size += sizeof(big);
    for (uint32_t fits = 0; fits < 2; fits++) {
        void *hardware = fixture_tree("virt");
        void *system = fixture_tree("system");
        void *value;

        fixture_change(system,
                       &(struct fixture_change){TA, "compatible", TEXT("multiboot,device-tree")});
        fixture_change(system,
                       &(struct fixture_change){TA, "bulkhead,image",
                                                BYTES("\0\0\0\0\x01\x94\x50\0\0\0\0\0\0\2\0\0")});
        assert_int_equal(fdt_create_empty_tree(big, sizeof(big)), 0);
        assert_int_equal(fdt_setprop_placeholder(big, fdt_add_subnode(big, 0, "passthrough"), "p",
                                                 fits ? 0xe000 : 0x10000, &value),
                         0);
        memset(value, 0, fits ? 0xe000 : 0x10000);
        fixture_files[0] = (struct fixture_file){0x40400000 + 0x1945000, big};
        if (fits) {
            if (!fixture_build(&plan, &facts, hardware, system))
                fixture_print(&plan);
            assert_int_equal(plan.error_count, 0);
        } else {
            assert_false(fixture_build(&plan, &facts, hardware, system));
            expect(&large);
        }
        free(hardware);
        free(system);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_device),     cmocka_unit_test(test_spis),
        cmocka_unit_test(test_guest_tree), cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_mistakes),   cmocka_unit_test(test_no_tree),
        cmocka_unit_test(test_many),       cmocka_unit_test(test_large),
    };

    return cmocka_run_group_tests_name("plan_passthrough", tests, NULL, NULL);
}
