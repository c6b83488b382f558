/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices that write to memory by themselves. Nothing holds them back: there is no IOMMU, so their
 * domain must be trusted with all memory, have it where the machine has it, and not begin anew
 * while one of them may still write. And who is given a page has all that is in it. */
#include "text.h"
#include "tree.h"
#include <bulkhead/call.h>
#include <bulkhead/cap.h>
#include <libfdt.h>
#include <string.h>

#define MASTERS_DEPTH 64u /* of nodes; tree_check() lets no more through */

struct masters_found {
    uint32_t others; /* nodes in the device's pages that no device of the domain is … */
    int other;       /* … and one of them */
    bool any;        /* some node is in its pages */
    bool masters;    /* and one of these does */
};

struct masters {
    struct build *build;
    int asked; /* the last node that was judged, … */
    bool says; /* … and how */
    int parent[MASTERS_DEPTH + 1];
    bool flat[MASTERS_DEPTH + 1]; /* addresses of children are the machine's */
    struct masters_found found[PLAN_DEVICES];
};

/* Known not to, however they are used. Of others nobody knows. */
static const char *const masters_not[] = {
    "arm,pl011",       "arm,sbsa-uart", "arm,pl031",       "arm,pl061",        "arm,sp804",
    "arm,sp805",       "arm,sbsa-gwdt", "ns16550",         "ns16550a",         "snps,dw-apb-uart",
    "cfi-flash",       "gpio-keys",     "gpio-leds",       "snps,dw-apb-gpio", "snps,dw-wdt",
    "cdns,uart-r1p12", "fixed-clock",   "regulator-fixed",
};

