/* SPDX-License-Identifier: BSD-2-Clause */
/* Cores for vCPUs that may not have every core: who can have which, so that each has one. */
#ifndef PLAN_MATCH_H
#define PLAN_MATCH_H

#include "plan.h"

#define MATCH_NONE PLAN_CORES

struct match_vcpu {
    uint32_t partition;
    uint32_t vcpu;
    uint32_t allowed; /* a bit for each core */
    uint32_t core;
};

struct match {
    uint32_t count;
    struct match_vcpu at[PLAN_CORES + 1]; /* one core each, and one that finds none */
    uint32_t owner[PLAN_CORES];           /* index into `at`, of which MATCH_NONE is none */
};

void match_init(struct match *match);

/* Gives one more vCPU a core, if others have to move for it. When that cannot be, it is not added:
 * *reached are the cores for which it and others compete, `at[count]` is itself. */
bool match_add(struct match *match, const struct match_vcpu *vcpu, uint32_t *reached);

/* Takes all vCPUs of a partition out. */
void match_drop(struct match *match, uint32_t partition);

/* Gives number `index` that core for good, if the others can have cores then; else nothing has
 * changed. */
bool match_fix(struct match *match, uint32_t index, uint32_t core);

/* The cores that match_fix() would give to it. */
uint32_t match_choices(const struct match *match, uint32_t index);

#endif
