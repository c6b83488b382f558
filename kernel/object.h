/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel objects: partitions and vCPUs with their virtual interrupts, events, capabilities. */
#ifndef OBJECT_H
#define OBJECT_H

#include "arch.h"
#include "core.h"
#include "lock.h"
#include "virq.h"
#include <bulkhead/cap.h>
#include <bulkhead/status.h>

struct cap {
    uint8_t type; /* enum bh_type */
    uint8_t rights;
    uint8_t kind;   /* Memory: enum bh_kind */
    bool shared;    /* Memory: a copy exists or existed */
    uint16_t bound; /* Memory: 1 + index of the partition that maps it */
    uint16_t object;
    uint64_t base; /* Memory: physical address; Irq: first INTID */
    uint64_t size; /* Memory: bytes; Irq: count */
};

enum vcpu_state {
    VCPU_OFF,
    VCPU_CLAIMED, /* a starter writes entry and argument */
    VCPU_PENDING, /* they are there; the core will take it up */
    VCPU_ON
};

/* A vCPU that is on, but waits for an interrupt: what it does then. */
enum vcpu_suspended { VCPU_AWAKE, VCPU_GOES_ON, VCPU_BEGINS };

/* To run although the guest does: not now, if that has no interrupt in hand, in any case. */
enum service_claim { CLAIM_NONE, CLAIM_POLITE, CLAIM_DUE };

/* A service's share of its core, in ticks of the physical count (service.c). */
struct service_cpu {
    uint64_t period; /* 0: this is a guest's vCPU */
    uint64_t budget; /* it may run so long in each period */
    uint64_t since;  /* when this period began */
    int64_t left;    /* of the budget */
    uint64_t look;   /* when its turn ends, or it may have one; ~0: it has nothing to do */
    uint32_t claim;  /* enum service_claim */
    bool busy;       /* in an upcall, which goes on with `frame` */
};

/* What a vCPU's core has to do before it enters its guest. */
enum vcpu_due {
    DUE_ARRIVED = 1, /* private interrupts have arrived */
    DUE_LISTS = 2,   /* list registers are to be chosen again */
    DUE_UPCALL = 4,  /* the Timer may have run out, badges may have been set */
    DUE_STATE = 8,   /* the partition's state has changed, or the core's service wants a look */
    DUE_GENERAL = DUE_UPCALL | DUE_STATE /* what core_next is for */
};

/* Why a vCPU left its guest, as BH_PARTITION_EXITS counts it. */
enum vcpu_exit { EXIT_UPCALL, EXIT_INTERRUPT, EXIT_TRAP, VCPU_EXITS };

struct vcpu {
    struct frame frame; /* the guest's registers while it does not run */
    uint64_t sctlr;     /* guest registers that EL0 programs use too */
    uint64_t cntkctl;
    uint64_t mdscr;
    struct partition *partition;
    struct core *core;
    uint32_t index; /* in the partition */
    uint32_t state; /* enum vcpu_state; OFF -> CLAIMED by compare and swap */
    uint64_t entry;
    uint64_t argument;
    enum vcpu_suspended suspended;
    uint32_t due;      /* set of enum vcpu_due; all cores set bits, this one clears them */
    bool timer;        /* a Timer exists */
    uint32_t stop;     /* number of the partition's stop that this vCPU's core has seen last */
    uint64_t deadline; /* of the Timer; ~0: none */
    uint32_t upcall;   /* enum bh_upcall that is in progress */
    uint64_t access;   /* syndrome and address of the access that the upcall answers */
    uint64_t access_far;
    uint64_t exits[VCPU_EXITS];
    uint64_t hcr;    /* HCR_EL2 while the guest runs */
    uint64_t thread; /* TPIDR_EL0 and TPIDRRO_EL0 while a service runs */
    uint64_t thread_ro;
    struct service_cpu service; /* of a partition without a guest: `frame` is its program's */
    struct virq_cpu virq;
};

/* A partition's state word: enum bh_partition_state, enum bh_stop_reason of the last stop, and that
 * stop's number. */
#define PARTITION_STATE 0xffu
enum { PARTITION_REASON = 8, PARTITION_STOPS = 16 };

static inline uint32_t partition_reason(uint32_t state)
{
    return state >> PARTITION_REASON & 0xff;
}

static inline uint32_t partition_stops(uint32_t state)
{
    return state >> PARTITION_STOPS;
}

#define FAILURES (BH_FAILURES + 1u)

struct failure {
    uint32_t reason;
    uint32_t vcpu;
    uint64_t pc;
    uint64_t syndrome;
    uint64_t address;
    uint64_t time; /* physical count */
};

