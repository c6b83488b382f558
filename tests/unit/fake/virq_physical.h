/* SPDX-License-Identifier: BSD-2-Clause */
/* The physical side of linked interrupts. */
#ifndef VIRQ_PHYSICAL_H
#define VIRQ_PHYSICAL_H

#include "virq_bench.h"

/* All quiet; shared ones are linked, and timers on. */
void physical_begin(uint32_t vcpu_total);
/* Is it pending for this core? */
bool physical_calls(uint32_t core, uint32_t slot);
/* The core that executes takes it. */
void physical_take(uint32_t slot);

#endif
