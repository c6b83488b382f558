/* SPDX-License-Identifier: BSD-2-Clause */
/* One more of each thing than there is room for: told by name, and nothing is written over. And
 * what no source of a tree can say, but a tree can. */
#include "plan_system.h"

enum { LIMITS_ROOM = 0x40000 };

/* The fixture's trees, with room for much more. */
static int limits_setup(void **state)
{
    void **trees[] = {&hardware, &system_tree};

    system_setup(state);
    for (uint32_t i = 0; i < 2; i++) {
        void *large = malloc(LIMITS_ROOM);

        assert_int_equal(fdt_open_into(*trees[i], large, LIMITS_ROOM), 0);
        free(*trees[i]);
        *trees[i] = large;
    }
    return 0;
}

static bool has(const struct plan_note *notes, uint32_t count, enum plan_note_name name)
{
    for (uint32_t i = 0; i < count; i++)
        if (notes[i].name == name)
            return true;
    return false;
}

static bool plan_has(enum plan_note_name name)
{
    fixture_build(&plan, &facts, hardware, system_tree);
    return has(plan.error, plan.error_count < PLAN_ERRORS ? plan.error_count : PLAN_ERRORS, name) ||
           has(plan.warning,
               plan.warning_count < PLAN_WARNINGS ? plan.warning_count : PLAN_WARNINGS, name);
}

static void set_string(void *tree, int node, const char *property, const char *value)
{
    assert_int_equal(fdt_setprop(tree, node, property, value, (int)strlen(value) + 1), 0);
}

/* They have no kernels: one mistake each. */
/* The fixture's machine has four. */
static void add_cores(uint32_t first, uint32_t count)
{
    char name[16];

    for (uint32_t i = first; i < count; i++) {
        int node;

        snprintf(name, sizeof(name), "cpu@%u", i);
        node = fdt_add_subnode(hardware, fdt_path_offset(hardware, "/cpus"), name);
        set_string(hardware, node, "device_type", "cpu");
        set_string(hardware, node, "enable-method", "psci");
        assert_int_equal(fdt_setprop_u32(hardware, node, "reg", i), 0);
    }
}

static void limits_domains(void **state)
{
    char name[16];

    (void)state;
    for (uint32_t i = 3; i <= PLAN_PARTITIONS; i++) {
        int node;

        assert_false(plan_has(NOTE_DOMAINS_MANY));
        snprintf(name, sizeof(name), "n%u", i);
        node = fdt_add_subnode(system_tree, fdt_path_offset(system_tree, "/chosen"), name);
        assert_true(node >= 0);
        set_string(system_tree, node, "compatible", "xen,domain");
        assert_int_equal(fdt_setprop_u64(system_tree, node, "memory", 0x1000), 0);
        assert_int_equal(fdt_setprop_u32(system_tree, node, "cpus", 1), 0);
    }
    assert_true(plan_has(NOTE_DOMAINS_MANY));
    assert_int_equal(plan.partition_count, PLAN_PARTITIONS);
}

/* The ninth core stays unused, which is no mistake. */
static void limits_cores(void **state)
{
    (void)state;
    add_cores(4, PLAN_CORES);
    assert_false(plan_has(NOTE_CPU_MANY));
    add_cores(PLAN_CORES, PLAN_CORES + 1);
    assert_true(plan_has(NOTE_CPU_MANY));
    assert_int_equal(plan.core_count, PLAN_CORES);
    assert_int_equal(plan.error_count, 0);
}

/* RAM in so many more pieces, above what is there. */
static void limits_ram(uint32_t pieces)
{
    fdt64_t *reg = malloc((pieces + 1) * 16);
    int node = fdt_path_offset(hardware, "/memory@40000000");

    reg[0] = reg[1] = cpu_to_fdt64(0x40000000);
    for (uint32_t i = 1; i <= pieces; i++) {
        reg[2 * i] = cpu_to_fdt64(0x100000000 + 0x10000ull * i);
        reg[2 * i + 1] = cpu_to_fdt64(PAGE_SIZE);
    }
    assert_int_equal(fdt_setprop(hardware, node, "reg", reg, (int)(pieces + 1) * 16), 0);
    free(reg);
}

static void limits_pieces(void **state)
{
    (void)state;
    limits_ram(RANGES_MAX);
    assert_true(plan_has(NOTE_HARDWARE_PIECES));
    limits_ram(1024);
    assert_true(plan_has(NOTE_RANGES_MANY));
}

/* What is taken out of the RAM leaves pieces: there is a number of banks from which on it is these
 * that are too many, and that is said, not that the memory is too little. */
static void limits_cut(void **state)
{
    uint32_t count = RANGES_MAX - 16;

    (void)state;
    for (; count < RANGES_MAX; count++) {
        limits_ram(count);
        if (plan_has(NOTE_PIECES_MANY))
            break;
        expect_plan();
    }
    assert_in_range(count, RANGES_MAX - 15, RANGES_MAX - 1);
    assert_false(plan_has(NOTE_MEMORY_NO_ROOM));
    limits_ram(count + 4);
    assert_true(plan_has(NOTE_HARDWARE_PIECES));
}

/* An area that every domain has. */
static void add_shared(uint32_t domains, uint32_t number)
{
    char name[16];
    char path[64];

    for (uint32_t i = 0; i < domains; i++) {
        const fdt32_t where[] = {0, cpu_to_fdt32(0x70000000 + number * 0x1000),
                                 cpu_to_fdt32(0x1000)};
        int node;

        snprintf(path, sizeof(path), "/chosen/n%u", i);
        snprintf(name, sizeof(name), "area-%u", number);
        node = fdt_add_subnode(system_tree, fdt_path_offset(system_tree, path), name);
        assert_true(node >= 0);
        set_string(system_tree, node, "compatible", "xen,domain-shared-memory-v1");
        set_string(system_tree, node, "xen,shm-id", name);
        assert_int_equal(fdt_setprop(system_tree, node, "xen,shared-mem", where, sizeof(where)), 0);
    }
}

