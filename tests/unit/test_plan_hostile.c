/* SPDX-License-Identifier: BSD-2-Clause */
/* Damaged trees: cut off anywhere, any byte changed. The plan may refuse or accept, but never reads
 * outside (the host build has the address sanitizer) and never promises what overlaps. */
#include "plan_fixture.h"

/* A copy of exactly `size` bytes, so that the sanitizer sees the first byte read behind it. */
static void hostile_build(struct plan *plan, const struct plan_facts *facts, const void *tree,
                          size_t size, const void *other, bool is_system)
{
    void *copy = malloc(size ? size : 1);

    memcpy(copy, tree, size);
    if (is_system)
        plan_build(plan, facts, other, fdt_totalsize(other), copy, size);
    else
        plan_build(plan, facts, copy, size, other, fdt_totalsize(other));
    for (uint32_t i = 0; !plan->error_count && i < plan->partition_count; i++) {
        struct range ram = {plan->partition[i].bank[0].host, plan->partition[i].bank[0].size};

        assert_false(range_overlaps(&ram, &facts->kernel));
        assert_true(plan->partition[i].vcpus >= 1 && plan->partition[i].vcpus <= BH_MAX_VCPUS);
        for (uint32_t vcpu = 0; vcpu < plan->partition[i].vcpus; vcpu++)
            assert_true(plan->partition[i].core[vcpu] < plan->core_count);
    }
    free(copy);
}

static void hostile_tree(const char *name, const char *other_name, bool is_system)
{
    static const uint8_t flips[] = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff};
    static const uint32_t words[] = {
        0, 1, 2, 3, 4, 9, 0x7fffffff, 0x80000000, 0xfffffff4, 0xfffffff8, 0xffffffff, 0xfffffffe};
    struct plan_facts facts = fixture_facts();
    uint8_t *tree = fixture_tree(name);
    void *other = fixture_tree(other_name);
    struct plan *plan = malloc(sizeof(*plan));
    size_t size;

    assert_int_equal(fdt_pack(tree), 0);
    size = fdt_totalsize(tree);
    for (size_t cut = 0; cut < size; cut++) {
        hostile_build(plan, &facts, tree, cut, other, is_system);
        assert_true(plan->error_count > 0);
    }
    for (size_t at = 0; at < size; at++) {
        for (size_t i = 0; i < sizeof(flips); i++) {
            tree[at] ^= flips[i];
            hostile_build(plan, &facts, tree, size, other, is_system);
            tree[at] ^= flips[i];
        }
    }
    /* Whole words: -12 as the length of a property once was an endless walk. */
    for (size_t at = 0; at + 4 <= size; at += 4) {
        fdt32_t *word = (fdt32_t *)(tree + at);
        fdt32_t before = *word;

        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
            *word = cpu_to_fdt32(words[i]);
            hostile_build(plan, &facts, tree, size, other, is_system);
        }
        *word = before;
    }
    free(plan);
    free(tree);
    free(other);
}

static void hostile_system(void **state)
{
    (void)state;
    hostile_tree("system", "virt", true);
}

static void hostile_hardware(void **state)
{
    (void)state;
    hostile_tree("virt", "system", false);
}

/* What the header says of the size counts, up to the limit. */
static void hostile_size(void **state)
{
    struct plan_facts facts = fixture_facts();
    void *system = fixture_tree("system");
    uint8_t *hardware = calloc(1, PLAN_TREE_LIMIT + 8);
    struct plan *plan = malloc(sizeof(*plan));
    void *small = fixture_tree("virt");

    (void)state;
    assert_int_equal(fdt_open_into(small, hardware, (int)PLAN_TREE_LIMIT), 0);
    assert_true(plan_build(plan, &facts, hardware, PLAN_TREE_LIMIT, system, fdt_totalsize(system)));
    assert_int_equal(fdt_open_into(small, hardware, (int)PLAN_TREE_LIMIT + 8), 0);
    assert_false(
        plan_build(plan, &facts, hardware, PLAN_TREE_LIMIT + 8, system, fdt_totalsize(system)));
    assert_string_equal(plan->error[0].message, "is larger than 2 MiB");
    assert_false(plan_build(plan, &facts, NULL, 0, system, fdt_totalsize(system)));
    assert_string_equal(plan->error[0].message, "is no device tree");
    free(small);
    free(plan);
    free(hardware);
    free(system);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_system),
        cmocka_unit_test(hostile_hardware),
        cmocka_unit_test(hostile_size),
    };

    return cmocka_run_group_tests_name("plan_hostile", tests, NULL, NULL);
}
