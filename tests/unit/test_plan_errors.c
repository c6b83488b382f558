/* SPDX-License-Identifier: BSD-2-Clause */
/* Every mistake in a tree has its own message, which names the node and the property. One row is
 * one mistake. */
#include "plan_fixture.h"

#define A             "/chosen/linux-a"
#define KERNEL        A "/kernel"
#define RAMDISK       A "/ramdisk"
#define B             "/chosen/linux-b@1"
#define CONTROL       "/chosen/control"
#define MODULE        CONTROL "/module@44000000"
#define ONE_STRING(c) c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c

struct plan_case {
    struct fixture_change change;
    const char *path; /* of the note */
    const char *property;
    const char *message; /* how it begins */
};

/* In the system tree. */
static const struct plan_case errors[] = {
    {{A, "memory", GONE}, A, "memory", "missing"},
    {{A, "memory", BYTES("\0\0\0\1")}, A, "memory", "4 bytes long, must be 8"},
    {{A, "memory", BYTES("\0\0\0\0\0\0\0\0")}, A, "memory", "is 0"},
    {{A, "memory", BYTES("\0\0\0\0\0\0\0\5")}, A, "memory", "5 KiB is no multiple of 4 KiB"},
    {{A, "memory", BYTES("\0\0\0\0\0\0\0\4")},
     A,
     "memory",
     "4 KiB is less than its kernel's 24576"},
    {{CONTROL, "memory", BYTES("\0\0\0\0\0\0\0\4")},
     CONTROL,
     "memory",
     "4 KiB is less than its kernel's 32"},
    {{A, "memory", BYTES("\0\0\0\0\0\0\x60\0")},
     A,
     "memory",
     "24576 KiB leave no room for its ramdisk of"},
    {{A, "memory", BYTES("\0\0\0\0\0\x10\0\0")}, A, "memory", "1048576 KiB do not fit: "},
    {{A, "memory", BYTES("\0\0\0\x1\0\0\0\0")},
     A,
     "memory",
     "4294967296 KiB is more than a guest's"},
    {{A, "memory", BYTES("\xff\xff\xff\xff\xff\xff\xff\xfc")},
     A,
     "memory",
     "18446744073709551612 KiB"},
    {{A, "cpus", GONE}, A, "cpus", "missing"},
    {{A, "cpus", BYTES("\0\0\0\0")}, A, "cpus", "is 0"},
    {{A, "cpus", BYTES("\0\0\0\x9")}, A, "cpus", "9 is more than 8"},
    {{A, "cpus", BYTES("\xff\xff\xff\xff")}, A, "cpus", "4294967295 is more than 8"},
    {{A, "cpus", BYTES("\0\0\0\0\0\0\0\1")}, A, "cpus", "8 bytes long, must be 4"},
    {{A, "cpus", BYTES("\0\0\0\3")},
     "/chosen",
     "cpus",
     "the domains want 5 cores, the machine has 4"},
    {{A, "status", TEXT("dis")}, A, "status", "\"dis\" is neither okay nor disabled"},
    {{A, "status", BYTES("okay")}, A, "status", "is no terminated string"},
    {{A, "status", TEXT("okay\0okay")}, A, "status", "more than one string"},
    {{A, "nr_spis", BYTES("\0\0\3\xe8")}, A, "nr_spis", "1000 is more than 988"},
    {{A, "nr_spis", BYTES("\0\0\0\x40")}, A, "nr_spis", "more than 32: not supported yet"},
    {{A, "capabilities", BYTES("\0\0\0\7")}, A, "capabilities", "0x7: not supported yet"},
    {{A, "trap-unmapped-accesses", BYTES("\0\0\0\2")}, A, "trap-unmapped-accesses", "2 is neither"},
    {{A, "trap-unmapped-accesses", BYTES("\0\0\0\0")},
     A,
     "trap-unmapped-accesses",
     "0: not supported"},
    {{A, "xen,enhanced", TEXT("enabled")}, A, "xen,enhanced", "\"enabled\""},
    {{A, "xen,static-mem", BYTES("\0\0\0\1")}, A, "xen,static-mem", "not supported yet"},
    {{A, "direct-map", EMPTY}, A, "direct-map", "not supported yet"},
    {{A, "passthrough", TEXT("enabled")}, A, "passthrough", "not supported yet"},
    {{A, "llc-colors", TEXT("0-3")}, A, "llc-colors", "not supported yet"},
    {{A, "domain-cpupool", BYTES("\0\0\0\1")}, A, "domain-cpupool", "not supported yet"},
    {{A "/shm@1", "compatible", TEXT("xen,domain-shared-memory-v1")},
     A "/shm@1",
     "compatible",
     "\"xen,domain-shared-memory-v1\": not supported yet"},
    {{A "/evtchn@1", "compatible", TEXT("xen,evtchn-v1")},
     A "/evtchn@1",
     "compatible",
     "\"xen,evtchn-v1\": not supported yet"},
    {{A "/vcpu0", "compatible", TEXT("xen,vcpu")},
     A "/vcpu0",
     "compatible",
     "\"xen,vcpu\": not supported yet"},
    {{A "/fdt@1", "compatible", TEXT("multiboot,device-tree\0multiboot,module")},
     A "/fdt@1",
     "compatible",
     "\"multiboot,device-tree\": not supported yet"},
    {{"/chosen/pool", "compatible", TEXT("xen,cpupool")},
     "/chosen/pool",
     "compatible",
     "\"xen,cpupool\": not supported yet"},
    {{"/chosen/linux-a@2", "compatible", TEXT("xen,domain")},
     "/chosen/linux-a@2",
     "",
     "another domain has the same name"},
    {{"/chosen/a name", "compatible", TEXT("xen,domain")},
     "/chosen/a name",
     "",
     "name may contain only"},
    {{"/chosen/" ONE_STRING("x"), "compatible", TEXT("xen,domain")},
     "/chosen/" ONE_STRING("x"),
     "",
     "name longer than 31"},
    {{KERNEL, "compatible", TEXT("multiboot,kernel2")},
     KERNEL,
     "compatible",
     "\"multiboot,kernel2\" is unknown"},
    {{KERNEL, "compatible", TEXT("other")}, A, "", "has no kernel module"},
    {{KERNEL, "compatible", TEXT("multiboot,module")},
     KERNEL,
     "compatible",
     "neither multiboot,kernel nor"},
    {{KERNEL, "compatible", BYTES("multiboot,kernel")},
     KERNEL,
     "compatible",
     "is no list of terminated"},
    {{KERNEL, "status", TEXT("disabled")}, A, "", "has no kernel module"},
    {{RAMDISK, "compatible", TEXT("multiboot,kernel")},
     RAMDISK,
     "compatible",
     "the domain has a kernel already"},
    {{KERNEL, "bootargs", BYTES("quiet")}, KERNEL, "bootargs", "is no terminated string"},
    {{KERNEL, "bulkhead,image", GONE}, KERNEL, "reg", "missing"},
    {{KERNEL, "bulkhead,file", TEXT("linux")}, KERNEL, "bulkhead,file", "was not packed"},
    {{KERNEL, "reg", BYTES("\0\0\0\0\x44\0\0\0\0\0\x80\0")},
     KERNEL,
     "reg",
     "stands beside bulkhead,image"},
    {{KERNEL, "bulkhead,image", BYTES("\0\0\0\0\0\2\0\0")},
     KERNEL,
     "bulkhead,image",
     "8 bytes long, must be 16"},
    {{KERNEL, "bulkhead,image", BYTES("\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0")},
     KERNEL,
     "bulkhead,image",
     "offset 0x1000000 with size 0x1000000 is not in the bundle"},
    {{KERNEL, "bulkhead,image", BYTES("\xff\xff\xff\xff\xff\xff\xf0\0\0\0\0\0\0\0\x20\0")},
     KERNEL,
     "bulkhead,image",
     "offset 0xfffffffffffff000"},
    {{KERNEL, "bulkhead,image", BYTES("\0\0\0\0\0\2\0\0\0\0\0\0\0\0\0\0")},
     KERNEL,
     "bulkhead,image",
     "offset 0x20000 with size 0x0"},
    {{KERNEL, "bulkhead,image", BYTES("\0\0\0\0\0\2\0\1\0\0\0\0\0\0\x10\0")},
     KERNEL,
     "bulkhead,image",
     "0x40420001 is no multiple of 4 KiB"},
    {{KERNEL, "bulkhead,image", BYTES("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0")},
     KERNEL,
     "bulkhead,image",
     "overlaps the bundle's header"},
    {{KERNEL, "bulkhead,image", BYTES("\0\0\0\0\0\0\x20\0\0\0\0\0\0\0\x10\0")},
     KERNEL,
     "bulkhead,image",
     "overlaps the monitor's image"},
    {{KERNEL, "bulkhead,image", BYTES("\0\0\0\0\1\x94\x40\0\0\0\0\0\0\0\x10\0")},
     KERNEL,
     "bulkhead,image",
     "overlaps the system tree"},
    {{B "/kernel", "bulkhead,image", BYTES("\0\0\0\0\0\x03\0\0\0\0\0\0\0\0\x10\0")},
     B "/kernel",
     "bulkhead,image",
     "overlaps module kernel of linux-a"},
    {{RAMDISK, "bulkhead,image", BYTES("\0\0\0\0\0\x03\0\0\0\0\0\0\0\0\x10\0")},
     RAMDISK,
     "bulkhead,image",
     "overlaps module kernel of linux-a"},
    {{MODULE, "reg", GONE}, MODULE, "reg", "missing"},
    {{MODULE, "reg", BYTES("\0\0\0\0")}, MODULE, "reg", "4 bytes long, must be a multiple of 12"},
    {{MODULE, "reg", EMPTY}, MODULE, "reg", "0 bytes long"},
    {{MODULE, "reg", BYTES("\0\0\0\0\x44\0\0\0\0\0\x80\0\0\0\0\0\x45\0\0\0\0\0\x80\0")},
     MODULE,
     "reg",
     "2 ranges, must be one"},
    {{MODULE, "reg", BYTES("\0\0\0\0\x44\0\0\0\0\0\0\0")},
     MODULE,
     "reg",
     "0x44000000 with size 0x0 is no memory"},
    {{MODULE, "reg", BYTES("\xff\xff\xff\xff\xff\xff\xf0\0\0\0\x80\0")},
     MODULE,
     "reg",
     "0xfffffffffffff000"},
    {{MODULE, "reg", BYTES("\0\0\0\0\x44\0\0\4\0\0\x80\0")},
     MODULE,
     "reg",
     "0x44000004 is no multiple of 4 KiB"},
    {{MODULE, "reg", BYTES("\0\0\0\0\x40\x30\0\0\0\0\x80\0")},
     MODULE,
     "reg",
     "overlaps the separation kernel"},
    {{MODULE, "reg", BYTES("\0\0\0\0\x48\0\0\0\0\0\x80\0")},
     MODULE,
     "reg",
     "overlaps the hardware tree"},
    {{MODULE, "reg", BYTES("\0\0\0\0\x09\0\0\0\0\0\x80\0")},
     MODULE,
     "reg",
     "0x9000000 with size 0x8000 is not all in usable RAM"},
    {{MODULE, "reg", BYTES("\0\0\0\0\x7f\xef\xf0\0\0\0\x10\0")},
     MODULE,
     "reg",
     "0x7feff000 with size 0x1000 is not all"},
    {{MODULE, "reg", BYTES("\0\0\0\0\x7f\xff\xf0\0\0\0\x80\0")},
     MODULE,
     "reg",
     "0x7ffff000 with size 0x8000 is not all"},
    {{CONTROL, "#size-cells", BYTES("\0\0\0\0")},
     MODULE,
     "reg",
     "#address-cells or #size-cells is 0"},
    {{CONTROL, "#size-cells", BYTES("\0\0\0\3")}, CONTROL, "#size-cells", "3 is more than 2"},
    {{CONTROL, "#address-cells", BYTES("\0\1")},
     CONTROL,
     "#address-cells",
     "2 bytes long, must be 4"},
    {{CONTROL, "#address-cells", BYTES("\0\0\0\1")},
     MODULE,
     "reg",
     "12 bytes long, must be a multiple of 8"},
};

