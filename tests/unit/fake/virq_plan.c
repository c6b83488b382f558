/* SPDX-License-Identifier: BSD-2-Clause */
/* What a step's numbers mean as things are: the event that is to happen, if it may. */
#include "virq_plan.h"

/* A guest with EOImode 0 has taken it and not ended it. Were it deactivated by ICACTIVER, its end
 * would be counted, and taken for that of another one that is active outside the list registers
 * (doc/caveats.md). */
static bool plan_in_hand(uint32_t slot)
{
    for (uint32_t vcpu = 0; vcpu < worlds_any.vcpus; vcpu++)
        for (uint32_t i = 0; i < guests[vcpu].depth && !worlds_any.pe[vcpu].split; i++)
            if (guests[vcpu].stack[i] == slot)
                return true;
    return false;
}

static bool plan_write(const struct step *step, struct observed *event)
{
    uint32_t allowed = 0;

    event->kind = EVENT_WRITE;
    event->value = step->value >> 8 & 1;
    for (uint32_t slot = 0; slot < MODEL_SLOTS; slot++) {
        bool sgi = model_intids[slot] < 16;

        if (event->field == BH_VIRQ_ACTIVE && !event->value && plan_in_hand(slot))
            continue;
        if ((event->field == BH_VIRQ_LINE && (model_link(slot) || sgi)) ||
            (event->field == BH_VIRQ_EDGE && (sgi || model_link(slot))))
            continue;
        allowed |= 1u << slot;
    }
    event->slots = 1u << step->slot & allowed;
    if ((step->value & 3) == 0 && event->field != BH_VIRQ_EDGE)
        event->slots = model_bank(step->slot) & allowed & step->value >> 9;
    return event->slots;
}

static bool plan_wide(const struct step *step, struct observed *event)
{
    uint32_t all = (1u << worlds_any.vcpus) - 1;

    event->kind = EVENT_WRITE;
    event->slots = 1u << step->slot;
    switch (event->field) {
    case BH_VIRQ_PRIORITY:
        event->value = step->value % 16 * (step->value & 16 ? 8 : 16);
        break;
    case BH_VIRQ_ROUTE:
        event->value = (step->value & 3) < 2 ? 1u << (step->value >> 2) % worlds_any.vcpus
                                             : step->value >> 2 & all;
        return step->slot >= MODEL_PRIVATE;
    case BH_VIRQ_CONTROL:
        event->slots = 1u << MODEL_PRIVATE;
        event->value = step->value & 4 ? 3 : step->value & 3;
        break;
    }
    return true;
}

static bool plan_configure(const struct step *step, struct observed *event)
{
    const struct guest *guest = &guests[event->self];
    uint32_t value = step->value >> 8;

    event->kind = EVENT_CONFIGURE;
    event->field = step->value % PE_REGISTERS;
    switch ((enum pe_register)event->field) {
    case PE_MASK:
        event->value = value & 3 ? 0xf8 : value >> 2 & 0xf8;
        break;
    case PE_GROUPS:
        event->value = value & 3 ? 3 : value >> 2 & 3;
        break;
    case PE_SPLIT:
        event->value = value & 1;
        return !guest->depth && !guest->drops;
    case PE_CBPR:
        event->value = value & 1;
        return !guest->depth;
    case PE_BPR0: /* an end compares what it drops by the binary point of now (12.4, EOIR) */
        event->value = value & 8 ? 2 : 2 + value % 5;
        return !guest->depth;
    case PE_BPR1: /* with BPR0, see below */
        return false;
    case PE_REGISTERS:
        break;
    }
    return true;
}

static bool plan_deactivate(const struct step *step, struct observed *event)
{
    /* Sometimes another vCPU does it for the one that took a shared interrupt. */
    bool foreign = step->value % 8 == 0;
    struct guest *guest = &guests[foreign ? event->vcpu : event->self];
    uint32_t n;

    if (!guest->drops)
        return false;
    n = (step->value >> 8) % guest->drops;
    if (foreign && guest->dropped[n] < MODEL_PRIVATE)
        return false;
    event->kind = EVENT_DEACTIVATE;
    event->slots = 1u << guest->dropped[n];
    guest->dropped[n] = guest->dropped[--guest->drops];
    if (!worlds_any.pe[event->self].split || step->value % 8 == 1) { /* DIR is for EOImode 1 */
        event->kind = EVENT_WRITE;
        event->field = BH_VIRQ_ACTIVE;
        event->value = 0;
        event->vcpu = event->self;
    }
    return true;
}

