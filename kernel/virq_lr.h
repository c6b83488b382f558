/* SPDX-License-Identifier: BSD-2-Clause */
/* What a list register says (IHI 0069, 12.4.8 ICH_LR<n>_EL2), and what both ways to fill one need.
 */
#ifndef VIRQ_LR_H
#define VIRQ_LR_H

#include "object.h"
#include "virq_lists.h"
#include "virq_sources.h"

#define LR_PHYSICAL(x) ((uint64_t)(x) << 32)
#define LR_EOI                                                                                     \
    (1ull << 41) /* maintenance when the guest ends it: a level input is looked at again */
#define LR_PRIORITY(x) ((uint64_t)(x) << 48)
#define LR_GROUP1      (1ull << 60)
#define LR_HW          (1ull << 61) /* the guest's deactivation deactivates the physical interrupt */
#define LR_PENDING     (1ull << 62)
#define LR_ACTIVE      (1ull << 63)

static inline void lists_absorb(struct virq_bank *bank)
{
    /* A look first: the exchange takes the line away from other cores. Acquire: pairs with
     * virq_pend. */
    if (__atomic_load_n(&bank->arrived, __ATOMIC_RELAXED))
        bank->latch |= __atomic_exchange_n(&bank->arrived, 0, __ATOMIC_ACQUIRE);
    if (sources_kept(bank, bank->latch))
        sources_settle(bank);
}

static inline uint32_t lists_pending(const struct virq_bank *bank)
{
    return bank->latch | (bank->line & ~bank->edge);
}

static inline uint32_t lists_enabled(const struct vcpu *vcpu, const struct virq_bank *bank)
{
    uint32_t control = vcpu->partition->virq.control & ich_groups();

    return bank->enable & ((control & 1 ? ~bank->group : 0) | (control & 2 ? bank->group : 0));
}

/* Priority and, in the lowest bit, group. */
static inline uint32_t lists_urgency(const struct virq_bank *bank, uint32_t index)
{
    return bank->priority[index] | (bank->group >> index & 1);
}

/* What a list register says of an interrupt beside its state. An active one is ended by the urgency
 * that it was taken with. */
static inline uint64_t lists_describe(const struct virq_bank *bank, uint32_t intid,
                                      uint32_t urgency)
{
    uint32_t bit = 1u << intid % 32;
    uint64_t lr = intid | LR_PRIORITY((uint64_t)urgency & ~1ull) | (urgency & 1 ? LR_GROUP1 : 0);

    if (bank->hardware & bit)
        return lr | LR_HW | LR_PHYSICAL(bank->physical[intid % 32]);
    return bank->edge & bit ? lr : lr | LR_EOI;
}

static inline void lists_write(struct vcpu *vcpu, struct virq_bank *bank, uint32_t n,
                               uint32_t intid, uint64_t lr)
{
    uint32_t bit = 1u << intid % 32;

    if (lr & LR_PENDING) {
        bank->latched |= bank->latch & bit;
        bank->latch &= ~bit;
    }
    if (!(lr & LR_ACTIVE))
        bank->running[intid % 32] = (uint8_t)lists_urgency(bank, intid % 32);
    bank->listed |= bit;
    bank->holder[intid % 32] = (uint8_t)(intid < VIRQ_SPI_FIRST ? n : vcpu->index);
    vcpu->virq.intid[n] = (uint16_t)intid;
    vcpu->virq.used |= 1u << n;
    ich_write(n, lr);
}

#endif
