/* SPDX-License-Identifier: BSD-2-Clause */
/* Assigned physical interrupts. */
#ifndef IRQ_H
#define IRQ_H

#include "types.h"

/* A shared peripheral interrupt has been taken (its priority is dropped, it is active) on this
 * core. */
void irq_arrived(uint32_t physical);

#endif
