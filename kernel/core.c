/* SPDX-License-Identifier: BSD-2-Clause */
/* Cores: what runs next after every trap. */
#include "exit.h"
#include "object.h"
#include <bulkhead/upcall.h>

enum { INTERRUPTS = 32 /* taken at an entry at most */ };

struct core cores[LIMIT_CORES];
uint32_t core_count;

struct core *core_add(uint64_t mpidr)
{
    struct core *core = &cores[core_count++];

    core->mpidr = mpidr;
    return core;
}

void core_kick(struct core *core)
{
    if (core != core_self())
        gic_kick(core);
}

void core_main(struct core *core)
{
    gic_init_core();
    /* Release: whoever sees it online sees its redistributor found. */
    __atomic_store_n(&core->state, BH_CORE_ONLINE, __ATOMIC_RELEASE);
    core_next(core);
    exit_to_frame(core);
}

void core_interrupts(struct core *core)
{
    /* Bounded: what comes quicker than this is taken at the next entry. */
    for (uint32_t i = 0; i < INTERRUPTS && gic_handle(core); i++)
        ;
}

/* Makes the vCPU run: fresh, where its starter said, or where it waited. */
static void core_begin(struct core *core, struct vcpu *vcpu)
{
    if (vcpu->suspended == VCPU_GOES_ON) {
        vcpu->frame.x[0] = vcpu->argument;
    } else {
        vcpu_reset(core, vcpu);
        ich_reset();
    }
    vcpu->suspended = VCPU_AWAKE;
    vcpu_due(vcpu, DUE_LISTS);
    core->resident = true;
    core->mode = CORE_GUEST;
    core->partition = vcpu->partition;
    __atomic_store_n(&vcpu->state, VCPU_ON, __ATOMIC_RELEASE);
}

/* Takes the vCPU off its core for good: CPU_OFF, or the end of its partition. */
void core_retire(struct core *core, struct vcpu *vcpu)
{
    if (core->resident) {
        vcpu_quiesce(); /* first, or a timer would be pending again */
        virq_quiesce(vcpu);
        ich_off();
        core->resident = false;
    }
    vcpu->suspended = VCPU_AWAKE;
    core->mode = CORE_IDLE;
}

void core_upcall(struct core *core, uint32_t kind)
{
    struct vcpu *vcpu = core->vcpu;
    struct partition *partition = vcpu->partition;
    bool load = kind == BH_UPCALL_LOAD;

    vcpu->exits[EXIT_UPCALL]++;
    vcpu->upcall = kind;
    core->partition = partition;
    uspace_enter(core, &partition->space[load ? BH_SPACE_LOAD : BH_SPACE_RUN],
                 partition->monitor_entry, vcpu_stack(vcpu), core->resident);
    core->mode = CORE_USER;
    core->user.x[0] = kind;
    core->user.x[1] = vcpu->index;
}

/* What the partition's state asks of this core. False: nothing, the core may wait. */
static bool core_step(struct core *core, struct vcpu *vcpu)
{
    struct partition *partition = vcpu->partition;
    uint32_t due = vcpu_done(vcpu, DUE_STATE); /* before the look at the state: partition_stop */
    uint32_t state = __atomic_load_n(&partition->state, __ATOMIC_ACQUIRE);

    if ((state & PARTITION_STATE) == BH_PARTITION_STOPPING &&
        vcpu->stop != partition_stops(state)) {
        core_retire(core, vcpu);
        arch_timer_set(~0ull); /* a vCPU that goes off alone leaves its monitor the Timer */
        vcpu_done(vcpu, DUE_TIMER);
        partition_check_in(partition, vcpu);
    } else if ((state & PARTITION_STATE) == BH_PARTITION_LOADING && core->mode == CORE_IDLE &&
               !vcpu->index) {
        core_upcall(core, BH_UPCALL_LOAD);
    } else if ((state & PARTITION_STATE) != BH_PARTITION_RUNNING) {
        return core->mode != CORE_IDLE;
    } else if (due & DUE_TIMER && core->mode != CORE_USER) {
        vcpu_done(vcpu, DUE_TIMER);
        core_upcall(core, BH_UPCALL_TIMER);
    } else if (core->mode == CORE_IDLE) {
        /* Acquire: pairs with the release in vcpu_start. */
        if (vcpu->suspended ? !virq_wakes(vcpu)
                            : __atomic_load_n(&vcpu->state, __ATOMIC_ACQUIRE) != VCPU_PENDING)
            return false;
        core_begin(core, vcpu);
    }
    return true;
}

/* True when the core goes on with what it does: who has a resident vCPU is told by its `due`. */
static bool core_settled(const struct core *core)
{
    return core->resident && core->mode != CORE_IDLE && !core_due(core, DUE_TIMER | DUE_STATE);
}

void core_next(struct core *core)
{
    while (!core_settled(core)) {
        bool sealed = __atomic_load_n(&machine_sealed, __ATOMIC_ACQUIRE);
        bool busy = core->mode != CORE_IDLE;

        if (sealed && core->vcpu)
            busy = core_step(core, core->vcpu);
        if (!busy) {
            arch_wait();
            core_interrupts(core);
        } else if (core->mode == CORE_USER) {
            break;
        }
    }
    if (core->mode == CORE_GUEST && core_due(core, DUE_ARRIVED | DUE_LISTS))
        virq_deliver(core->vcpu);
}
