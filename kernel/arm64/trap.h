/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers to traps, inside the architecture's half. */
#ifndef TRAP_H
#define TRAP_H

#include "object.h"
#include "regs.h"

/* Continues behind a trapped instruction: single-step and branch-type state of it are over. */
static inline void trap_skip(struct frame *frame)
{
    frame->pc += 4;
    frame->pstate &= ~(PSTATE_SS | PSTATE_BTYPE);
}

void trap_inject(struct frame *frame, uint64_t esr, uint64_t far);
void trap_undefined(struct frame *frame);
/* The access that a syndrome and FAR describe becomes an external abort in the guest. */
void trap_abort(struct frame *frame, uint64_t esr, uint64_t far);

/* True when a call by HVC names a capability; all others are the monitor's. */
static inline bool trap_is_capability(const struct frame *frame)
{
    return (uint32_t)frame->x[0] - BH_LABEL_BASE < BH_LABEL_END - BH_LABEL_BASE;
}

/* True when the syndrome of a data abort says all that a monitor needs to know. Only translation
 * faults leave the address in HPFAR_EL2 (DDI 0487, HPFAR_EL2). */
static inline bool trap_is_emulated(const struct frame *frame, uint64_t esr)
{
    return (ESR_FSC(esr) & ~3u) == 0x04 && (esr & (ESR_ISV | ESR_S1PTW)) == ESR_ISV &&
           !(frame->pstate & PSTATE_AARCH32);
}

/* The address of such an access, and the value that it stores. */
static inline uint64_t trap_address(void)
{
    return (read_reg("hpfar_el2") & ~15ull) << 8 | (read_reg("far_el2") & PAGE_MASK);
}

static inline uint64_t trap_stored(const struct frame *frame, uint64_t esr)
{
    uint32_t source = ESR_SRT(esr);

    return source < 31 ? frame->x[source] & (~0ull >> (64 - (8u << ESR_SAS(esr)))) : 0;
}

/* ISS of a trapped MSR or MRS without direction and register (DDI 0487, ESR_ELx). */
#define SYSREG(op0, op1, crn, crm, op2)                                                            \
    ((op0) << 20 | (op2) << 17 | (op1) << 14 | (crn) << 10 | (crm) << 1)
/* MSR, MRS and system instructions (EC 0x18). */
void sysreg_trap(struct core *core, struct frame *frame, uint64_t esr);
/* A write to a register of the CPU interface, of which some trap; false: it is none of them. */
bool icc_write(struct vcpu *vcpu, uint32_t key, uint64_t value);

#endif
