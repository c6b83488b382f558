/* SPDX-License-Identifier: BSD-2-Clause */
/* A booted kernel with its manager, and a few objects in known slots: where tests of calls begin.
 */
#ifndef WORLD_H
#define WORLD_H

#include "call.h"

/* The manager's slots. */
enum {
    WORLD_RAM = BH_ROOT_MEMORY + 20, /* 1 GiB of RAM behind the image, typed */
    WORLD_DEVICE,                    /* 64 KiB, typed */
    WORLD_UNTYPED,                   /* 64 KiB */
    WORLD_PARTITION,                 /* the first: vCPU 0 on core 0, with a Timer */
    WORLD_OTHER,                     /* the second: no vCPU */
    WORLD_EVENT,
    WORLD_CORE, /* the second, off */
    WORLD_VCPU,
    WORLD_TIMER,
    WORLD_IRQ,  /* one interrupt */
    WORLD_IRQS, /* the others */
    WORLD_FREE  /* empty from here on */
};

extern struct frame world_frame; /* of the last call */
extern bool world_guest;         /* calls come from a guest */
extern struct partition *world_caller;

void world_begin(void);
int world_setup(void **state); /* the same, for cmocka */
int64_t world_call(uint64_t label, uint64_t slot, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
/* A call that must succeed; one that must fail like this and change nothing, byte for byte. */
void world_allow(uint64_t label, uint64_t slot, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
void world_refuse(int64_t status, uint64_t label, uint64_t slot, uint64_t a, uint64_t b, uint64_t c,
                  uint64_t d);
/* All that may be wrong with a call's first argument when that has to be a partition. */
void world_partition_argument(uint64_t label, uint64_t slot, uint64_t b, uint64_t c, uint64_t d);
const struct cap *world_cap(uint32_t slot);
/* A capability put into the caller's table past the kernel. */
void world_forge(uint32_t slot, struct cap cap);
/* A valid capability of a type. */
uint32_t world_slot(enum bh_type type);

#endif
