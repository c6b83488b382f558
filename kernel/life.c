/* SPDX-License-Identifier: BSD-2-Clause */
/* The life cycle of partitions: they stop, begin anew from what they were loaded from, or end.
 *
 * The state is one word: enum bh_partition_state, the reason of the last stop and a number of that
 * stop, changed by compare and swap. Who stops a partition may be a core of another one, which says
 * why in the same step; and each of its own cores checks in once for each number. */
#include "exit.h"
#include "lib.h"
#include "object.h"

static uint32_t life_going; /* partitions that the machine's end waits for */

/* From one of a set of states to another, `reason` for a stop; false: it was in none of them. */
static bool life_swap(struct partition *partition, uint32_t from, uint32_t to, uint32_t reason)
{
    uint32_t state = __atomic_load_n(&partition->state, __ATOMIC_ACQUIRE);
    uint32_t next;

    do {
        if (!(from >> (state & PARTITION_STATE) & 1))
            return false;
        next = reason ? reason << PARTITION_REASON | (partition_stops(state) + 1) << PARTITION_STOPS
                      : state & ~PARTITION_STATE;
        next |= to;
    } while (!__atomic_compare_exchange_n(&partition->state, &state, next, false, __ATOMIC_ACQ_REL,
                                          __ATOMIC_ACQUIRE));
    return true;
}

bool partition_stop(struct partition *partition, uint32_t reason)
{
    /* Of several that want to stop it, the first says why. */
    if (!life_swap(partition, 1u << BH_PARTITION_LOADING | 1u << BH_PARTITION_RUNNING,
                   BH_PARTITION_STOPPING, reason))
        return false;
    for (uint32_t i = 0; i < partition->vcpu_count; i++)
        core_tell(partition->vcpu[i], DUE_STATE);
    return true;
}

void partition_fail(struct vcpu *vcpu, uint32_t reason, uint64_t pc, uint64_t syndrome,
                    uint64_t address)
{
    struct partition *partition = vcpu->partition;
    uint32_t count = partition->failures;

    if (!partition_stop(partition, reason))
        return;
    /* This core has not checked in yet: nobody else writes here, and it begins anew only later. */
    partition->failure[count % FAILURES] =
        (struct failure){reason, vcpu->index, pc, syndrome, address, arch_count()};
    __atomic_store_n(&partition->failures, count + 1, __ATOMIC_RELEASE);
}

/* This one goes on no longer. */
static void life_leave(const struct partition *partition)
{
    if (partition->awaited && !__atomic_sub_fetch(&life_going, 1, __ATOMIC_ACQ_REL))
        machine_ended();
}

bool partition_start(struct partition *partition, enum bh_partition_state from)
{
    if ((__atomic_load_n(&partition->state, __ATOMIC_ACQUIRE) & PARTITION_STATE) != from)
        return false;
    /* Counted first: it may come to its end before this core goes on. */
    __atomic_add_fetch(&life_going, partition->awaited, __ATOMIC_RELAXED);
    if (life_swap(partition, 1u << from, BH_PARTITION_LOADING, 0)) {
        core_tell(partition->vcpu[0], DUE_STATE);
        return true;
    }
    life_leave(partition); /* somebody else has started it */
    return false;
}

void partition_run(struct partition *partition)
{
    /* Fails only when it is being stopped; core_next sees that. */
    life_swap(partition, 1u << BH_PARTITION_LOADING, BH_PARTITION_RUNNING, 0);
    virq_badges_done(partition, ~0u);
    /* A vCPU that the monitor started while it loaded has waited for this. */
    for (uint32_t i = 0; i < partition->vcpu_count; i++)
        core_kick(partition->vcpu[i]->core);
}

/* Failures within a period are counted against the budget. */
static bool life_affords(struct partition *partition)
{
    uint64_t now = arch_count();

    if (!partition->spent || now - partition->since > partition->period) {
        partition->since = now;
        partition->spent = 0;
    }
    return partition->spent++ < partition->budget;
}

/* What becomes of a partition that has stopped for this reason: enum bh_failure_action. */
static uint32_t life_action(struct partition *partition, uint32_t reason)
{
    uint32_t action = partition->on_failure;

    if (reason < BH_STOP_FAILURE)
        return reason == BH_STOP_RESTART || (reason == BH_STOP_RESET && partition->on_reset);
    return action == BH_FAILURE_RESTART && !life_affords(partition) ? BH_FAILURE_STOP : action;
}

static void life_report(const struct partition *partition, uint32_t reason, uint32_t action)
{
    static const char *const follows[] = {
        [BH_FAILURE_STOP] = ": stopped\n",
        [BH_FAILURE_RESTART] = ": begins anew\n",
        [BH_FAILURE_PLATFORM] = ": resets the platform\n",
    };
    const struct failure *failure = &partition->failure[(partition->failures - 1) % FAILURES];

    if (machine_quiet && !partition->vcpu[0]->service.period)
        return;
    machine_quiet = false;
    console_begin();
    print_number("bulkhead: partition ", partition->index);
    print_number(" failed, reason ", reason);
    print_number(" vcpu ", failure->vcpu);
    print_number(" pc ", failure->pc);
    print_number(" syndrome ", failure->syndrome);
    print_number(" address ", failure->address);
    print(follows[action]);
    console_end();
}

void partition_check_in(struct partition *partition, struct vcpu *vcpu)
{
    /* It stays until the last one is here. */
    uint32_t state = __atomic_load_n(&partition->state, __ATOMIC_RELAXED);
    uint32_t reason = partition_reason(state);
    uint32_t action;

    vcpu->stop = partition_stops(state);
    vcpu->deadline = ~0ull;
    core_timer(vcpu->core);
    /* Acquire and release: the last core sees what the others did before it. */
    if (__atomic_sub_fetch(&partition->remaining, 1, __ATOMIC_ACQ_REL))
        return;
    /* Of its own cores none does anything for it now, and nobody else may start its vCPUs. */
    virq_stop(partition);
    for (uint32_t i = 0; i < partition->vcpu_count; i++)
        __atomic_store_n(&partition->vcpu[i]->state, VCPU_OFF, __ATOMIC_RELAXED);
    partition->remaining = partition->vcpu_count;
    action = life_action(partition, reason);
    if (reason >= BH_STOP_FAILURE)
        life_report(partition, reason, action);
    if (action == BH_FAILURE_PLATFORM)
        platform_do(BH_PLATFORM_RESET);
    partition->restarts += action == BH_FAILURE_RESTART;
    /* Its release makes all of it one step: who sees the new state finds a partition as at the
     * seal. */
    life_swap(partition, 1u << BH_PARTITION_STOPPING,
              action == BH_FAILURE_RESTART ? BH_PARTITION_LOADING : BH_PARTITION_STOPPED, 0);
    if (action == BH_FAILURE_RESTART)
        core_tell(partition->vcpu[0], DUE_STATE);
    else
        life_leave(partition);
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
