/* SPDX-License-Identifier: BSD-2-Clause */
/* Traps from below: what a guest or an EL0 program did, and who answers. */
#include "trap.h"
#include "call.h"
#include "exit.h"
#include "layout.h"
#include "lib.h"
#include "regs.h"
#include <bulkhead/upcall.h>

/* PSTATE behind an exception to EL1 (DDI 0487, AArch64.TakeException): flags and DIT stay, PAN and
 * SSBS as SCTLR_EL1 says where the core has them, all else is clear. */
static uint64_t trap_entry_pstate(uint64_t old)
{
    uint64_t sctlr = read_reg("sctlr_el1");
    uint64_t pstate = PSTATE_EL1H | PSTATE_DAIF | (old & (PSTATE_NZCV | PSTATE_DIT | PSTATE_PAN));

    if (read_reg("id_aa64mmfr1_el1") >> 20 & 15 && !(sctlr & SCTLR_SPAN))
        pstate |= PSTATE_PAN;
    if (read_reg("id_aa64pfr1_el1") >> 4 & 15 && sctlr & SCTLR_DSSBS)
        pstate |= PSTATE_SSBS;
    return pstate;
}

/* An exception to EL1, as the guest's core would take it. */
void trap_inject(struct frame *frame, uint64_t esr, uint64_t far)
{
    uint64_t mode = frame->pstate & PSTATE_MODE;
    uint64_t offset = mode == PSTATE_EL1H             ? 0x200
                      : mode == (PSTATE_EL1H & ~1ull) ? 0
                      : mode & PSTATE_AARCH32         ? 0x600
                                                      : 0x400;

    write_reg("esr_el1", esr);
    write_reg("far_el1", far);
    write_reg("elr_el1", frame->pc);
    write_reg("spsr_el1", frame->pstate);
    frame->pc = read_reg("vbar_el1") + offset;
    frame->pstate = trap_entry_pstate(frame->pstate);
}

void trap_undefined(struct frame *frame)
{
    trap_inject(frame, ESR_IL, read_reg("far_el1")); /* EC 0: unknown reason, no address */
}

/* The access was refused: an external abort, as from a bus with nothing there. */
void trap_abort(struct frame *frame, uint64_t esr, uint64_t far)
{
    bool same = (frame->pstate & (PSTATE_MODE & ~1ull)) == (PSTATE_EL1H & ~1ull);
    bool fetch = ESR_EC(esr) == EC_IABT_LOWER;
    uint64_t ec = fetch ? EC_IABT_LOWER : EC_DABT_LOWER;
    /* Write and cache maintenance stay (AT counts as both); the syndrome says "external abort", on
     * a walk where it was one. */
    uint64_t fsc = esr & ESR_S1PTW ? 0x14 | (ESR_FSC(esr) & 3) : FSC_EXTERNAL;

    trap_inject(frame,
                (ec + same) << 26 | (esr & ESR_IL) | (fetch ? 0 : esr & (ESR_WNR | ESR_CM)) | fsc,
                far);
}

/* What quick_sync leaves. */
static void trap_guest(struct core *core, uint64_t esr)
{
    struct frame *frame = core->frame;

    core->vcpu->exits[EXIT_TRAP]++;
    switch (ESR_EC(esr)) {
    case EC_WFX:
        /* It may end at any time, so it ends here; one of AArch32, two bytes or four, is repeated.
         */
        if (!(frame->pstate & PSTATE_AARCH32))
            trap_skip(frame);
        core->service->service.claim = CLAIM_DUE;
        vcpu_due(core->vcpu, DUE_STATE);
        break;
    case EC_HVC64:
        call_dispatch(core, core->vcpu->partition, frame, true);
        break;
    case EC_IABT_LOWER:
    case EC_DABT_LOWER:
        /* Maintenance of an address where nothing is has nothing to do (a fetch has no CM). */
        if ((esr & (ESR_CM | ESR_S1PTW)) == ESR_CM && (ESR_FSC(esr) & ~3u) == 0x04)
            trap_skip(frame);
        else
            trap_abort(frame, esr, read_reg("far_el2"));
        break;
    default: /* what is not virtualised does not exist */
        trap_undefined(frame);
        break;
    }
}

static void trap_user(struct core *core, uint64_t esr)
{
    struct frame *frame = core->frame;

    if (ESR_EC(esr) == EC_SVC64 && frame->x[0] == BH_RETURN && core->partition->index)
        upcall_return(core);
    else if (ESR_EC(esr) == EC_SVC64)
        call_dispatch(core, core->partition, frame, false);
    else if (core->partition->index)
        partition_fail(core_running(core), BH_STOP_MONITOR, frame->pc, esr, read_reg("far_el2"));
    else {
        print_number("bulkhead: manager: exception ", esr);
        print_number(" at ", frame->pc);
        print_number(" address ", read_reg("far_el2"));
        print("\n");
        platform_do(machine_on_panic);
        core->mode = CORE_IDLE;
    }
}

void trap_enter(struct core *core, uint64_t kind)
{
    if (kind == TRAP_IRQ || kind == TRAP_FIQ)
        core_interrupts(core);
    else if (kind == TRAP_SERROR && core->partition->index)
        partition_fail(core_running(core), BH_STOP_SERROR, core->frame->pc, read_reg("esr_el2"), 0);
    else if (core->mode == CORE_GUEST)
        trap_guest(core, read_reg("esr_el2"));
    else
        trap_user(core, read_reg("esr_el2"));
    core_next(core);
}

_Noreturn void trap_fatal(void)
{
    panic("exception at EL2: syndrome, PC, address", read_reg("esr_el2"), read_reg("elr_el2"),
          read_reg("far_el2"));
}