/* In the hardware tree. */
static const struct plan_case hardware_errors[] = {
    {{"/memory@40000000", "device_type", TEXT("other")},
     "/memory",
     "",
     "missing: the tree names no RAM"},
    {{"/memory@40000000", "reg", GONE}, "/memory@40000000", "reg", "missing"},
    {{"/memory@40000000", "reg", BYTES("\0\0\0\0")},
     "/memory@40000000",
     "reg",
     "4 bytes long, must be a multiple of 16"},
    {{"/memory@40000000", "reg", BYTES("\xff\xff\xff\xff\xff\xff\xf0\0\0\0\0\0\0\0\x20\0")},
     "/memory@40000000",
     "reg",
     "0xfffffffffffff000"},
    {{"/reserved-memory/firmware@7fe00000", "reg", BYTES("\0\0\0\0")},
     "/reserved-memory/firmware@7fe00000",
     "reg",
     "4 bytes long"},
    {{"/cpus/cpu@1", "reg", GONE}, "/cpus/cpu@1", "reg", "missing"},
    {{"/cpus/cpu@1", "reg", BYTES("\0\0\0\2\0\0\0\0")},
     "/cpus/cpu@1",
     "reg",
     "8 bytes long, must be 4"},
    {{"/cpus/cpu@1", "reg", BYTES("\x80\0\0\1")},
     "/cpus/cpu@1",
     "reg",
     "0x80000001 is no MPIDR affinity"},
    {{"/cpus/cpu@1", "reg", BYTES("\0\0\0\0")},
     "/cpus/cpu@1",
     "reg",
     "0x0 is another core's already"},
    {{"/cpus/cpu@0", "status", TEXT("disabled")},
     "/cpus",
     "",
     "the core that booted (affinity 0x0) is not there"},
    {{"/cpus/cpu@1", "status", TEXT("fail")},
     "/chosen",
     "cpus",
     "the domains want 4 cores, the machine has 3"},
    {{"/cpus/cpu@1", "enable-method", TEXT("spin-table")},
     "/chosen",
     "cpus",
     "the domains want 4 cores, the machine has 3"},
    {{"/psci", "method", TEXT("hvc")},
     "/chosen",
     "cpus",
     "the domains want 4 cores, the machine has 1"},
    {{"/psci", "method", GONE}, "/chosen", "cpus", "the domains want 4 cores, the machine has 1"},
    {{"/cpus", "#address-cells", BYTES("\0\0\0\0")},
     "/cpus",
     "#address-cells",
     "0 leaves no place"},
    {{"/cpus", "#address-cells", BYTES("\0\0\0\3")}, "/cpus", "#address-cells", "3 is more than 2"},
};

