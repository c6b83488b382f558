/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of a partition that resets itself or fails, and of the machine at the end. */
#include "tree.h"
#include <bulkhead/call.h>
#include <bulkhead/cap.h>
#include <libfdt.h>

#define LIFE_BUDGET 5u  /* restarts after failures … */
#define LIFE_PERIOD 60u /* … within so many seconds */

#define LIFE_WATCHDOG 3600u /* seconds that one can begin with: they fit an SP805's counter */

static void life_read_watchdog(struct build *build, struct plan_partition *partition, int node)
{
    static const char *const kinds[] = {
        [BH_MON_WATCHDOG_NONE] = "none",
        [BH_MON_WATCHDOG_SBSA] = "sbsa",
        [BH_MON_WATCHDOG_SP805] = "sp805",
    };
    static const char start[] = "bulkhead,watchdog-start";
    uint64_t seconds;

    partition->watchdog = tree_choice(build, build->system, node, "bulkhead,watchdog", kinds, 3,
                                      BH_MON_WATCHDOG_NONE);
    if (tree_value(build, build->system, node, start, 1, &seconds) != TREE_GOOD)
        return;
    if (!seconds || seconds > LIFE_WATCHDOG)
        report_error(build, NOTE_WATCHDOG_TIME, build->system, node, start, "%lu is not 1 to %lu",
                     (unsigned long)seconds, (unsigned long)LIFE_WATCHDOG);
    else if (partition->watchdog == BH_MON_WATCHDOG_NONE)
        report_error(build, NOTE_WATCHDOG_MISSING, build->system, node, start,
                     "there is no watchdog");
    else
        partition->watchdog_start = seconds;
}

void life_read(struct build *build, uint32_t index)
{
    static const char *const resets[] = {"stop", "restart"};
    static const char *const failures[] = {
        [BH_FAILURE_STOP] = "stop",
        [BH_FAILURE_RESTART] = "restart",
        [BH_FAILURE_PLATFORM] = "reset-platform",
    };
    static const char *const exits[] = {"abort", "fail"};
    struct plan_partition *partition = &build->plan->partition[index];
    int node = build->node[index];
    uint64_t budget = (uint64_t)LIFE_BUDGET << 32 | LIFE_PERIOD;

    partition->on_reset =
        tree_choice(build, build->system, node, "bulkhead,on-reset", resets, 2, 1);
    partition->on_failure = tree_choice(build, build->system, node, "bulkhead,on-failure", failures,
                                        3, BH_FAILURE_STOP);
    partition->strict =
        tree_choice(build, build->system, node, "bulkhead,on-unhandled", exits, 2, 0);
    if (partition->strict && partition->lenient)
        report_error(build, NOTE_UNHANDLED_LENIENT, build->system, node, "bulkhead,on-unhandled",
                     "\"fail\" beside trap-unmapped-accesses that is 0");
    life_read_watchdog(build, partition, node);
    partition->stays = tree_flag(build, build->system, node, "bulkhead,stays");
    tree_value(build, build->system, node, "bulkhead,restart-budget", 2, &budget);
    partition->budget = (uint32_t)(budget >> 32);
    partition->period = (uint32_t)budget;
    if (!partition->budget || !partition->period)
        report_error(build, NOTE_BUDGET_ZERO, build->system, node, "bulkhead,restart-budget",
                     "a count and seconds, neither of them 0");
}

void life_read_machine(struct build *build, int chosen)
{
    static const char *const ends[] = {
        [BH_PLATFORM_HALT] = "stay",
        [BH_PLATFORM_OFF] = "off",
        [BH_PLATFORM_RESET] = "reset",
    };

    build->plan->on_end =
        tree_choice(build, build->system, chosen, "bulkhead,on-end", ends, 3, BH_PLATFORM_OFF);
}
