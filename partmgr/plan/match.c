/* SPDX-License-Identifier: BSD-2-Clause */
/* Cores for vCPUs that may not have every core: a bipartite matching that grows by augmenting
 * paths, so that a way is found whenever there is one. */
#include "match.h"

_Static_assert(PLAN_CORES < 32, "sets of cores are words");

void match_init(struct match *match)
{
    match->count = 0;
    for (uint32_t core = 0; core < PLAN_CORES; core++)
        match->owner[core] = MATCH_NONE;
}

/* The path has been found: everyone on it moves to the core by which the search came. */
static void match_shift(struct match *match, uint32_t start, const uint32_t *from, uint32_t core)
{
    for (;;) {
        uint32_t vcpu = from[core];
        uint32_t before = match->at[vcpu].core;

        match->owner[core] = vcpu;
        match->at[vcpu].core = core;
        if (vcpu == start)
            return;
        core = before;
    }
}

/* Breadth first: each core is reached once, so the queue holds its owners and the start. */
static bool match_augment(struct match *match, uint32_t start, uint32_t *reached)
{
    uint32_t from[PLAN_CORES];
    uint32_t queue[PLAN_CORES + 1] = {start};
    uint32_t tail = 1;

    *reached = 0;
    for (uint32_t head = 0; head < tail; head++)
        for (uint32_t core = 0; core < PLAN_CORES; core++) {
            if (!((match->at[queue[head]].allowed & ~*reached) >> core & 1))
                continue;
            *reached |= 1u << core;
            from[core] = queue[head];
            if (match->owner[core] == MATCH_NONE) {
                match_shift(match, start, from, core);
                return true;
            }
            queue[tail++] = match->owner[core];
        }
    return false;
}

bool match_add(struct match *match, const struct match_vcpu *vcpu, uint32_t *reached)
{
    match->at[match->count] = *vcpu;
    match->at[match->count].core = MATCH_NONE;
    if (!match_augment(match, match->count, reached))
        return false;
    match->count++;
    return true;
}

void match_drop(struct match *match, uint32_t partition)
{
    uint32_t left = 0;

    for (uint32_t i = 0; i < match->count; i++) {
        match->owner[match->at[i].core] = MATCH_NONE;
        if (match->at[i].partition != partition)
            match->at[left++] = match->at[i];
    }
    match->count = left;
    for (uint32_t i = 0; i < left; i++)
        match->owner[match->at[i].core] = i;
}

bool match_fix(struct match *match, uint32_t index, uint32_t core)
{
    struct match changed = *match;
    uint32_t other = changed.owner[core];
    uint32_t reached;

    if (!(changed.at[index].allowed >> core & 1))
        return false;
    changed.owner[changed.at[index].core] = MATCH_NONE;
    changed.at[index].core = core;
    changed.at[index].allowed = 1u << core;
    changed.owner[core] = index;
    if (other != index && other != MATCH_NONE) {
        changed.at[other].core = MATCH_NONE;
        if (!match_augment(&changed, other, &reached))
            return false;
    }
    *match = changed;
    return true;
}

uint32_t match_choices(const struct match *match, uint32_t index)
{
    uint32_t choices = 0;

    for (uint32_t core = 0; core < PLAN_CORES; core++) {
        struct match copy = *match;

        if (match_fix(&copy, index, core))
            choices |= 1u << core;
    }
    return choices;
}
