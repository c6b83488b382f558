/* SPDX-License-Identifier: BSD-2-Clause */
/* What devices need beside themselves: nodes that their properties name by phandle. Fixed clocks
 * and regulators are copied; what the domain has itself is there; of all else it is told what is
 * missing. */
#include "guest_tree_writer.h"
#include "tree.h"
#include <libfdt.h>
#include <string.h>

#define NEEDS_LOOKS 512u /* references that are followed, each at the cost of the tree's size */

struct needs_kind {
    const char *name;
    const char *cells; /* of the target: how many cells follow its phandle; NULL: none */
    const char *fixed; /* compatible of a target that is copied; NULL: none is */
};

/* A name that begins with '*' is an end, one that ends so a beginning. */
static const struct needs_kind needs_kinds[] = {
    {"clocks", "#clock-cells", "fixed-clock"},
    {"assigned-clocks", "#clock-cells", NULL},
    {"assigned-clock-parents", "#clock-cells", NULL},
    {"*-supply", NULL, "regulator-fixed"},
    {"pinctrl-*", NULL, NULL},
    {"power-domains", "#power-domain-cells", NULL},
    {"resets", "#reset-cells", NULL},
    {"iommus", "#iommu-cells", NULL},
    {"iommu-map", NULL, NULL},
    {"msi-parent", "#msi-cells", NULL},
    {"msi-map", NULL, NULL},
    {"dmas", "#dma-cells", NULL},
    {"phys", "#phy-cells", NULL},
    {"phy-handle", NULL, NULL},
    {"gpios", "#gpio-cells", NULL},
    {"*-gpios", "#gpio-cells", NULL},
    {"*-gpio", "#gpio-cells", NULL},
    {"gpio-ranges", NULL, NULL},
    {"mboxes", "#mbox-cells", NULL},
    {"pwms", "#pwm-cells", NULL},
    {"io-channels", "#io-channel-cells", NULL},
    {"thermal-sensors", "#thermal-sensor-cells", NULL},
    {"interconnects", "#interconnect-cells", NULL},
    {"hwlocks", "#hwlock-cells", NULL},
    {"nvmem-cells", NULL, NULL},
    {"memory-region", NULL, NULL},
    {"operating-points-v2", NULL, NULL},
    {"remote-endpoint", NULL, NULL},
    {"sound-dai", "#sound-dai-cells", NULL},
    {"syscon", NULL, NULL},
    {"extcon", NULL, NULL},
};

struct needs {
    struct build *build;
    struct plan_partition *partition;
    uint32_t index; /* of it */
    uint32_t looks;
    const struct plan_device *device;
};

static bool needs_matches(const char *name, const char *pattern)
{
    const size_t length = strlen(name);
    const size_t rest = strlen(pattern) - 1;

    if (pattern[0] == '*')
        return length >= rest && strcmp(name + length - rest, pattern + 1) == 0;
    if (pattern[rest] == '*')
        return strncmp(name, pattern, rest) == 0 && name[rest] >= '0' && name[rest] <= '9';
    return strcmp(name, pattern) == 0;
}

static const struct needs_kind *needs_find(const char *name)
{
    for (uint32_t i = 0; i < sizeof(needs_kinds) / sizeof(needs_kinds[0]); i++)
        if (needs_matches(name, needs_kinds[i].name))
            return &needs_kinds[i];
    return NULL;
}

static void needs_refuse(struct needs *at, const char *property, int target, const char *why)
{
    char path[64];
    const void *tree = at->build->hardware;

    if (target < 0 || fdt_get_path(tree, target, path, sizeof(path)) != 0)
        strcpy(path, target < 0 ? "nothing" : "a node");
    report_error(at->build, NOTE_DEVICE_NEEDS, at->build->system, at->build->node[at->index],
                 device_asks(at->build, at->index), "%s: %s names %s: %s", at->device->name,
                 property, path, why);
}

/* A node that the domain's guest gets anyway. */
static bool needs_given(const struct needs *at, int target)
{
    const struct plan *plan = at->build->plan;

    for (uint32_t i = 0; i < plan->device_count; i++) {
        int depth = 0;
        int node = plan->device[i].node;

        if (plan->device[i].partition != at->index || node > target)
            continue;
        for (; node >= 0 && depth >= 0 && node <= target;
             node = fdt_next_node(plan->hardware, node, &depth))
            if (node == target)
                return true;
    }
    return false;
}

