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
/* ISS of a trapped MSR or MRS without direction and register (DDI 0487, ESR_ELx). */
#define SYSREG(op0, op1, crn, crm, op2)                                                            \
    ((op0) << 20 | (op2) << 17 | (op1) << 14 | (crn) << 10 | (crm) << 1)
/* MSR, MRS and system instructions (EC 0x18). */
void sysreg_trap(struct core *core, struct frame *frame, uint64_t esr);
/* A write to a register of the CPU interface, of which some trap; false: it is none of them. */
bool icc_write(struct vcpu *vcpu, uint32_t key, uint64_t value);

#endif
