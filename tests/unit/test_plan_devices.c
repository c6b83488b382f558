/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices that a domain names in the machine's tree: what its guest's tree has of them, and what
 * they may not need. */
#include "guest_tree.h"
#include "plan_links.h"

#define GUEST     "/chosen/guest"
#define RTC       "/soc/rtc@9000000"
#define GPIO      "/soc/gpio@9030000"
#define ONE       "/soc/virtio@a000000"
#define ASKS      "bulkhead,devices"
#define ON(at)    "/devices/" at
#define QUIESCE   "bulkhead,quiesce"
#define ONE_QUIET "\0\0\0\0\x0a\0\x02\x70"
#define DIRECT                                                                                     \
    {GUEST, "direct-map", EMPTY}, {GUEST, "vpl011", GONE},                                         \
        {GUEST, "xen,static-mem", BYTES("\0\0\0\0\x50\0\0\0\0\0\0\0\1\0\0\0")},                    \
    {                                                                                              \
        GUEST "/kernel", "bulkhead,load", BYTES("\x50\x08\0\0")                                    \
    }
#define TRUSTED                                                                                    \
    {                                                                                              \
        GUEST, "bulkhead,force-assign-without-iommu", EMPTY                                        \
    }
#define VIRTIO                                                                                     \
    {GUEST, ASKS, GONE},                                                                           \
    {                                                                                              \
        GUEST, "bulkhead,device-paths", TEXT(ONE "\0/soc/virtio@a000200")                          \
    }
#define OTHER "/chosen/other"
#define SECOND                                                                                     \
    {"/cpus/cpu@1", "device_type", TEXT("cpu")}, {"/cpus/cpu@1", "enable-method", TEXT("psci")},   \
        {"/cpus/cpu@1", "reg", BYTES("\0\0\0\1")}, {OTHER, "compatible", TEXT("xen,domain")},      \
        {OTHER, "memory", BYTES("\0\0\0\0\0\0\x40\0")}, {OTHER, "cpus", BYTES("\0\0\0\1")},        \
        {OTHER, "vpl011", EMPTY},                                                                  \
        {OTHER "/kernel", "compatible", TEXT("multiboot,kernel\0multiboot,module")},               \
        {OTHER "/kernel", "bulkhead,load", BYTES("\x40\x08\0\0")},                                 \
    {                                                                                              \
        OTHER "/kernel", "reg", BYTES("\0\0\0\0\x60\0\x10\0\0\0\0\0\0\0\x10\0")                    \
    }

enum { CHANGES = 20 };

static uint64_t tree[PLAN_GUEST_TREE / 8];

static bool build(const struct fixture_change *changes, size_t count)
{
    struct plan_facts facts = fixture_facts();
    void *whole = fixture_tree("devices");
    bool good;

    facts.root[0] = (struct range){0x9000000, 0x31200000};
    facts.hardware_tree = (struct range){0x48000000, 0x10000};
    for (size_t i = 0; i < count && changes[i].path; i++)
        fixture_change(whole, &changes[i]);
    good = fixture_build(&plan, &facts, whole, whole);
    if (good)
        assert_true(guest_tree_write(&plan, 0, tree, sizeof(tree)) > 0);
    free(whole);
    return good;
}

static void expect_cells(const char *path, const char *property, const uint32_t *cells, int count)
{
    int length = 0;
    const fdt32_t *value = fdt_getprop(tree, fdt_path_offset(tree, path), property, &length);

    assert_non_null(value);
    assert_int_equal(length, 4 * count);
    for (int i = 0; i < count; i++)
        assert_int_equal(fdt32_ld(&value[i]), cells[i]);
}

/* Its registers are moved out of the UART's way, its clock comes with it, the keys find their
 * lines. */
