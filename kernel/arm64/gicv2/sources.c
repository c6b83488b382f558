/* SPDX-License-Identifier: BSD-2-Clause */
/* SGIs that are pending once for each vCPU that sent them. */
#include "object.h"
#include "virq_sources.h"

/* Who sends adds to the set first and says "arrived" then; the set may be empty again by then. */
void sources_settle(struct virq_bank *bank)
{
    for (uint32_t left = bank->latch & ((1u << SOURCES_SGIS) - 1); left; left &= left - 1)
        if (!__atomic_load_n(&bank->route[lowest(left)], __ATOMIC_RELAXED))
            bank->latch &= ~(1u << lowest(left));
}

/* Removes sources; what is left keeps the SGI pending. Acquire: pairs with sources_send. */
static void sources_remove(struct virq_bank *bank, uint32_t sgi, uint32_t set)
{
    if (__atomic_and_fetch(&bank->route[sgi], (uint8_t)~set, __ATOMIC_ACQUIRE))
        bank->latch |= 1u << sgi;
    else
        bank->latch &= ~(1u << sgi);
}

bool sources_take(struct virq_bank *bank, uint32_t sgi)
{
    uint32_t source = lowest(__atomic_load_n(&bank->route[sgi], __ATOMIC_RELAXED));

    bank->physical[sgi] = (uint16_t)source;
    return __atomic_and_fetch(&bank->route[sgi], (uint8_t) ~(1u << source), __ATOMIC_ACQUIRE);
}

void sources_return(struct virq_bank *bank, uint32_t sgi)
{
    __atomic_fetch_or(&bank->route[sgi], (uint8_t)(1u << bank->physical[sgi]), __ATOMIC_RELAXED);
}

void sources_merge(struct virq_bank *bank, uint32_t sgi)
{
    sources_remove(bank, sgi, 1u << bank->physical[sgi]);
}

void sources_write(struct virq_bank *bank, uint32_t sgi, uint32_t value, uint32_t mask)
{
    __atomic_fetch_or(&bank->route[sgi], (uint8_t)(value & mask), __ATOMIC_RELAXED);
    sources_remove(bank, sgi, mask & ~value);
}

void sources_send(struct vcpu *vcpu, uint32_t sgi, uint32_t from)
{
    /* Release: before "arrived" is seen. */
    __atomic_fetch_or(&vcpu->virq.bank.route[sgi], (uint8_t)from, __ATOMIC_RELEASE);
    virq_pend(vcpu->partition, vcpu, sgi);
}
