/* SPDX-License-Identifier: BSD-2-Clause */
/* Who controls whom, and who begins only when another partition says so. */
#include "tree.h"
#include <libfdt.h>
#include <string.h>

#define CAPABILITY_CONTROL 1u /* of Xen's bits the one that means something here */
#define CAPABILITY_UNKNOWN 0xfffffff8u

_Static_assert(PLAN_TARGETS == PLAN_PARTITIONS - 1, "a partition controls others only");

static void control_add(struct build *build, uint32_t index, uint32_t target)
{
    struct plan_partition *partition = &build->plan->partition[index];
    struct plan_target *to;

    for (uint32_t i = 0; i < partition->target_count; i++)
        if (partition->target[i].partition == target)
            return;
    to = &partition->target[partition->target_count++];
    to->partition = target;
    memcpy(to->name, build->plan->partition[target].name, sizeof(to->name));
}

/* The domain that a phandle names; partition_count, and an error, when it names none. */
static uint32_t control_domain(struct build *build, uint32_t index, uint32_t phandle)
{
    static const char property[] = "bulkhead,controls";
    const void *tree = build->system;
    int node = fdt_node_offset_by_phandle(tree, phandle);
    uint32_t count = build->plan->partition_count;

    if (node < 0) {
        report_error(build, NOTE_PHANDLE_UNKNOWN, tree, build->node[index], property,
                     "0x%lx is no node's phandle", (unsigned long)phandle);
        return count;
    }
    for (uint32_t i = 0; i < count; i++)
        if (build->node[i] == node && i != index)
            return i;
    if (node == build->node[index])
        report_error(build, NOTE_CONTROL_SELF, tree, node, property, "names the domain itself");
    else
        report_error(build, NOTE_CONTROL_NO_DOMAIN, tree, build->node[index], property,
                     "%s is no domain, or a disabled one, or left out",
                     fdt_get_name(tree, node, NULL));
    return count;
}

/* False when there is no such property. */
static bool control_read_named(struct build *build, uint32_t index)
{
    static const char property[] = "bulkhead,controls";
    int node = build->node[index];
    int length = 0;
    const uint8_t *cells = fdt_getprop(build->system, node, property, &length);
    uint32_t count = build->plan->partition_count;

    if (!cells)
        return false;
    if (!length || length % 4)
        report_error(build, NOTE_PHANDLE_LIST, build->system, node, property,
                     "%lu bytes long, must be one or more phandles", (unsigned long)length);
    else if ((uint32_t)length / 4 > PLAN_TARGETS)
        report_error(build, NOTE_PHANDLE_MANY, build->system, node, property,
                     "more than %lu phandles", (unsigned long)PLAN_TARGETS);
    else
        for (int at = 0; at < length; at += 4) {
            uint32_t target = control_domain(build, index, (uint32_t)tree_number(cells + at, 1));

            if (target < count)
                control_add(build, index, target);
        }
    return true;
}

/* Xen's other bits, each for itself. */
static void control_check_capabilities(struct build *build, uint32_t index, uint64_t capabilities)
{
    static const struct {
        uint32_t bits;
        const char *name;
    } others[] = {
        {2, "the hardware domain's: not supported"},
        {4, "the xenstore domain's: not supported"},
        {CAPABILITY_UNKNOWN, "unknown"},
    };

    for (uint32_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (capabilities & others[i].bits)
            report_error(build, NOTE_CAPABILITY_UNSUPPORTED, build->system, build->node[index],
                         "capabilities", "0x%lx is %s",
                         (unsigned long)(capabilities & others[i].bits), others[i].name);
}

static void control_read(struct build *build, uint32_t index)
{
    static const char *const starts[] = {"boot", "manual"};
    struct plan_partition *partition = &build->plan->partition[index];
    const void *tree = build->system;
    int node = build->node[index];
    uint64_t capabilities = 0;

    if (tree_value(build, tree, node, "capabilities", 1, &capabilities) == TREE_GOOD)
        control_check_capabilities(build, index, capabilities);
    partition->control = control_read_named(build, index);
    if (!partition->control && capabilities & CAPABILITY_CONTROL) {
        partition->control = true;
        for (uint32_t i = 0; i < build->plan->partition_count; i++)
            if (i != index)
                control_add(build, index, i);
    }
    partition->resets = tree_flag(build, tree, node, "bulkhead,platform-reset");
    if (partition->resets && !partition->control)
        report_error(build, NOTE_RESET_WITHOUT_CONTROL, tree, node, "bulkhead,platform-reset",
                     "only for a domain that controls others");
    partition->manual = tree_choice(build, tree, node, "bulkhead,start", starts, 2, 0);
}

/* Whoever does not begin at boot must be controlled by somebody who runs. */
static void control_check_start(struct build *build)
{
    const struct plan *plan = build->plan;
    uint32_t running = 0, before;

    for (uint32_t i = 0; i < plan->partition_count; i++)
        running |= plan->partition[i].manual ? 0 : 1u << i;
    do {
        before = running;
        for (uint32_t i = 0; i < plan->partition_count; i++)
            for (uint32_t k = 0; running >> i & 1 && k < plan->partition[i].target_count; k++)
                running |= 1u << plan->partition[i].target[k].partition;
    } while (running != before);
    for (uint32_t i = 0; i < plan->partition_count; i++)
        if (!(running >> i & 1))
            report_error(build, NOTE_START_NOBODY, build->system, build->node[i], "bulkhead,start",
                         "nobody who runs controls it: it would never start");
}

void controls_read(struct build *build)
{
    for (uint32_t i = 0; i < build->plan->partition_count; i++)
        control_read(build, i);
    control_check_start(build);
}
