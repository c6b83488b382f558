/* SPDX-License-Identifier: BSD-2-Clause */
/* Cores for vCPUs: pools, affinities, lists of numbers, and a way for everyone whenever there is
 * one. */
#include "partmgr/plan/list.h"
#include "partmgr/plan/match.h"
#include "plan_cases.h"
#include "plan_system.h"

#define POOL  "/chosen/pool"
#define OTHER "/chosen/other"
#define VCPU0 A "/vcpu0"
#define VCPU1 A "/vcpu1"

static void change(const char *path, const char *property, const char *value, int length)
{
    const struct fixture_change one = {path, property, value, length};

    fixture_change(system_tree, &one);
}

static void add_pool(const char *path, const char *phandle, const char *cores, int length)
{
    change(path, "compatible", TEXT("xen,cpupool"));
    change(path, "phandle", phandle, 4);
    change(path, "bulkhead,cores", cores, length);
}

static void add_vcpu(const char *path, char id, const char *cores)
{
    const char cell[4] = {0, 0, 0, id};

    change(path, "compatible", TEXT("xen,vcpu"));
    change(path, "id", cell, 4);
    if (cores)
        change(path, "hard-affinity", cores, (int)strlen(cores) + 1);
}

static void expect_cores(uint32_t a0, uint32_t a1, uint32_t b, uint32_t control)
{
    expect_plan();
    assert_int_equal(plan.partition[0].core[0], a0);
    assert_int_equal(plan.partition[0].core[1], a1);
    assert_int_equal(plan.partition[1].core[0], b);
    assert_int_equal(plan.partition[2].core[0], control);
}

static void affinities(void **state)
{
    (void)state;
    add_vcpu(VCPU0, 0, "3");
    expect_cores(3, 0, 1, 2);
    add_vcpu(VCPU1, 1, "0-2");
    expect_cores(3, 0, 1, 2);
    /* Whoever has no choice gets what others could have had. */
    add_vcpu(B "/vcpu", 0, "0");
    add_vcpu(CONTROL "/vcpu", 0, "1,0");
    expect_cores(3, 2, 0, 1);
    change(VCPU0, "status", TEXT("disabled"));
    expect_cores(3, 2, 0, 1);
    change(VCPU1, "hard-affinity", GONE);
    expect_cores(2, 3, 0, 1);
    assert_int_equal(plan.warning_count, 0);
}

static void competitors(void **state)
{
    (void)state;
    add_vcpu(VCPU0, 0, "1");
    add_vcpu(B "/vcpu", 0, "1");
    expect_error("/chosen/linux-b@1/vcpu: hard-affinity: vCPU 0 gets no core of its own: for 1 "
                 "there are linux-a's 0 already");
    assert_int_equal(plan.error[0].name, NOTE_CORE_TWICE);
    add_vcpu(B "/vcpu", 0, "1-2");
    add_vcpu(CONTROL "/vcpu", 0, "1-2");
    expect_error("/chosen/control/vcpu: hard-affinity: vCPU 0 gets no core of its own: for 1,2 "
                 "there are linux-a's 0, linux-b's 0 already");
}

