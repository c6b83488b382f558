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
    [BH_DO_ABORT] = KIND(MMIO_READ) | KIND(MMIO_WRITE),
    [BH_DO_OFF] = KIND(CALL),
    [BH_DO_STOP] = KIND(CALL) | KIND(LOAD),
    [BH_DO_START] = KIND(LOAD),
    [BH_DO_SUSPEND] = KIND(CALL),
};

static bool upcall_allows(uint32_t kind, uint64_t action)
{
    return action < sizeof(upcall_allowed) &&
           upcall_allowed[index_mask(action, sizeof(upcall_allowed))] >> kind & 1;
}

static void upcall_start(struct vcpu *vcpu, const uint64_t *value)
{
    uint32_t state = BH_PARTITION_LOADING;

    vcpu->entry = value[0];
    vcpu->argument = value[1];
    __atomic_store_n(&vcpu->state, VCPU_PENDING, __ATOMIC_RELEASE);
    /* Fails only when the partition is being stopped; core_next sees that. */
    __atomic_compare_exchange_n(&vcpu->partition->state, &state, BH_PARTITION_RUNNING, false,
                                __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
    /* A vCPU that the monitor started while it loaded has waited for this. */
    for (uint32_t i = 0; i < vcpu->partition->vcpu_count; i++)
        core_kick(vcpu->partition->vcpu[i]->core);
}

void upcall_return(struct core *core)
{
    struct vcpu *vcpu = core->vcpu;
    uint64_t action = core->user.x[1];
    uint64_t *value = &core->user.x[2];

    if (!upcall_allows(vcpu->upcall, action) ||
        (action == BH_DO_STOP && (!value[0] || value[0] > BH_STOP_LOAD))) {
        partition_stop(vcpu->partition, BH_STOP_MONITOR, core->user.pc);
        return;
    }
    core->mode = core->resident && !vcpu->suspended ? CORE_GUEST : CORE_IDLE;
    if (core->resident)
        vcpu_resume(core, vcpu);
    switch ((enum bh_action)action) {
    case BH_DO_RESUME: /* quick_return has done it */
        break;
    case BH_DO_ABORT:
        trap_abort(&vcpu->frame, vcpu->access, vcpu->access_far);
        break;
    case BH_DO_OFF:
        core_retire(core, vcpu);
        __atomic_store_n(&vcpu->state, VCPU_OFF, __ATOMIC_RELEASE);
        break;
    case BH_DO_STOP:
        partition_stop(vcpu->partition, (enum bh_stop_reason)value[0], 0);
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
