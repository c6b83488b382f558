/* SPDX-License-Identifier: BSD-2-Clause */
/* The plan from beginning to end. */
#include "build.h"
#include "tree.h"
#include <stddef.h>
#include <string.h>

/* A kernel booted without a bundle can only run an empty system. */
static void plan_check_facts(struct build *build)
{
    const struct plan_facts *facts = build->facts;

    if (build->plan->partition_count && !facts->monitor_ram)
        report_plain(build, NOTE_MONITOR_ABSENT, "bundle",
                     "no monitor in it: domains cannot be run");
}

/* One round, with the domains that are left. The trees are good when their *_wrong is NULL. */
static bool plan_round(struct build *build, const char *hardware_wrong, const char *system_wrong)
{
    struct plan *plan = build->plan;

    memset((uint8_t *)plan + offsetof(struct plan, hardware), 0,
           sizeof(*plan) - offsetof(struct plan, hardware));
    if (hardware_wrong)
        report_plain(build, NOTE_TREE_BAD, "hardware tree", hardware_wrong);
    if (system_wrong && build->system != build->hardware)
        report_plain(build, NOTE_TREE_BAD, "system tree", system_wrong);
    if (!hardware_wrong) {
        plan->hardware = build->hardware;
        controller_read(build);
        hardware_read(build);
        leave_keep_touched(build);
    }
    if (!system_wrong) {
        domains_read(build);
        controls_read(build);
        channels_join(build);
    }
    /* With one tree unread, what does not fit would be told as a mistake of the other. */
    if (!hardware_wrong && !system_wrong && !leave_due(build)) {
        plan_check_facts(build);
        console_read(build);
        uart_place(build);
        seed_partitions(build);
        place_all(build);
        tables_check(build);
        slots_check(build);
        guest_trees_check(build);
    }
    return leave_again(build);
}

bool plan_build(struct plan *plan, const struct plan_facts *facts, const void *hardware,
                uint64_t hardware_limit, const void *system, uint64_t system_limit)
{
    const char *hardware_wrong = tree_check(hardware, hardware_limit);
    const char *system_wrong = tree_check(system, system_limit);
    struct build_kept kept;
    struct build build;

    memset(plan, 0, sizeof(*plan));
    memset(&kept, 0, sizeof(kept));
    /* Each round but the last leaves at least one domain out. */
    do {
        memset(&build, 0, sizeof(build));
        build.plan = plan;
        build.facts = facts;
        build.policy = facts->policy;
        build.hardware = hardware;
        build.system = system;
        build.kept = &kept;
    } while (plan_round(&build, hardware_wrong, system_wrong));
    return leave_ends_well(&build);
}
