/* SPDX-License-Identifier: BSD-2-Clause */
/* The model's rules. Where the specification leaves freedom the comment names the section. */
#include "gic_model.h"

const uint16_t model_intids[MODEL_SLOTS] = {0,  1,  2,  15, 16,  20,  27,  30, 32, 33,
                                            34, 35, 36, 37, 38,  39,  40,  41, 42, 63,
                                            64, 66, 95, 96, 127, 200, 255, 287};

uint32_t model_slot(uint32_t intid)
{
    for (uint32_t slot = 0; slot < MODEL_SLOTS; slot++)
        if (model_intids[slot] == intid)
            return slot;
    return MODEL_NONE;
}

uint32_t model_bank(uint32_t slot)
{
    uint32_t bank = 0;

    for (uint32_t other = 0; other < MODEL_SLOTS; other++)
        if (model_intids[other] / 32 == model_intids[slot] / 32)
            bank |= 1u << other;
    return bank;
}

enum model_link model_link(uint32_t slot)
{
    switch (model_intids[slot]) {
    case 27: /* timers */
    case 30:
    case 41:
    case 127:
        return MODEL_LEVEL;
    case 40:
    case 42:
    case 66:
        return MODEL_EDGE;
    }
    return MODEL_EMULATED;
}

struct model_irq *model_irq(struct model *model, uint32_t vcpu, uint32_t slot)
{
    return slot < MODEL_PRIVATE ? &model->own[vcpu][slot] : &model->shared[slot - MODEL_PRIVATE];
}

/* --- what is pending ------------------------------------------------------------------------ */
/* 4.1.2, 4.4.1: pending by latch, or by the level of the input. */
static bool model_pending(const struct model_irq *irq, uint32_t slot)
{
    if (model_link(slot) == MODEL_EDGE)
        return irq->latch || irq->pulsed;
    return irq->latch || (irq->line && (model_link(slot) == MODEL_LEVEL || !irq->edge));
}

/* A linked interrupt passes through the physical GIC first. It may be taken there and be withdrawn
 * by its device before the guest sees it: a spurious interrupt, as any level that changes can cause
 * (4.1.2). Two edges may be two interrupts, although the first had not been acknowledged. */
static bool model_may_pend(const struct model_irq *irq, uint32_t slot)
{
    return model_pending(irq, slot) || irq->may;
}

/* --- who takes it --------------------------------------------------------------------------- */
static bool model_forwards(const struct model *model, const struct model_irq *irq, uint32_t vcpu)
{
    return irq->enable && !irq->active && model->control >> irq->group & 1 && model->pe[vcpu].on &&
           model->pe[vcpu].groups >> irq->group & 1;
}

static bool model_targets(const struct model_irq *irq, uint32_t slot, uint32_t vcpu)
{
    return slot < MODEL_PRIVATE || irq->targets >> vcpu & 1;
}

/* 3.1.1 1-of-N: any one target; which one, nobody says. It must come here if no other can have it.
 */
static bool model_nobody_else(const struct model *model, const struct model_irq *irq, uint32_t slot,
                              uint32_t vcpu)
{
    for (uint32_t other = 0; slot >= MODEL_PRIVATE && other < model->vcpus; other++)
        if (other != vcpu && irq->targets >> other & 1 && model->pe[other].on)
            return false;
    return true;
}

static uint32_t model_running(const struct model_pe *pe)
{
    uint32_t all = pe->running[0] | pe->running[1];

    for (uint32_t level = 0; level < 32; level++)
        if (all >> level & 1)
            return level * 8;
    return 0x100;
}

/* 4.8.2: the part of a priority that decides on preemption. */
static uint32_t model_group_priority(const struct model_pe *pe, uint32_t priority, uint32_t group)
{
    uint32_t ignored = pe->point[0] + 1u;

    if (group && !pe->cbpr)
        ignored = pe->point[1];
    return priority >> ignored << ignored;
}

