/* SPDX-License-Identifier: BSD-2-Clause */
/* Capability calls inside the kernel: one record in, a status and three values out. */
#ifndef CALL_H
#define CALL_H

#include "object.h"

struct call {
    struct core *core;
    struct partition *caller;
    bool guest;
    struct cap *cap;
    uint64_t slot;
    uint64_t argument[6];
    uint64_t result[3];
};

/* One capability call with its arguments in a frame's x0..x7; results go to x0..x3. */
void call_dispatch(struct core *core, struct partition *caller, struct frame *frame, bool guest);

/* Arguments that are capabilities of the caller: NULL with *status set when they are not what is
 * needed. */
struct cap *call_cap(struct call *call, uint64_t slot, enum bh_type type, uint8_t rights,
                     int64_t *status);
/* An empty slot of a table, or NULL. */
struct cap *call_empty(struct partition *owner, uint64_t slot);

/* Operations, each decode then commit. */
int64_t cap_inspect(struct call *call);
int64_t cap_copy(struct call *call);
int64_t control_console(struct call *call);
int64_t control_create(struct call *call);
int64_t control_policy(struct call *call);
int64_t control_seal(struct call *call);
int64_t control_reset(struct call *call);
int64_t memory_split(struct call *call);
int64_t memory_share(struct call *call);
int64_t memory_map(struct call *call);
int64_t irq_split(struct call *call);
int64_t irq_bind(struct call *call);
int64_t partition_vcpu(struct call *call);
int64_t partition_monitor(struct call *call);
int64_t partition_policy(struct call *call);
int64_t partition_state(struct call *call);
int64_t partition_failure(struct call *call);
int64_t partition_control(struct call *call);
int64_t partition_exits(struct call *call);
int64_t vcpu_start(struct call *call);
int64_t vcpu_state(struct call *call);
int64_t vcpu_timer(struct call *call);
int64_t virq_call_read(struct call *call);
int64_t virq_call_write(struct call *call);
int64_t event_bind(struct call *call);
int64_t event_signal(struct call *call);
int64_t timer_set(struct call *call);
int64_t core_start(struct call *call);
int64_t core_state(struct call *call);

#endif
