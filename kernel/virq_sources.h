/* SPDX-License-Identifier: BSD-2-Clause */
/* A GICv2 keeps an SGI pending once for each CPU that sent it, and tells its handler which
 * (IHI 0048, 4.3.16). Where a board has one, a private bank's route[] is the set of vCPUs that an
 * SGI is pending from, to which anyone adds without the lock, and physical[] the one whose SGI is
 * in a list register or active. The latch then says that the set is not empty. */
#ifndef VIRQ_SOURCES_H
#define VIRQ_SOURCES_H

#include "platform.h"
#include "virq.h"

enum { SOURCES = PLATFORM_GIC == 2, SOURCES_SGIS = 16 };

/* True when those of the bank's interrupts that `bits` names are such SGIs. */
static inline bool sources_kept(const struct virq_bank *bank, uint32_t bits)
{
    return SOURCES && bank->own && bits & ((1u << SOURCES_SGIS) - 1);
}

/* All under the lock, but for sources_send. */
void sources_settle(struct virq_bank *bank); /* a latch without a source is none */
/* One of them goes to a list register; true when others are left. The latch is the caller's. */
bool sources_take(struct virq_bank *bank, uint32_t sgi);
void sources_return(struct virq_bank *bank, uint32_t sgi); /* and comes back, still pending */
void sources_merge(struct virq_bank *bank, uint32_t sgi);  /* it is pending there already */
void sources_write(struct virq_bank *bank, uint32_t sgi, uint32_t value, uint32_t mask);
void sources_send(struct vcpu *vcpu, uint32_t sgi, uint32_t from); /* new ones; any core */

#endif
