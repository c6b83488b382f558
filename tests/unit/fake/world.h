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
int64_t world_call(uint64_t label, uint64_t slot, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
/* A capability put into the caller's table past the kernel. */
void world_forge(uint32_t slot, struct cap cap);
/* A valid capability of a type. */
uint32_t world_slot(enum bh_type type);

#endif
