/* SPDX-License-Identifier: BSD-2-Clause */
/* From steps to events, and what guests know of themselves meanwhile. */
#ifndef VIRQ_PLAN_H
#define VIRQ_PLAN_H

#include "virq_steps.h"

enum { GUEST_DEPTH = 64 };

/* Interrupts that a guest has to end, and to deactivate. */
struct guest {
    uint8_t stack[GUEST_DEPTH], group[GUEST_DEPTH];
    uint32_t depth;
    uint8_t dropped[GUEST_DEPTH];
    uint32_t drops;
};

extern struct guest guests[MODEL_VCPUS];

/* False: it cannot happen now. */
bool plan_event(const struct step *step, struct observed *event);

#endif
