/* SPDX-License-Identifier: BSD-2-Clause */
/* Giving the machine's devices away: registers and interrupts, each once. */
#ifndef DEVICE_H
#define DEVICE_H

#include "plan/plan.h"
#include <bulkhead/call.h>

/* Each tells what is refused, in the name of `who`. */

/* Maps pages that nobody has taken, to be read and written; *memory is their slot. */
bool device_map(const char *who, const struct range *pages, uint64_t slot, enum bh_space space,
                uint64_t at, uint64_t *memory);

/* Binds an interrupt. Who gets it has a vCPU already. */
bool device_bind(const char *who, const struct plan_line *line, uint64_t slot, uint64_t to);

/* All that the plan gives to a partition, whose vCPUs are there. */
bool device_give_all(const struct plan *plan, uint32_t partition, uint64_t slot);

#endif
