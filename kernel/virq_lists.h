/* SPDX-License-Identifier: BSD-2-Clause */
/* List registers of this core: what is in them, what should be. All under the partition's lock, for
 * the vCPU that is resident on this core. */
#ifndef VIRQ_LISTS_H
#define VIRQ_LISTS_H

#include "virq.h"

/* Takes every interrupt out of the list registers, its state back into its bank. */
void lists_evict_all(struct vcpu *vcpu);
/* Folds in what the guest has done, then lets the most urgent interrupts have the list registers.
 */
void lists_fill(struct vcpu *vcpu);
/* The same for the case that nothing but private interrupts has arrived: they go into list
 * registers that are free. False: not the case, or not all of them do. */
bool lists_add(struct vcpu *vcpu);
/* The same for one private linked interrupt that comes again, as a timer does: the list register
 * that it was in is empty and becomes pending. */
bool lists_again(struct vcpu *vcpu, uint32_t intid);

#endif
