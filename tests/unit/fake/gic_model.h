/* SPDX-License-Identifier: BSD-2-Clause */
/* A plain model of the GIC as a partition should see it (IHI 0069, chapter 4): one record an
 * interrupt, no list registers. */
#ifndef GIC_MODEL_H
#define GIC_MODEL_H

#include <stdbool.h>
#include <stdint.h>

enum { MODEL_VCPUS = 3, MODEL_INTIDS = 128, MODEL_DEPTH = 40, MODEL_NOWHERE = 0xff };

struct model_irq {
    bool enable, latch, line, active, group, edge;
    bool linked;
    bool physical_active, physical_pending, physical_enable;
    uint32_t priority;
    uint32_t route;
};

struct model_cpu {
    struct model_irq irq[32];    /* private */
    uint32_t stack[MODEL_DEPTH]; /* acknowledged, priority not dropped yet: INTID | group << 16 */
    uint32_t depth;
    uint32_t dropped[MODEL_DEPTH]; /* EOImode 1: still to be deactivated */
    uint32_t drops;
};

struct model {
    uint32_t vcpus;
    bool split;
    uint32_t control;
    struct model_cpu cpu[MODEL_VCPUS];
    struct model_irq shared[MODEL_INTIDS];
};

struct model_irq *model_irq(struct model *model, uint32_t vcpu, uint32_t intid);
bool model_pending(const struct model_irq *irq);
/* The priority that must be signalled to a vCPU now, or 0x100. */
uint32_t model_urgency(struct model *model, uint32_t vcpu);
/* May this interrupt be acknowledged with that urgency? */
bool model_signals(struct model *model, uint32_t vcpu, uint32_t intid);

#endif
