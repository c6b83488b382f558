/* SPDX-License-Identifier: BSD-2-Clause */
/* One step of a random sequence: numbers, which say what happens wherever they stand. So a sequence
 * can lose steps and still means something. */
#ifndef VIRQ_STEPS_H
#define VIRQ_STEPS_H

#include "virq_worlds.h"

enum step_kind {
    STEP_ENABLE,
    STEP_PENDING,
    STEP_ACTIVE,
    STEP_GROUP,
    STEP_EDGE,
    STEP_LINE,
    STEP_PRIORITY,
    STEP_ROUTE,
    STEP_CONTROL,
    STEP_READ,
    STEP_SGI,
    STEP_SIGNAL,
    STEP_DEVICE,
    STEP_ACKNOWLEDGE,
    STEP_END,
    STEP_DEACTIVATE,
    STEP_CONFIGURE,
    STEP_OFF,
    STEP_ON,
    STEP_BURST,  /* twenty signals: far more than there are list registers */
    STEP_CALLED, /* a core takes what calls it */
    STEP_SETTLE, /* all do */
    STEP_KINDS
};

struct step {
    enum step_kind kind;
    uint32_t self, vcpu, slot, value;
    bool joins; /* happens together with the step before */
};

void steps_begin(struct bench_config config);
void steps_do(const struct step *step);
/* Steps of different vCPUs, at once. */
void steps_race(const struct step *steps, uint32_t count);
/* Everything is handled as far as it is switched on, then everything is switched on and handled:
 * nothing may be left over. */
void steps_drain(void);
/* How many interrupts the guest of a vCPU has to end, and to deactivate. */
uint32_t steps_depth(uint32_t vcpu);
uint32_t steps_drops(uint32_t vcpu);

#endif
