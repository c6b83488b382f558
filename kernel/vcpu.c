/* SPDX-License-Identifier: BSD-2-Clause */
/* vCPUs: creation, start, state, timer; and virtual interrupt state by call. */
#include "call.h"

int64_t partition_vcpu(struct call *call)
{
    int64_t status;
    struct cap *place = call_cap(call, call->argument[0], BH_TYPE_CORE, BH_RIGHT_MANAGE, &status);
    struct cap *to = call_empty(call->caller, call->argument[1]);
    struct partition *partition = &partitions[call->cap->object];
    struct vcpu *vcpu = &vcpus[vcpu_count];
    uint64_t period = call->argument[2];
    uint64_t budget = call->argument[3];
    struct vcpu **on;

    if (!place)
        return status;
    if (!to)
        return BH_ERR_SLOT;
    if (!partition->index)
        return BH_ERR_STATE;
    if (vcpu_count == LIMIT_VCPUS || partition->vcpu_count == BH_MAX_VCPUS)
        return BH_ERR_POOL;
    if (period > UINT32_MAX || budget > period || !budget != !period)
        return BH_ERR_RANGE;
    /* A service has one and no other; a guest's vCPUs are a guest's all. */
    if (partition->vcpu_count && (period || partition->vcpu[0]->service.period))
        return BH_ERR_STATE;
    on = period ? &cores[place->object].service : &cores[place->object].vcpu;
    if (*on)
        return BH_ERR_TAKEN;

    *on = vcpu;
    vcpu->partition = partition;
    vcpu->core = &cores[place->object];
    vcpu->index = partition->vcpu_count++;
    vcpu->deadline = ~0ull;
    vcpu->service = (struct service_cpu){
        .period = period, .budget = budget, .look = ~0ull, .claim = CLAIM_POLITE};
    partition->vcpu[vcpu->index] = vcpu;
    virq_init_cpu(&vcpu->virq);
    *to = (struct cap){
        .type = BH_TYPE_VCPU, .rights = BH_RIGHTS_ALL, .object = (uint16_t)vcpu_count++};
    call->result[0] = vcpu->index;
    return BH_OK;
}

int64_t vcpu_start(struct call *call)
{
    struct vcpu *vcpu = &vcpus[call->cap->object];
    uint32_t state = VCPU_OFF;

    /* The claim: of two starters one wins, the other learns how far it is. */
    if (!__atomic_compare_exchange_n(&vcpu->state, &state, VCPU_CLAIMED, false, __ATOMIC_ACQUIRE,
                                     __ATOMIC_ACQUIRE))
        return state == VCPU_ON ? BH_ERR_ALREADY_ON : BH_ERR_ON_PENDING;

    vcpu->entry = call->argument[0];
    vcpu->argument = call->argument[1];
    /* Release: pairs with the acquire in core_step on the vCPU's core. */
    __atomic_store_n(&vcpu->state, VCPU_PENDING, __ATOMIC_RELEASE);
    core_kick(vcpu->core);
    return BH_OK;
}

int64_t vcpu_state(struct call *call)
{
    switch ((enum vcpu_state)__atomic_load_n(&vcpus[call->cap->object].state, __ATOMIC_ACQUIRE)) {
    case VCPU_OFF:
        call->result[0] = 1;
        break;
    case VCPU_CLAIMED:
    case VCPU_PENDING:
        call->result[0] = 2;
        break;
    case VCPU_ON:
        call->result[0] = 0;
        break;
    }
    return BH_OK;
}

int64_t vcpu_timer(struct call *call)
{
    struct vcpu *vcpu = &vcpus[call->cap->object];
    struct cap *to = call_empty(call->caller, call->argument[0]);

    if (!to)
        return BH_ERR_SLOT;
    if (vcpu->timer)
        return BH_ERR_TAKEN;

    vcpu->timer = true;
    *to = (struct cap){.type = BH_TYPE_TIMER, .rights = BH_RIGHTS_ALL, .object = call->cap->object};
    return BH_OK;
}

int64_t timer_set(struct call *call)
{
    struct vcpu *vcpu = &vcpus[call->cap->object];

    if (vcpu->core != call->core)
        return BH_ERR_RANGE;

    vcpu->deadline = call->argument[0];
    core_timer(vcpu->core);
    return BH_OK;
}

/* A Vcpu capability is for its private interrupts, a Partition capability for the shared ones. */
static struct partition *virq_call_object(const struct cap *cap, struct vcpu **vcpu)
{
    *vcpu = cap->type == BH_TYPE_VCPU ? &vcpus[cap->object] : NULL;
    return *vcpu ? (*vcpu)->partition : &partitions[cap->object];
}

int64_t virq_call_read(struct call *call)
{
    struct vcpu *vcpu;
    struct partition *partition = virq_call_object(call->cap, &vcpu);
    int64_t status = virq_decode(vcpu, call->argument[0], call->argument[1]);

    if (status != BH_OK)
        return status;

    call->result[0] = virq_read(partition, vcpu, call->argument[0], (uint32_t)call->argument[1]);
    return BH_OK;
}

int64_t virq_call_write(struct call *call)
{
    struct vcpu *vcpu;
    struct partition *partition = virq_call_object(call->cap, &vcpu);
    int64_t status = virq_decode(vcpu, call->argument[0], call->argument[1]);

    if (status != BH_OK)
        return status;

    virq_write(partition, vcpu, call->argument[0], (uint32_t)call->argument[1], call->argument[2],
               call->argument[3]);
    return BH_OK;
}
