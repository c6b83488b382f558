/* SPDX-License-Identifier: BSD-2-Clause */
/* Control: create objects, set what happens in the end, console, seal. And cores. */
#include "call.h"

uint32_t machine_on_panic = BH_PLATFORM_HALT;
uint32_t machine_on_end = BH_PLATFORM_HALT;
bool machine_quiet;

int64_t control_console(struct call *call)
{
    uint64_t count = call->argument[0];

    if (!count || count > 5 * sizeof(uint64_t))
        return BH_ERR_RANGE;

    console_write(call->core, (uint32_t)count, &call->argument[1]);
    return BH_OK;
}

static int64_t control_create_decode(uint64_t type, uint64_t argument)
{
    if (type == BH_TYPE_PARTITION)
        return partition_count <= LIMIT_PARTITIONS ? BH_OK : BH_ERR_POOL;
    if (type == BH_TYPE_EVENT)
        return event_count < LIMIT_EVENTS ? BH_OK : BH_ERR_POOL;
    if (type != BH_TYPE_CORE)
        return BH_ERR_RANGE;
    for (uint32_t i = 0; i < core_count; i++)
        if (cores[i].mpidr == argument)
            return BH_ERR_TAKEN;
    if (argument & ~0xff00ffffffull /* the affinity fields of MPIDR_EL1 */ || !gic_knows(argument))
        return BH_ERR_RANGE;
    return core_count < LIMIT_CORES ? BH_OK : BH_ERR_POOL;
}

int64_t control_create(struct call *call)
{
    uint64_t type = call->argument[0];
    struct cap *to = call_empty(call->caller, call->argument[1]);
    int64_t status = control_create_decode(type, call->argument[2]);

    if (!to)
        return BH_ERR_SLOT;
    if (status != BH_OK)
        return status;

    *to = (struct cap){.type = (uint8_t)type, .rights = BH_RIGHTS_ALL};
    if (type == BH_TYPE_PARTITION)
        to->object = (uint16_t)partition_create()->index;
    else if (type == BH_TYPE_EVENT)
        to->object = (uint16_t)event_count++;
    else
        to->object = (uint16_t)(core_add(call->argument[2]) - cores);
    return BH_OK;
}

int64_t control_policy(struct call *call)
{
    if (call->argument[0] > BH_PLATFORM_RESET || call->argument[1] > BH_PLATFORM_RESET ||
        call->argument[2] > 1)
        return BH_ERR_RANGE;

    machine_on_panic = (uint32_t)call->argument[0];
    machine_on_end = (uint32_t)call->argument[1];
    machine_quiet = call->argument[2];
    return BH_OK;
}

int64_t control_seal(struct call *call)
{
    int64_t status = call->caller->index ? BH_ERR_STATE : seal_decode();

    if (status != BH_OK)
        return status;

    seal_commit(call->core);
    return BH_OK;
}

int64_t control_reset(struct call *call)
{
    (void)call;
    platform_do(BH_PLATFORM_RESET);
    return BH_ERR_PLATFORM;
}

int64_t core_start(struct call *call)
{
    struct core *core = &cores[call->cap->object];
    int64_t status;

    if (__atomic_load_n(&core->state, __ATOMIC_ACQUIRE) != BH_CORE_OFF)
        return BH_ERR_STATE;

    core->state = BH_CORE_STARTING;
    status = psci_core_on(core->mpidr, core);
    if (status == 0)
        return BH_OK;
    core->state = BH_CORE_OFF;
    call->result[0] = (uint64_t)status;
    return BH_ERR_PLATFORM;
}

int64_t core_state(struct call *call)
{
    /* Acquire: pairs with the release in core_main. */
    call->result[0] = __atomic_load_n(&cores[call->cap->object].state, __ATOMIC_ACQUIRE);
    return BH_OK;
}
