/* SPDX-License-Identifier: BSD-2-Clause */
/* Physical cores: what each one runs, and what it does next. */
#ifndef CORE_H
#define CORE_H

#include "pools.h"
#include "types.h"
#include <bulkhead/call.h>

struct partition;
struct vcpu;

/* What a trap saves and an exit restores; assembly knows the layout (arm64/layout.h). */
struct frame {
    uint64_t x[31];
    uint64_t sp;
    uint64_t pc;
    uint64_t pstate;
};

enum core_mode {
    CORE_IDLE,   /* nothing to run: the kernel waits */
    CORE_USER,   /* an EL0 program, in `user` */
    CORE_GUEST,  /* the resident vCPU */
    CORE_SERVICE /* the service, in its vCPU's frame */
};

struct core {
    struct frame *frame; /* what the next exit restores, and so what the next trap saves to */
    uint64_t stack_top;
    uint64_t emergency_top;
    struct frame user;
    enum core_mode mode;
    struct partition *partition; /* whose EL0 program runs, in CORE_USER */
    struct vcpu *vcpu;           /* the vCPU placed here, or NULL */
    bool resident;               /* that vCPU's state is in the registers */
    bool quick;                  /* a plain answer goes the quick way: to that vCPU */
    struct vcpu *service;        /* the service's vCPU placed here, or NULL */
    uint64_t mpidr;              /* affinity fields */
    uintptr_t gic;  /* its private interrupts' registers, laid out like the distributor's */
    uint32_t state; /* enum bh_core_state; released by the core itself when online */
    uint32_t line_length;
    uint64_t signalled;    /* when it last signalled an Event */
    char line[LIMIT_LINE]; /* console text of this core until its line feed */
};

extern struct core cores[LIMIT_CORES];
extern uint32_t core_count;

/* The core that executes this. */
#ifdef __aarch64__
static inline struct core *core_self(void)
{
    struct core *core;

    __asm__ volatile("mrs %0, tpidr_el2" : "=r"(core));
    return core;
}
#else
struct core *core_self(void);
#endif
/* Adds a core; the pool has room. */
struct core *core_add(uint64_t mpidr);
/* Entry of a core in C, once its tables are on. */
_Noreturn void core_main(struct core *core);
/* Decides what runs after a trap, prepares it, and returns to the assembly that enters it. */
void core_next(struct core *core);
/* Makes a core look at its partition again. */
void core_kick(struct core *core);
/* What is due for a vCPU, and its core looks at once. Any core. */
void core_tell(struct vcpu *vcpu, uint32_t due);
/* Sets this core's hypervisor timer to the first of what waits for it. */
void core_timer(struct core *core);

#endif
