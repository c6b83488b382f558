/* SPDX-License-Identifier: BSD-2-Clause */
/* What the hardware tree says: cores and how to start them, RAM, and RAM that is not ours to use.
 */
#include "tree.h"
#include <libfdt.h>
#include <string.h>

#define MPIDR_AFFINITY                                                                             \
    0xff00ffffffull /* MPIDR_EL1.{Aff3,Aff2,Aff1,Aff0}, as the binding writes them */

/* Hardware nodes may carry states that are not ours to judge ("fail-sss"): only okay ones are used.
 */
static bool hardware_enabled(struct build *build, int node)
{
    int length = 0;
    const char *status = fdt_getprop(build->hardware, node, "status", &length);

    return !status || (length == 5 && memcmp(status, "okay", 5) == 0) ||
           (length == 3 && memcmp(status, "ok", 3) == 0);
}

/* device_type decides; old trees lack it on memory nodes, whose name then does. */
static bool hardware_is(struct build *build, int node, const char *type)
{
    int length = 0;
    const char *value = fdt_getprop(build->hardware, node, "device_type", &length);
    size_t expected = strlen(type);

    if (value)
        return (size_t)length == expected + 1 && memcmp(value, type, expected + 1) == 0;
    value = fdt_get_name(build->hardware, node, &length);
    return value && (size_t)length >= expected && memcmp(value, type, expected) == 0 &&
           ((size_t)length == expected || value[expected] == '@');
}

static void hardware_add_bank(struct build *build, int node, struct tree_cells cells)
{
    uint32_t count = tree_ranges(build, build->hardware, node, "reg", cells);

    for (uint32_t i = 0; i < count; i++) {
        struct range bank;
        uint64_t first;
        uint64_t end;

        if (!tree_range(build, build->hardware, node, "reg", cells, i, &bank))
            return;
        /* Whole pages only, so inward. */
        first = align_up(bank.base, PAGE_SIZE);
        end = align_down(bank.base + bank.size, PAGE_SIZE);
        if (first < end && !ranges_add(&build->usable, first, end - first)) {
            report_error(build, NOTE_HARDWARE_PIECES, build->hardware, node, "reg",
                         "more than %lu pieces of RAM", (unsigned long)RANGES_MAX);
            return;
        }
    }
}

static bool hardware_remove(struct build *build, struct ranges *set, struct range range)
{
    struct range pages;

    if (!range.size)
        return true;
    pages = range_pages(range.base, range.size);
    if (ranges_remove(set, pages.base, pages.size))
        return true;
    report_plain(build, NOTE_HARDWARE_PIECES, "/memory",
                 "reserved memory leaves too many pieces of RAM");
    return false;
}

/* Range number `index` of a reg has no size; Linux passes such a one over, too. */
static bool hardware_is_empty(struct build *build, int node, struct tree_cells cells,
                              uint32_t index)
{
    const uint8_t *data = fdt_getprop(build->hardware, node, "reg", NULL);

    data += ((size_t)index * (cells.address + cells.size) + cells.address) * 4;
    return !tree_number(data, cells.size);
}

/* /reserved-memory belongs to firmware or devices; a child without reg wants any place and gets
 * none. */
static void hardware_read_reserved(struct build *build)
{
    const void *tree = build->hardware;
    int parent = fdt_subnode_offset(tree, 0, "reserved-memory");
    struct tree_cells cells;
    int node;

    if (parent < 0)
        return;
    cells = tree_cells(build, tree, parent, tree_cells(build, tree, 0, TREE_ROOT_CELLS));
    fdt_for_each_subnode(node, tree, parent)
    {
        uint32_t count;

        if (!hardware_enabled(build, node))
            continue;
        count = tree_ranges(build, tree, node, "reg", cells);
        for (uint32_t i = 0; i < count; i++) {
            struct range range;

            if (hardware_is_empty(build, node, cells, i))
                continue;
            if (!tree_range(build, tree, node, "reg", cells, i, &range) ||
                !hardware_remove(build, &build->usable, range))
                return;
        }
    }
}

/* What is not in a root range is the kernel's or on the platform's never-map list. */
static void hardware_keep_roots(struct build *build)
{
    const struct plan_facts *facts = build->facts;
    uint64_t end = 0;

    if (!facts->root_count)
        return;
    for (uint32_t i = 0; i <= facts->root_count; i++) {
        uint64_t base = RANGES_LIMIT;
        uint64_t next = RANGES_LIMIT;

        if (i < facts->root_count && facts->root[i].base < RANGES_LIMIT) {
            base = facts->root[i].base;
            next = base + facts->root[i].size;
        }
        if (base > end && !hardware_remove(build, &build->usable, (struct range){end, base - end}))
            return;
        end = next;
    }
}

/* The boot loader's /memreserve/ holds what it wants kept, its own modules maybe: nothing is placed
 * there, but a module may lie there. */
static void hardware_read_memreserve(struct build *build)
{
    const void *tree = build->hardware;
    int count = fdt_num_mem_rsv(tree);

    for (int i = 0; i < count; i++) {
        struct range range;

        if (fdt_get_mem_rsv(tree, i, &range.base, &range.size) != 0)
            return;
        if (!range.size)
            continue;
        if (!range_valid(range.base, range.size)) {
            report_plain(build, NOTE_RESERVE_RANGE, "/memreserve/", "an entry is no memory range");
            return;
        }
        if (!hardware_remove(build, &build->free, range))
            return;
    }
}