static const struct plan_case warnings[] = {
    {{A, "vpl011", TEXT("enabled")}, A, "vpl011", "its presence counts"},
    {{A, "sve", BYTES("\0\0\0\1")}, A, "sve", "has no meaning here"},
    {{A, "max_grant_frames", BYTES("\0\0\0\1")}, A, "max_grant_frames", "has no meaning here"},
    {{A, "memroy", BYTES("\0\0\0\1")}, A, "memroy", "unknown, ignored"},
    {{A "/extra", NULL, EMPTY}, A "/extra", "", "unknown node, ignored"},
    {{KERNEL, "load", BYTES("\0\0\0\1")}, KERNEL, "load", "unknown, ignored"},
    {{RAMDISK, "bootargs", TEXT("x")}, RAMDISK, "bootargs", "counts only on the kernel"},
    {{"/chosen/dom0", "compatible", TEXT("multiboot,kernel\0multiboot,module")},
     "/chosen/dom0",
     "",
     "a module outside any domain"},
};

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

static void plan_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        plan_run(&errors[i], false, true);
}

static void plan_hardware_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(hardware_errors) / sizeof(hardware_errors[0]); i++)
        plan_run(&hardware_errors[i], true, true);
}

static void plan_warnings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(warnings) / sizeof(warnings[0]); i++)
        plan_run(&warnings[i], false, false);
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
    assert_string_equal(text, "/chosen/control: direct-map: not supported yet");
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
        cmocka_unit_test(plan_errors),        cmocka_unit_test(plan_hardware_errors),
        cmocka_unit_test(plan_warnings),      cmocka_unit_test(plan_three_at_once),
        cmocka_unit_test(plan_overflow),      cmocka_unit_test(plan_needs_a_monitor),
        cmocka_unit_test(plan_long_bootargs),
    };

    return cmocka_run_group_tests_name("plan_errors", tests, NULL, NULL);
}
