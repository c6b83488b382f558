/* SPDX-License-Identifier: BSD-2-Clause */
/* Partitions: their monitor, and how they end. */
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

int64_t partition_state(struct call *call)
{
    const struct partition *partition = &partitions[call->cap->object];

    call->result[0] = __atomic_load_n(&partition->state, __ATOMIC_ACQUIRE);
    call->result[1] = partition->stop_reason;
    call->result[2] = partition->fault_pc;
    return BH_OK;
}

void partition_stop(struct partition *partition, enum bh_stop_reason reason, uint64_t at)
{
    uint32_t state = __atomic_load_n(&partition->state, __ATOMIC_ACQUIRE);

    /* Of several cores that want to stop it, the first says why. */
    do {
        if (state != BH_PARTITION_LOADING && state != BH_PARTITION_RUNNING)
            return;
    } while (!__atomic_compare_exchange_n(&partition->state, &state, BH_PARTITION_STOPPING, false,
                                          __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
    partition->stop_reason = reason;
    partition->fault_pc = at;
    for (uint32_t i = 0; i < partition->vcpu_count; i++) {
        vcpu_due(partition->vcpu[i], DUE_STATE);
        core_kick(partition->vcpu[i]->core);
    }
}

void partition_check_in(struct partition *partition, struct vcpu *vcpu)
{
    static uint32_t ended;

    vcpu->off_done = true;
    __atomic_store_n(&vcpu->state, VCPU_OFF, __ATOMIC_RELEASE);
    /* Acquire and release: the last core sees what the others did before it. */
    if (__atomic_sub_fetch(&partition->remaining, 1, __ATOMIC_ACQ_REL))
        return;
    virq_stop(partition);
    __atomic_store_n(&partition->state, BH_PARTITION_STOPPED, __ATOMIC_RELEASE);
    if (partition->stop_reason > BH_STOP_LOAD) {
        console_begin();
        print_number("bulkhead: partition ", partition->index);
        print_number(" stopped, reason ", partition->stop_reason);
        print_number(" at ", partition->fault_pc);
        print("\n");
        console_end();
    }
    if (__atomic_add_fetch(&ended, 1, __ATOMIC_ACQ_REL) == partition_count - 1)
        machine_ended();
}

void machine_ended(void)
{
    console_begin();
    print("bulkhead: every partition has ended\n");
    console_end();
    platform_do(machine_on_end);
}

void platform_do(uint32_t action)
{
    if (action != BH_PLATFORM_HALT)
        psci_system(action == BH_PLATFORM_RESET);
    /* Halt, or firmware that cannot: the cores wait for interrupts that lead nowhere. */
}
