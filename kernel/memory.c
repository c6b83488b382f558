/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory: a physical range is in one capability, until it is shared explicitly. */
#include "call.h"

int64_t memory_split(struct call *call)
{
    struct cap *cap = call->cap;
    uint64_t offset = call->argument[1];
    uint64_t kind = call->argument[2];
    struct cap *rest = cap_slot(call->caller, call->argument[0]);

    if (!rest || (rest == cap ? offset != 0 : rest->type != BH_TYPE_NONE))
        return BH_ERR_SLOT;
    if (offset & PAGE_MASK)
        return BH_ERR_ALIGN;
    if (offset >= cap->size || (!offset && rest != cap) || kind > BH_KIND_UNCACHED)
        return BH_ERR_RANGE;
    if (cap->bound || cap->shared)
        return BH_ERR_TAKEN;
    if (cap->kind != BH_KIND_UNTYPED && kind != BH_KIND_UNTYPED && kind != cap->kind)
        return BH_ERR_STATE;

    *rest = *cap;
    rest->base += offset;
    rest->size -= offset;
    if (kind != BH_KIND_UNTYPED)
        rest->kind = (uint8_t)kind;
    if (rest != cap)
        cap->size = offset;
    return BH_OK;
}

int64_t memory_share(struct call *call)
{
    struct cap *cap = call->cap;
    struct cap *copy = call_empty(call->caller, call->argument[0]);

    if (!copy)
        return BH_ERR_SLOT;
    if (cap->bound && !cap->shared)
        return BH_ERR_TAKEN;

    cap->shared = true;
    *copy = *cap;
    copy->bound = 0;
    copy->rights &= (uint8_t)call->argument[1];
    return BH_OK;
}

/* Nothing is writable and executable but in a guest's own space, where stage 1 decides. */
static bool memory_rights_fit(uint64_t rights, uint64_t space, bool device)
{
    const uint64_t all = BH_RIGHT_READ | BH_RIGHT_WRITE | BH_RIGHT_EXEC;

    if (!(rights & BH_RIGHT_READ) || rights & ~all || (device && rights & BH_RIGHT_EXEC))
        return false;
    return space == BH_SPACE_GUEST || (rights & all) != all;
}

int64_t memory_map(struct call *call)
{
    struct cap *cap = call->cap;
    int64_t status;
    struct cap *target =
        call_cap(call, call->argument[0], BH_TYPE_PARTITION, BH_RIGHT_MANAGE, &status);
    uint64_t space = call->argument[1];
    uint64_t at = call->argument[2];
    uint64_t rights = call->argument[3];
    struct space *into;

    if (!target)
        return status;
    if (space >= BH_SPACES || (!target->object && space != BH_SPACE_RUN))
        return BH_ERR_RANGE;
    if (cap->kind == BH_KIND_UNTYPED)
        return BH_ERR_STATE;
    if (!memory_rights_fit(rights, space, cap->kind == BH_KIND_DEVICE))
        return BH_ERR_RANGE;
    if (rights & ~(uint64_t)cap->rights)
        return BH_ERR_RIGHTS;
    if (target->object && cap->bound && cap->bound != target->object + 1)
        return BH_ERR_TAKEN;
    into = &partitions[target->object].space[index_mask(space, BH_SPACES)];
    status = space_map_decode(into, ipa(at), pa(cap->base), cap->size);
    if (status != BH_OK)
        return status;

    if (target->object)
        cap->bound = (uint16_t)(target->object + 1);
    space_map_commit(into, ipa(at), pa(cap->base), cap->size, (uint8_t)rights, cap->kind);
    return BH_OK;
}
