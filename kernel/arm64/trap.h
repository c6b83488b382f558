/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers to traps, inside the architecture's half. */
#ifndef TRAP_H
#define TRAP_H

#include "object.h"

void trap_skip(struct frame *frame);
void trap_inject(struct frame *frame, uint64_t esr, uint64_t far);
void trap_undefined(struct frame *frame);
/* The access that a syndrome and FAR describe becomes an external abort in the guest. */
void trap_abort(struct frame *frame, uint64_t esr, uint64_t far);
/* MSR, MRS and system instructions (EC 0x18). */
void sysreg_trap(struct core *core, struct frame *frame, uint64_t esr);

#endif
