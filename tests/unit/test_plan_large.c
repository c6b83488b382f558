/* SPDX-License-Identifier: BSD-2-Clause */
/* Trees of one to two MiB that have as much as possible of one thing: how much work each is to the
 * plan. The measure is one walk over all nodes of the same tree, timed beside it in the same
 * program, so that it is the same on slow hosts and busy ones. */
#include "plan_fixture.h"
#include <time.h>

enum { LARGE_ROOM = PLAN_TREE_LIMIT, LARGE_USED = PLAN_TREE_LIMIT - 0x8000, LARGE_WALKS = 1000 };

static struct plan plan;
static uint8_t *tree;
static uint32_t number;

static void cells(const char *property, uint32_t count, uint32_t a, uint32_t b, uint32_t c)
{
    const fdt32_t value[] = {cpu_to_fdt32(a), cpu_to_fdt32(b), cpu_to_fdt32(c)};

    assert_int_equal(fdt_property(tree, property, value, (int)count * 4), 0);
}

static void text(const char *property, const char *value)
{
    assert_int_equal(fdt_property(tree, property, value, (int)strlen(value) + 1), 0);
}

static void begin(const char *name)
{
    char unique[32];

    snprintf(unique, sizeof(unique), "%s%u", name, number);
    assert_int_equal(fdt_begin_node(tree, unique), 0);
}

static void end(void)
{
    assert_int_equal(fdt_end_node(tree), 0);
}

/* A domain as good as one can be without modules. */
static void domain(const char *name)
{
    assert_int_equal(fdt_begin_node(tree, name), 0);
    text("compatible", "xen,domain");
    cells("memory", 2, 0, 0x1000, 0);
    cells("cpus", 1, 1, 0, 0);
    cells("#address-cells", 1, 1, 0, 0);
    cells("#size-cells", 1, 1, 0, 0);
}

static void one_node(void)
{
    begin("n");
    text("compatible", "x");
    end();
}

static void one_empty_domain(void)
{
    begin("d");
    text("compatible", "xen,domain");
    end();
}

static void one_pool(void)
{
    begin("p");
    text("compatible", "xen,cpupool");
    cells("cpupool-cpus", 2, number + 1, number + 2, 0);
    cells("phandle", 1, number + 100, 0, 0);
    end();
}

static void one_console(void)
{
    begin("c");
    text("compatible", "bulkhead,console");
    end();
}

static void one_module(void)
{
    begin("m");
    text("compatible", "multiboot,module");
    cells("bulkhead,load", 1, 0x40000000, 0, 0);
    cells("reg", 2, 0x50000000, 0x1000, 0);
    end();
}

static void one_area(void)
{
    char id[16];

    snprintf(id, sizeof(id), "a%u", number);
    begin("s");
    text("compatible", "xen,domain-shared-memory-v1");
    text("xen,shm-id", id);
    cells("xen,shared-mem", 3, 0x50000000 + number * 0x1000, 0x70000000, 0x1000);
    end();
}

static void one_channel(void)
{
    begin("e");
    text("compatible", "xen,evtchn-v1");
    cells("phandle", 1, number + 100, 0, 0);
    cells("xen,evtchn", 2, number + 1, number + 101, 0);
    end();
}

static void one_vcpu(void)
{
    begin("v");
    text("compatible", "xen,vcpu");
    cells("id", 1, 0, 0, 0);
    text("hard-affinity", "0-3,5");
    end();
}

static void one_property(void)
{
    char name[16];

    snprintf(name, sizeof(name), "p%u",
             number % 64); /* libfdt compares with all names that it has */
    assert_int_equal(fdt_property(tree, name, "", 0), 0);
}

static void one_reserved(void)
{
    begin("r");
    cells("reg", 3, 0x50000000 + number * 0x3000, 0, 0);
    end();
}

static void one_core(void)
{
    begin("cpu@");
    text("device_type", "cpu");
    text("enable-method", "psci");
    cells("reg", 1, number, 0, 0);
    end();
}

