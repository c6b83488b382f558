/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 against published digests, and the seeds that guests get. */
#include "guest_write.h"
#include "plan_fixture.h"

#include "partmgr/plan/sha256.h"

static void digest_is(const void *message, size_t size, const char *expected)
{
    uint8_t digest[SHA256_SIZE];
    char text[2 * SHA256_SIZE + 1];

    sha256(message, size, digest);
    for (size_t i = 0; i < SHA256_SIZE; i++)
        snprintf(&text[2 * i], 3, "%02x", digest[i]);
    assert_string_equal(text, expected);
}

/* The first two stand in FIPS 180-4's examples; the others are the lengths around a block's end. */
static void sha256_digests(void **state)
{
    char many[200];

    (void)state;
    memset(many, 'a', sizeof(many));
    digest_is("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_is("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    digest_is(many, 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digest_is(many, 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
    digest_is(many, 63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34");
    digest_is(many, 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
    digest_is(many, 119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb");
    digest_is(many, 128, "6836cf13bac400e9105071cd6af47084dfacad4e5e302c94bfed24e013afb73e");
    digest_is(many, 200, "c2a908d98f5df987ade41b5fce213067efbcc21ef2240212a41e54b5e7c28ae5");
}

struct seeds {
    struct plan plan;
    void *hardware;
    void *system;
};

static struct seeds *seeds_build(const char *seed, int length)
{
    struct seeds *seeds = calloc(1, sizeof(*seeds));
    const struct fixture_change change = {"/chosen", "rng-seed", seed, length};
    struct plan_facts facts = fixture_facts();

    seeds->hardware = fixture_tree("virt");
    seeds->system = fixture_tree("system");
    if (seed)
        fixture_change(seeds->hardware, &change);
    if (!fixture_build(&seeds->plan, &facts, seeds->hardware, seeds->system))
        fixture_print(&seeds->plan);
    assert_int_equal(seeds->plan.error_count, 0);
    assert_true(seeds->plan.partition_count >= 2);
    return seeds;
}

static void seeds_free(struct seeds *seeds)
{
    free(seeds->hardware);
    free(seeds->system);
    free(seeds);
}

static void seeds_are_each_partitions_own(void **state)
{
    static const char seed[] = "0123456789abcdef0123456789abcdef";
    struct seeds *one = seeds_build(BYTES("0123456789abcdef0123456789abcdef"));
    struct seeds *same = seeds_build(BYTES("0123456789abcdef0123456789abcdef"));
    struct seeds *other = seeds_build(BYTES("0123456789abcdef0123456789abcdeg"));
    const struct plan_partition *a = &one->plan.partition[0], *b = &one->plan.partition[1];
    const struct plan_partition *c = &other->plan.partition[0];

    (void)state;
    assert_true(a->seeded && b->seeded && c->seeded);
    assert_memory_equal(a->rng_seed, same->plan.partition[0].rng_seed, sizeof(a->rng_seed));
    assert_memory_equal(a->kaslr_seed, same->plan.partition[0].kaslr_seed, sizeof(a->kaslr_seed));
    assert_memory_not_equal(a->rng_seed, seed, sizeof(a->rng_seed));
    assert_memory_not_equal(a->rng_seed, a->kaslr_seed, sizeof(a->kaslr_seed));
    assert_memory_not_equal(a->rng_seed, b->rng_seed, sizeof(a->rng_seed));
    assert_memory_not_equal(a->kaslr_seed, b->kaslr_seed, sizeof(a->kaslr_seed));
    assert_memory_not_equal(a->rng_seed, c->rng_seed, sizeof(a->rng_seed));
    assert_memory_not_equal(a->kaslr_seed, c->kaslr_seed, sizeof(a->kaslr_seed));
    seeds_free(one);
    seeds_free(same);
    seeds_free(other);
}

static void seeds_need_a_good_one(void **state)
{
    struct seeds *none = seeds_build(NULL, 0);
    struct seeds *brief = seeds_build(BYTES("0123456789abcdef0123456789abcde"));

    (void)state;
    assert_false(none->plan.partition[0].seeded);
    assert_false(brief->plan.partition[0].seeded);
    seeds_free(none);
    seeds_free(brief);
}

static void seeds_stand_in_the_tree(void **state)
{
    struct plan_partition partition = {.vcpus = 1, .layout = layout_qemu_virt};
    uint64_t tree[PLAN_GUEST_TREE / 8] = {0};
    const void *value;
    int length, chosen;

    (void)state;
    assert_true(guest_write(&partition, 3, tree, sizeof(tree)) > 0);
    chosen = fdt_path_offset(tree, "/chosen");
    assert_null(fdt_getprop(tree, chosen, "rng-seed", &length));
    assert_null(fdt_getprop(tree, chosen, "kaslr-seed", &length));
    partition.seeded = true;
    memset(partition.rng_seed, 'r', sizeof(partition.rng_seed));
    memset(partition.kaslr_seed, 'k', sizeof(partition.kaslr_seed));
    assert_true(guest_write(&partition, 3, tree, sizeof(tree)) > 0);
    chosen = fdt_path_offset(tree, "/chosen");
    value = fdt_getprop(tree, chosen, "rng-seed", &length);
    assert_non_null(value);
    assert_int_equal(length, 32);
    assert_memory_equal(value, partition.rng_seed, 32);
    value = fdt_getprop(tree, chosen, "kaslr-seed", &length);
    assert_non_null(value);
    assert_int_equal(length, 8);
    assert_memory_equal(value, partition.kaslr_seed, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_digests),
        cmocka_unit_test(seeds_are_each_partitions_own),
        cmocka_unit_test(seeds_need_a_good_one),
        cmocka_unit_test(seeds_stand_in_the_tree),
    };

    return cmocka_run_group_tests_name("plan_seed", tests, NULL, NULL);
}
