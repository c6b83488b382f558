/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtual interrupts: their state machine, and which of them are in list registers. */
#ifndef VIRQ_H
#define VIRQ_H

#include "pools.h"
#include "types.h"

struct partition;
struct vcpu;

/* Thirty-two interrupts; one bit each in the words. An interrupt that is in a list register has its
 * pending and active state there; `latch` is then what has arrived since. */
struct virq_bank {
    uint32_t enable;
    uint32_t arrived; /* pending since the last look: anyone sets bits, without the lock */
    uint32_t latch;   /* pending by edge, software or hardware link */
    uint32_t line;    /* input of an emulated device, level */
    uint32_t active;
    uint32_t group;
    uint32_t edge;
    uint32_t wired;    /* edge-triggered by what is bound to them */
    uint32_t hardware; /* linked to physical[]; the guest's deactivation ends it */
    uint32_t claimed;  /* bound to an Irq or an Event */
    uint32_t listed;   /* in a list register of vCPU holder[] */
    uint32_t latched;  /* listed, and pending there from the latch (not from the line) */
    uint32_t unlinked; /* listed without its link: the kernel ends the physical one */
    bool own;          /* a vCPU's: SGIs and PPIs */
    uint8_t priority[32];
    uint8_t running[32]; /* priority | group that an active one was taken with, or not taken */
    uint8_t route[32];   /* shared interrupts: set of vCPUs, any one of which gets it */
    uint8_t holder[32]; /* vCPU that has it listed or active; of a private one, the list register */
    uint16_t physical[32];
};

/* Behind the shared interrupts is a bank that no guest and no list register knows: badges of the
 * partition's program at EL0. Of these `active` are those that its upcall in progress reports. */
enum {
    VIRQ_LISTS = 16,
    VIRQ_SPI_FIRST = 32,
    VIRQ_BADGES = VIRQ_SPI_FIRST * (LIMIT_SPI_BANKS + 1),
    VIRQ_BANKS = LIMIT_SPI_BANKS + 1,
    VIRQ_NOT_TAKEN = 0xff
};

struct virq_cpu {
    struct virq_bank bank; /* SGIs and PPIs */
    bool calm;     /* nothing waited outside the list registers when they were last filled */
    uint32_t hold; /* others look at this vCPU's interrupts: it must not enter the guest */
    uint32_t used; /* list registers in use */
    uint16_t intid[VIRQ_LISTS];
};

struct virq_shared {
    uint32_t control; /* group enables: bit 0 group 0, bit 1 group 1 */
    uint32_t used;    /* the first banks, which were written to: others deliver nothing */
    struct virq_bank bank[VIRQ_BANKS];
};

/* State after reset. Private: timers linked to the core's own. Shared: routed to vCPU 0. */
void virq_init_cpu(struct virq_cpu *cpu);
void virq_init_shared(struct virq_shared *shared);

/* One field of 32 (or 4, or 1) interrupts as in bulkhead/call.h. `vcpu` NULL: shared ones. */
int64_t virq_decode(const struct vcpu *vcpu, uint64_t field, uint64_t intid);
uint64_t virq_read(struct partition *partition, struct vcpu *vcpu, uint64_t field, uint32_t intid);
void virq_write(struct partition *partition, struct vcpu *vcpu, uint64_t field, uint32_t intid,
                uint64_t value, uint64_t mask);

/* Makes an interrupt pending: private of `vcpu`, or a shared one when vcpu is NULL. Any core. */
void virq_pend(struct partition *partition, struct vcpu *vcpu, uint32_t intid);
/* Badges that were reported have been dealt with: interrupts among them may come again, and those
 * of `enable` at all. On vCPU 0's core. */
void virq_badges_done(struct partition *partition, uint32_t enable);
/* Deactivation by the guest of an interrupt that may be outside the list registers (trapped
 * ICC_DIR_EL1). */
void virq_deactivate(struct vcpu *self, uint32_t intid);
/* An SGI of a group (0 or 1) to a set of vCPUs of the partition: those where it is of that group.
 */
void virq_sgi(struct partition *partition, uint32_t targets, uint32_t intid, uint32_t group);

/* A timer of this core, whose guest it has interrupted, has fired. */
void virq_timer(struct vcpu *vcpu, uint32_t intid);
/* Fills this core's list registers as far as vcpu->due asks for it. Before every guest entry, and
 * on maintenance. */
void virq_deliver(struct vcpu *vcpu);
/* Gives the list registers back to whoever asked for them. On a kick, and while waiting for others.
 */
void virq_serve(struct vcpu *vcpu);
/* Something that would wake a suspended vCPU is pending: enabled, whatever is masked or off at its
 * interface. Its list registers are empty then, and out of use until the next fill. */
bool virq_wakes(struct vcpu *vcpu);
/* Empties the list registers and drops pending and active state of private interrupts: vCPU off. */
void virq_quiesce(struct vcpu *vcpu);
/* Masks and deactivates every linked shared interrupt: the partition has stopped. */
void virq_stop(struct partition *partition);
/* Physical side of a change of a bank's interrupts (`vcpu` NULL: shared ones): linked ones are
 * enabled with their virtual ones, and what a guest drops without having handled it is deactivated,
 * or it would be dead for ever. Timers stay enabled: they are the core's own. */
void virq_physical(const struct virq_bank *bank, const struct vcpu *vcpu, uint32_t enabled,
                   uint32_t disabled, uint32_t dropped);
/* Linked level interrupts of `mask` whose input is asserted now. What has arrived of one whose
 * input is low by now is withdrawn. None of them is in a list register. */
uint32_t virq_inputs(struct virq_bank *bank, const struct vcpu *vcpu, uint32_t mask);
/* The vCPUs that interrupts of a bank go to: `vcpu` itself when the bank is private. */
uint32_t virq_targets(const struct virq_bank *bank, const struct vcpu *vcpu, uint32_t mask);
/* Tells vCPUs (a set of indexes) to choose their list registers again. Any core, no lock needed. */
void virq_tell(const struct partition *partition, uint32_t targets);

#endif
