/* SPDX-License-Identifier: BSD-2-Clause */
/* The plan of good trees: who gets what, that nothing overlaps, and that the same input gives the
 * same plan. */
#include "plan_fixture.h"
#include <bulkhead/call.h>

/* What follows a reset and a failure, as the tree says and without a word. */
static void plan_lives(const struct plan *plan)
{
    const struct plan_partition *a = &plan->partition[0];
    const struct plan_partition *b = &plan->partition[1];
    const struct plan_partition *control = &plan->partition[2];

    assert_true(a->on_reset && !a->stays && !a->strict);
    assert_int_equal(a->on_failure, BH_FAILURE_STOP);
    assert_int_equal(a->budget, 5);
    assert_int_equal(a->period, 60);
    assert_int_equal(b->on_failure, BH_FAILURE_RESTART);
    assert_int_equal(b->budget, 7);
    assert_int_equal(b->period, 3600);
    assert_true(!control->on_reset && control->stays && control->strict);
    assert_int_equal(control->on_failure, BH_FAILURE_PLATFORM);
    assert_int_equal(plan->on_end, BH_PLATFORM_RESET);
}

static void plan_demo(void **state)
{
    struct plan_facts facts = fixture_facts();
    void *hardware = fixture_tree("virt");
    void *system = fixture_tree("system");
    struct plan *plan = malloc(sizeof(*plan));
    const struct plan_partition *a = &plan->partition[0];
    const struct plan_partition *b = &plan->partition[1];
    const struct plan_partition *control = &plan->partition[2];

    (void)state;
    if (!fixture_build(plan, &facts, hardware, system))
        fixture_print(plan);
    assert_int_equal(plan->error_count, 0);
    assert_int_equal(plan->warning_count, 0);
    assert_int_equal(plan->partition_count, 3);
    assert_int_equal(plan->core_count, 4);
    assert_int_equal(plan->gic, 3);
    assert_int_equal(plan->gicv.size, 0);

    assert_string_equal(a->name, "linux-a");
    assert_int_equal(a->vcpus, 2);
    assert_int_equal(a->core[0], 0);
    assert_int_equal(a->core[1], 1);
    assert_true(a->uart);
    assert_string_equal(a->bootargs, "console=ttyAMA0");
    assert_int_equal(a->ram_size, 256 << 20);
    assert_int_equal(a->bank[0].host % BLOCK_SIZE, 0);
    assert_int_equal(a->kernel.host, 0x40420000);
    assert_int_equal(a->kernel.size, 0x1800000);
    assert_int_equal(a->ramdisk.host, 0x41c20000);
    assert_int_equal(a->ramdisk.size, 0x123456);
    assert_int_equal(a->tree_guest, 0x4fe00000);
    assert_int_equal(a->ramdisk_guest, 0x4fcdc000);

    assert_string_equal(b->name, "linux-b"); /* without the unit address */
    assert_int_equal(b->core[0], 2);
    assert_false(b->uart);
    assert_false(a->lenient);
    assert_true(b->lenient);
    assert_int_equal(a->watchdog, BH_MON_WATCHDOG_NONE);
    assert_int_equal(b->watchdog, BH_MON_WATCHDOG_SP805);
    assert_int_equal(a->watchdog_start, 0);
    assert_int_equal(b->watchdog_start, 3600);
    assert_int_equal(b->kernel.host, a->kernel.host);
    assert_string_equal(b->bootargs, "quiet");
    assert_int_equal(b->ramdisk.size, 0);
    assert_int_equal(b->ramdisk_guest, 0);

    assert_string_equal(control->name, "control");
    assert_int_equal(control->core[0], 3);
    assert_int_equal(control->kernel.host, 0x44000000);
    assert_int_equal(control->kernel.size, 0x8000);
    plan_lives(plan);
    free(plan);
    free(hardware);
    free(system);
}

static void plan_whole(void **state)
{
    struct plan_facts facts = fixture_whole_facts();
    void *tree = fixture_tree("whole");
    struct plan *plan = malloc(sizeof(*plan));

    (void)state;
    if (!fixture_build(plan, &facts, tree, tree))
        fixture_print(plan);
    assert_int_equal(plan->error_count, 0);
    /* The spin-table core cannot be started. */
    assert_int_equal(plan->warning_count, 1);
    assert_string_equal(plan->warning[0].path, "/cpus/cpu@101");
    assert_int_equal(plan->core_count, 2);
    assert_int_equal(plan->core[1].mpidr, 0x10000);
    assert_int_equal(plan->partition[0].bank[0].host, 0x880000000);
    /* Linux maps its tree early: it stays in the first 2 GiB of RAM. */
    assert_int_equal(plan->partition[0].tree_guest, 0xbfe00000);
    assert_int_equal(plan->partition[0].kernel.host, 0x84000000);
    /* A small guest has its tree in its last pages. */
    assert_int_equal(plan->partition[1].tree_guest, 0x403f0000);
    assert_int_equal(plan->partition[1].kernel.host, 0x86000000);
    assert_int_equal(plan->partition[1].core[0], 1);
    /* A GICv2 below a bus, and the page of GICV that guests get. */
    assert_int_equal(plan->gic, 2);
    assert_int_equal(plan->gicv.base, 0x2c02f000);
    assert_int_equal(plan->gicv.size, 0x1000);
    free(plan);
    free(tree);
}

