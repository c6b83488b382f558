/* SPDX-License-Identifier: BSD-2-Clause */
/* List registers without a choice: private interrupts that have arrived while nothing waits
 * outside. What most interrupts take; all else is virq_lists.c. */
#include "virq_lr.h"

bool lists_again(struct vcpu *vcpu, uint32_t intid)
{
    struct virq_bank *bank = &vcpu->virq.bank;
    uint32_t bit = 1u << intid;
    uint32_t n = bank->holder[intid];

    if (!vcpu->virq.calm || !(bank->listed & lists_enabled(vcpu, bank) & ~bank->latch & bit) ||
        !(ich_empty() >> n & 1))
        return false;
    bank->active &= ~bit;
    bank->latched |= bit;
    bank->running[intid] = (uint8_t)lists_urgency(bank, intid);
    ich_write(n, lists_describe(bank, intid, bank->running[intid]) | LR_PENDING);
    return true;
}

/* Private interrupts alone, so bank and holder are known; and what is empty needs no reading. */
bool lists_add(struct vcpu *vcpu)
{
    struct virq_cpu *cpu = &vcpu->virq;
    struct virq_bank *bank = &cpu->bank;
    uint32_t empty = ich_empty();
    uint32_t ended = 0;
    uint32_t fresh;

    if (SOURCES) /* whom an SGI is from, and the physical end of what has no link, need the long way
                  */
        return false;
    for (uint32_t left = cpu->used & empty; left; left &= left - 1) {
        uint32_t n = lowest(left);

        if (cpu->intid[n] < VIRQ_SPI_FIRST) { /* a shared one may be wanted elsewhere: lists_fill */
            ended |= 1u << cpu->intid[n];
            cpu->used &= ~(1u << n);
        }
    }
    bank->active &= ~ended;
    bank->latched &= ~ended;
    bank->listed &= ~ended;
    lists_absorb(bank);
    fresh = lists_pending(bank) & bank->enable;
    /* New besides active merges; and one whose group is off waits outside, with maintenance. */
    if (!cpu->calm || fresh & (bank->listed | bank->active | ~lists_enabled(vcpu, bank)))
        return false;
    for (empty &= ~cpu->used; fresh; fresh &= fresh - 1, empty &= empty - 1) {
        uint32_t intid = lowest(fresh);

        if (!empty)
            return false;
        lists_write(vcpu, bank, lowest(empty), intid,
                    lists_describe(bank, intid, lists_urgency(bank, intid)) | LR_PENDING);
    }
    return true;
}
