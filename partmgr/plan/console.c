/* SPDX-License-Identifier: BSD-2-Clause */
/* The console service: what the description says of it in a node of /chosen. */
#include "binding.h"
#include "tree.h"
#include <libfdt.h>
#include <string.h>

#define CONSOLE_PERIOD 10000u /* us */
#define CONSOLE_BUDGET 1000u  /* us of it, on a core that a guest has too */

/* us: with less of either, entering and leaving it is all that is done. */
#define CONSOLE_BUDGET_MIN 10u
#define CONSOLE_PERIOD_MIN 100u
#define CONSOLE_PERIOD_MAX 1000000u

bool console_is(const void *tree, int node)
{
    return tree_compatible(tree, node, "bulkhead,console");
}

/* The first that is not disabled; negative when there is none. */
static int console_find(struct build *build)
{
    const void *tree = build->system;
    int chosen = fdt_subnode_offset(tree, 0, "chosen");
    int found = -1;
    int node;

    fdt_for_each_subnode(node, tree, chosen)
    {
        if (!console_is(tree, node))
            continue;
        if (tree_compatible(tree, node, "xen,domain"))
            report_error(build, NOTE_CONSOLE_IS_DOMAIN, tree, node, "compatible",
                         "both a domain and the console");
        else if (!tree_enabled(build, tree, node))
            continue;
        else if (found >= 0)
            report_error(build, NOTE_CONSOLE_TWICE, tree, node, "compatible",
                         "%s is the console already", fdt_get_name(tree, found, NULL));
        else
            found = node;
    }
    return found;
}

static void console_read_budget(struct build *build, int node)
{
    struct plan_console *console = &build->plan->console;
    uint64_t times = (uint64_t)CONSOLE_BUDGET << 32 | CONSOLE_PERIOD;

    tree_value(build, build->system, node, "bulkhead,budget", 2, &times);
    console->budget = (uint32_t)(times >> 32);
    console->period = (uint32_t)times;
    if (console->budget < CONSOLE_BUDGET_MIN || console->budget > console->period ||
        console->period < CONSOLE_PERIOD_MIN || console->period > CONSOLE_PERIOD_MAX)
        report_error(build, NOTE_BUDGET_RANGE, build->system, node, "bulkhead,budget",
                     "must be microseconds, %lu or more, of a period of %lu to %lu microseconds",
                     (unsigned long)CONSOLE_BUDGET_MIN, (unsigned long)CONSOLE_PERIOD_MIN,
                     (unsigned long)CONSOLE_PERIOD_MAX);
}

static void console_read_core(struct build *build, int node)
{
    uint64_t core = 0;

    build->console_chosen =
        tree_value(build, build->system, node, "bulkhead,core", 1, &core) == TREE_GOOD;
    build->plan->console.core = (uint32_t)core;
    if (build->console_chosen && core >= build->plan->core_count)
        report_error(build, NOTE_CORE_RANGE, build->system, node, "bulkhead,core",
                     "%lu: the machine has %lu that can be used, from 0 on", (unsigned long)core,
                     (unsigned long)build->plan->core_count);
}

void console_read(struct build *build)
{
    struct plan *plan = build->plan;
    int node = console_find(build);

    if (node < 0 || !plan->partition_count)
        return;
    if (!build->facts->console_ram) {
        report_plain(build, NOTE_CONSOLE_ABSENT, "bundle",
                     "no console in it: the description asks for one");
        return;
    }
    plan->console.used = true;
    plan->console.stamps = tree_flag(build, build->system, node, "bulkhead,stamps");
    binding_check(build, node, BINDING_CONSOLE);
    console_read_budget(build, node);
    console_read_core(build, node);
    uart_read(build);
}

/* A core that no guest has, or the last one of the partition that has most: not the only core of
 * anyone, if there is another choice. */
static uint32_t console_choose(const struct plan *plan)
{
    const struct plan_partition *most = &plan->partition[0];

    for (uint32_t i = 0; i < plan->core_count; i++)
        if (!plan->core[i].used)
            return i;
    for (uint32_t i = 1; i < plan->partition_count; i++)
        if (plan->partition[i].vcpus > most->vcpus)
            most = &plan->partition[i];
    return most->core[most->vcpus - 1];
}

void console_place_core(struct build *build)
{
    struct plan *plan = build->plan;
    struct plan_console *console = &plan->console;

    if (!console->used)
        return;
    if (!build->console_chosen) {
        console->core = console_choose(plan);
    } else if (console->core >= plan->core_count) {
        return; /* reported */
    }
    if (!plan->core[console->core].used)
        console->budget = console->period; /* it disturbs nobody there */
    plan->core[console->core].used = true;
}
