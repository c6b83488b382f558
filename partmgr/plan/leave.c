/* SPDX-License-Identifier: BSD-2-Clause */
/* Bad domains that are left out: whose a mistake is, and what one round of planning hands to the
 * next. */
#include "text.h"
#include "tree.h"
#include <libfdt.h>
#include <string.h>

void leave_read(struct build *build, int chosen)
{
    static const char *const words[] = {"halt", "leave-out"};

    build->kept->may_leave =
        tree_choice(build, build->system, chosen, "bulkhead,on-bad-domain", words, 2, 0);
}

bool leave_has(const struct build *build, int node)
{
    for (uint32_t i = 0; i < build->plan->left_out_count; i++)
        if (build->kept->left[i] == node)
            return true;
    return false;
}

void leave_add_domain(struct build *build, uint32_t index, int node)
{
    int depth = 0;
    int end = node;

    do
        end = fdt_next_node(build->system, end, &depth);
    while (end >= 0 && depth > 0);
    build->node[index] = node;
    build->node_end[index] = end;
}

uint32_t leave_domain(const struct build *build, const void *tree, int node)
{
    if (build->fragment && tree == build->fragment) {
        tree = build->system;
        node = build->fragment_node;
    }
    for (uint32_t i = 0; tree == build->system && i < build->plan->partition_count; i++)
        if (node >= build->node[i] && (build->node_end[i] < 0 || node < build->node_end[i]))
            return i + 1;
    return 0;
}

bool leave_blame(struct build *build, const void *tree, int node)
{
    uint32_t domain = tree ? leave_domain(build, tree, node) : 0;

    if (domain)
        build->bad |= 1u << (domain - 1);
    else
        build->fatal = true;
    return domain && build->kept->may_leave;
}

void leave_touch(struct build *build, const struct range *pages)
{
    /* There is room: a kernel, what it unpacks to and a tree of devices for each domain. */
    (void)ranges_add(&build->kept->touched, pages->base, pages->size);
}

void leave_keep_touched(struct build *build)
{
    const struct ranges *touched = &build->kept->touched;

    for (uint32_t i = 0; i < touched->count; i++)
        if (!ranges_remove(&build->free, touched->at[i].base, touched->at[i].size))
            report_plain(build, NOTE_PIECES_MANY, "/chosen",
                         "what left-out domains leave behind leaves too many pieces of RAM");
}

/* Of the warnings only those stay that are about domains which do not come again. */
static void leave_keep_warnings(struct build *build)
{
    struct plan *plan = build->plan;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < plan->warning_count && i < PLAN_WARNINGS; i++) {
        const uint32_t domain = build->warned[i];

        if (!plan->warning[i].left_out && !(domain && build->bad >> (domain - 1) & 1))
            continue;
        plan->warning[kept] = plan->warning[i];
        plan->warning[kept++].left_out = true;
    }
    memset(&plan->warning[kept], 0, (PLAN_WARNINGS - kept) * sizeof(plan->warning[0]));
    plan->warning_count = kept;
}

bool leave_due(const struct build *build)
{
    return build->kept->may_leave && !build->fatal && build->bad;
}

bool leave_again(struct build *build)
{
    struct plan *plan = build->plan;

    if (!leave_due(build))
        return false;
    leave_keep_warnings(build);
    for (uint32_t i = 0; i < plan->partition_count; i++) {
        const uint32_t next = plan->left_out_count;

        if (!(build->bad >> i & 1))
            continue;
        build->kept->left[next] = build->node[i];
        text_format(plan->left_out[next], PLAN_NAME, "%s",
                    fdt_get_name(build->system, build->node[i], NULL));
        plan->left_out[next][strcspn(plan->left_out[next], "@")] = 0;
        plan->left_out_count++;
    }
    return true;
}

bool leave_ends_well(struct build *build)
{
    struct plan *plan = build->plan;

    if (plan->left_out_count && !plan->partition_count)
        report_plain(build, NOTE_DOMAINS_NONE, "/chosen", "every domain would be left out");
    if (!build->fatal && !build->bad)
        return true;
    /* Nothing starts, so nobody is left out of it. */
    plan->left_out_count = 0;
    memset(plan->left_out, 0, sizeof(plan->left_out));
    for (uint32_t i = 0; i < PLAN_ERRORS; i++)
        plan->error[i].left_out = false;
    for (uint32_t i = 0; i < PLAN_WARNINGS; i++)
        plan->warning[i].left_out = false;
    return false;
}
