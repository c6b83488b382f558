/* SPDX-License-Identifier: BSD-2-Clause */
/* Irq: a physical interrupt belongs to one partition at the most. Events: doorbells to virtual
 * interrupts, or to badges of a program at EL0. */
#include "irq.h"
#include "call.h"

enum { SIGNAL_RATE = 100000 /* a second, of a core; each may cost its receiver a look */ };

/* Where each physical interrupt goes. Written before the seal only. */
static struct event irq_table[GIC_SPI_END - GIC_SPI_FIRST];

int64_t irq_split(struct call *call)
{
    struct cap *cap = call->cap;
    struct cap *rest = call_empty(call->caller, call->argument[0]);
    uint64_t count = call->argument[1];

    if (!rest)
        return BH_ERR_SLOT;
    if (!count || count >= cap->size)
        return BH_ERR_RANGE;

    *rest = *cap;
    rest->base += count;
    rest->size -= count;
    cap->size = count;
    return BH_OK;
}

/* What an Irq or an Event is to lead to, and nothing else may. */
static int64_t event_decode(struct call *call, bool physical, struct event *to)
{
    int64_t status;
    struct cap *target =
        call_cap(call, call->argument[0], BH_TYPE_PARTITION, BH_RIGHT_MANAGE, &status);
    uint64_t intid = call->argument[1];

    if (!target)
        return status;
    if (intid - BH_EVENT_UPCALL < BH_BADGES)
        intid += VIRQ_BADGES - BH_EVENT_UPCALL;
    else if (intid < VIRQ_SPI_FIRST || intid >= VIRQ_BADGES)
        return BH_ERR_RANGE;
    *to = (struct event){&partitions[target->object], (uint32_t)intid};
    if (!target->object)
        return BH_ERR_RANGE;
    if ((physical || intid >= VIRQ_BADGES) && !to->partition->vcpu_count)
        return BH_ERR_STATE;
    return virq_bank(to->partition, NULL, to->intid)->claimed >> intid % 32 & 1 ? BH_ERR_TAKEN
                                                                                : BH_OK;
}

static struct virq_bank *event_commit(struct event *event, struct event to, bool edge)
{
    struct virq_bank *bank = virq_bank(to.partition, NULL, to.intid);
    uint32_t bit = 1u << to.intid % 32;

    *event = to;
    bank->claimed |= bit;
    bank->edge = edge ? bank->edge | bit : bank->edge & ~bit;
    bank->wired = bank->edge;
    return bank;
}

int64_t irq_bind(struct call *call)
{
    uint32_t physical = (uint32_t)call->cap->base;
    struct event *event = &irq_table[physical - GIC_SPI_FIRST];
    struct event to;
    struct virq_bank *bank;
    int64_t status;

    if (call->cap->size != 1 || call->argument[2] > 1)
        return BH_ERR_RANGE;
    if (event->partition)
        return BH_ERR_TAKEN;
    status = event_decode(call, true, &to);
    if (status != BH_OK)
        return status;

    bank = event_commit(event, to, call->argument[2]);
    bank->hardware |= 1u << to.intid % 32;
    bank->physical[to.intid % 32] = (uint16_t)physical;
    gic_setup(physical, call->argument[2], to.partition->vcpu[0]->core);
    return BH_OK;
}

void irq_arrived(uint32_t physical)
{
    const struct event *event = &irq_table[physical - GIC_SPI_FIRST];

    /* Nobody's interrupt is disabled at the distributor; one that still arrives was in flight. */
    if (event->partition)
        virq_pend(event->partition, NULL, event->intid);
    else
        gic_deactivate(physical);
}

int64_t event_bind(struct call *call)
{
    struct event *event = &events[call->cap->object];
    struct event to;
    int64_t status;

    if (event->partition)
        return BH_ERR_TAKEN;
    status = event_decode(call, false, &to);
    if (status != BH_OK)
        return status;

    event_commit(event, to, true);
    return BH_OK;
}

int64_t event_signal(struct call *call)
{
    const struct event *event = &events[call->cap->object];
    struct core *core = call->core;

    if (!event->partition)
        return BH_ERR_STATE;
    /* Who signals all day waits for itself, and leaves the receiver the time between. */
    while (arch_count() - core->signalled < arch_frequency() / SIGNAL_RATE)
        arch_relax();
    core->signalled = arch_count();
    virq_pend(event->partition, NULL, event->intid);
    return BH_OK;
}
