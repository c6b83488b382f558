/* SPDX-License-Identifier: BSD-2-Clause */
/* Irq: a physical interrupt belongs to one partition at the most. Events: doorbells to virtual
 * interrupts. */
#include "irq.h"
#include "call.h"

/* Where each physical interrupt goes. Written before the seal only. */
static struct {
    struct partition *partition;
    uint32_t intid;
} irq_table[GIC_SPI_END - GIC_SPI_FIRST];

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

uint32_t virq_claim_decode(struct partition *partition, uint64_t intid, struct virq_bank **bank,
                           int64_t *status)
{
    uint32_t bit = 1u << intid % 32;

    if (!partition->index || intid < VIRQ_SPI_FIRST ||
        intid >= VIRQ_SPI_FIRST * (LIMIT_SPI_BANKS + 1)) {
        *status = BH_ERR_RANGE;
        return 0;
    }
    *bank = virq_bank(partition, NULL, (uint32_t)intid);
    *status = (*bank)->claimed & bit ? BH_ERR_TAKEN : BH_OK;
    return *status == BH_OK ? bit : 0;
}

int64_t irq_bind(struct call *call)
{
    int64_t status;
    struct cap *target =
        call_cap(call, call->argument[0], BH_TYPE_PARTITION, BH_RIGHT_MANAGE, &status);
    uint64_t intid = call->argument[1];
    bool edge = call->argument[2];
    uint32_t physical = (uint32_t)call->cap->base;
    struct partition *partition;
    struct virq_bank *bank;
    uint32_t bit;

    if (!target)
        return status;
    partition = &partitions[target->object];
    if (call->cap->size != 1 || call->argument[2] > 1)
        return BH_ERR_RANGE;
    if (!partition->vcpu_count)
        return BH_ERR_STATE;
    if (irq_table[physical - GIC_SPI_FIRST].partition)
        return BH_ERR_TAKEN;
    bit = virq_claim_decode(partition, intid, &bank, &status);
    if (!bit)
        return status;

    bank->claimed |= bit;
    bank->hardware |= bit;
    bank->edge = edge ? bank->edge | bit : bank->edge & ~bit;
    bank->wired = bank->edge;
    bank->physical[intid % 32] = (uint16_t)physical;
    irq_table[physical - GIC_SPI_FIRST].partition = partition;
    irq_table[physical - GIC_SPI_FIRST].intid = (uint32_t)intid;
    gic_setup(physical, edge, partition->vcpu[0]->core);
    return BH_OK;
}

void irq_arrived(uint32_t physical)
{
    struct partition *partition = irq_table[physical - GIC_SPI_FIRST].partition;

    /* Nobody's interrupt is disabled at the distributor; one that still arrives was in flight. */
    if (partition)
        virq_pend(partition, NULL, irq_table[physical - GIC_SPI_FIRST].intid);
    else
        gic_deactivate(physical);
}

int64_t event_bind(struct call *call)
{
    int64_t status;
    struct cap *target =
        call_cap(call, call->argument[0], BH_TYPE_PARTITION, BH_RIGHT_MANAGE, &status);
    struct event *event = &events[call->cap->object];
    struct virq_bank *bank;
    uint32_t bit;

    if (!target)
        return status;
    if (event->partition)
        return BH_ERR_TAKEN;
    bit = virq_claim_decode(&partitions[target->object], call->argument[1], &bank, &status);
    if (!bit)
        return status;

    bank->claimed |= bit;
    bank->edge |= bit;
    bank->wired |= bit;
    event->partition = &partitions[target->object];
    event->intid = (uint32_t)call->argument[1];
    return BH_OK;
}

int64_t event_signal(struct call *call)
{
    const struct event *event = &events[call->cap->object];

    if (!event->partition)
        return BH_ERR_STATE;
    virq_pend(event->partition, NULL, event->intid);
    return BH_OK;
}
