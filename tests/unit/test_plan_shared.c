/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared memory in the plan: who has what where, and every mistake that the nodes can have. */
#include "guest_tree.h"
#include "plan_links.h"

#define SHM  "xen,domain-shared-memory-v1"
#define SA   A "/shm"
#define SB   B "/shm@2"
#define MEM  "xen,shared-mem"
#define ID   "xen,shm-id"
#define HEX4 "\0\0\0\0" /* the upper cell of an address */

/* <host guest size> and <guest size>: the domains have two cells for addresses and one for sizes.
 */
#define FIXED(host, guest, size) BYTES(HEX4 host HEX4 guest size)
#define LOOSE(guest, size)       BYTES(HEX4 guest size)

static const struct fixture_change good[] = {
    {SA, "compatible", TEXT(SHM)},
    {SA, ID, TEXT("ring")},
    {SA, MEM, FIXED("\x50\0\0\0", "\x60\0\0\0", "\0\1\0\0")},
    {SA, "role", TEXT("owner")},
    {SB, "compatible", TEXT(SHM)},
    {SB, ID, TEXT("ring")},
    {SB, MEM, FIXED("\x50\0\0\0", "\x70\0\0\0", "\0\1\0\0")},
};

static bool build(const struct fixture_change *changes)
{
    const struct plan_facts facts = fixture_facts();

    return links_build(&facts, good, sizeof(good) / sizeof(good[0]), changes);
}

static void test_area(void **state)
{
    const struct plan_shared *area = &plan.shared[0];

    (void)state;
    build(NULL);
    assert_int_equal(plan.shared_count, 1);
    assert_string_equal(area->id, "ring");
    assert_int_equal(area->host, 0x50000000);
    assert_int_equal(area->size, 0x10000);
    assert_true(area->fixed && !area->cacheable);
    assert_int_equal(area->peer_count, 2);
    assert_int_equal(area->peer[0].partition, 0);
    assert_int_equal(area->peer[0].role, PLAN_OWNER);
    assert_int_equal(area->peer[0].guest, 0x60000000);
    assert_int_equal(area->peer[1].partition, 1);
    assert_int_equal(area->peer[1].role, PLAN_BORROWER); /* when nothing is said */
    assert_int_equal(area->peer[1].guest, 0x70000000);
    assert_int_equal(plan.warning_count, 0);
    for (uint32_t i = 0; i < plan.partition_count; i++) {
        const struct plan_bank *bank = &plan.partition[i].bank[0];
        const struct range ram = {bank->host, bank->size};
        const struct range host = {area->host, area->size};

        assert_false(range_overlaps(&ram, &host));
    }
}

static void expect_cells(const void *tree, int node, const char *property, const uint32_t *cells,
                         int count)
{
    int length = 0;
    const fdt32_t *value = fdt_getprop(tree, node, property, &length);

    assert_non_null(value);
    assert_int_equal(length, count * 4);
    for (int i = 0; i < count; i++)
        assert_int_equal(fdt32_ld(&value[i]), cells[i]);
}

/* What a peer is told of the area. */
static void expect_node(uint32_t partition, const char *path, uint32_t guest, uint32_t size,
                        const char *role, bool cacheable)
{
    static uint64_t tree[PLAN_GUEST_TREE / 8];
    int node;

    assert_true(guest_tree_write(&plan, partition, tree, sizeof(tree)) > 0);
    assert_int_equal(fdt_check_full(tree, sizeof(tree)), 0);
    node = fdt_path_offset(tree, "/reserved-memory");
    expect_cells(tree, node, "#address-cells", (uint32_t[]){2}, 1);
    expect_cells(tree, node, "#size-cells", (uint32_t[]){2}, 1);
    expect_cells(tree, node, "ranges", NULL, 0);
    node = fdt_path_offset(tree, path);
    assert_true(node > 0);
    assert_int_equal(fdt_node_check_compatible(tree, node, "xen,shared-memory-v1"), 0);
    expect_cells(tree, node, "reg", (uint32_t[]){0, guest, 0, size}, 4);
    expect_cells(tree, node, "xen,offset", (uint32_t[]){0, 0}, 2);
    expect_cells(tree, node, "no-map", NULL, 0);
    assert_string_equal(fdt_getprop(tree, node, "xen,id", NULL), "ring");
    assert_string_equal(fdt_getprop(tree, node, "bulkhead,role", NULL), role);
    assert_int_equal(fdt_getprop(tree, node, "bulkhead,cacheable", NULL) != NULL, cacheable);
}

