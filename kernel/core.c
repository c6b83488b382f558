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

void core_timer(struct core *core)
{
    const struct vcpu *service = core->service;
    uint64_t first = core->vcpu ? core->vcpu->deadline : ~0ull;
    uint64_t wake = service ? service->service.look : ~0ull;

    /* While it has work, its own deadline interrupts nothing: it is looked at afterwards. */
    if (service && wake == ~0ull)
        wake = service->deadline;
    arch_timer_set(wake < first ? wake : first);
}

void core_tell(struct vcpu *vcpu, uint32_t what)
{
    /* One that has not looked yet will: a storm of signals is one kick. */
    if (vcpu_due(vcpu, what) & what & DUE_UPCALL)
        return;
    if (vcpu->service.period && vcpu->core->vcpu)
        vcpu_due(vcpu->core->vcpu, DUE_STATE);
    core_kick(vcpu->core);
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
    core->quick = true;
    core->mode = CORE_GUEST;
    core->partition = vcpu->partition;
    __atomic_store_n(&vcpu->state, VCPU_ON, __ATOMIC_RELEASE);
}

/* Takes the vCPU off its core: CPU_OFF, or the end of its partition. */
void core_retire(struct core *core, struct vcpu *vcpu)
{
    if (core->resident) {
        vcpu_quiesce(); /* first, or a timer would be pending again */
        virq_quiesce(vcpu);
        ich_off();
        core->resident = false;
        core->quick = false;
    }
    vcpu->suspended = VCPU_AWAKE;
    core->mode = CORE_IDLE;
}

bool core_upcall(struct vcpu *vcpu, struct frame *frame, bool load)
{
    struct virq_bank *badges = &vcpu->partition->virq.bank[LIMIT_SPI_BANKS];
    bool timer = !load && vcpu->deadline <= arch_count();

    vcpu_done(vcpu, DUE_UPCALL); /* before the look: who has something later tells again */
    vcpu->upcall = load ? BH_UPCALL_LOAD : timer ? BH_UPCALL_TIMER : BH_UPCALL_EVENT;
    frame->x[1] = vcpu->index;
    if (load || timer) {
        vcpu->deadline = timer ? ~0ull : vcpu->deadline;
        vcpu_due(vcpu, DUE_UPCALL); /* there may be more */
    } else {
        /* Relaxed: vcpu->due orders it. Others look after their Timer; badges are vCPU 0's. */
        uint32_t enable = vcpu->index ? 0 : __atomic_load_n(&badges->enable, __ATOMIC_RELAXED);

        frame->x[1] = __atomic_fetch_and(&badges->arrived, ~enable, __ATOMIC_RELAXED) & enable;
        if (!frame->x[1])
            return false;
        badges->active = (uint32_t)frame->x[1];
    }
    vcpu->exits[EXIT_UPCALL]++;
    frame->x[0] = vcpu->upcall;
    frame->sp = vcpu_stack(vcpu);
    frame->pc = vcpu->partition->monitor_entry;
    frame->pstate = 0; /* EL0 */
    return true;
}

static void core_program(struct core *core, struct vcpu *vcpu, bool load)
{
    if (!core_upcall(vcpu, &core->user, load))
        return;
    core->partition = vcpu->partition;
    core->mode = CORE_USER;
    uspace_enter(core, &vcpu->partition->space[load ? BH_SPACE_LOAD : BH_SPACE_RUN], &core->user);
}

/* What the partition's state asks of this core. False: nothing, the core may wait. */
static bool core_step(struct core *core, struct vcpu *vcpu)
{
    struct partition *partition = vcpu->partition;
    uint32_t due = vcpu_done(vcpu, DUE_STATE); /* before the look at the state: partition_stop */
    uint32_t state = __atomic_load_n(&partition->state, __ATOMIC_ACQUIRE);
    uint32_t life = state & PARTITION_STATE;

    if (life == BH_PARTITION_STOPPING && vcpu->stop != partition_stops(state)) {
        core_retire(core, vcpu);
        partition_check_in(partition, vcpu);
    } else if (life == BH_PARTITION_LOADING && core->mode == CORE_IDLE && !vcpu->index) {
        core_program(core, vcpu, true);
    } else if (life != BH_PARTITION_RUNNING) {
        return core->mode != CORE_IDLE;
    } else if (due & DUE_UPCALL && core->mode != CORE_USER) {
        core_program(core, vcpu, false);
        core_timer(core);
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
    return core->mode == CORE_SERVICE ||
           (core->resident && core->mode != CORE_IDLE && !core_due(core, DUE_GENERAL));
}

void core_next(struct core *core)
{
    if (core->mode == CORE_SERVICE)
        service_pause(core);
    while (!core_settled(core)) {
        bool sealed = __atomic_load_n(&machine_sealed, __ATOMIC_ACQUIRE);
        bool busy = core->mode != CORE_IDLE;

        if (sealed && core->vcpu)
            busy = core_step(core, core->vcpu);
        /* Not while a step of the guest's partition has left something to look at again. */
        if (sealed && core->service && (core->mode == CORE_GUEST || !busy))
            busy = service_step(core) || busy;
        if (!busy) {
            arch_wait();
            core_interrupts(core);
        } else if (core->mode == CORE_USER) {
            /* What was found due for a service in its way is so afterwards. */
            if (core->service && core->resident)
                vcpu_due(core->vcpu, DUE_STATE);
            break;
        }
    }
    if (core->mode == CORE_GUEST && core_due(core, DUE_ARRIVED | DUE_LISTS))
        virq_deliver(core->vcpu);
}