static bool plan_power(const struct step *step, struct observed *event)
{
    uint32_t on = 0;

    for (uint32_t vcpu = 0; vcpu < worlds_any.vcpus; vcpu++)
        on += vcpus[vcpu].state == VCPU_ON;
    event->kind = step->kind == STEP_ON ? EVENT_ON : EVENT_OFF;
    if (event->kind == EVENT_ON)
        return vcpus[event->vcpu].state == VCPU_OFF;
    event->vcpu = event->self;
    return on > 1;
}

static bool plan_guest(const struct step *step, struct observed *event)
{
    const struct guest *guest = &guests[event->self];

    if (step->kind == STEP_ACKNOWLEDGE) {
        event->kind = EVENT_ACKNOWLEDGE;
        event->group = step->value % 4 > 0;
        event->prompt = step->value % 32 > 7;
        return guest->depth < GUEST_DEPTH;
    }
    if (!guest->depth)
        return false;
    event->kind = EVENT_END;
    event->prompt = step->value % 4;
    event->slots = 1u << guest->stack[guest->depth - 1];
    event->group = guest->group[guest->depth - 1];
    return true;
}

static bool plan_arrival(const struct step *step, struct observed *event)
{
    enum model_link link = model_link(step->slot);

    event->value = step->value & 1;
    event->slots = 1u << step->slot;
    if (step->kind == STEP_SGI) {
        event->kind = EVENT_SGI;
        event->slots = 1u << step->slot % 4;
        event->value = step->value >> 8 & ((1u << worlds_any.vcpus) - 1);
        event->group = step->value >> 4 & 7 ? 1 : 0;
        return true;
    }
    if (step->kind == STEP_DEVICE) {
        event->kind = EVENT_DEVICE;
        /* a vCPU that is off has no timers */
        return link && (step->slot >= MODEL_PRIVATE || worlds_any.pe[event->vcpu].on);
    }
    event->kind = EVENT_SIGNAL;
    return !link && step->slot >= MODEL_PRIVATE;
}

bool plan_event(const struct step *step, struct observed *event)
{
    uint32_t self = step->self % worlds_any.vcpus;

    while (vcpus[self].state != VCPU_ON)
        self = (self + 1) % worlds_any.vcpus;
    *event = (struct observed){.self = self, .vcpu = step->vcpu % worlds_any.vcpus};
    switch (step->kind) {
    case STEP_ENABLE:
    case STEP_PENDING:
    case STEP_ACTIVE:
    case STEP_GROUP:
    case STEP_EDGE:
    case STEP_LINE:
        event->field = (uint32_t)step->kind - STEP_ENABLE + BH_VIRQ_ENABLE;
        return plan_write(step, event);
    case STEP_PRIORITY:
    case STEP_ROUTE:
    case STEP_CONTROL:
        event->field = (uint32_t)step->kind - STEP_PRIORITY + BH_VIRQ_PRIORITY;
        return plan_wide(step, event);
    case STEP_READ:
        event->kind = EVENT_READ;
        event->field = step->value & 1 ? BH_VIRQ_PENDING : BH_VIRQ_ACTIVE;
        event->slots = model_bank(step->slot);
        return true;
    case STEP_SGI:
    case STEP_SIGNAL:
    case STEP_DEVICE:
        return plan_arrival(step, event);
    case STEP_ACKNOWLEDGE:
    case STEP_END:
        return plan_guest(step, event);
    case STEP_DEACTIVATE:
        return plan_deactivate(step, event);
    case STEP_CONFIGURE:
        return plan_configure(step, event);
    case STEP_OFF:
    case STEP_ON:
        return plan_power(step, event);
    case STEP_BURST:
    case STEP_CALLED:
    case STEP_SETTLE:
    case STEP_KINDS:
        break;
    }
    return false;
}