static void hardware_read_memory(struct build *build)
{
    const struct plan_facts *facts = build->facts;
    struct tree_cells cells = tree_cells(build, build->hardware, 0, TREE_ROOT_CELLS);
    bool seen = false;
    int node;

    fdt_for_each_subnode(node, build->hardware, 0)
    {
        if (!hardware_is(build, node, "memory") || !hardware_enabled(build, node))
            continue;
        seen = true;
        if (!fdt_getprop(build->hardware, node, "reg", NULL))
            report_error(build, NOTE_REG_MISSING, build->hardware, node, "reg", "missing");
        hardware_add_bank(build, node, cells);
    }
    if (!seen)
        report_plain(build, NOTE_HARDWARE_NO_RAM, "/memory", "missing: the tree names no RAM");
    build->plan->ram = build->usable;
    hardware_read_reserved(build);
    hardware_keep_roots(build);
    if (!hardware_remove(build, &build->usable, facts->kernel))
        return;
    build->free = build->usable;
    if (hardware_remove(build, &build->free, facts->bundle) &&
        hardware_remove(build, &build->free, facts->hardware_tree))
        hardware_read_memreserve(build);
}

/* Firmware starts cores by PSCI, and by SMC: an HVC at EL2 would come back to the kernel. */
static bool hardware_has_psci(struct build *build)
{
    const void *tree = build->hardware;
    int node = fdt_subnode_offset(tree, 0, "psci");
    int length = 0;
    const char *method = node < 0 ? NULL : fdt_getprop(tree, node, "method", &length);

    if (!method)
        return false;
    if (length == 4 && memcmp(method, "smc", 4) == 0)
        return true;
    report_warning(build, NOTE_PSCI_METHOD, tree, node, "method",
                   "not smc: other cores cannot be started");
    return false;
}

static void hardware_add_core(struct build *build, int node, struct tree_cells cells, bool psci)
{
    const void *tree = build->hardware;
    struct plan *plan = build->plan;
    uint64_t mpidr;
    int length = 0;
    const char *method = fdt_getprop(tree, node, "enable-method", &length);
    enum tree_found found = tree_value(build, tree, node, "reg", cells.address, &mpidr);

    if (found == TREE_MISSING)
        report_error(build, NOTE_REG_MISSING, tree, node, "reg", "missing");
    if (found != TREE_GOOD)
        return;
    if (mpidr & ~MPIDR_AFFINITY) {
        report_error(build, NOTE_CPU_AFFINITY, tree, node, "reg", "0x%lx is no MPIDR affinity",
                     (unsigned long)mpidr);
        return;
    }
    for (uint32_t i = 0; i < plan->core_count; i++)
        if (plan->core[i].mpidr == mpidr) {
            report_error(build, NOTE_CPU_TWICE, tree, node, "reg",
                         "0x%lx is another core's already", (unsigned long)mpidr);
            return;
        }
    if (mpidr != build->facts->boot_core) {
        if (!method || length != 5 || memcmp(method, "psci", 5) != 0) {
            report_warning(build, NOTE_CPU_METHOD, tree, node, "enable-method",
                           "not psci: this core cannot be started and stays unused");
            return;
        }
        if (!psci) {
            report_warning(build, NOTE_CPU_METHOD, tree, node, "enable-method",
                           "no usable /psci node: this core stays unused");
            return;
        }
    }
    if (plan->core_count == PLAN_CORES) {
        report_warning(build, NOTE_CPU_MANY, tree, node, NULL,
                       "more than %lu cores: this one stays unused", (unsigned long)PLAN_CORES);
        return;
    }
    plan->core[plan->core_count++].mpidr = mpidr;
}

static void hardware_read_cores(struct build *build)
{
    const void *tree = build->hardware;
    int cpus = fdt_subnode_offset(tree, 0, "cpus");
    bool psci = hardware_has_psci(build);
    struct tree_cells cells;
    int node;

    if (cpus < 0) {
        report_plain(build, NOTE_CPUS_NODE_MISSING, "/cpus", "missing");
        return;
    }
    cells = tree_cells(build, tree, cpus, tree_cells(build, tree, 0, TREE_ROOT_CELLS));
    if (!cells.address) {
        report_error(build, NOTE_CPU_CELLS, tree, cpus, "#address-cells",
                     "0 leaves no place for an affinity");
        return;
    }
    fdt_for_each_subnode(node, tree, cpus)
    {
        if (hardware_is(build, node, "cpu") && hardware_enabled(build, node))
            hardware_add_core(build, node, cells, psci);
    }
    for (uint32_t i = 0; i < build->plan->core_count; i++)
        if (build->plan->core[i].mpidr == build->facts->boot_core)
            return;
    report_error(build, NOTE_CPU_BOOT, tree, cpus, NULL,
                 "the core that booted (affinity 0x%lx) is not there",
                 (unsigned long)build->facts->boot_core);
}

void hardware_read(struct build *build)
{
    hardware_read_memory(build);
    hardware_read_cores(build);
}
