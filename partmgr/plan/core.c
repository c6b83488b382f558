/* SPDX-License-Identifier: BSD-2-Clause */
/* A core for each vCPU: one that pool and affinity allow, and of those the policy's choice. */
#include "../policy/policy.h"
#include "build.h"
#include "match.h"
#include "text.h"
#include "tree.h"
#include <libfdt.h>

/* Those that stand in each other's way: every vCPU that has one of the cores, and this one. */
static void core_tell_twice(struct build *build, const struct match *match, uint32_t reached,
                            const struct match_vcpu *vcpu)
{
    const int own = build->vcpu_node[vcpu->partition][vcpu->vcpu];
    const int node = own >= 0 ? own : build->node[vcpu->partition];
    char others[96] = "";
    char cores[32] = "";
    size_t length = 0;
    size_t at = 0;

    for (uint32_t core = 0; core < PLAN_CORES; core++) {
        const struct match_vcpu *other = &match->at[match->owner[core]];

        if (!(reached >> core & 1))
            continue;
        at += text_format(cores + at, sizeof(cores) - at, "%s%lu", at ? "," : "",
                          (unsigned long)core);
        length +=
            text_format(others + length, sizeof(others) - length, "%s%s's %lu", length ? ", " : "",
                        build->plan->partition[other->partition].name, (unsigned long)other->vcpu);
    }
    report_error(build, NOTE_CORE_TWICE, build->system, node, own >= 0 ? "hard-affinity" : "cpus",
                 "vCPU %lu gets no core of its own: for %s there are %s already",
                 (unsigned long)vcpu->vcpu, cores, others);
}

/* Why there is no core for a vCPU: too many want the same, or there are too few for all. */
static void core_tell(struct build *build, const struct match *match, uint32_t reached,
                      const struct match_vcpu *vcpu)
{
    const struct plan *plan = build->plan;
    const struct plan_partition *partition = &plan->partition[vcpu->partition];
    uint32_t total = 0;
    uint32_t left = 0;

    for (uint32_t core = 0; core < plan->core_count; core++) {
        const struct match_vcpu *owner = &match->at[match->owner[core]];
        bool taken = match->owner[core] != MATCH_NONE && owner->partition != vcpu->partition;

        if (plan->core[core].pool != partition->pool)
            continue;
        total++;
        left += !taken;
        if (!(reached >> core & 1)) { /* there would be others */
            core_tell_twice(build, match, reached, vcpu);
            return;
        }
    }
    report_error(build, NOTE_CORES_FEW, build->system, build->node[vcpu->partition], "cpus",
                 "wants %lu cores, of %lu %s%s the domains before it leave %lu",
                 (unsigned long)partition->vcpus, (unsigned long)total,
                 partition->pool ? "in pool " : "that can be used",
                 partition->pool ? plan->pool[partition->pool - 1].name : "", (unsigned long)left);
}

/* All vCPUs of a domain or none. */
static void core_match(struct build *build, struct match *match, uint32_t index)
{
    for (uint32_t i = 0; i < build->plan->partition[index].vcpus; i++) {
        const struct match_vcpu vcpu = {index, i, build->allowed[index][i], MATCH_NONE};
        uint32_t reached;

        if (match_add(match, &vcpu, &reached))
            continue;
        core_tell(build, match, reached, &vcpu);
        match_drop(match, index);
        return;
    }
}

/* The policy chooses among what leaves a core for everyone. */
static void core_choose(struct build *build, struct match *match, uint32_t number)
{
    struct plan *plan = build->plan;
    const struct match_vcpu *vcpu = &match->at[number];
    const uint32_t choices = match_choices(match, number);
    const uint32_t index = vcpu->partition;
    const uint32_t i = vcpu->vcpu;
    uint32_t core = 0;

    if (!build_policy(build, index)->core(plan, index, i, choices, &core) ||
        core >= plan->core_count || !(choices >> core & 1) || !match_fix(match, number, core)) {
        report_error(build, NOTE_CORES_POLICY, build->system, build->node[index], "cpus",
                     "the placement policy chooses no core that it may have");
        return;
    }
    plan->core[core].used = true;
    plan->partition[index].core[i] = core;
}

void cores_place(struct build *build)
{
    struct match match;
    uint32_t errors = build->plan->error_count;

    match_init(&match);
    pools_read(build);
    if (build->plan->error_count != errors)
        return;
    for (uint32_t i = 0; i < build->plan->partition_count && !leave_due(build); i++) {
        errors = build->plan->error_count;
        pool_read_domain(build, i);
        affinity_read(build, i);
        if (build->plan->error_count == errors)
            core_match(build, &match, i);
    }
    for (uint32_t i = 0; i < match.count; i++)
        core_choose(build, &match, i);
    console_place_core(build);
}
