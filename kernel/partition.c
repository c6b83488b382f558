/* SPDX-License-Identifier: BSD-2-Clause */
/* Partitions as their monitor, and who controls them, see them: calls. */
#include "call.h"
#include "lib.h"

int64_t partition_monitor(struct call *call)
{
    struct partition *partition = &partitions[call->cap->object];

    if (!partition->index)
        return BH_ERR_STATE;
    if (call->argument[1] & 15 || call->argument[2] & 15 || !call->argument[2])
        return BH_ERR_ALIGN;
    if (call->argument[0] >= stage2_limit() || call->argument[1] >= stage2_limit() ||
        call->argument[2] >= stage2_limit())
        return BH_ERR_RANGE;

    partition->monitor_entry = call->argument[0];
    partition->stack_base = call->argument[1];
    partition->stack_size = call->argument[2];
    return BH_OK;
}

int64_t partition_policy(struct call *call)
{
    struct partition *partition = &partitions[call->cap->object];
    const uint64_t *argument = call->argument;

    if (!partition->index)
        return BH_ERR_STATE;
    if (argument[0] > (BH_LIFE_RESET | BH_LIFE_STAYS | BH_LIFE_MANUAL) ||
        argument[1] > BH_FAILURE_PLATFORM || argument[2] > UINT32_MAX)
        return BH_ERR_RANGE;

    partition->on_reset = argument[0] & BH_LIFE_RESET;
    partition->awaited = !(argument[0] & BH_LIFE_STAYS);
    partition->manual = argument[0] & BH_LIFE_MANUAL;
    partition->on_failure = (uint32_t)argument[1];
    partition->budget = (uint32_t)argument[2];
    partition->period = argument[3];
    return BH_OK;
}

int64_t partition_state(struct call *call)
{
    const struct partition *partition = &partitions[call->cap->object];
    uint32_t state = __atomic_load_n(&partition->state, __ATOMIC_ACQUIRE);

    call->result[0] = state & PARTITION_STATE;
    call->result[1] = partition_reason(state);
    call->result[2] = (uint64_t)partition->restarts << 32 |
                      __atomic_load_n(&partition->failures, __ATOMIC_ACQUIRE);
    return BH_OK;
}

int64_t partition_failure(struct call *call)
{
    const struct partition *partition = &partitions[call->cap->object];
    /* Acquire: pairs with the release in partition_fail; a record is whole when it is counted. */
    uint32_t count = __atomic_load_n(&partition->failures, __ATOMIC_ACQUIRE);
    uint64_t back = call->argument[0];
    const struct failure *failure;

    if (back >= BH_FAILURES || back >= count || call->argument[1] > 1)
        return BH_ERR_RANGE;

    failure = &partition->failure[(count - 1 - back) % FAILURES];
    if (call->argument[1]) {
        call->result[0] = failure->syndrome;
        call->result[1] = failure->address;
    } else {
        call->result[0] = failure->reason | (uint64_t)failure->vcpu << 8;
        call->result[1] = failure->pc;
        call->result[2] = failure->time;
    }
    return BH_OK;
}

int64_t partition_exits(struct call *call)
{
    const struct partition *partition = &partitions[call->cap->object];
    const struct vcpu *vcpu;

    if (call->argument[0] >= partition->vcpu_count)
        return BH_ERR_RANGE;

    vcpu = partition->vcpu[index_mask(call->argument[0], BH_MAX_VCPUS)];
    for (uint32_t i = 0; i < VCPU_EXITS; i++) /* each by itself; only its own core writes them */
        call->result[i] = __atomic_load_n(&vcpu->exits[i], __ATOMIC_RELAXED);
    return BH_OK;
}

int64_t partition_control(struct call *call)
{
    struct partition *partition = &partitions[call->cap->object];
    bool done = false;

    switch (call->argument[0]) {
    case BH_PARTITION_DO_START:
        done = partition_start(partition, BH_PARTITION_STOPPED);
        break;
    case BH_PARTITION_DO_STOP:
        done = partition_stop(partition, BH_STOP_CONTROL);
        break;
    case BH_PARTITION_DO_RESTART:
        done = partition_stop(partition, BH_STOP_RESTART) ||
               partition_start(partition, BH_PARTITION_STOPPED);
        break;
    default:
        return BH_ERR_RANGE;
    }
    return done ? BH_OK : BH_ERR_STATE;
}