static void bad_vcpus(void **state)
{
    static const struct {
        const char *text;
        const char *message;
    } lists[] = {
        {"", "\"\" is no list of core numbers"},
        {"a", "\"a\" is no list"},
        {"1,", "\"1,\" is no list"},
        {",1", "\",1\" is no list"},
        {"1 ,2", "\"1 ,2\" is no list"},
        {"2-1", "\"2-1\" is no list"},
        {"1-", "\"1-\" is no list"},
        {"-1", "\"-1\" is no list"},
        {"0-1-2", "\"0-1-2\" is no list"},
        {"4", "4: the machine has 4 that can be used, from 0 on"},
        {"0-4294967296", "1000000: the machine has 4"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        add_vcpu(VCPU0, 0, lists[i].text);
        assert_false(fixture_build(&plan, &facts, hardware, system_tree));
        assert_int_equal(plan.error_count, 1);
        assert_string_equal(plan.error[0].path, VCPU0);
        assert_string_equal(plan.error[0].property, "hard-affinity");
        assert_memory_equal(plan.error[0].message, lists[i].message, strlen(lists[i].message));
    }
    add_vcpu(VCPU0, 2, "0");
    expect_error(VCPU0 ": id: 2: the domain has 2 vCPUs, from 0 on");
    add_vcpu(VCPU0, 1, "0");
    add_vcpu(VCPU1, 1, "1");
    expect_error(VCPU0 ": id: vcpu1 is about vCPU 1 already");
    change(VCPU1, "id", GONE);
    expect_error(VCPU1 ": id: missing");
    change(VCPU1, "id", BYTES("\0\1"));
    expect_error(VCPU1 ": id: 2 bytes long, must be 4");
}

static void pools(void **state)
{
    (void)state;
    add_pool(POOL, "\0\0\0\x21", BYTES("\0\0\0\2\0\0\0\1"));
    change(A, "domain-cpupool", BYTES("\0\0\0\x21"));
    expect_cores(1, 2, 0, 3);
    assert_int_equal(plan.pool_count, 1);
    assert_string_equal(plan.pool[0].name, "pool");
    assert_int_equal(plan.core[1].pool, 1);
    assert_int_equal(plan.core[0].pool, 0);
    assert_int_equal(plan.partition[0].pool, 1);
    assert_int_equal(plan.partition[1].pool, 0);
    /* Affinities choose among the pool's. */
    add_vcpu(VCPU0, 0, "0-2");
    add_vcpu(VCPU1, 1, "1");
    expect_cores(2, 1, 0, 3);
    add_vcpu(VCPU1, 1, "3");
    expect_error(VCPU1 ": hard-affinity: names no core of the domain's pool");
    change(VCPU1, "compatible", TEXT("none"));
    /* The core that booted takes those with it that name no pool. */
    add_pool(OTHER, "\0\0\0\x22", BYTES("\0\0\0\0\0\0\0\3"));
    expect_cores(1, 2, 0, 3);
    assert_int_equal(plan.partition[1].pool, plan.core[0].pool);
    change(OTHER, "status", TEXT("disabled"));
    expect_cores(1, 2, 0, 3);
    assert_int_equal(plan.pool_count, 1);
    change(A, "cpus", BYTES("\0\0\0\3"));
    expect_error(A ": cpus: wants 3 cores, of 2 in pool pool the domains before it leave 2");
    assert_int_equal(plan.error[0].name, NOTE_CORES_FEW);
}

/* By phandles of a /cpus node of the description's own, whose reg says which core is meant. */
static void pools_by_nodes(void **state)
{
    (void)state;
    change("/cpus", "#address-cells", BYTES("\0\0\0\1"));
    change("/cpus/cpu@2", "reg", BYTES("\0\0\0\2"));
    change("/cpus/cpu@2", "phandle", BYTES("\0\0\0\x31"));
    add_pool(POOL, "\0\0\0\x21", EMPTY);
    change(POOL, "bulkhead,cores", GONE);
    change(POOL, "cpupool-cpus", BYTES("\0\0\0\x31"));
    change(B, "domain-cpupool", BYTES("\0\0\0\x21"));
    expect_cores(0, 1, 2, 3);
    assert_int_equal(plan.core[2].pool, 1);
    change(POOL, "cpupool-sched", TEXT("null"));
    expect_cores(0, 1, 2, 3);
    assert_int_equal(plan.warning_count, 1);
    assert_string_equal(plan.warning[0].property, "cpupool-sched");
    change(POOL, "cpupool-sched", TEXT("fair"));
    expect_error(POOL ": cpupool-sched: \"fair\" is not known, only: credit2, credit, rtds, "
                      "arinc653, null");
    change(POOL, "cpupool-sched", GONE);
    change("/cpus/cpu@2", "reg", BYTES("\0\0\1\0"));
    expect_error(POOL ": cpupool-cpus: cpu@2 (affinity 0x100) is no core that can be used");
    change("/cpus/cpu@2", "reg", GONE);
    expect_error(POOL ": cpupool-cpus: cpu@2 has no reg that is an affinity");
    change(POOL, "cpupool-cpus", BYTES("\0\0\0\x21"));
    expect_error(POOL ": cpupool-cpus: pool is no node of /cpus");
    change(POOL, "cpupool-cpus", BYTES("\0\0\0\x32"));
    expect_error(POOL ": cpupool-cpus: 0x32 is no node's phandle");
    change(POOL, "cpupool-cpus", EMPTY);
    expect_error(POOL ": cpupool-cpus: 0 bytes long, must be 1 to 8 cells");
    change(POOL, "cpupool-cpus", GONE);
    expect_error(POOL ": cpupool-cpus: missing");
}

static void bad_pools(void **state)
{
    (void)state;
    add_pool(POOL, "\0\0\0\x21", BYTES("\0\0\0\1\0\0\0\1"));
    expect_error(POOL ": bulkhead,cores: core 1 is in this pool already");
    change(POOL, "bulkhead,cores", BYTES("\0\0\0\1"));
    add_pool(OTHER, "\0\0\0\x22", BYTES("\0\0\0\1"));
    expect_error(POOL ": bulkhead,cores: core 1 is in pool other already");
    change(OTHER, "bulkhead,cores", BYTES("\0\0\0\4"));
    expect_error(OTHER ": bulkhead,cores: 4: the machine has 4 that can be used, from 0 on");
    change(OTHER, "status", TEXT("disabled"));
    change(POOL, "cpupool-cpus", BYTES("\0\0\0\1"));
    expect_error(POOL ": cpupool-cpus: stands beside bulkhead,cores: one of them only");
    change(POOL, "cpupool-cpus", GONE);
    change(POOL, "bulkhead,cores", BYTES("\0\0\0\3"));
    change(A, "domain-cpupool", BYTES("\0\0\0\x22"));
    expect_error(A ": domain-cpupool: other is no pool, or a disabled one");
    change(A, "domain-cpupool", BYTES("\0\0\0\x23"));
    expect_error(A ": domain-cpupool: 0x23 is no node's phandle");
}

static void many_pools(void **state)
{
    (void)state;
    for (char i = 0; i < 9; i++) {
        char path[] = "/chosen/pool0";
        const char core[4] = {0, 0, 0, i};

        path[12] = (char)(path[12] + i);
        add_pool(path, core, core, 4);
    }
    assert_false(fixture_build(&plan, &facts, hardware, system_tree));
    assert_int_equal(plan.pool_count, 8);
    assert_int_equal(plan.error_count, 6); /* the machine has four cores */
    assert_int_equal(plan.error[5].name, NOTE_POOLS_MANY);
}

/* Whether there is a way at all, by trying all of them. */
static bool possible(const uint32_t *allowed, uint32_t count)
{
    uint32_t sets[2] = {1, 0}; /* a bit for each set of taken cores, of three */

    for (uint32_t i = 0; i < count; i++) {
        sets[1] = 0;
        for (uint32_t taken = 0; taken < 8; taken++)
            for (uint32_t core = 0; core < 3; core++)
                if (sets[0] >> taken & 1 && (allowed[i] & ~taken) >> core & 1)
                    sets[1] |= 1u << (taken | 1u << core);
        sets[0] = sets[1];
    }
    return sets[0];
}

/* All systems of three vCPUs and three cores. */
static void matches(void **state)
{
    (void)state;
    for (uint32_t system = 0; system < 512; system++) {
        const uint32_t allowed[3] = {system & 7, system >> 3 & 7, system >> 6};
        struct match match;
        uint32_t reached;
        bool all = true;

        match_init(&match);
        for (uint32_t i = 0; i < 3 && all; i++) {
            const struct match_vcpu vcpu = {0, i, allowed[i], MATCH_NONE};

            all = match_add(&match, &vcpu, &reached);
            assert_int_equal(all, possible(allowed, i + 1));
        }
        for (uint32_t i = 0; i < 3 && all; i++) {
            const uint32_t choices = match_choices(&match, i);

            for (uint32_t core = 0; core < 3; core++) {
                uint32_t only[3] = {allowed[0], allowed[1], allowed[2]};

                only[i] &= 1u << core;
                assert_int_equal(choices >> core & 1, possible(only, 3));
            }
            assert_int_not_equal(choices, 0);
        }
    }
}

/* A policy that wants what is not offered, and one that wants the last core. */
static bool greedy_core(const struct plan *of, uint32_t partition, uint32_t vcpu, uint32_t choices,
                        uint32_t *core)
{
    (void)of;
    (void)partition;
    (void)vcpu;
    (void)choices;
    *core = 3;
    return true;
}

static bool last_core(const struct plan *of, uint32_t partition, uint32_t vcpu, uint32_t choices,
                      uint32_t *core)
{
    (void)partition;
    (void)vcpu;
    for (*core = of->core_count - 1; !(choices >> *core & 1);)
        --*core;
    return true;
}

static void policies(void **state)
{
    struct policy policy = *facts.policy;

    (void)state;
    facts.policy = &policy;
    policy.core = last_core;
    add_vcpu(CONTROL "/vcpu", 0, "2-3");
    add_vcpu(VCPU0, 0, "3");
    expect_cores(3, 1, 0, 2);
    policy.core = greedy_core;
    assert_false(fixture_build(&plan, &facts, hardware, system_tree));
    assert_int_equal(plan.error[0].name, NOTE_CORES_POLICY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, system_setup, system_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(affinities), TEST(competitors),    TEST(bad_vcpus),
        TEST(pools),      TEST(pools_by_nodes), TEST(bad_pools),
        TEST(many_pools), TEST(policies),       cmocka_unit_test(matches),
    };

    return cmocka_run_group_tests_name("plan_cores", tests, NULL, NULL);
}
