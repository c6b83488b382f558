/* SPDX-License-Identifier: BSD-2-Clause */
/* The one dispatcher: SVC from EL0 and HVC from guests end here. */
#include "call.h"

#define TYPE(name) (1u << BH_TYPE_##name)

enum { STRUCTURE = 1 /* changes what the seal fixes */ };

struct operation {
    int64_t (*run)(struct call *call);
    uint16_t types; /* set of enum bh_type; 0: any, the empty slot too */
    uint8_t rights;
    uint8_t flags;
};

static const struct operation operations[BH_LABEL_END - BH_LABEL_BASE] = {
    [BH_CAP_INSPECT - BH_LABEL_BASE] = {cap_inspect, 0, 0, 0},
    [BH_CAP_COPY - BH_LABEL_BASE] = {cap_copy,
                                     TYPE(VCPU) | TYPE(PARTITION) | TYPE(EVENT) | TYPE(TIMER) |
                                         TYPE(CORE) | TYPE(CONTROL),
                                     0, STRUCTURE},
    [BH_CONTROL_CONSOLE - BH_LABEL_BASE] = {control_console, TYPE(CONTROL), BH_RIGHT_CONSOLE, 0},
    [BH_CONTROL_CREATE -
        BH_LABEL_BASE] = {control_create, TYPE(CONTROL), BH_RIGHT_CREATE, STRUCTURE},
    [BH_CONTROL_POLICY - BH_LABEL_BASE] = {control_policy, TYPE(CONTROL), BH_RIGHT_SEAL, STRUCTURE},
    [BH_CONTROL_SEAL - BH_LABEL_BASE] = {control_seal, TYPE(CONTROL), BH_RIGHT_SEAL, STRUCTURE},
    [BH_CONTROL_RESET - BH_LABEL_BASE] = {control_reset, TYPE(CONTROL), BH_RIGHT_RESET, 0},
    [BH_MEMORY_SPLIT - BH_LABEL_BASE] = {memory_split, TYPE(MEMORY), 0, STRUCTURE},
    [BH_MEMORY_SHARE - BH_LABEL_BASE] = {memory_share, TYPE(MEMORY), 0, STRUCTURE},
    [BH_MEMORY_MAP - BH_LABEL_BASE] = {memory_map, TYPE(MEMORY), 0, STRUCTURE},
    [BH_IRQ_SPLIT - BH_LABEL_BASE] = {irq_split, TYPE(IRQ), BH_RIGHT_MANAGE, STRUCTURE},
    [BH_IRQ_BIND - BH_LABEL_BASE] = {irq_bind, TYPE(IRQ), BH_RIGHT_MANAGE, STRUCTURE},
    [BH_PARTITION_VCPU -
        BH_LABEL_BASE] = {partition_vcpu, TYPE(PARTITION), BH_RIGHT_MANAGE, STRUCTURE},
    [BH_PARTITION_MONITOR -
        BH_LABEL_BASE] = {partition_monitor, TYPE(PARTITION), BH_RIGHT_MANAGE, STRUCTURE},
    [BH_PARTITION_POLICY -
        BH_LABEL_BASE] = {partition_policy, TYPE(PARTITION), BH_RIGHT_MANAGE, STRUCTURE},
    [BH_PARTITION_STATE - BH_LABEL_BASE] = {partition_state, TYPE(PARTITION), BH_RIGHT_STATE, 0},
    [BH_PARTITION_FAILURE -
        BH_LABEL_BASE] = {partition_failure, TYPE(PARTITION), BH_RIGHT_STATE, 0},
    [BH_PARTITION_CONTROL -
        BH_LABEL_BASE] = {partition_control, TYPE(PARTITION), BH_RIGHT_CONTROL, 0},
    [BH_PARTITION_EXITS - BH_LABEL_BASE] = {partition_exits, TYPE(PARTITION), BH_RIGHT_STATE, 0},
    [BH_VCPU_START - BH_LABEL_BASE] = {vcpu_start, TYPE(VCPU), BH_RIGHT_START, 0},
    [BH_VCPU_STATE - BH_LABEL_BASE] = {vcpu_state, TYPE(VCPU), BH_RIGHT_STATE, 0},
    [BH_VCPU_TIMER - BH_LABEL_BASE] = {vcpu_timer, TYPE(VCPU), BH_RIGHT_START, STRUCTURE},
    [BH_VIRQ_READ -
        BH_LABEL_BASE] = {virq_call_read, TYPE(VCPU) | TYPE(PARTITION), BH_RIGHT_VIRQ, 0},
    [BH_VIRQ_WRITE -
        BH_LABEL_BASE] = {virq_call_write, TYPE(VCPU) | TYPE(PARTITION), BH_RIGHT_VIRQ, 0},
    [BH_EVENT_BIND - BH_LABEL_BASE] = {event_bind, TYPE(EVENT), 0, STRUCTURE},
    [BH_EVENT_SIGNAL - BH_LABEL_BASE] = {event_signal, TYPE(EVENT), BH_RIGHT_SIGNAL, 0},
    [BH_TIMER_SET - BH_LABEL_BASE] = {timer_set, TYPE(TIMER), BH_RIGHT_SET, 0},
    [BH_CORE_START - BH_LABEL_BASE] = {core_start, TYPE(CORE), BH_RIGHT_MANAGE, STRUCTURE},
    [BH_CORE_STATE - BH_LABEL_BASE] = {core_state, TYPE(CORE), BH_RIGHT_MANAGE, 0},
};