/* 4.8.3, 4.8.5 */
static bool model_signals(const struct model_pe *pe, const struct model_irq *irq)
{
    return irq->priority < pe->mask &&
           model_group_priority(pe, irq->priority, irq->group) < model_running(pe);
}

/* Two worlds when a signal that is under way may arrive before this or after it (4.2.4, 12.1.4:
 * effects are visible in finite time). */
static uint32_t model_take(struct model *model, uint32_t vcpu, uint32_t slot, struct model *other)
{
    struct model_irq *irq = model_irq(model, vcpu, slot);
    bool late = irq->late && irq->latch;
    struct model_pe *pe = &model->pe[vcpu];
    enum model_link link = model_link(slot);

    pe->running[irq->group] |= 1u << model_group_priority(pe, irq->priority, irq->group) / 8;
    irq->active = true;
    irq->owner = (uint8_t)(vcpu + 1);
    irq->latch = irq->pulsed = false;
    irq->may = link == MODEL_LEVEL ? irq->line : (uint8_t)(irq->may - (irq->may > 0));
    irq->late = false;
    if (!late)
        return 1;
    *other = *model;
    model_irq(other, vcpu, slot)->latch = true;
    return 2;
}

static void model_arrive(struct model *model)
{
    for (uint32_t vcpu = 0; vcpu < model->vcpus; vcpu++)
        for (uint32_t slot = 0; slot < MODEL_SLOTS; slot++)
            model_irq(model, vcpu, slot)->late = false;
}

/* 4.8: the highest priority pending interrupt is acknowledged; of several with the same priority
 * any one. When it is not in the group that is asked for, or does not preempt: 1023. */
static uint32_t model_acknowledge(struct model *model, const struct observed *event,
                                  struct model *other)
{
    uint32_t vcpu = event->self;
    const struct model_pe *pe = &model->pe[vcpu];
    uint32_t urgency = 0x100;
    bool nothing = false;

    if (event->prompt)
        model_arrive(model);
    for (uint32_t slot = 0; slot < MODEL_SLOTS; slot++) {
        const struct model_irq *irq = model_irq(model, vcpu, slot);

        if (model_pending(irq, slot) && irq->priority < urgency && model_targets(irq, slot, vcpu) &&
            model_forwards(model, irq, vcpu) && model_nobody_else(model, irq, slot, vcpu))
            urgency = irq->priority;
    }
    if (urgency == 0x100 || !event->prompt)
        nothing = true;
    for (uint32_t slot = 0; slot < MODEL_SLOTS; slot++) {
        const struct model_irq *irq = model_irq(model, vcpu, slot);
        bool signals = irq->group == event->group && model_signals(pe, irq);

        if (!model_may_pend(irq, slot) || !model_targets(irq, slot, vcpu) ||
            !model_forwards(model, irq, vcpu) || (event->prompt && irq->priority > urgency))
            continue;
        if (signals && slot == event->result)
            return model_take(model, vcpu, slot, other);
        nothing |= !signals;
    }
    return nothing && event->result == MODEL_NONE;
}

/* Software and the device have both made a linked level interrupt pending or active: the kernel
 * does not tell what of its state is whose, and takes back all of it with the level
 * (doc/caveats.md). */
static void model_unmix(struct model_irq *irq)
{
    if (!irq->active && !irq->latch && !irq->line && !irq->may)
        irq->mixed = false;
}

/* --- what software does --------------------------------------------------------------------- */
static void model_pend(struct model_irq *irq, uint32_t slot, bool on)
{
    enum model_link link = model_link(slot);

    if (on) {
        irq->mixed = link == MODEL_LEVEL;
        irq->latch |= !irq->mixed || !(irq->line || irq->may || irq->active);
        irq->may = (uint8_t)(irq->may + (link != MODEL_EMULATED && irq->may < 2));
        return;
    }
    irq->latch = irq->pulsed = false;
    if (link == MODEL_LEVEL)
        irq->may = irq->line;
    else if (irq->may > 1)
        irq->may = 1; /* one that the physical GIC has still */
    model_unmix(irq);
}