struct partition {
    struct lock lock;    /* virtual interrupts */
    uint32_t state;      /* life.c */
    bool on_reset;       /* the guest's SYSTEM_RESET begins anew */
    bool awaited;        /* the machine ends only when this one has */
    bool manual;         /* the seal does not start it */
    uint32_t on_failure; /* enum bh_failure_action */
    uint32_t budget;     /* restarts after failures within a period of so many ticks */
    uint64_t period;
    uint64_t since; /* when this period began */
    uint32_t spent;
    uint32_t restarts;
    uint32_t failures;                /* ever; the last ones are in failure[] */
    struct failure failure[FAILURES]; /* one more than is told: it is being written */
    uint32_t index;
    uint32_t vcpu_count;
    struct vcpu *vcpu[BH_MAX_VCPUS];
    uint32_t remaining; /* cores that have not seen the stop */
    struct cap *caps;
    uint32_t slots;
    struct space space[BH_SPACES];
    uint64_t monitor_entry;
    uint64_t stack_base;
    uint64_t stack_size;
    struct virq_shared virq;
};

/* Sets and clears bits of vcpu->due; returns what it was. Release: who finds them sees why they
 * were set; acquire: who clears them acts on what was there. */
static inline uint32_t vcpu_due(struct vcpu *vcpu, uint32_t set)
{
    return __atomic_fetch_or(&vcpu->due, set, __ATOMIC_ACQ_REL);
}

static inline uint32_t vcpu_done(struct vcpu *vcpu, uint32_t clear)
{
    return __atomic_fetch_and(&vcpu->due, ~clear, __ATOMIC_ACQ_REL);
}

/* A private interrupt has arrived for this core's own vCPU. */
static inline void vcpu_arrived(struct vcpu *vcpu, uint32_t intid)
{
    /* Relaxed: this core itself takes it; vcpu_due orders it for all others. */
    __atomic_fetch_or(&vcpu->virq.bank.arrived, 1u << intid, __ATOMIC_RELAXED);
    vcpu_due(vcpu, DUE_ARRIVED);
}

/* Where a vCPU's upcalls begin on the monitor's stacks. */
static inline uint64_t vcpu_stack(const struct vcpu *vcpu)
{
    return vcpu->partition->stack_base + (vcpu->index + 1) * vcpu->partition->stack_size;
}

/* Bank that holds an interrupt: of `vcpu` when it is private. */
static inline struct virq_bank *virq_bank(struct partition *partition, struct vcpu *vcpu,
                                          uint32_t intid)
{
    return intid < VIRQ_SPI_FIRST ? &vcpu->virq.bank
                                  : &partition->virq.bank[index_mask(intid / 32 - 1, VIRQ_BANKS)];
}

/* Where a signal, or a physical interrupt, goes. */
struct event {
    struct partition *partition; /* NULL: bound to nothing */
    uint32_t intid;
};

/* partitions[0] is the manager. */
extern struct partition partitions[1 + LIMIT_PARTITIONS];
extern uint32_t partition_count;
extern struct vcpu vcpus[LIMIT_VCPUS];
extern uint32_t vcpu_count;
extern struct event events[LIMIT_EVENTS];
extern uint32_t event_count;
extern uint32_t machine_sealed;
extern uint32_t machine_on_panic; /* enum bh_platform_action */
extern uint32_t machine_on_end;
extern bool machine_quiet; /* a service tells of failures, but its own */

/* cap.c */
struct cap *cap_slot(struct partition *owner, uint64_t slot); /* NULL outside the table */
void partition_init(struct partition *partition, uint32_t index, struct cap *caps, uint32_t slots);

/* cap.c, life.c: life cycle */
struct partition *partition_create(void);
/* Stops it; starts one that is new or has stopped: any core. False: it was in another state. */
bool partition_stop(struct partition *partition, uint32_t reason);
bool partition_start(struct partition *partition, enum bh_partition_state from);
/* It is loaded. */
void partition_run(struct partition *partition);
/* Stops the partition of this core's vCPU for a failure, which is kept. */
void partition_fail(struct vcpu *vcpu, uint32_t reason, uint64_t pc, uint64_t syndrome,
                    uint64_t address);
void partition_check_in(struct partition *partition, struct vcpu *vcpu);
void machine_ended(void);
void platform_do(uint32_t action);

/* service.c: services take turns with their core's guest */
/* The service is left, whatever for; what was under it is in place again. */
void service_pause(struct core *core);
/* Lets it have a turn, if one is due. False: the core may wait. */
bool service_step(struct core *core);

/* seal.c */
int64_t seal_decode(void);
void seal_commit(struct core *core);

/* manager.c: the first EL0 program */
void manager_start(struct core *core, uint64_t tree);
void manager_scrub(void);

/* console.c: the kernel's own lines stand between begin and end once several cores run. */
void console_begin(void);
void console_end(void);
void console_write(struct core *core, uint32_t count, const uint64_t *words);

#endif