/* One that is copied must not need others itself. */
static bool needs_stands_alone(const void *tree, int node)
{
    int property;

    fdt_for_each_property_offset(property, tree, node)
    {
        const char *name = NULL;

        if (fdt_getprop_by_offset(tree, property, &name, NULL) && name && needs_find(name))
            return false;
    }
    return fdt_get_phandle(tree, node) < PHANDLE_FIRST;
}

static bool needs_add(struct needs *at, const char *property, int target)
{
    struct plan_partition *partition = at->partition;

    for (uint32_t i = 0; i < partition->resource_count; i++)
        if (partition->resource[i] == target)
            return true;
    if (partition->resource_count == PLAN_RESOURCES) {
        needs_refuse(at, property, target, "more than there is room for");
        return false;
    }
    partition->resource[partition->resource_count++] = target;
    return true;
}

/* One phandle; false when the rest of the property cannot be understood, or need not be. */
static bool needs_follow(struct needs *at, const char *property, const struct needs_kind *kind,
                         uint32_t phandle, uint32_t *cells)
{
    const void *tree = at->build->hardware;
    const int target = at->looks++ < NEEDS_LOOKS ? fdt_node_offset_by_phandle(tree, phandle) : -1;
    uint64_t count = 0;

    if (target < 0) {
        needs_refuse(at, property, -1, "a phandle that no node has");
        return false;
    }
    if (kind->cells) {
        int length = 0;
        const uint8_t *value = fdt_getprop(tree, target, kind->cells, &length);

        count = length == 4 && value ? tree_number(value, 1) : 0;
    }
    *cells = count < 16 ? (uint32_t)count : 16;
    if (needs_given(at, target))
        return true;
    if (kind->fixed && tree_compatible(tree, target, kind->fixed) &&
        needs_stands_alone(tree, target))
        return needs_add(at, property, target);
    needs_refuse(at, property, target, "the domain has it not");
    return false;
}

static void needs_property(struct needs *at, int property)
{
    const char *name = NULL;
    int length = 0;
    const uint8_t *value = fdt_getprop_by_offset(at->build->hardware, property, &name, &length);
    const struct needs_kind *kind = value && name ? needs_find(name) : NULL;
    uint32_t cells = 0;

    if (!kind)
        return;
    for (int i = 0; i + 4 <= length; i += 4 + 4 * (int)cells) {
        const uint32_t phandle = (uint32_t)tree_number(value + i, 1);

        cells = 0;
        if (phandle && !needs_follow(at, name, kind, phandle, &cells))
            return;
    }
}

/* Nodes below the device: their interrupts would be nobody's, and buses' devices need an own hand.
 */
static bool needs_child(struct needs *at, int node)
{
    const void *tree = at->build->hardware;

    if (fdt_get_phandle(tree, node) >= PHANDLE_FIRST) {
        report_error(at->build, NOTE_PHANDLE_RESERVED, at->build->system,
                     at->build->node[at->index], device_asks(at->build, at->index),
                     "%s has a child, %s, with a phandle that is not below 0x%lx", at->device->name,
                     fdt_get_name(tree, node, NULL), (unsigned long)PHANDLE_FIRST);
        return false;
    }
    if (!fdt_getprop(tree, node, "interrupts", NULL) &&
        !fdt_getprop(tree, node, "interrupts-extended", NULL))
        return true;
    report_error(at->build, NOTE_DEVICE_INTERRUPT, at->build->system, at->build->node[at->index],
                 device_asks(at->build, at->index), "%s has a child with interrupts, %s",
                 at->device->name, fdt_get_name(tree, node, NULL));
    return false;
}

static void needs_device(struct needs *at)
{
    const void *tree = at->build->hardware;
    int depth = 0;

    for (int node = at->device->node; node >= 0 && depth >= 0;
         node = fdt_next_node(tree, node, &depth)) {
        int property;

        if (node != at->device->node && !needs_child(at, node))
            return;
        fdt_for_each_property_offset(property, tree, node) needs_property(at, property);
    }
}

void needs_check(struct build *build)
{
    struct needs at = {.build = build};

    for (uint32_t i = 0; i < build->plan->device_count; i++) {
        at.device = &build->plan->device[i];
        at.index = at.device->partition;
        at.partition = &build->plan->partition[at.index];
        if (at.device->written)
            needs_device(&at);
    }
}
