/* SPDX-License-Identifier: BSD-2-Clause */
/* Pools of cores: the children of /chosen that keep cores for the domains that name them. */
#include "binding.h"
#include "text.h"
#include "tree.h"
#include <libfdt.h>

/* The core that a node of the tree's /cpus means, by its affinity; core_count, reported, when there
 * is none. A description that is not the machine's own tree has a /cpus node for that purpose. */
static uint32_t pool_find_core(struct build *build, int pool, uint32_t phandle)
{
    static const char property[] = "cpupool-cpus";
    const struct plan *plan = build->plan;
    const void *tree = build->system;
    int cpus = fdt_subnode_offset(tree, 0, "cpus");
    int node = fdt_node_offset_by_phandle(tree, phandle);
    struct tree_cells cells;
    uint64_t mpidr = 0;

    if (node < 0) {
        report_error(build, NOTE_PHANDLE_UNKNOWN, tree, pool, property,
                     "0x%lx is no node's phandle", (unsigned long)phandle);
        return plan->core_count;
    }
    if (cpus < 0 || fdt_parent_offset(tree, node) != cpus) {
        report_error(build, NOTE_POOL_NODE, tree, pool, property, "%s is no node of /cpus",
                     fdt_get_name(tree, node, NULL));
        return plan->core_count;
    }
    cells = tree_cells(build, tree, cpus, tree_cells(build, tree, 0, TREE_ROOT_CELLS));
    if (!cells.address ||
        tree_value(build, tree, node, "reg", cells.address, &mpidr) != TREE_GOOD) {
        report_error(build, NOTE_POOL_NODE, tree, pool, property,
                     "%s has no reg that is an affinity", fdt_get_name(tree, node, NULL));
        return plan->core_count;
    }
    for (uint32_t i = 0; i < plan->core_count; i++)
        if (plan->core[i].mpidr == mpidr)
            return i;
    report_error(build, NOTE_CORE_UNUSABLE, tree, pool, property,
                 "%s (affinity 0x%lx) is no core that can be used", fdt_get_name(tree, node, NULL),
                 (unsigned long)mpidr);
    return plan->core_count;
}

static void pool_add_core(struct build *build, uint32_t index, const char *property, uint32_t core)
{
    struct plan *plan = build->plan;
    uint32_t *has = &plan->core[core].pool;

    if (*has)
        report_error(build, NOTE_POOL_CORE_TWICE, build->system, build->pool_node[index], property,
                     "core %lu is in %s%s already", (unsigned long)core,
                     *has == index + 1 ? "this pool" : "pool ",
                     *has == index + 1 ? "" : plan->pool[*has - 1].name);
    else
        *has = index + 1;
}

static void pool_read_cores(struct build *build, uint32_t index)
{
    static const char *const names[] = {"cpupool-cpus", "bulkhead,cores"};
    const void *tree = build->system;
    int node = build->pool_node[index];
    bool phandles = fdt_getprop(tree, node, names[0], NULL);
    bool numbers = fdt_getprop(tree, node, names[1], NULL);
    const char *property = names[numbers];
    int length = 0;
    const uint8_t *cells = fdt_getprop(tree, node, property, &length);

    if (phandles == numbers) {
        report_error(build, NOTE_POOL_CORES, tree, node, names[0], "%s",
                     phandles ? "stands beside bulkhead,cores: one of them only" : "missing");
        return;
    }
    if (!length || length % 4 || (uint32_t)length / 4 > PLAN_CORES) {
        report_error(build, NOTE_POOL_CORES, tree, node, property,
                     "%lu bytes long, must be 1 to %lu cells", (unsigned long)length,
                     (unsigned long)PLAN_CORES);
        return;
    }
    for (int at = 0; at < length; at += 4) {
        uint32_t core = (uint32_t)tree_number(cells + at, 1);

        if (phandles)
            core = pool_find_core(build, node, core);
        else if (core >= build->plan->core_count)
            report_error(build, NOTE_CORE_RANGE, tree, node, property,
                         "%lu: the machine has %lu that can be used, from 0 on",
                         (unsigned long)core, (unsigned long)build->plan->core_count);
        if (core < build->plan->core_count)
            pool_add_core(build, index, property, core);
    }
}

/* Each vCPU has its core alone, so there is nothing to schedule. */
static void pool_read_scheduler(struct build *build, int node)
{
    static const char property[] = "cpupool-sched";
    static const char *const words[] = {"credit2", "credit", "rtds", "arinc653", "null"};
    const uint32_t count = sizeof(words) / sizeof(words[0]);

    if (fdt_getprop(build->system, node, property, NULL) &&
        tree_choice(build, build->system, node, property, words, count, count) < count)
        report_warning(build, NOTE_PROPERTY_IGNORED, build->system, node, property,
                       "has no meaning here, ignored");
}

static void pool_read(struct build *build, int node)
{
    struct plan *plan = build->plan;
    uint32_t index = plan->pool_count;

    if (index == PLAN_CORES) {
        report_error(build, NOTE_POOLS_MANY, build->system, node, NULL, "more than %lu pools",
                     (unsigned long)PLAN_CORES);
        return;
    }
    plan->pool_count++;
    text_format(plan->pool[index].name, sizeof(plan->pool[index].name), "%s",
                fdt_get_name(build->system, node, NULL));
    build->pool_node[index] = node;
    binding_check(build, node, BINDING_CPUPOOL);
    pool_read_scheduler(build, node);
    pool_read_cores(build, index);
}

bool pool_is(const void *tree, int node)
{
    return tree_compatible(tree, node, "xen,cpupool");
}

void pools_read(struct build *build)
{
    const void *tree = build->system;
    int chosen = fdt_subnode_offset(tree, 0, "chosen");
    int node;

    if (chosen < 0)
        return;
    fdt_for_each_subnode(node, tree, chosen)
    {
        if (pool_is(tree, node) && !tree_compatible(tree, node, "xen,domain") &&
            tree_enabled(build, tree, node))
            pool_read(build, node);
    }
}

/* As in Xen, a domain that names no pool is in that of the core that booted, which is made of all
 * cores of no pool, unless a pool has it. */
static uint32_t pool_default(const struct build *build)
{
    const struct plan *plan = build->plan;

    for (uint32_t i = 0; i < plan->core_count; i++)
        if (plan->core[i].mpidr == build->facts->boot_core)
            return plan->core[i].pool;
    return 0;
}

void pool_read_domain(struct build *build, uint32_t index)
{
    static const char property[] = "domain-cpupool";
    struct plan_partition *partition = &build->plan->partition[index];
    const void *tree = build->system;
    uint64_t phandle = 0;
    int pool;

    partition->pool = pool_default(build);
    if (tree_value(build, tree, build->node[index], property, 1, &phandle) != TREE_GOOD)
        return;
    pool = fdt_node_offset_by_phandle(tree, (uint32_t)phandle);
    if (pool < 0) {
        report_error(build, NOTE_PHANDLE_UNKNOWN, tree, build->node[index], property,
                     "0x%lx is no node's phandle", (unsigned long)phandle);
        return;
    }
    for (uint32_t i = 0; i < build->plan->pool_count; i++)
        if (build->pool_node[i] == pool) {
            partition->pool = i + 1;
            return;
        }
    report_error(build, NOTE_POOL_UNKNOWN, tree, build->node[index], property,
                 "%s is no pool, or a disabled one", fdt_get_name(tree, pool, NULL));
}