static void plan_empty(void **state)
{
    struct plan_facts facts = fixture_facts();
    void *hardware = fixture_tree("virt");
    struct plan *plan = malloc(sizeof(*plan));

    (void)state;
    facts.monitor_ram = 0; /* no bundle */
    assert_true(fixture_build(plan, &facts, hardware, hardware));
    assert_int_equal(plan->partition_count, 0);
    /* 1 GiB less the kernel, the bundle, the tree, the firmware's 2 MiB. */
    assert_int_equal(plan->ram_left, 0x40000000 - 0x200000 - 0x1945000 - 0x100000 - 0x200000);
    free(plan);
    free(hardware);
}

static void plan_is_deterministic(void **state)
{
    struct plan_facts facts = fixture_facts();
    void *hardware = fixture_tree("virt");
    void *system = fixture_tree("system");
    struct plan *first = malloc(sizeof(*first));
    struct plan *second = malloc(sizeof(*second));

    (void)state;
    memset(first, 0x55, sizeof(*first));
    memset(second, 0xaa, sizeof(*second));
    fixture_build(first, &facts, hardware, system);
    fixture_build(second, &facts, hardware, system);
    assert_memory_equal(first, second, sizeof(*first));
    free(first);
    free(second);
    free(hardware);
    free(system);
}

/* Everything that somebody owns alone, in one list. */
static uint32_t plan_list(const struct plan *plan, const struct plan_facts *facts,
                          struct range *list)
{
    uint32_t count = 0;

    list[count++] = facts->kernel;
    list[count++] = facts->bundle;
    list[count++] = facts->hardware_tree;
    for (uint32_t i = 0; i < plan->partition_count; i++) {
        const struct plan_partition *partition = &plan->partition[i];

        for (uint32_t bank = 0; bank < partition->bank_count; bank++)
            list[count++] = (struct range){partition->bank[bank].host, partition->bank[bank].size};
        list[count++] = (struct range){partition->monitor_host, facts->monitor_ram};
        list[count++] = (struct range){partition->config_host, PLAN_CONFIG_SIZE + PLAN_GUEST_TREE};
    }
    return count;
}

/* Many placements: sizes from a fixed sequence, up to eight domains on eight cores. Whatever comes
 * out, nothing of it overlaps, all of it is in RAM, and no core has two vCPUs. */
static void plan_many_placements(void **state)
{
    struct plan_facts facts = fixture_facts();
    void *hardware = fixture_tree("virt");
    struct plan *plan = malloc(sizeof(*plan));
    uint32_t random = 12345;
    uint32_t good = 0;

    (void)state;
    for (int round = 0; round < 500; round++) {
        void *system = fixture_tree("system");
        struct range list[3 + (2 + PLAN_BANKS) * PLAN_PARTITIONS];
        uint32_t count;

        for (int i = 0; i < 3; i++) {
            static const char *const paths[] = {"/chosen/linux-a", "/chosen/linux-b@1",
                                                "/chosen/control"};
            uint32_t kib;

            random = random * 1103515245 + 12345;
            kib = (random >> 8) % 0x70000 & ~3u;
            fdt_setprop_u64(system, fdt_path_offset(system, paths[i]), "memory", kib);
        }
        if (fixture_build(plan, &facts, hardware, system)) {
            good++;
            count = plan_list(plan, &facts, list);
            for (uint32_t i = 0; i < count; i++) {
                assert_true(list[i].base >= 0x40000000 &&
                            list[i].base + list[i].size <= 0x7fe00000);
                for (uint32_t j = 0; j < i; j++)
                    assert_false(range_overlaps(&list[i], &list[j]));
            }
        }
        free(system);
    }
    assert_true(good > 50 && good < 500); /* both outcomes were seen */
    free(plan);
    free(hardware);
}

static void ranges_work(void **state)
{
    struct ranges set = {0};

    (void)state;
    assert_true(ranges_add(&set, 0x3000, 0x1000));
    assert_true(ranges_add(&set, 0x1000, 0x1000));
    assert_true(ranges_add(&set, 0x2000, 0x1000)); /* joins both */
    assert_int_equal(set.count, 1);
    assert_int_equal(ranges_total(&set), 0x3000);
    assert_true(ranges_remove(&set, 0x2000, 0x1000));
    assert_int_equal(set.count, 2);
    assert_true(ranges_contain(&set, 0x1000, 0x1000));
    assert_false(ranges_contain(&set, 0x1000, 0x1001));
    assert_false(ranges_contain(&set, 0x2000, 1));
    assert_true(ranges_remove(&set, 0, 0x10000));
    assert_int_equal(set.count, 0);
    for (uint64_t i = 0; i < RANGES_MAX; i++)
        assert_true(ranges_add(&set, i * 0x10000, 0x8000));
    assert_false(ranges_add(&set, 0x7fff0000, 0x1000));
    assert_false(ranges_remove(&set, 0x1000, 0x1000)); /* would need one more */
    assert_int_equal(ranges_total(&set), RANGES_MAX * 0x8000);
    assert_true(ranges_remove(&set, 0, 0x1000));
    assert_int_equal(ranges_largest(&set, 0x4000), 0x8000);
    assert_false(range_valid(RANGES_LIMIT - 1, 2));
    assert_false(range_valid(0, 0));
    assert_false(range_valid(~0ull, ~0ull));
}

static void policies(void **state)
{
    (void)state;
    assert_non_null(policy_find("first-fit"));
    assert_null(policy_find("worst-fit"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plan_demo),
        cmocka_unit_test(plan_whole),
        cmocka_unit_test(plan_empty),
        cmocka_unit_test(plan_is_deterministic),
        cmocka_unit_test(plan_many_placements),
        cmocka_unit_test(ranges_work),
        cmocka_unit_test(policies),
    };

    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