static const struct large {
    const char *name;
    const char *parent; /* NULL: of /chosen itself; else in that node at the root … */
    bool domain;        /* … or in a domain */
    bool leave_out;
    void (*add)(void);
    bool chain; /* sixteen domains, each of which names the next */
} shapes[] = {
    {"unknown nodes", NULL, false, false, one_node, false},
    {"unknown nodes of a domain", NULL, true, false, one_node, false},
    {"domains", NULL, false, false, one_empty_domain, false},
    {"domains that are left out", NULL, false, true, one_empty_domain, false},
    {"pools", NULL, false, false, one_pool, false},
    {"consoles", NULL, false, false, one_console, false},
    {"modules", NULL, true, false, one_module, false},
    {"areas", NULL, true, false, one_area, false},
    {"channels", NULL, true, false, one_channel, false},
    {"channels of one that is left out", NULL, true, true, one_channel, false},
    {"vCPUs", NULL, true, false, one_vcpu, false},
    {"properties", NULL, true, false, one_property, false},
    {"reserved memory", "reserved-memory", false, false, one_reserved, false},
    {"cores", "cpus", false, false, one_core, false},
    {"nodes elsewhere", "soc", false, false, one_node, false},
    {"domains that lose each other", "soc", false, true, one_node, true},
};

/* The last one is bad, and each that is left out makes the one before it bad. */
static void chain(void)
{
    char name[16];

    for (uint32_t i = 0; i < PLAN_PARTITIONS - 1; i++) {
        snprintf(name, sizeof(name), "chain-%u", i);
        domain(name);
        cells("phandle", 1, 0x1000 + i, 0, 0);
        if (i < PLAN_PARTITIONS - 2)
            cells("bulkhead,controls", 1, 0x1001 + i, 0, 0);
        else
            text("status", "lost");
        assert_int_equal(fdt_begin_node(tree, "kernel"), 0);
        text("compatible", "multiboot,kernel");
        cells("reg", 2, 0x50000000, 0x10000, 0);
        end();
        end();
    }
}

/* As many as there is room for. */
static void fill(const struct large *shape)
{
    number = 0;
    while (number < 100000) {
        /* libfdt keeps strings at the end: what is between is left. */
        if (fdt_off_dt_strings(tree) - (fdt_off_dt_struct(tree) + fdt_size_dt_struct(tree)) <
            0x1000u + LARGE_ROOM - LARGE_USED)
            return;
        shape->add();
        number++;
    }
}

static void make(const struct large *shape)
{
    memset(tree, 0, LARGE_ROOM);
    assert_int_equal(fdt_create(tree, LARGE_ROOM), 0);
    assert_int_equal(fdt_finish_reservemap(tree), 0);
    assert_int_equal(fdt_begin_node(tree, ""), 0);
    cells("#address-cells", 1, 1, 0, 0);
    cells("#size-cells", 1, 1, 0, 0);
    assert_int_equal(fdt_begin_node(tree, "memory@40000000"), 0);
    text("device_type", "memory");
    cells("reg", 2, 0x40000000, 0x40000000, 0);
    end();
    assert_int_equal(fdt_begin_node(tree, "psci"), 0);
    text("method", "smc");
    end();
    if (shape->parent) {
        assert_int_equal(fdt_begin_node(tree, shape->parent), 0);
        fill(shape);
        end();
    }
    assert_int_equal(fdt_begin_node(tree, "chosen"), 0);
    if (shape->leave_out)
        text("bulkhead,on-bad-domain", "leave-out");
    domain("first");
    end();
    if (shape->chain)
        chain();
    if (shape->domain)
        domain("large");
    if (!shape->parent)
        fill(shape);
    if (shape->domain)
        end();
    end();
    end();
    assert_int_equal(fdt_finish(tree), 0);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Seconds of one walk: the quickest of some, which nothing disturbed. */
static double walk(void)
{
    double best = 1e9;

    for (uint32_t i = 0; i < 5; i++) {
        double start = now();
        double took;

        for (int node = 0; node >= 0; node = fdt_next_node(tree, node, NULL))
            ;
        took = now() - start;
        best = took < best ? took : best;
    }
    return best;
}

static void test_work(void **state)
{
    struct plan_facts facts = fixture_facts();

    (void)state;
    tree = malloc(LARGE_ROOM);
    facts.root_count = 0;
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        double one;
        double took;

        make(&shapes[i]);
        assert_true(number > 1000);
        assert_in_range(fdt_totalsize(tree), 0x100000, PLAN_TREE_LIMIT);
        one = walk();
        took = now();
        plan_build(&plan, &facts, tree, fdt_totalsize(tree), tree, fdt_totalsize(tree));
        took = now() - took;
        print_message("%s: %u, %.0f walks of %.1f ms\n", shapes[i].name, number, took / one,
                      one * 1e3);
        assert_true(plan.error_count > 0);
        assert_true(took / one < LARGE_WALKS);
    }
    free(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_work),
    };

    return cmocka_run_group_tests_name("plan_large", tests, NULL, NULL);
}
