/* SPDX-License-Identifier: BSD-2-Clause */
/* Which cores each vCPU of a domain may have: its pool's, of which a node of its own may choose. */
#include "binding.h"
#include "list.h"
#include "tree.h"
#include <libfdt.h>

/* Reads "0-3,5"; no core, reported, when that is no such list. */
static uint32_t affinity_cores(struct build *build, int node)
{
    static const char property[] = "hard-affinity";
    const uint32_t count = build->plan->core_count;
    const char *text;
    uint32_t cores = 0, first = 0, last = 0;
    struct list list;
    enum list_found found;

    if (tree_string(build, build->system, node, property, &text) != TREE_GOOD)
        return 0;
    list = list_of(text);
    while ((found = list_next(&list, &first, &last)) == LIST_ITEM) {
        if (last >= count) {
            report_error(build, NOTE_CORE_RANGE, build->system, node, property,
                         "%lu: the machine has %lu that can be used, from 0 on",
                         (unsigned long)last, (unsigned long)count);
            return 0;
        }
        for (uint32_t core = first; core <= last; core++)
            cores |= 1u << core;
    }
    if (found == LIST_END)
        return cores;
    report_error(build, NOTE_LIST_BAD, build->system, node, property,
                 "\"%s\" is no list of core numbers", text);
    return 0;
}

static uint32_t affinity_pool(const struct plan *plan, uint32_t pool)
{
    uint32_t cores = 0;

    for (uint32_t core = 0; core < plan->core_count; core++)
        if (plan->core[core].pool == pool)
            cores |= 1u << core;
    return cores;
}

/* The vCPU that the node is about; BH_MAX_VCPUS, reported, when there is none. */
static uint32_t affinity_read_id(struct build *build, uint32_t index, int node)
{
    const uint32_t vcpus = build->plan->partition[index].vcpus;
    uint64_t id = 0;
    enum tree_found found = tree_value(build, build->system, node, "id", 1, &id);

    if (found == TREE_MISSING)
        report_error(build, NOTE_VCPU_ID_MISSING, build->system, node, "id", "missing");
    else if (found == TREE_GOOD && vcpus && id >= vcpus)
        report_error(build, NOTE_VCPU_ID_RANGE, build->system, node, "id",
                     "%lu: the domain has %lu vCPUs, from 0 on", (unsigned long)id,
                     (unsigned long)vcpus);
    else if (found == TREE_GOOD && id < BH_MAX_VCPUS && build->vcpu_node[index][id] >= 0)
        report_error(
            build, NOTE_VCPU_ID_TWICE, build->system, node, "id", "%s is about vCPU %lu already",
            fdt_get_name(build->system, build->vcpu_node[index][id], NULL), (unsigned long)id);
    else if (found == TREE_GOOD && id < BH_MAX_VCPUS)
        return (uint32_t)id;
    return BH_MAX_VCPUS;
}

static void affinity_read_vcpu(struct build *build, uint32_t index, int node)
{
    uint32_t id = affinity_read_id(build, index, node);
    uint32_t cores;

    binding_check(build, node, BINDING_VCPU);
    if (id == BH_MAX_VCPUS)
        return;
    build->vcpu_node[index][id] = node;
    if (!fdt_getprop(build->system, node, "hard-affinity", NULL))
        return;
    cores = affinity_cores(build, node);
    if (cores && !(cores & build->allowed[index][id]))
        report_error(build, NOTE_AFFINITY_POOL, build->system, node, "hard-affinity",
                     "names no core of the domain's pool");
    build->allowed[index][id] &= cores;
}

bool affinity_is(const void *tree, int node)
{
    return tree_compatible(tree, node, "xen,vcpu");
}

void affinity_read(struct build *build, uint32_t index)
{
    const uint32_t pool = affinity_pool(build->plan, build->plan->partition[index].pool);
    int node;

    for (uint32_t vcpu = 0; vcpu < BH_MAX_VCPUS; vcpu++) {
        build->allowed[index][vcpu] = pool;
        build->vcpu_node[index][vcpu] = -1;
    }
    fdt_for_each_subnode(node, build->system, build->node[index])
    {
        if (affinity_is(build->system, node) && tree_enabled(build, build->system, node))
            affinity_read_vcpu(build, index, node);
    }
}
