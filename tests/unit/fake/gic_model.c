/* SPDX-License-Identifier: BSD-2-Clause */
/* What a GIC signals to a vCPU: the most urgent interrupt that is pending, enabled, not active, and
 * more urgent than what the vCPU handles. */
#include "gic_model.h"

struct model_irq *model_irq(struct model *model, uint32_t vcpu, uint32_t intid)
{
    return intid < 32 ? &model->cpu[vcpu].irq[intid] : &model->shared[intid];
}

bool model_pending(const struct model_irq *irq)
{
    return irq->latch || (irq->line && !irq->edge);
}

bool model_signals(struct model *model, uint32_t vcpu, uint32_t intid)
{
    const struct model_irq *irq = model_irq(model, vcpu, intid);

    return model_pending(irq) && irq->enable && !irq->active && model->control >> irq->group & 1 &&
           (intid < 32 || irq->route == vcpu);
}

static uint32_t model_running(struct model *model, uint32_t vcpu)
{
    const struct model_cpu *cpu = &model->cpu[vcpu];

    if (!cpu->depth)
        return 0xf8; /* the priority mask */
    return model_irq(model, vcpu, cpu->stack[cpu->depth - 1] & 0xffff)->priority;
}

uint32_t model_urgency(struct model *model, uint32_t vcpu)
{
    uint32_t best = 0x100;

    for (uint32_t intid = 0; intid < MODEL_INTIDS; intid++)
        if (model_signals(model, vcpu, intid) && model_irq(model, vcpu, intid)->priority < best)
            best = model_irq(model, vcpu, intid)->priority;
    return best < model_running(model, vcpu) ? best : 0x100;
}