static void test_guest_trees(void **state)
{
    static const struct fixture_change changes[LINKS_CHANGES] = {
        {SA, "bulkhead,cacheable", EMPTY},
        {SB, "bulkhead,cacheable", EMPTY},
        {SB, "role", TEXT("reader")},
    };
    static uint64_t tree[PLAN_GUEST_TREE / 8];

    (void)state;
    assert_true(build(NULL));
    expect_node(0, "/reserved-memory/xen-shmem@60000000", 0x60000000, 0x10000, "owner", false);
    expect_node(1, "/reserved-memory/xen-shmem@70000000", 0x70000000, 0x10000, "borrower", false);
    assert_true(guest_tree_write(&plan, 2, tree, sizeof(tree)) > 0);
    assert_true(fdt_path_offset(tree, "/reserved-memory") < 0); /* of whom has none */
    assert_true(build(changes));
    expect_node(1, "/reserved-memory/xen-shmem@70000000", 0x70000000, 0x10000, "reader", true);
}

/* Without a host address the policy finds one, apart from everything else. */
static void test_placed(void **state)
{
    static const struct fixture_change changes[LINKS_CHANGES] = {
        {SA, MEM, LOOSE("\x60\0\0\0", "\0\x20\0\0")},
        {SB, MEM, LOOSE("\x60\0\0\0", "\0\x20\0\0")},
        {SA, "bulkhead,cacheable", EMPTY},
        {SB, "bulkhead,cacheable", EMPTY},
        {SB, "role", TEXT("reader")},
    };
    const struct plan_shared *area = &plan.shared[0];
    const struct range *host;

    (void)state;
    build(changes);
    assert_int_equal(plan.shared_count, 1);
    assert_true(!area->fixed && area->cacheable);
    assert_int_equal(area->size, 0x200000);
    assert_int_equal(area->host % BLOCK_SIZE, 0);
    assert_int_equal(area->peer[1].role, PLAN_READER);
    host = &(struct range){area->host, area->size};
    for (uint32_t i = 0; i < plan.partition_count; i++) {
        const struct plan_partition *partition = &plan.partition[i];
        const struct range taken[] = {
            {partition->bank[0].host, partition->bank[0].size},
            range_pages(partition->kernel.host, partition->kernel.size),
            {partition->monitor_host, fixture_facts().monitor_ram},
            {partition->config_host, PLAN_CONFIG_SIZE + PLAN_GUEST_TREE},
        };

        for (size_t k = 0; k < sizeof(taken) / sizeof(taken[0]); k++)
            assert_false(range_overlaps(&taken[k], host));
    }
}

/* A disabled node does not count, and its domain's neighbour is alone. */
static void test_disabled(void **state)
{
    static const struct fixture_change changes[LINKS_CHANGES] = {
        {SB, "status", TEXT("disabled")},
    };

    (void)state;
    build(changes);
    assert_int_equal(plan.shared[0].peer_count, 1);
    assert_int_equal(plan.warning_count, 1);
    assert_string_equal(plan_note_name(plan.warning[0].name), "SHARED_ALONE");
}

