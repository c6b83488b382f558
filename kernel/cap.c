/* SPDX-License-Identifier: BSD-2-Clause */
/* Capability tables and the pools of objects behind them. */
#include "object.h"

struct partition partitions[1 + LIMIT_PARTITIONS];
uint32_t partition_count = 1; /* the manager */
struct vcpu vcpus[LIMIT_VCPUS];
uint32_t vcpu_count;
struct event events[LIMIT_EVENTS];
uint32_t event_count;

static struct cap partition_caps[LIMIT_PARTITIONS][LIMIT_PARTITION_SLOTS];

struct cap *cap_slot(struct partition *owner, uint64_t slot)
{
    if (slot >= owner->slots)
        return NULL;
    return &owner->caps[index_mask(slot, owner->slots)];
}

void partition_init(struct partition *partition, uint32_t index, struct cap *caps, uint32_t slots)
{
    partition->index = index;
    partition->awaited = true;
    partition->caps = caps;
    partition->slots = slots;
    virq_init_shared(&partition->virq);
}

struct partition *partition_create(void)
{
    struct partition *partition = &partitions[partition_count];

    partition_init(partition, partition_count, partition_caps[partition_count - 1],
                   LIMIT_PARTITION_SLOTS);
    for (uint32_t i = 0; i < BH_SPACES; i++)
        space_init(&partition->space[i], (uint16_t)((partition_count - 1) * BH_SPACES + i + 1));
    partition_count++;
    return partition;
}
