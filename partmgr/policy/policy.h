/* SPDX-License-Identifier: BSD-2-Clause */
/* Placement policies: which of the free RAM and which of the free cores a partition gets. */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "../plan/plan.h"

enum policy_purpose {
    POLICY_GUEST_RAM,
    POLICY_IMAGE,   /* what a compressed kernel unpacks to */
    POLICY_SHARED,  /* an area of shared memory; partition is its first peer */
    POLICY_PRIVATE, /* the monitor's memory, its configuration and the guest's tree */
};

struct policy_request {
    uint32_t partition; /* index in the plan; what was read of it is there */
    enum policy_purpose purpose;
    uint64_t size;
    uint64_t alignment;
    uint32_t pieces; /* 1: all or nothing; more: the answer may be a part, whose size is a multiple
                        of the alignment, and the rest is asked for again */
    struct range in_place; /* of a guest whose kernel can stay where it lies: the RAM around it,
                              the kernel's own included, to be taken as it is; or size 0 */
};

/* A policy only chooses: the plan checks that the choice is free, aligned and complete, and takes
 * it. */
struct policy {
    const char *name;
    bool (*memory)(const struct plan *plan, const struct policy_request *request,
                   const struct ranges *free, struct range *answer);
    /* The core of the partition's vCPU number `vcpu`: the index of one of the choices, which are a
     * bit for each core that it may have and that leaves one for every other vCPU. */
    bool (*core)(const struct plan *plan, uint32_t partition, uint32_t vcpu, uint32_t choices,
                 uint32_t *core);
    /* It is asked with `in_place` before anyone else gets RAM, and who cannot have it is told. */
    bool in_place;
};

/* NULL when there is none of that name, and behind the last. The first one is the default. */
const struct policy *policy_find(const char *name);
const struct policy *policy_at(uint32_t index);

#define POLICY_LIMIT 16u /* of them */

extern const struct policy policy_first_fit;
extern const struct policy policy_top_down;
extern const struct policy policy_zero_copy;

#endif
