/* SPDX-License-Identifier: BSD-2-Clause */
/* A plain model of the GIC as a guest should see it (IHI 0069, chapters 4, 8 and 12): one record
 * for each interrupt and each PE, no list registers. What happens is an event together with what
 * was observed; the model says whether that can be, and what is true afterwards. */
#ifndef GIC_MODEL_H
#define GIC_MODEL_H

#include <bulkhead/call.h>
#include <stdbool.h>
#include <stdint.h>

/* Slots stand for the interrupts that the sequences use: private ones first. */
enum { MODEL_VCPUS = 4, MODEL_PRIVATE = 8, MODEL_SLOTS = 28, MODEL_NONE = 255 };

extern const uint16_t model_intids[MODEL_SLOTS];
/* The slot of an INTID; MODEL_NONE when there is none. */
uint32_t model_slot(uint32_t intid);
/* The slots whose INTIDs share a register of 32 with that of `slot`. */
uint32_t model_bank(uint32_t slot);

/* Interrupts of devices that are assigned, and timers: their state has a physical side. */
enum model_link { MODEL_EMULATED, MODEL_LEVEL, MODEL_EDGE };
enum model_link model_link(uint32_t slot);

struct model_irq {
    uint8_t priority;
    uint8_t targets; /* set of vCPUs: several are 1 of N */
    uint8_t owner;   /* 1 + the vCPU that acknowledged it and has not ended it */
    uint8_t may;     /* linked: how often it may be delivered that need not be (see gic_model.c) */
    bool enable, group, edge;
    bool latch;  /* pending by an edge, an SGI or software */
    bool line;   /* level of the input */
    bool pulsed; /* linked and edge-triggered: an edge since it was acknowledged last */
    bool active;
    bool mixed; /* pended by software while its linked level was asserted too */
    bool late;  /* signalled, and nobody has waited for that to arrive */
};

struct model_pe {
    bool on;
    bool split; /* EOImode 1 */
    bool cbpr;
    uint8_t groups; /* ICC_IGRPEN */
    uint8_t mask;   /* ICC_PMR */
    uint8_t point[2];
    uint32_t running[2]; /* active priorities, a bit for each multiple of 8 */
};

struct model {
    uint32_t vcpus;
    uint32_t control; /* GICD_CTLR's group enables */
    struct model_irq own[MODEL_VCPUS][MODEL_PRIVATE];
    struct model_irq shared[MODEL_SLOTS - MODEL_PRIVATE];
    struct model_pe pe[MODEL_VCPUS];
};

enum event_kind {
    EVENT_WRITE,       /* field of `slots` := value (one bit each, or one number) */
    EVENT_READ,        /* PENDING or ACTIVE of the bank of `slots`; result: the bits by slot */
    EVENT_SGI,         /* to the vCPUs of `value` */
    EVENT_SIGNAL,      /* an edge at an emulated input */
    EVENT_DEVICE,      /* the physical line becomes `value`; a pulse where it is edge-triggered */
    EVENT_ACKNOWLEDGE, /* result: slot or MODEL_NONE */
    EVENT_END,
    EVENT_DEACTIVATE,
    EVENT_CONFIGURE, /* the PE's register `field` */
    EVENT_OFF,
    EVENT_ON
};

enum pe_register { PE_MASK, PE_GROUPS, PE_SPLIT, PE_CBPR, PE_BPR0, PE_BPR1, PE_REGISTERS };

struct observed {
    enum event_kind kind;
    uint32_t self;  /* vCPU that does it */
    uint32_t vcpu;  /* whose private interrupts */
    uint32_t slots; /* a set */
    uint32_t field; /* enum bh_virq_field or enum pe_register */
    uint32_t group;
    uint32_t value;
    uint32_t result;
    bool prompt; /* all that was to be told has arrived: nothing may be late */
};

struct model_irq *model_irq(struct model *model, uint32_t vcpu, uint32_t slot);
/* How many worlds are possible after the event: none (it cannot be), `model` as changed, or that
 * and `other`. */
uint32_t model_step(struct model *model, const struct observed *event, struct model *other);
/* Is there something that some vCPU must take, masks and running priorities aside? */
bool model_waits(struct model *model);

#endif
