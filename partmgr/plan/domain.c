/* SPDX-License-Identifier: BSD-2-Clause */
/* Domains: the children of /chosen in Xen's Dom0-less binding. */
#include "binding.h"
#include "layout.h"
#include "list.h"
#include "tree.h"
#include <libfdt.h>
#include <string.h>

static bool domain_name_character(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
}

/* The node's name without its unit address; it also begins every line of the guest's console. */
static void domain_read_name(struct build *build, uint32_t index)
{
    struct plan_partition *partition = &build->plan->partition[index];
    int node = build->node[index];
    const char *name = fdt_get_name(build->system, node, NULL);
    size_t length = name ? strcspn(name, "@") : 0;

    if (!length) {
        report_error(build, NOTE_NAME_MISSING, build->system, node, NULL, "has no name");
        return;
    }
    if (length >= PLAN_NAME) {
        report_error(build, NOTE_NAME_LONG, build->system, node, NULL,
                     "name longer than %lu characters", (unsigned long)PLAN_NAME - 1);
        return;
    }
    for (size_t i = 0; i < length; i++)
        if (!domain_name_character(name[i])) {
            report_error(build, NOTE_NAME_CHARACTERS, build->system, node, NULL,
                         "name may contain only A-Z, a-z, 0-9, '_', '.' and '-'");
            return;
        }
    memcpy(partition->name, name, length);
    for (uint32_t i = 0; i < index; i++)
        if (strcmp(build->plan->partition[i].name, partition->name) == 0) {
            report_error(build, NOTE_NAME_TWICE, build->system, node, NULL,
                         "another domain has the same name");
            return;
        }
}

/* KiB in two cells. */
static void domain_read_memory(struct build *build, uint32_t index)
{
    int node = build->node[index];
    uint64_t window = BH_MON_MODULES - BH_MON_RAM; /* where the monitor sees it while it loads */
    uint64_t kib = 0;
    enum tree_found found = tree_value(build, build->system, node, "memory", 2, &kib);

    if (found == TREE_MISSING)
        report_error(build, NOTE_MEMORY_MISSING, build->system, node, "memory", "missing");
    if (found != TREE_GOOD)
        return;
    if (!kib)
        report_error(build, NOTE_MEMORY_ZERO, build->system, node, "memory", "is 0");
    else if (kib > window / 1024)
        report_error(build, NOTE_MEMORY_LARGE, build->system, node, "memory",
                     "%lu KiB is more than a guest's %lu", (unsigned long)kib,
                     (unsigned long)window / 1024);
    else if (kib % 4)
        report_error(build, NOTE_MEMORY_PAGES, build->system, node, "memory",
                     "%lu KiB is no multiple of 4 KiB", (unsigned long)kib);
    else
        build->plan->partition[index].ram_size = kib * 1024;
}

static void domain_read_cpus(struct build *build, uint32_t index)
{
    int node = build->node[index];
    uint64_t cpus = 0;
    enum tree_found found = tree_value(build, build->system, node, "cpus", 1, &cpus);

    if (found == TREE_MISSING)
        report_error(build, NOTE_CPUS_MISSING, build->system, node, "cpus", "missing");
    if (found != TREE_GOOD)
        return;
    if (!cpus) {
        report_error(build, NOTE_CPUS_ZERO, build->system, node, "cpus", "is 0");
    } else if (cpus > BH_MAX_VCPUS) {
        report_error(build, NOTE_CPUS_MANY, build->system, node, "cpus", "%lu is more than %lu",
                     (unsigned long)cpus, (unsigned long)BH_MAX_VCPUS);
    } else {
        build->plan->partition[index].vcpus = (uint32_t)cpus;
    }
}

