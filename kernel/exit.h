/* SPDX-License-Identifier: BSD-2-Clause */
/* Between traps and the core's choice of what runs. */
#ifndef EXIT_H
#define EXIT_H

#include "object.h"

/* Restores core->frame and leaves EL2 (assembly). */
_Noreturn void exit_to_frame(struct core *core);
/* Takes and handles what is pending on this core. */
void core_interrupts(struct core *core);
/* What of a set of enum vcpu_due is due on a core with a vCPU. */
static inline uint32_t core_due(const struct core *core, uint32_t set)
{
    /* Acquire: pairs with vcpu_due. */
    return __atomic_load_n(&core->vcpu->due, __ATOMIC_ACQUIRE) & set;
}
/* The vCPU whose EL0 program runs, or whose guest. */
static inline struct vcpu *core_running(const struct core *core)
{
    return core->mode == CORE_SERVICE ? core->service : core->vcpu;
}
/* Prepares the upcall that is next for a vCPU's program. False: there is none. */
bool core_upcall(struct vcpu *vcpu, struct frame *frame, bool load);
/* Takes the vCPU off; its core is idle then. */
void core_retire(struct core *core, struct vcpu *vcpu);
/* BH_RETURN: the monitor's answer, in core->user. */
void upcall_return(struct core *core);

#endif