static void test_mistakes(void **state)
{
    static const struct link_case cases[] = {
        {"SHARED_ID_MISSING", SA, ID, "missing", {{SA, ID, GONE}}},
        {"SHARED_ID_LENGTH", SA, ID, "0 characters", {{SA, ID, TEXT("")}, {SB, ID, TEXT("")}}},
        {"SHARED_ID_LENGTH", SB, ID, "16 characters", {{SB, ID, TEXT("0123456789abcdef")}}},
        {"STRING_BAD", SB, ID, "is no terminated string", {{SB, ID, BYTES("ring")}}},
        {"STRING_BAD", SB, ID, "begins with zero", {{SB, ID, BYTES("\0\0\0\1")}}},
        {"SHARED_RANGE", SA, MEM, "missing", {{SA, MEM, GONE}}},
        {"SHARED_RANGE", SA, MEM, "4 bytes long, must be 20", {{SA, MEM, BYTES("\0\0\0\1")}}},
        {"CELLS_NO_RANGE",
         CONTROL "/shm",
         MEM,
         "#address-cells or #size-cells is 0",
         {{CONTROL "/shm", "compatible", TEXT(SHM)},
          {CONTROL "/shm", ID, TEXT("own")},
          {CONTROL "/shm", MEM, BYTES("\0\0\0\1")},
          {CONTROL, "#size-cells", BYTES("\0\0\0\0")}}},
        {"RANGE_BAD",
         SA,
         MEM,
         "0x60000000 with size 0x0 is no memory range",
         {{SA, MEM, FIXED("\x50\0\0\0", "\x60\0\0\0", "\0\0\0\0")}}},
        {"RANGE_BAD",
         SA,
         MEM,
         "0xffffffff50000000 with size 0x10000",
         {{SA, MEM, BYTES("\xff\xff\xff\xff\x50\0\0\0\0\0\0\0\x60\0\0\0\0\1\0\0")}}},
        {"SHARED_ALIGNMENT",
         SA,
         MEM,
         "host 0x50000800,",
         {{SA, MEM, FIXED("\x50\0\x8\0", "\x60\0\0\0", "\0\1\0\0")}}},
        {"SHARED_ALIGNMENT",
         SB,
         MEM,
         "host 0x50000000, guest 0x70000001,",
         {{SB, MEM, FIXED("\x50\0\0\0", "\x70\0\0\1", "\0\1\0\0")}}},
        {"SHARED_ALIGNMENT",
         SB,
         MEM,
         "host 0x50000000, guest 0x70000000, size 0x10200",
         {{SB, MEM, FIXED("\x50\0\0\0", "\x70\0\0\0", "\0\1\2\0")}}},
        {"WORD_UNKNOWN", SB, "role", "\"renter\"", {{SB, "role", TEXT("renter")}}},
        {"SHARED_DISAGREE",
         SB,
         MEM,
         "of \"ring\" linux-a says that it is 0x10000 bytes at 0x5000",
         {{SB, MEM, FIXED("\x50\0\0\0", "\x70\0\0\0", "\0\0\x80\0")}}},
        {"SHARED_DISAGREE",
         SB,
         MEM,
         "of \"ring\" linux-a says",
         {{SB, MEM, FIXED("\x51\0\0\0", "\x70\0\0\0", "\0\1\0\0")}}},
        {"SHARED_DISAGREE",
         SB,
         MEM,
         "of \"ring\" linux-a says",
         {{SB, MEM, LOOSE("\x70\0\0\0", "\0\1\0\0")}}},
        {"SHARED_DISAGREE",
         SB,
         MEM,
         "of \"ring\" linux-a says that it is 0x10000 bytes anywhere",
         {{SA, MEM, LOOSE("\x60\0\0\0", "\0\1\0\0")}}},
        {"SHARED_DISAGREE",
         SB,
         "bulkhead,cacheable",
         "of \"ring\" linux-a says otherwise",
         {{SB, "bulkhead,cacheable", EMPTY}}},
        {"SHARED_TWICE",
         SA,
         ID,
         "the domain has \"ring\" already",
         {{A "/more", "compatible", TEXT(SHM)},
          {A "/more", ID, TEXT("ring")},
          {A "/more", MEM, FIXED("\x50\0\0\0", "\x70\0\0\0", "\0\1\0\0")}}},
        {"SHARED_OWNER_TWICE",
         SB,
         "role",
         "linux-a is the owner of \"ring\" already",
         {{SB, "role", TEXT("owner")}}},
        {"SHARED_OVERLAP",
         SB,
         MEM,
         "0x10000 bytes at 0x50008000 overlap \"ring\", 0x10000 bytes at",
         {{SB, ID, TEXT("other")}, {SB, MEM, FIXED("\x50\0\x80\0", "\x70\0\0\0", "\0\1\0\0")}}},
        {"SHARED_NO_RAM",
         SA,
         MEM,
         "0x10000 bytes at 0x9000000 are not all in usable RAM",
         {{SA, MEM, FIXED("\x09\0\0\0", "\x60\0\0\0", "\0\1\0\0")},
          {SB, MEM, FIXED("\x09\0\0\0", "\x70\0\0\0", "\0\1\0\0")}}},
        {"SHARED_NO_RAM",
         SA,
         MEM,
         "0x10000 bytes at 0x40200000 are not all in usable RAM",
         {{SA, MEM, FIXED("\x40\x20\0\0", "\x60\0\0\0", "\0\1\0\0")},
          {SB, MEM, FIXED("\x40\x20\0\0", "\x70\0\0\0", "\0\1\0\0")}}},
        {"SHARED_NO_RAM",
         SA,
         MEM,
         "0x10000 bytes at 0x7fe00000 are not all",
         {{SA, MEM, FIXED("\x7f\xe0\0\0", "\x60\0\0\0", "\0\1\0\0")},
          {SB, MEM, FIXED("\x7f\xe0\0\0", "\x70\0\0\0", "\0\1\0\0")}}},
        {"SHARED_TAKEN",
         SA,
         MEM,
         "0x10000 bytes at 0x44000000 overlap a module",
         {{SA, MEM, FIXED("\x44\0\0\0", "\x60\0\0\0", "\0\1\0\0")},
          {SB, MEM, FIXED("\x44\0\0\0", "\x70\0\0\0", "\0\1\0\0")}}},
        {"SHARED_TAKEN",
         SA,
         MEM,
         "0x10000 bytes at 0x40400000 overlap the bundle",
         {{SA, MEM, FIXED("\x40\x40\0\0", "\x60\0\0\0", "\0\1\0\0")},
          {SB, MEM, FIXED("\x40\x40\0\0", "\x70\0\0\0", "\0\1\0\0")}}},
        {"SHARED_TAKEN",
         SA,
         MEM,
         "0x10000 bytes at 0x48000000 overlap the hardware tree",
         {{SA, MEM, FIXED("\x48\0\0\0", "\x60\0\0\0", "\0\1\0\0")},
          {SB, MEM, FIXED("\x48\0\0\0", "\x70\0\0\0", "\0\1\0\0")}}},
        {"SHARED_TAKEN",
         SA,
         MEM,
         "0x10000 bytes at 0x50000000 overlap static memory of a domain",
         {{CONTROL, "xen,static-mem", BYTES("\0\0\0\0\x4f\x80\0\0\1\0\0\0")}}},
        {"SHARED_NO_ROOM",
         SA,
         MEM,
         "no RAM is left for its 1048576 KiB",
         {{SA, MEM, LOOSE("\x60\0\0\0", "\x40\0\0\0")},
          {SB, MEM, LOOSE("\x60\0\0\0", "\x40\0\0\0")}}},
        {"TABLES_MANY", /* by pages: in the machine it lies elsewhere in a block */
         B,
         "memory",
         "the system needs about",
         {{SA, MEM, LOOSE("\x60\0\x10\0", "\x10\0\0\0")},
          {SB, MEM, LOOSE("\x70\0\x10\0", "\x10\0\0\0")}}},
        {"GUEST_ADDRESS_TAKEN",
         SA,
         MEM,
         "guest address 0x4fff0000 with size 0x10000 meets its RAM at 0x40000000",
         {{SA, MEM, FIXED("\x50\0\0\0", "\x4f\xff\0\0", "\0\1\0\0")}}},
        {"GUEST_ADDRESS_TAKEN",
         SA,
         MEM,
         "guest address 0x9000000 with size 0x10000 meets its UART",
         {{SA, MEM, FIXED("\x50\0\0\0", "\x09\0\0\0", "\0\1\0\0")}}},
        {"GUEST_ADDRESS_TAKEN",
         SB,
         MEM,
         "guest address 0x80a0000 with size 0x10000 meets its interrupt controller",
         {{SB, MEM, FIXED("\x50\0\0\0", "\x08\x0a\0\0", "\0\1\0\0")}}},
        {"GUEST_ADDRESS_TAKEN",
         SB,
         MEM,
         "guest address 0xb000000 with size 0x10000 meets its control page",
         {{SB, MEM, FIXED("\x50\0\0\0", "\x0b\0\0\0", "\0\1\0\0")},
          {B, "capabilities", BYTES("\0\0\0\1")}}},
        {"GUEST_ADDRESS_TAKEN",
         SB,
         MEM,
         "guest address 0x1000000 with size 0x10000 meets a module in the flash at 0x1008000",
         {{SB, MEM, FIXED("\x50\0\0\0", "\x01\0\0\0", "\0\1\0\0")},
          {B "/more", "compatible", TEXT("multiboot,module")},
          {B "/more", "bulkhead,image", BYTES("\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\x10\0")},
          {B "/more", "bulkhead,load", BYTES("\x01\0\x80\0")}}},
        {"GUEST_ADDRESS_TAKEN",
         SB,
         MEM,
         "guest address 0x97f8000 with size 0x10000 meets its watchdog",
         {{SB, MEM, FIXED("\x50\0\0\0", "\x09\x7f\x80\0", "\0\1\0\0")}}},
        {"GUEST_ADDRESS_TAKEN",
         SA,
         MEM,
         "guest address 0x60000000 with size 0x10000 meets other at 0x6000f000",
         {{A "/more", "compatible", TEXT(SHM)},
          {A "/more", ID, TEXT("other")},
          {A "/more", MEM, FIXED("\x51\0\0\0", "\x60\0\xf0\0", "\0\0\x10\0")}}},
        {"GUEST_ADDRESS_RANGE",
         SA,
         MEM,
         "guest address 0xfffffff000 with size 0x10000 is beyond its 40 bits",
         {{SA, MEM, BYTES("\0\0\0\0\x50\0\0\0\0\0\0\xff\xff\xff\xf0\0\0\1\0\0")}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_false(build(cases[i].change));
        links_expect_error(&cases[i]);
    }
    /* Who has the area with it is known only when that node is right. */
    assert_false(build((const struct fixture_change[LINKS_CHANGES]){{SB, MEM, GONE}}));
    assert_int_equal(plan.warning_count, 0);
}

static void test_warnings(void **state)
{
    static const struct link_case cases[] = {
        {"SHARED_ALONE",
         SB,
         ID,
         "no other domain has \"mine\"",
         {{SB, ID, TEXT("mine")}, {SB, MEM, LOOSE("\x70\0\0\0", "\0\1\0\0")}}},
        {"SHARED_NO_WRITER",
         SA,
         "role",
         "nobody may write to \"ring\"",
         {{SA, "role", TEXT("reader")}, {SB, "role", TEXT("reader")}}},
        {"FLAG_VALUE",
         SA,
         "bulkhead,cacheable",
         "its presence counts",
         {{SA, "bulkhead,cacheable", TEXT("yes")}, {SB, "bulkhead,cacheable", EMPTY}}},
        {"PROPERTY_UNKNOWN", SA, "xen,offset", "unknown, ignored", {{SA, "xen,offset", EMPTY}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        build(cases[i].change);
        if (!links_has(plan.warning, plan.warning_count, &cases[i]))
            fixture_print(&plan);
        assert_true(links_has(plan.warning, plan.warning_count, &cases[i]));
    }
}

/* One area more than there is room for. */
static void test_many(void **state)
{
    const struct plan_facts facts = fixture_facts();
    void *hardware = fixture_tree("virt");
    void *system = fixture_tree("system");

    (void)state;
    for (uint32_t i = 0; i <= PLAN_SHARED; i++) {
        char path[40], name[16], memory[12] = {0};

        snprintf(path, sizeof(path), A "/shm@%u", i);
        snprintf(name, sizeof(name), "area-%u", i);
        memory[4] = 0x60;
        memory[5] = (char)i;
        memory[10] = 0x10;
        fixture_change(system, &(struct fixture_change){path, "compatible", TEXT(SHM)});
        fixture_change(system, &(struct fixture_change){path, ID, name, (int)strlen(name) + 1});
        fixture_change(system, &(struct fixture_change){path, MEM, memory, sizeof(memory)});
    }
    assert_false(fixture_build(&plan, &facts, hardware, system));
    assert_int_equal(plan.shared_count, PLAN_SHARED);
    assert_int_equal(plan.error_count, 1);
    assert_string_equal(plan_note_name(plan.error[0].name), "SHARED_MANY");
    free(hardware);
    free(system);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_area),     cmocka_unit_test(test_guest_trees),
        cmocka_unit_test(test_placed),   cmocka_unit_test(test_disabled),
        cmocka_unit_test(test_mistakes), cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests_name("plan_shared", tests, NULL, NULL);
}