static bool masters_says(const void *tree, int node)
{
    static const char *const signs[] = {"dma-ranges", "dma-coherent", "iommus", "dmas"};

    for (uint32_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (fdt_getprop(tree, node, signs[i], NULL))
            return true;
    for (uint32_t i = 0; i < sizeof(masters_not) / sizeof(masters_not[0]); i++)
        if (tree_compatible(tree, node, masters_not[i]))
            return false;
    return true;
}

/* Once for each node, however often it is met: what it says may be long. */
static bool masters_ask(struct masters *at, int node)
{
    if (at->asked != node) {
        at->asked = node;
        at->says = masters_says(at->build->hardware, node);
    }
    return at->says;
}

static bool masters_enabled(const void *tree, int node)
{
    int length = 0;
    const char *status = fdt_getprop(tree, node, "status", &length);

    return !status || (length == 5 && memcmp(status, "okay", 5) == 0) ||
           (length == 3 && memcmp(status, "ok", 3) == 0);
}

/* A node that a device of the domain is, is no stranger in the pages of another one. */
static bool masters_own(const struct plan *plan, uint32_t partition, int node)
{
    for (uint32_t i = 0; i < plan->device_count; i++)
        if (plan->device[i].partition == partition && plan->device[i].node == node)
            return true;
    return false;
}

static void masters_note(struct masters *at, int node, const struct range *pages)
{
    const struct plan *plan = at->build->plan;

    for (uint32_t i = 0; i < plan->device_count; i++) {
        const struct plan_device *device = &plan->device[i];
        struct masters_found *found = &at->found[i];

        for (uint32_t k = 0; k < device->range_count; k++) {
            const struct range range = {device->range[k].host, device->range[k].size};

            if (!range_overlaps(&range, pages))
                continue;
            found->any = true;
            found->masters = found->masters || masters_ask(at, node);
            if (!masters_own(plan, device->partition, node) && device->node) {
                found->others++;
                found->other = node;
            }
            break;
        }
    }
}

/* A node whose addresses are the machine's: in whose pages is it? */
static void masters_look(struct masters *at, int node, int parent)
{
    const void *tree = at->build->hardware;
    const int address = fdt_address_cells(tree, parent);
    const int size = fdt_size_cells(tree, parent);
    int length = 0;
    int kind = 0;
    const uint8_t *reg = fdt_getprop(tree, node, "reg", &length);
    const char *type = fdt_getprop(tree, node, "device_type", &kind);

    if (type && kind == sizeof("memory") && memcmp(type, "memory", sizeof("memory")) == 0)
        return; /* no device: that nobody gets it so is seen to elsewhere */
    if (!reg || address < 1 || address > 2 || size < 1 || size > 2 || !masters_enabled(tree, node))
        return;
    for (; length >= 4 * (address + size); length -= 4 * (address + size)) {
        const uint64_t base = tree_number(reg, (uint32_t)address);
        const uint64_t bytes = tree_number(reg + 4 * address, (uint32_t)size);

        reg += 4 * (address + size);
        if (range_valid(base, bytes)) {
            const struct range pages = range_pages(base, bytes);

            masters_note(at, node, &pages);
        }
    }
}

/* One way through the machine's tree, without recursion. */
static void masters_walk(struct masters *at)
{
    const void *tree = at->build->hardware;
    int depth = 0;

    at->parent[0] = 0;
    at->flat[0] = true;
    for (int node = fdt_next_node(tree, 0, &depth); node >= 0 && depth > 0;
         node = fdt_next_node(tree, node, &depth)) {
        int length = -1;
        const void *ranges = fdt_getprop(tree, node, "ranges", &length);

        if (depth > (int)MASTERS_DEPTH)
            return;
        at->parent[depth] = node;
        at->flat[depth] = at->flat[depth - 1] && ranges && !length;
        if (at->flat[depth - 1])
            masters_look(at, node, at->parent[depth - 1]);
    }
}

/* What notes about a device name: the node of its domain that asks for it. */
static void masters_warn_others(struct masters *at, uint32_t index)
{
    struct build *build = at->build;
    const struct plan_device *device = &build->plan->device[index];
    const struct masters_found *found = &at->found[index];
    char more[32] = "";

    if (!found->others || device->range[0].again)
        return;
    if (found->others > 1)
        text_format(more, sizeof(more), " and %lu more", (unsigned long)found->others - 1);
    report_warning(build, NOTE_DEVICE_BESIDE, build->system, device_asker(build, device->partition),
                   device_asks(build, device->partition), "%s comes with %s%s, in the same pages",
                   device->name, fdt_get_name(build->hardware, found->other, NULL), more);
}

/* Without a way to quiet it, it writes into what is loaded then. */
static void masters_check_restart(struct build *build, uint32_t index, const char *name)
{
    static const char reset[] = "bulkhead,on-reset";
    struct plan_partition *partition = &build->plan->partition[index];
    const int node = build->node[index];

    if (!fdt_getprop(build->system, node, reset, NULL))
        partition->on_reset = false;
    if (partition->on_reset)
        report_error(build, NOTE_RESTART_MASTER, build->system, node, reset,
                     "\"restart\", and %s may still write to memory then", name);
    if (partition->on_failure == BH_FAILURE_RESTART)
        report_error(build, NOTE_RESTART_MASTER, build->system, node, "bulkhead,on-failure",
                     "\"restart\", and %s may still write to memory then", name);
    for (uint32_t i = 0; i < build->plan->partition_count; i++)
        for (uint32_t k = 0; k < build->plan->partition[i].target_count; k++)
            if (build->plan->partition[i].target[k].partition == index)
                report_error(build, NOTE_RESTART_MASTER, build->system, node, NULL,
                             "%s can begin it anew, and %s may still write to memory then",
                             build->plan->partition[i].name, name);
}

static void masters_judge(struct build *build, uint32_t index)
{
    const struct plan *plan = build->plan;
    const struct plan_partition *partition = &plan->partition[index];
    const int node = device_asker(build, index);
    const char *property = device_asks(build, index);
    const char *name = NULL;
    const char *loud = NULL; /* one that nobody can quiet */
    uint32_t count = 0;

    for (uint32_t i = 0; i < plan->device_count; i++) {
        const struct plan_device *device = &plan->device[i];

        if (device->partition != index || !device->masters)
            continue;
        if (!count++)
            name = device->name;
        if (!loud && !quiesce_covers(plan, device))
            loud = device->name;
        if (!device->forced)
            report_error(build, NOTE_DEVICE_MASTER, build->system, node, property,
                         "%s can write to all memory, and there is no IOMMU", device->name);
    }
    if (!count)
        return;
    report_warning(build, NOTE_DEVICE_DMA, build->system, node, property,
                   count > 1 ? "%s and %lu more can reach all memory: there is no IOMMU"
                             : "%s can reach all memory: there is no IOMMU",
                   name, (unsigned long)count - 1);
    if (partition->layout.kind != PLAN_LAYOUT_DIRECT)
        report_error(build, NOTE_MASTER_NOT_DIRECT, build->system, build->node[index], NULL,
                     "%s writes to the machine's addresses, which are not its guest's", name);
    if (loud)
        masters_check_restart(build, index, loud);
}

void masters_check(struct build *build)
{
    struct plan *plan = build->plan;
    struct masters at = {.build = build};

    for (uint32_t i = 0; i < plan->partition_count; i++)
        quiesce_read(build, i);
    if (!plan->device_count)
        return;
    masters_walk(&at);
    for (uint32_t i = 0; i < plan->device_count; i++) {
        struct plan_device *device = &plan->device[i];

        /* What is in no tree is not known either; what has no registers cannot be told to. */
        device->masters =
            device->range_count && (at.found[i].masters || (!at.found[i].any && !device->node) ||
                                    (device->node && masters_says(plan->hardware, device->node)));
        masters_warn_others(&at, i);
    }
    for (uint32_t i = 0; i < plan->partition_count; i++)
        masters_judge(build, i);
}