/* Trigger: 12.9.9 GICD_ICFGR leaves the latch UNKNOWN when it is changed while pending. */
static bool model_trigger(struct model_irq *irq, uint32_t slot, bool edge)
{
    bool unknown = irq->edge != edge && (irq->latch || irq->line);

    irq->edge = edge;
    return unknown && model_link(slot) == MODEL_EMULATED;
}

static uint32_t model_write_one(struct model *model, const struct observed *event, uint32_t slot,
                                struct model *other)
{
    struct model_irq *irq = model_irq(model, event->vcpu, slot);
    bool on = event->value;

    switch ((enum bh_virq_field)event->field) {
    case BH_VIRQ_ENABLE:
        irq->enable = on;
        break;
    case BH_VIRQ_PENDING:
        model_pend(irq, slot, on);
        break;
    case BH_VIRQ_ACTIVE:
        irq->owner = on ? irq->owner : 0;
        irq->active = on;
        irq->mixed |= on && model_link(slot) == MODEL_LEVEL;
        model_unmix(irq);
        break;
    case BH_VIRQ_GROUP:
        irq->group = on;
        break;
    case BH_VIRQ_EDGE:
        if (model_trigger(irq, slot, on)) {
            *other = *model;
            irq = model_irq(other, event->vcpu, slot);
            irq->latch = !irq->latch;
            return 2;
        }
        break;
    case BH_VIRQ_LINE:
        if (on && !irq->line && irq->edge)
            irq->latch = irq->late = true;
        irq->line = on;
        break;
    case BH_VIRQ_PRIORITY:
        irq->priority = (uint8_t)event->value;
        break;
    case BH_VIRQ_ROUTE:
        irq->targets = (uint8_t)event->value;
        break;
    case BH_VIRQ_CONTROL:
        model->control = event->value;
        break;
    case BH_VIRQ_BADGE:
    case BH_VIRQ_FIELDS:
        break;
    }
    return 1;
}

static uint32_t model_write(struct model *model, const struct observed *event, struct model *other)
{
    uint32_t worlds = 1;

    for (uint32_t slot = 0; slot < MODEL_SLOTS; slot++)
        if (event->slots >> slot & 1)
            worlds = model_write_one(model, event, slot, other);
    return worlds;
}

/* Reads tell the truth; a device's edge they may tell when it has been taken only. */
static bool model_read(struct model *model, const struct observed *event)
{
    for (uint32_t slot = 0; slot < MODEL_SLOTS; slot++) {
        const struct model_irq *irq = model_irq(model, event->vcpu, slot);
        bool set = event->result >> slot & 1;

        if (!(event->slots >> slot & 1))
            continue;
        if (event->field == BH_VIRQ_ACTIVE ? set != irq->active
            : irq->mixed || model_link(slot) == MODEL_EDGE
                ? set ? !model_may_pend(irq, slot) : irq->latch
                : set != model_pending(irq, slot))
            return false;
    }
    return true;
}

static void model_device(struct model *model, const struct observed *event, uint32_t slot)
{
    struct model_irq *irq = model_irq(model, event->vcpu, slot);

    if (model_link(slot) == MODEL_LEVEL) {
        irq->line = event->value;
        irq->may |= event->value & 1;
        irq->latch &= !irq->line;
    } else {
        irq->pulsed = true;
        irq->may = (uint8_t)(irq->may + (irq->may < 2));
    }
}

/* 4.8.1: the priority drops; with EOImode 0 the interrupt is deactivated too. When another PE, or
 * software, has made it active meanwhile, the guest breaks the rules of 4.1.1, and whether that is
 * deactivated is anyone's guess. */
static uint32_t model_end(struct model *model, const struct observed *event, uint32_t slot,
                          struct model *other)
{
    struct model_pe *pe = &model->pe[event->self];
    struct model_irq *irq = model_irq(model, event->self, slot);
    uint32_t group =
        pe->running[0] && model_running(pe) == 8u * (uint32_t)__builtin_ctz(pe->running[0]) ? 0 : 1;

