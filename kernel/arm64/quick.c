/* SPDX-License-Identifier: BSD-2-Clause */
/* What running guests do most, done before the general way (trap.c) is gone: emulated registers and
 * calls there and back, SGIs, interrupts.
 *
 * Each of these returns the frame to leave by; or, but for quick_return, NULL, and has changed
 * nothing but what trap_enter will find. No call goes through a pointer from here on: registers
 * still hold what the guest left in them. */
#include "quick.h"
#include "exit.h"
#include "swap.h"
#include "trap.h"
#include <bulkhead/upcall.h>

/* Enters the monitor in its run space; its further registers are the caller's to fill. */
static struct frame *quick_upcall(struct core *core, struct vcpu *vcpu, uint32_t kind)
{
    const struct partition *partition = vcpu->partition;
    struct frame *user = &core->user;

    swap_keep(vcpu);
    swap_to_program(&partition->space[BH_SPACE_RUN]);
    vcpu->exits[EXIT_UPCALL]++;
    vcpu->upcall = kind;
    core->mode = CORE_USER;
    core->frame = user;
    user->x[0] = kind;
    user->x[1] = vcpu->index;
    user->sp = vcpu_stack(vcpu);
    user->pc = partition->monitor_entry;
    user->pstate = PSTATE_EL0T;
    return user;
}

static struct frame *quick_call(struct core *core, const struct frame *frame, bool smc)
{
    const uint64_t a = frame->x[0], b = frame->x[1], c = frame->x[2], d = frame->x[3],
                   e = frame->x[4], f = frame->x[5], g = frame->x[6];
    uint64_t *to = core->user.x;

    to[2] = a; /* all read before the first is written: in pairs */
    to[3] = b;
    to[4] = c;
    to[5] = d;
    to[6] = e;
    to[7] = f;
    to[8] = g;
    to[9] = smc;
    return quick_upcall(core, core->vcpu, BH_UPCALL_CALL);
}

static struct frame *quick_access(struct core *core, const struct frame *frame, uint64_t esr)
{
    struct vcpu *vcpu = core->vcpu;
    uint64_t *to = core->user.x;
    bool write = esr & ESR_WNR;

    vcpu->access = esr;
    vcpu->access_far = read_reg("far_el2");
    to[2] = trap_address();
    to[3] = 1ull << ESR_SAS(esr);
    if (write)
        to[4] = trap_stored(frame, esr);
    return quick_upcall(core, vcpu, write ? BH_UPCALL_MMIO_WRITE : BH_UPCALL_MMIO_READ);
}

/* On with what the core does, and with what has become due for it. */
static struct frame *quick_on(struct core *core)
{
    uint32_t due = core_due(core, ~0u);

    if (core->mode == CORE_IDLE || due & DUE_GENERAL)
        core_next(core);
    else if (due)
        virq_deliver(core->vcpu);
    return core->frame;
}

/* Apart, so that the ways to the monitor need no stack. */
static __attribute__((noinline)) struct frame *quick_sysreg(struct core *core, struct frame *frame,
                                                            uint64_t esr)
{
    core->vcpu->exits[EXIT_TRAP]++;
    sysreg_trap(core, frame, esr);
    return quick_on(core);
}

struct frame *quick_sync(struct core *core)
{
    struct frame *frame = core->frame;
    uint64_t esr = read_reg("esr_el2");

    if (core->mode != CORE_GUEST)
        return NULL;
    switch (ESR_EC(esr)) {
    case EC_HVC64:
        return trap_is_capability(frame) ? NULL : quick_call(core, frame, false);
    case EC_SMC64:
        trap_skip(frame); /* HVC returns behind itself, SMC traps before it is done */
        return quick_call(core, frame, true);
    case EC_DABT_LOWER:
        return trap_is_emulated(frame, esr) ? quick_access(core, frame, esr) : NULL;
    case EC_SYS64:
        return quick_sysreg(core, frame, esr);
    }
    return NULL;
}

/* A load's result, as wide and as signed as the instruction asked. */
static void quick_load(struct vcpu *vcpu, uint64_t value)
{
    uint32_t unused = 64 - (8u << ESR_SAS(vcpu->access));
    uint32_t target = ESR_SRT(vcpu->access);

    value <<= unused;
    value = vcpu->access & ESR_SSE ? (uint64_t)((int64_t)value >> unused) : value >> unused;
    if (!(vcpu->access & ESR_SF))
        value &= 0xffffffff;
    if (target < 31)
        vcpu->frame.x[target] = value;
}

struct frame *quick_return(struct core *core, uint64_t action, uint64_t a, uint64_t b, uint64_t c,
                           uint64_t d)
{
    struct vcpu *vcpu = core->vcpu;

    (void)action; /* vectors.S has looked at it */
    core->mode = vcpu->suspended ? CORE_IDLE : CORE_GUEST;
    core->frame = &vcpu->frame;
    swap_to_guest(vcpu);
    switch ((enum bh_upcall)vcpu->upcall) {
    case BH_UPCALL_MMIO_READ:
        quick_load(vcpu, a);
        trap_skip(&vcpu->frame);
        break;
    case BH_UPCALL_MMIO_WRITE:
        trap_skip(&vcpu->frame);
        break;
    case BH_UPCALL_CALL:
        vcpu->frame.x[0] = a;
        vcpu->frame.x[1] = b;
        vcpu->frame.x[2] = c;
        vcpu->frame.x[3] = d;
        break;
    case BH_UPCALL_LOAD: /* nothing is resident */
    case BH_UPCALL_TIMER:
        break;
    case BH_UPCALL_EVENT:
        virq_badges_done(vcpu->partition, 0);
        break;
    }
    return quick_on(core);
}

struct frame *quick_irq(struct core *core)
{
    if (core->mode != CORE_GUEST)
        return NULL;
    core->vcpu->exits[EXIT_INTERRUPT]++;
    gic_handle(core);
    return quick_on(core);
}