/* Acquire: pairs with the seal's release, so that who sees it sealed sees all that it fixed. */
static bool call_sealed(void)
{
    return __atomic_load_n(&machine_sealed, __ATOMIC_ACQUIRE);
}

static int64_t call_decode(struct call *call, const struct operation *operation)
{
    call->cap = cap_slot(call->caller, call->slot);
    if (!call->cap)
        return BH_ERR_SLOT;
    if (call->guest && !(call->cap->rights & BH_RIGHT_GUEST))
        return BH_ERR_RIGHTS;
    if (!operation->types)
        return BH_OK;
    if (call->cap->type == BH_TYPE_NONE)
        return BH_ERR_SLOT;
    if (!(operation->types >> call->cap->type & 1))
        return BH_ERR_TYPE;
    if ((call->cap->rights & operation->rights) != operation->rights)
        return BH_ERR_RIGHTS;
    return operation->flags & STRUCTURE && call_sealed() ? BH_ERR_SEALED : BH_OK;
}

struct cap *call_cap(struct call *call, uint64_t slot, enum bh_type type, uint8_t rights,
                     int64_t *status)
{
    struct cap *cap = cap_slot(call->caller, slot);

    *status = BH_OK;
    if (!cap || cap->type == BH_TYPE_NONE)
        *status = BH_ERR_SLOT;
    else if (cap->type != type)
        *status = BH_ERR_TYPE;
    else if ((cap->rights & rights) != rights)
        *status = BH_ERR_RIGHTS;
    return *status == BH_OK ? cap : NULL;
}

struct cap *call_empty(struct partition *owner, uint64_t slot)
{
    struct cap *cap = cap_slot(owner, slot);

    return cap && cap->type == BH_TYPE_NONE ? cap : NULL;
}

void call_dispatch(struct core *core, struct partition *caller, struct frame *frame, bool guest)
{
    struct call call = {.core = core, .caller = caller, .guest = guest, .slot = frame->x[1]};
    uint64_t label = (frame->x[0] & 0xffffffff) - BH_LABEL_BASE; /* SMCCC: a 32-bit identifier */
    int64_t status = BH_ERR_LABEL;

    for (uint32_t i = 0; i < 6; i++)
        call.argument[i] = frame->x[2 + i];
    if (label < BH_LABEL_END - BH_LABEL_BASE) {
        const struct operation *operation =
            &operations[index_mask(label, BH_LABEL_END - BH_LABEL_BASE)];

        status = call_decode(&call, operation);
        if (status == BH_OK)
            status = operation->run(&call);
    }
    frame->x[0] = (uint64_t)status;
    for (uint32_t i = 0; i < 3; i++)
        frame->x[1 + i] = call.result[i];
}

int64_t cap_inspect(struct call *call)
{
    const struct cap *cap = call->cap;
    bool range = cap->type == BH_TYPE_MEMORY || cap->type == BH_TYPE_IRQ;

    call->result[0] = cap->type | (uint64_t)cap->rights << 8 | (uint64_t)cap->kind << 16 |
                      (uint64_t)cap->shared << 24;
    call->result[1] = range ? cap->base : cap->object;
    call->result[2] = cap->size;
    return BH_OK;
}

/* Whether a capability would give a partition authority over another one, or over the manager, but
 * for what one partition may be allowed to do to another: to watch and control it. */
static bool cap_trespasses(const struct cap *cap, uint8_t rights, uint32_t to)
{
    const uint8_t over_others = BH_RIGHT_CONTROL | BH_RIGHT_STATE | BH_RIGHT_GUEST;

    if (cap->type == BH_TYPE_VCPU || cap->type == BH_TYPE_TIMER)
        return vcpus[cap->object].partition->index != to;
    return cap->type == BH_TYPE_PARTITION && cap->object != to &&
           (!cap->object || rights & ~over_others);
}

int64_t cap_copy(struct call *call)
{
    uint8_t rights = call->cap->rights & (uint8_t)call->argument[2];
    int64_t status;
    struct cap *target =
        call_cap(call, call->argument[0], BH_TYPE_PARTITION, BH_RIGHT_MANAGE, &status);
    struct cap *to;

    if (!target)
        return status;
    to = call_empty(&partitions[target->object], call->argument[1]);
    if (!to)
        return BH_ERR_SLOT;
    /* Authority over a partition stays with that partition, and with the manager while it exists.
     */
    if (target->object && cap_trespasses(call->cap, rights, target->object))
        return BH_ERR_RANGE;

    *to = *call->cap;
    to->rights = rights;
    return BH_OK;
}
