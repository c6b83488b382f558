/* SPDX-License-Identifier: BSD-2-Clause */
/* The seal: atomic and one-way. After it the manager does not exist and nothing can be created,
 * mapped or bound. */
#include "exit.h"
#include "lib.h"
#include "object.h"

uint32_t machine_sealed;

static bool core_unready(struct core *core)
{
    uint32_t state = __atomic_load_n(&core->state, __ATOMIC_ACQUIRE);

    return state == BH_CORE_STARTING || ((core->vcpu || core->service) && state != BH_CORE_ONLINE);
}

int64_t seal_decode(void)
{
    for (uint32_t i = 1; i < partition_count; i++)
        if (!partitions[i].vcpu_count || !partitions[i].monitor_entry)
            return BH_ERR_STATE;
    for (uint32_t i = 0; i < core_count; i++)
        /* One that is still starting would set itself up in the sealed machine. */
        if (core_unready(&cores[i]))
            return BH_ERR_STATE;
    return BH_OK;
}

void seal_commit(struct core *core)
{
    struct partition *manager = &partitions[0];

    memset(manager->caps, 0, manager->slots * sizeof(*manager->caps));
    manager->slots = 0;
    space_destroy(&manager->space[BH_SPACE_RUN]);
    manager_scrub();
    memset(&core->user, 0, sizeof(core->user));
    core->line_length = 0;
    core->mode = CORE_IDLE;
    core->partition = NULL;
    for (uint32_t i = 1; i < partition_count; i++) {
        partitions[i].remaining = partitions[i].vcpu_count;
        if (partitions[i].manual)
            partitions[i].state = BH_PARTITION_STOPPED;
        else
            partition_start(&partitions[i], BH_PARTITION_NEW);
    }
    /* Release: pairs with the acquire in core_next; every core sees the finished system or none. */
    __atomic_store_n(&machine_sealed, 1, __ATOMIC_RELEASE);
    for (uint32_t i = 0; i < core_count; i++)
        if (__atomic_load_n(&cores[i].state, __ATOMIC_ACQUIRE) == BH_CORE_ONLINE)
            core_kick(&cores[i]);
    if (partition_count == 1)
        machine_ended();
}