/* Eight domains with modules of their own, and areas of all of them until the manager's table of
 * capabilities is full. */
static void limits_slots(void **state)
{
    static const char *const old[] = {"/chosen/linux-a", "/chosen/linux-b@1", "/chosen/control"};
    char path[64];
    uint32_t areas = 0;

    (void)state;
    add_cores(4, PLAN_CORES);
    while (facts.root_count < 32) { /* the machine's memory is in many ranges */
        facts.root[facts.root_count] =
            (struct range){0x100000000000 + (facts.root_count * 2ull << 30), PAGE_SIZE};
        facts.root_count++;
    }
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(fdt_del_node(system_tree, fdt_path_offset(system_tree, old[i])), 0);
    for (uint32_t i = 0; i < PLAN_CORES; i++) {
        const fdt64_t image[] = {cpu_to_fdt64(0x20000 + i * 0x20000), cpu_to_fdt64(0x10000)};
        const fdt64_t module[] = {cpu_to_fdt64(0x30000 + i * 0x20000), cpu_to_fdt64(0x10000)};
        int node = fdt_path_offset(system_tree, "/chosen");

        snprintf(path, sizeof(path), "n%u", i);
        node = fdt_add_subnode(system_tree, node, path);
        set_string(system_tree, node, "compatible", "xen,domain");
        assert_int_equal(fdt_setprop_u64(system_tree, node, "memory", 0x1000), 0);
        assert_int_equal(fdt_setprop_u32(system_tree, node, "cpus", 1), 0);
        node = fdt_add_subnode(system_tree, node, "kernel");
        set_string(system_tree, node, "compatible", "multiboot,kernel");
        assert_int_equal(fdt_setprop(system_tree, node, "bulkhead,image", image, 16), 0);
        snprintf(path, sizeof(path), "/chosen/n%u", i);
        node = fdt_add_subnode(system_tree, fdt_path_offset(system_tree, path), "ramdisk");
        set_string(system_tree, node, "compatible", "multiboot,ramdisk");
        assert_int_equal(fdt_setprop(system_tree, node, "bulkhead,image", module, 16), 0);
    }
    while (!plan_has(NOTE_SLOTS_MANY) && areas < PLAN_SHARED) {
        assert_int_equal(plan.error_count, 0);
        add_shared(PLAN_CORES, areas++);
    }
    assert_int_equal(plan.error_count, 1);
    assert_int_equal(plan.error[0].name, NOTE_SLOTS_MANY);
    assert_true(areas > 16);
}

/* A guest's tree has what stands in its passthrough tree. */
static void limits_guest_tree(void **state)
{
    static uint64_t fragment[2 * PLAN_GUEST_TREE / 8];
    static uint8_t text[PLAN_GUEST_TREE];
    const fdt64_t image[] = {cpu_to_fdt64(0x1945000), cpu_to_fdt64(sizeof(fragment))};
    int node;

    (void)state;
    assert_int_equal(fdt_create_empty_tree(fragment, sizeof(fragment)), 0);
    node = fdt_add_subnode(fragment, 0, "passthrough");
    assert_int_equal(fdt_setprop(fragment, node, "large", text, sizeof(text) / 2), 0);
    facts.bundle.size += sizeof(fragment);
    fixture_files[0] = (struct fixture_file){0x40400000 + 0x1945000, (const uint8_t *)fragment};
    node = fdt_add_subnode(system_tree, fdt_path_offset(system_tree, "/chosen/control"), "devices");
    set_string(system_tree, node, "compatible", "multiboot,device-tree");
    assert_int_equal(fdt_setprop(system_tree, node, "bulkhead,image", image, sizeof(image)), 0);
    assert_false(plan_has(NOTE_GUEST_TREE_LARGE));
    node = fdt_subnode_offset(fragment, 0, "passthrough");
    assert_int_equal(fdt_setprop(fragment, node, "large", text, sizeof(text)), 0);
    assert_true(plan_has(NOTE_GUEST_TREE_LARGE));
    assert_int_equal(plan.error_count, 1);
}

static void limits_cores_nowhere(void **state)
{
    (void)state;
    assert_int_equal(fdt_del_node(hardware, fdt_path_offset(hardware, "/cpus")), 0);
    assert_true(plan_has(NOTE_CPUS_NODE_MISSING));
}

static void limits_reserve(void **state)
{
    (void)state;
    assert_int_equal(fdt_add_mem_rsv(hardware, 0xfffffffffffff000, 0x2000), 0);
    assert_true(plan_has(NOTE_RESERVE_RANGE));
}

/* dtc would not write such a name. */
static void limits_name(void **state)
{
    (void)state;
    assert_int_equal(
        fdt_set_name(system_tree, fdt_path_offset(system_tree, "/chosen/linux-a"), "@7"), 0);
    assert_true(plan_has(NOTE_NAME_MISSING));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, limits_setup, system_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(limits_domains),       TEST(limits_cores),   TEST(limits_pieces),
        TEST(limits_cut),           TEST(limits_slots),   TEST(limits_guest_tree),
        TEST(limits_cores_nowhere), TEST(limits_reserve), TEST(limits_name),
    };

    return cmocka_run_group_tests_name("plan_limits", tests, NULL, NULL);
}
