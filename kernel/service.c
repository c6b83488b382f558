/* SPDX-License-Identifier: BSD-2-Clause */
/* Services: partitions without a guest, whose program at EL0 takes turns with the guest of its
 * core.
 *
 * It does not run while anything is due for that guest: what interrupts it goes first, and it goes
 * on when the guest waits or in a next period. A turn begins when something happens for it, if the
 * guest has no interrupt in hand; once that has kept it out for a period it gets in all the same.
 * Its budget counts from the choice to the trap that ends the turn. */
#include "exit.h"

void service_pause(struct core *core)
{
    struct service_cpu *service = &core->service->service;

    core->mode = CORE_IDLE;
    core->quick = core->resident;
    if (core->resident) {
        uspace_give_back(core);
        core->partition = core->vcpu->partition;
        if (!core->vcpu->suspended)
            core->mode = CORE_GUEST;
        if (vcpu_due(core->vcpu, DUE_STATE) & ~(uint32_t)DUE_STATE)
            service->claim = CLAIM_NONE;
    }
    service->left = (int64_t)(service->look - arch_count());
}

/* Its turn, or when it may have one: service->look. */
static void service_choose(struct core *core, struct vcpu *vcpu, bool load)
{
    struct service_cpu *service = &vcpu->service;
    uint64_t now = arch_count();

    if (now - service->since >= service->period) {
        service->claim += service->look != ~0ull && service->claim < CLAIM_DUE;
        service->since = now;
        service->left = (int64_t)service->budget;
    }
    service->look = service->since + service->period;
    if (service->left <= 0)
        return;
    if (core->mode == CORE_GUEST &&
        (core_due(core, ~0u) || !service->claim ||
         (service->claim == CLAIM_POLITE && core->vcpu->virq.used & ~ich_empty())))
        return;
    service->busy = service->busy || core_upcall(vcpu, &vcpu->frame, load);
    if (!service->busy) {
        service->look = ~0ull;
        return;
    }
    service->look = now + (uint64_t)service->left;
    uspace_borrow(core, vcpu);
    core->mode = CORE_SERVICE;
    core->quick = false;
    core->partition = vcpu->partition;
}

bool service_step(struct core *core)
{
    struct vcpu *vcpu = core->service;
    struct service_cpu *service = &vcpu->service;
    uint32_t due = vcpu_done(vcpu, DUE_STATE); /* before the look at the state, as in core_step */
    uint32_t state = __atomic_load_n(&vcpu->partition->state, __ATOMIC_ACQUIRE);
    uint32_t life = state & PARTITION_STATE;

    if (life == BH_PARTITION_STOPPING && vcpu->stop != partition_stops(state)) {
        service->busy = false;
        partition_check_in(vcpu->partition, vcpu);
        return true;
    }
    if (service->busy || life == BH_PARTITION_LOADING ||
        (life == BH_PARTITION_RUNNING && (due & DUE_UPCALL || vcpu->deadline <= arch_count()))) {
        service_choose(core, vcpu, life == BH_PARTITION_LOADING);
    } else {
        service->look = ~0ull;
        service->claim = CLAIM_POLITE;
    }
    if (core->resident)
        vcpu_trap_wait(core, service->look != ~0ull && service->left > 0);
    core_timer(core);
    return core->mode != CORE_IDLE;
}