    pe->running[group] &= pe->running[group] - 1;
    if (pe->split || !irq->active)
        return 1;
    if (irq->owner != event->self + 1) {
        *other = *model;
        irq->active = false;
        irq->owner = 0;
        return 2;
    }
    irq->active = false;
    irq->owner = 0;
    return 1;
}

static void model_configure(struct model_pe *pe, uint32_t field, uint32_t value)
{
    switch ((enum pe_register)field) {
    case PE_MASK:
        pe->mask = value & 0xf8;
        break;
    case PE_GROUPS:
        pe->groups = (uint8_t)value;
        break;
    case PE_SPLIT:
        pe->split = value;
        break;
    case PE_CBPR:
        pe->cbpr = value;
        break;
    case PE_BPR0: /* five bits of priority: the least binary points are 2 and 3 */
        pe->point[0] = value < 2 ? 2 : (uint8_t)value;
        break;
    case PE_BPR1:
        pe->point[1] = value < 3 ? 3 : (uint8_t)value;
        break;
    case PE_REGISTERS:
        break;
    }
}

/* A PE that goes off loses pending and active state of its private interrupts, and its timers
 * stop; on again it is as after reset. What it had active of the shared ones stays so. */
static void model_power(struct model *model, uint32_t vcpu, bool on)
{
    model->pe[vcpu] = (struct model_pe){.on = on, .point = {2, 3}};
    for (uint32_t slot = 0; !on && slot < MODEL_SLOTS; slot++) {
        struct model_irq *irq = model_irq(model, vcpu, slot);

        if (irq->owner == vcpu + 1)
            irq->owner = 0;
        if (slot >= MODEL_PRIVATE)
            continue;
        irq->active = irq->latch = irq->pulsed = irq->mixed = false;
        irq->owner = irq->may = 0;
        if (model_link(slot))
            irq->line = false;
    }
}

uint32_t model_step(struct model *model, const struct observed *event, struct model *other)
{
    uint32_t slot = event->slots ? (uint32_t)__builtin_ctz(event->slots) : MODEL_NONE;
    struct model_irq *irq;

    switch (event->kind) {
    case EVENT_WRITE:
        return model_write(model, event, other);
    case EVENT_READ:
        return model_read(model, event);
    case EVENT_SGI: /* 4.2.4: only where the interrupt has the SGI's group */
        for (uint32_t vcpu = 0; vcpu < model->vcpus; vcpu++) {
            irq = model_irq(model, vcpu, slot);
            if (event->value >> vcpu & 1 && irq->group == event->group)
                irq->latch = irq->late = true;
        }
        break;
    case EVENT_SIGNAL:
        irq = model_irq(model, event->vcpu, slot);
        irq->latch = irq->late = true;
        break;
    case EVENT_DEVICE:
        model_device(model, event, slot);
        break;
    case EVENT_ACKNOWLEDGE:
        return model_acknowledge(model, event, other);
    case EVENT_END:
        return model_end(model, event, slot, other);
    case EVENT_DEACTIVATE:
        irq = model_irq(model, event->self, slot);
        irq->active = false;
        irq->owner = 0;
        break;
    case EVENT_CONFIGURE:
        model_configure(&model->pe[event->self], event->field, event->value);
        break;
    case EVENT_OFF:
    case EVENT_ON:
        model_power(model, event->vcpu, event->kind == EVENT_ON);
        break;
    }
    return 1;
}

bool model_waits(struct model *model)
{
    for (uint32_t vcpu = 0; vcpu < model->vcpus; vcpu++)
        for (uint32_t slot = 0; slot < MODEL_SLOTS; slot++) {
            const struct model_irq *irq = model_irq(model, vcpu, slot);

            if (model_pending(irq, slot) && model_targets(irq, slot, vcpu) &&
                model_forwards(model, irq, vcpu))
                return true;
        }
    return false;
}