static void test_written(void **state)
{
    int clock;
    int gpio;

    (void)state;
    if (!build(NULL, 0))
        fixture_print(&plan);
    assert_int_equal(plan.error_count, 0);
    assert_int_equal(plan.warning_count, 0);
    assert_int_equal(plan.device_count, 3);
    assert_int_equal(fdt_check_full(tree, sizeof(tree)), 0);
    expect_cells(ON("rtc@28000000"), "reg", (uint32_t[]){0, 0x28000000, 0, 0x1000}, 4);
    expect_cells(ON("rtc@28000000"), "interrupts", (uint32_t[]){0, 2, 4}, 3);
    assert_null(
        fdt_getprop(tree, fdt_path_offset(tree, ON("rtc@28000000")), "interrupt-parent", NULL));
    assert_null(fdt_getprop(tree, fdt_path_offset(tree, ON("rtc@28000000")), "status", NULL));
    clock = fdt_path_offset(tree, ON("pclk"));
    assert_true(clock > 0);
    expect_cells(ON("rtc@28000000"), "clocks", (uint32_t[]){fdt_get_phandle(tree, clock)}, 1);
    expect_cells(ON("gpio@9030000"), "clocks", (uint32_t[]){fdt_get_phandle(tree, clock)}, 1);
    gpio = fdt_path_offset(tree, ON("gpio@9030000"));
    expect_cells(ON("gpio-keys/poweroff"), "gpios", (uint32_t[]){fdt_get_phandle(tree, gpio), 3, 0},
                 3);
    assert_int_equal(plan.partition[0].resource_count, 1);
    assert_false(plan.device[0].masters);
    assert_int_equal(plan.device[0].range[0].host, 0x9000000);
    assert_int_equal(plan.device[0].range[0].guest, 0x28000000);
}

/* Both are in the page, which is mapped once. */
static void test_one_page(void **state)
{
    static const struct fixture_change changes[] = {VIRTIO, DIRECT, TRUSTED};

    (void)state;
    assert_true(build(changes, sizeof(changes) / sizeof(changes[0])));
    assert_int_equal(plan.device_count, 2);
    assert_false(plan.device[0].range[0].again);
    assert_true(plan.device[1].range[0].again);
    assert_true(plan.device[0].masters && plan.device[1].masters);
    expect_cells(ON("virtio@a000200"), "reg", (uint32_t[]){0, 0xa000200, 0, 0x200}, 4);
    assert_true(plan.device[1].line[0].edge);
    assert_int_equal(plan.device[1].line[0].intid, 49);
    assert_false(plan.partition[0].on_reset);
    assert_int_equal(plan.warning_count, 1);
    assert_int_equal(plan.warning[0].name, NOTE_DEVICE_DMA);
}

/* Who is given one of a page has the other, too, and is told. */
static void test_beside(void **state)
{
    static const struct fixture_change changes[CHANGES] = {
        DIRECT, TRUSTED, {GUEST, ASKS, GONE}, {GUEST, "bulkhead,device-paths", TEXT(ONE)}};

    (void)state;
    assert_true(build(changes, CHANGES));
    assert_int_equal(plan.warning_count, 2);
    assert_int_equal(plan.warning[0].name, NOTE_DEVICE_BESIDE);
    assert_string_equal(plan.warning[0].message,
                        "virtio@a000000 comes with virtio@a000200, in the same pages");
    assert_int_equal(plan.warning[1].name, NOTE_DEVICE_DMA);
}

