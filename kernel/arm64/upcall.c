/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor's answer to an upcall, carried out on its vCPU. */
#include "exit.h"
#include "lib.h"
#include "regs.h"
#include "trap.h"
#include <bulkhead/upcall.h>

#define KIND(name) (1u << BH_UPCALL_##name)

/* Upcalls that allow an answer; any other is a broken monitor's. */
static const uint8_t upcall_allowed[] = {
    [BH_DO_RESUME] = KIND(TIMER) | KIND(EVENT), /* where quick_return has nobody to return to */
    [BH_DO_ABORT] = KIND(MMIO_READ) | KIND(MMIO_WRITE),
    [BH_DO_OFF] = KIND(CALL),
    [BH_DO_STOP] =
        KIND(CALL) | KIND(LOAD) | KIND(TIMER) | KIND(EVENT) | KIND(MMIO_READ) | KIND(MMIO_WRITE),
    [BH_DO_START] = KIND(LOAD),
    [BH_DO_SUSPEND] = KIND(CALL),
};

static bool upcall_allows(uint32_t kind, uint64_t action)
{
    return action < sizeof(upcall_allowed) &&
           upcall_allowed[index_mask(action, sizeof(upcall_allowed))] >> kind & 1;
}

/* Reasons that a monitor may give. */
static bool upcall_stops(uint64_t reason)
{
    const uint32_t given = 1u << BH_STOP_OFF | 1u << BH_STOP_RESET | 1u << BH_STOP_LOAD |
                           1u << BH_STOP_CRASH | 1u << BH_STOP_EXIT | 1u << BH_STOP_WATCHDOG;

    return reason < BH_STOP_REASONS && given >> reason & 1;
}

static void upcall_start(struct vcpu *vcpu, const uint64_t *value)
{
    vcpu->entry = value[0];
    vcpu->argument = value[1];
    __atomic_store_n(&vcpu->state, VCPU_PENDING, __ATOMIC_RELEASE);
    partition_run(vcpu->partition);
}

void upcall_return(struct core *core)
{
    struct vcpu *vcpu = core_running(core);
    uint64_t action = core->frame->x[1];
    const uint64_t *value = &core->frame->x[2];

    if (!upcall_allows(vcpu->upcall, action) || (action == BH_DO_STOP && !upcall_stops(value[0]))) {
        partition_fail(vcpu, BH_STOP_MONITOR, core->frame->pc, 0, 0);
        return;
    }
    if (vcpu->upcall == BH_UPCALL_EVENT)
        virq_badges_done(vcpu->partition, 0);
    vcpu->service.busy = false;
    if (core->mode != CORE_SERVICE) { /* that one is left in core_next */
        core->mode = core->resident && !vcpu->suspended ? CORE_GUEST : CORE_IDLE;
        if (core->resident)
            vcpu_resume(core, vcpu);
    }
    switch ((enum bh_action)action) {
    case BH_DO_RESUME:
        break;
    case BH_DO_ABORT:
        trap_abort(&vcpu->frame, vcpu->access, vcpu->access_far);
        break;
    case BH_DO_OFF:
        core_retire(core, vcpu);
        __atomic_store_n(&vcpu->state, VCPU_OFF, __ATOMIC_RELEASE);
        break;
    case BH_DO_STOP:
        if (value[0] < BH_STOP_FAILURE)
            partition_stop(vcpu->partition, (uint32_t)value[0]);
        else
            partition_fail(vcpu, (uint32_t)value[0], vcpu->frame.pc,
                           value[0] == BH_STOP_EXIT ? vcpu->access : value[1], value[2]);
        break;
    case BH_DO_START:
        upcall_start(vcpu, value);
        break;
    case BH_DO_SUSPEND:
        vcpu->suspended = value[2] ? VCPU_BEGINS : VCPU_GOES_ON;
        vcpu->entry = value[0];
        vcpu->argument = value[1];
        core->mode = CORE_IDLE;
        break;
    }
}