/* Small ones whose values decide whether we can do what they ask for. */
static void domain_read_options(struct build *build, uint32_t index)
{
    static const char *const fulls[] = {"wait", "drop"};
    const void *tree = build->system;
    int node = build->node[index];
    const char *enhanced;
    uint64_t value;

    if (tree_value(build, tree, node, "trap-unmapped-accesses", 1, &value) == TREE_GOOD) {
        if (value > 1)
            report_error(build, NOTE_SWITCH_RANGE, tree, node, "trap-unmapped-accesses",
                         "%lu is neither 0 nor 1", (unsigned long)value);
        build->plan->partition[index].lenient = !value;
    }
    build->plan->partition[index].drop =
        tree_choice(build, tree, node, "bulkhead,console-full", fulls, 2, 0);
    if (tree_string(build, tree, node, "xen,enhanced", &enhanced) == TREE_GOOD &&
        strcmp(enhanced, "disabled") != 0)
        report_error(build, NOTE_ENHANCED, tree, node, "xen,enhanced",
                     "\"%s\": Xen's interfaces do not exist here", enhanced);
}

/* What Xen has and we have not: the mistakes in it are told all the same. */
static void domain_read_unsupported(struct build *build, uint32_t index)
{
    static const char *const words[] = {"disabled", "enabled"};
    const void *tree = build->system;
    int node = build->node[index];
    const char *colors;

    if (tree_choice(build, tree, node, "passthrough", words, 2, 0))
        report_error(build, NOTE_IOMMU, tree, node, "passthrough",
                     "\"enabled\": no IOMMU is supported");
    if (tree_string(build, tree, node, "llc-colors", &colors) != TREE_GOOD)
        return;
    if (list_ascends(colors))
        report_error(build, NOTE_COLORS, tree, node, "llc-colors",
                     "there is no cache colouring: not supported");
    else
        report_error(build, NOTE_LIST_BAD, tree, node, "llc-colors",
                     "\"%s\" is no list of colours that go up", colors);
}

static void domain_read(struct build *build, int node, struct tree_cells inherited)
{
    uint32_t index = build->plan->partition_count++;

    leave_add_domain(build, index, node);
    binding_check(build, node, BINDING_DOMAIN);
    domain_read_name(build, index);
    domain_read_memory(build, index);
    domain_read_cpus(build, index);
    spis_read(build, index);
    domain_read_options(build, index);
    domain_read_unsupported(build, index);
    uart_read_domain(build, index);
    life_read(build, index);
    place_read_domain_policy(build, index);
    static_read(build, index, inherited);
    layout_read(build, index);
    modules_read(build, index, tree_cells(build, build->system, node, inherited));
}

/* Modules directly in /chosen are Xen's Dom0; there is none here. */
static void domain_check_other(struct build *build, int node)
{
    const void *tree = build->system;

    if (tree_compatible(tree, node, "multiboot,module") ||
        tree_compatible(tree, node, "multiboot,kernel") ||
        tree_compatible(tree, node, "xen,multiboot-module"))
        report_warning(build, NOTE_MODULE_OUTSIDE, tree, node, NULL,
                       "a module outside any domain, ignored");
}

void domains_read(struct build *build)
{
    const void *tree = build->system;
    int chosen = fdt_subnode_offset(tree, 0, "chosen");
    struct tree_cells cells;
    int node;

    if (chosen < 0)
        return;
    binding_check(build, chosen, BINDING_CHOSEN);
    leave_read(build, chosen);
    life_read_machine(build, chosen);
    place_read_policy(build, chosen);
    cells = tree_cells(build, tree, chosen, tree_cells(build, tree, 0, TREE_ROOT_CELLS));
    fdt_for_each_subnode(node, tree, chosen)
    {
        if (!tree_compatible(tree, node, "xen,domain")) {
            domain_check_other(build, node);
            continue;
        }
        if (leave_has(build, node) || !tree_enabled(build, tree, node))
            continue;
        if (build->plan->partition_count == PLAN_PARTITIONS) {
            report_error(build, NOTE_DOMAINS_MANY, tree, node, NULL, "more than %lu domains",
                         (unsigned long)PLAN_PARTITIONS);
            return;
        }
        domain_read(build, node, cells);
    }
}