static void test_mistakes(void **state)
{
    static const struct {
        const char *name;
        const char *message;
        struct fixture_change change[CHANGES];
    } cases[] = {
        {"DEVICE_NEEDS",
         "rtc@9000000: clocks names /pll: the domain has it not",
         {{RTC, "clocks", BYTES("\0\0\0\x63\0\0\0\1")}, {"/pll", "phandle", BYTES("\0\0\0\x63")}}},
        {"DEVICE_NEEDS",
         "rtc@9000000: pinctrl-0 names /pll",
         {{RTC, "pinctrl-0", BYTES("\0\0\0\x63")}, {"/pll", "phandle", BYTES("\0\0\0\x63")}}},
        {"DEVICE_NEEDS",
         "rtc@9000000: vdd-supply names nothing: a phandle that no node has",
         {{RTC, "vdd-supply", BYTES("\0\0\0\x77")}}},
        {"DEVICE_NEEDS",
         "rtc@9000000: vdd-supply names /pll",
         {{RTC, "vdd-supply", BYTES("\0\0\0\x63")},
          {"/pll", "phandle", BYTES("\0\0\0\x63")},
          {"/pll", "compatible", TEXT("regulator-fixed")},
          {"/pll", "vin-supply", BYTES("\0\0\0\1")}}},
        {"DEVICE_NONE", "/soc/rtc@9000000 is not enabled", {{RTC, "status", TEXT("disabled")}}},
        {"DEVICE_NONE", "/soc/rtc@9000000 is no device", {{RTC, "compatible", GONE}}},
        {"DEVICE_BUS", "/soc/rtc@9000000 is a bus", {{RTC, "ranges", EMPTY}}},
        {"DEVICE_BUS",
         "/soc/rtc@9000000 is behind a bus",
         {{"/soc", "ranges", BYTES("\0\0\0\0\0\0\0\1\0\0\0\1")},
          {GUEST, ASKS, GONE},
          {GUEST, "bulkhead,device-paths", TEXT(RTC)}}},
        {"DEVICE_INTERRUPT",
         "/soc/rtc@9000000 has interrupts that do not go to the GIC",
         {{RTC, "interrupt-parent", BYTES("\0\0\0\x63")},
          {"/pll", "phandle", BYTES("\0\0\0\x63")}}},
        {"DEVICE_INTERRUPT",
         "rtc@9000000 has a child with interrupts, child",
         {{RTC "/child", "interrupts", BYTES("\0\0\0\1")}}},
        {"PHANDLE_RESERVED",
         "that of /soc/rtc@9000000",
         {{RTC, "phandle", BYTES("\x7f\xff\0\1")},
          {GUEST, ASKS, GONE},
          {GUEST, "bulkhead,device-paths", TEXT(RTC)}}},
        {"PHANDLE_LIST", "3 bytes", {{GUEST, ASKS, BYTES("\0\0\0")}}},
        {"PHANDLE_UNKNOWN", "0x77 is", {{GUEST, ASKS, BYTES("\0\0\0\x77")}}},
        {"STRING_BAD",
         "is no list",
         {{GUEST, ASKS, GONE}, {GUEST, "bulkhead,device-paths", BYTES("/soc")}}},
        {"DEVICE_PATH",
         "\"/\" is",
         {{GUEST, ASKS, GONE}, {GUEST, "bulkhead,device-paths", TEXT("/")}}},
        {"DEVICES_TWICE",
         "beside bulkhead,device-paths",
         {{GUEST, "bulkhead,device-paths", TEXT(RTC)}}},
        {"DEVICE_MASTER", "rtc@9000000 can write", {{RTC, "dma-coherent", EMPTY}, DIRECT}},
        {"DEVICE_MASTER", /* not known, which is not harmless */
         "rtc@9000000 can write",
         {{RTC, "compatible", TEXT("vendor,clock")}, DIRECT}},
        {"DEVICE_MASTER", /* what is beside it in its page does */
         "rtc@9000000 can write",
         {{"/soc/near@9000800", "compatible", TEXT("vendor,dma")},
          {"/soc/near@9000800", "reg", BYTES("\x09\0\x08\0\0\0\1\0")},
          DIRECT}},
        {"DEVICE_TAKEN",
         "/soc/rtc@9000000 is guest's already",
         {{GUEST, ASKS, GONE}, {GUEST, "bulkhead,device-paths", TEXT(RTC "\0" RTC)}}},
        {"DEVICE_TAKEN",
         "/soc/rtc@9000000 is other's already",
         {SECOND, {OTHER, "bulkhead,device-paths", TEXT(RTC)}}},
        {"DEVICE_NEEDS",
         "gpio-keys: gpios names /soc/gpio@9030000: the domain has it not",
         {SECOND,
          {OTHER, "bulkhead,device-paths", TEXT(GPIO)},
          {GUEST, ASKS, GONE},
          {GUEST, "bulkhead,device-paths", TEXT("/gpio-keys")}}},
        {"RESTART_MASTER",
         "other can begin it anew, and virtio@a000000",
         {SECOND,
          VIRTIO,
          DIRECT,
          TRUSTED,
          {GUEST, "phandle", BYTES("\0\0\0\x63")},
          {OTHER, "bulkhead,controls", BYTES("\0\0\0\x63")}}},
        {"QUIESCE_OUTSIDE",
         "0xa000070 is no",
         {SECOND,
          DIRECT,
          TRUSTED,
          {OTHER, QUIESCE, BYTES("\0\0\0\0\x0a\0\0\x70\0\0\0\0")},
          {GUEST, ASKS, GONE},
          {GUEST, "bulkhead,device-paths", TEXT(ONE)}}},
        {"QUIESCE_WRITES",
         "pages of more than 2048 KiB",
         {{ONE, "reg", BYTES("\x0a\0\0\0\0\x30\0\0")},
          VIRTIO,
          DIRECT,
          TRUSTED,
          {GUEST, QUIESCE, BYTES("\0\0\0\0\x0a\0\0\x70\0\0\0\0")}}},
        {"MASTER_NOT_DIRECT",
         "rtc@9000000 writes",
         {{RTC, "compatible", TEXT("vendor,dma")}, TRUSTED}},
        {"RESTART_MASTER",
         "\"restart\", and virtio@a000000",
         {VIRTIO, DIRECT, TRUSTED, {GUEST, "bulkhead,on-reset", TEXT("restart")}}},
        {"RESTART_MASTER",
         "\"restart\", and virtio@a000000",
         {VIRTIO, DIRECT, TRUSTED, {GUEST, "bulkhead,on-failure", TEXT("restart")}}},
        {"RESTART_MASTER",
         "\"restart\", and virtio@a000000",
         {VIRTIO,
          DIRECT,
          TRUSTED,
          {GUEST, "bulkhead,on-reset", TEXT("restart")},
          {GUEST, QUIESCE, BYTES(ONE_QUIET "\0\0\0\0")}}},
        {"QUIESCE_OUTSIDE",
         "0xa001070 is no",
         {VIRTIO, DIRECT, TRUSTED, {GUEST, QUIESCE, BYTES("\0\0\0\0\x0a\0\x10\x70\0\0\0\0")}}},
        {"QUIESCE_OUTSIDE",
         "0xa000072 is no",
         {VIRTIO, DIRECT, TRUSTED, {GUEST, QUIESCE, BYTES("\0\0\0\0\x0a\0\0\x72\0\0\0\0")}}},
        {"QUIESCE_WRITES", "11 bytes", {{GUEST, QUIESCE, BYTES("\0\0\0\0\x0a\0\0\x72\0\0\0")}}},
        {"QUIESCE_WRITES", "0 bytes", {{GUEST, QUIESCE, EMPTY}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool found = false;

        assert_false(build(cases[i].change, CHANGES));
        for (uint32_t k = 0; k < plan.error_count; k++)
            found = found || (strcmp(plan_note_name(plan.error[k].name), cases[i].name) == 0 &&
                              strncmp(plan.error[k].message, cases[i].message,
                                      strlen(cases[i].message)) == 0);
        if (!found || plan.error_count != 1) {
            print_message("expected: %s: %s\n", cases[i].name, cases[i].message);
            fixture_print(&plan);
        }
        assert_true(found);
        assert_int_equal(plan.error_count, 1);
    }
}

/* A zero to Status of both transports: then it may begin anew, which it does if nothing is said. */
static void test_quiet(void **state)
{
    const struct fixture_change changes[CHANGES] = {
        VIRTIO,
        DIRECT,
        TRUSTED,
        {GUEST, QUIESCE, BYTES("\0\0\0\0\x0a\0\0\x70\0\0\0\0" ONE_QUIET "\0\0\0\1")},
    };

    (void)state;
    if (!build(changes, CHANGES))
        fixture_print(&plan);
    assert_int_equal(plan.error_count, 0);
    assert_true(plan.partition[0].on_reset);
    assert_int_equal(plan.partition[0].write_count, 2);
    assert_int_equal(plan.partition[0].write[0].host, 0xa000070);
    assert_int_equal(plan.partition[0].write[0].load, BH_MON_DEVICES + 0x70);
    assert_int_equal(plan.partition[0].write[0].value, 0);
    assert_int_equal(plan.partition[0].write[1].host, 0xa000270);
    assert_int_equal(plan.partition[0].write[1].load, BH_MON_DEVICES + 0x270);
    assert_int_equal(plan.partition[0].write[1].value, 1);
    assert_int_equal(plan.device[0].range[0].load, BH_MON_DEVICES);
}

/* Registers in two devices' pages: the monitor has one behind the other. */
static void test_quiet_pages(void **state)
{
    static const struct fixture_change changes[CHANGES] = {
        {GUEST, QUIESCE, BYTES("\0\0\0\0\x09\3\0\x10\0\0\0\0\0\0\0\0\x09\0\0\x1c\0\0\0\1")}};

    (void)state;
    assert_true(build(changes, CHANGES));
    assert_int_equal(plan.partition[0].write[0].load, BH_MON_DEVICES + 0x10);
    assert_int_equal(plan.partition[0].write[1].load, BH_MON_DEVICES + 0x1000 + 0x1c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written), cmocka_unit_test(test_one_page),
        cmocka_unit_test(test_beside),  cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_quiet),   cmocka_unit_test(test_quiet_pages),
    };

    return cmocka_run_group_tests_name("plan_devices", tests, NULL, NULL);
}
