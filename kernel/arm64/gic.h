/* SPDX-License-Identifier: BSD-2-Clause */
/* What GICv2 and GICv3 have alike: the distributor's first registers, which a GICv3's
 * redistributors repeat, and what a core does about interrupts of its own. */
#ifndef GIC_H
#define GIC_H

#include "arch.h"
#include "object.h"
#include "virq_sources.h"

enum {
    GICD_CTLR = 0x000,
    GICD_TYPER = 0x004,
    GICD_IGROUPR = 0x080,
    GICD_ISENABLER = 0x100,
    GICD_ICENABLER = 0x180,
    GICD_ISPENDR = 0x200,
    GICD_ICPENDR = 0x280,
    GICD_ISACTIVER = 0x300,
    GICD_ICACTIVER = 0x380,
    GICD_IPRIORITYR = 0x400,
    GICD_ICFGR = 0xc00
};

enum {
    INTID_MAINTENANCE = 25,
    INTID_HYPERVISOR_TIMER = 26,
    INTID_VIRTUAL_TIMER = 27,
    INTID_PHYSICAL_TIMER = 30,
    INTID_SPECIAL = 1020
};

/* A core's own interrupts that the kernel handles. */
#define GIC_PRIVATE                                                                                \
    (1u << GIC_SGI_KICK | 1u << GIC_SGI_HALT | 1u << INTID_MAINTENANCE |                           \
     1u << INTID_HYPERVISOR_TIMER | 1u << INTID_VIRTUAL_TIMER | 1u << INTID_PHYSICAL_TIMER)

void gic_fill(uintptr_t at, uint32_t bytes, uint32_t value);
/* Interrupts from `first` on, which is a multiple of 32, as nobody left them: disabled, neither
 * pending nor active, in one group, with the priority that all have. */
void gic_clear(uintptr_t base, uint32_t first, uint32_t end, uint32_t groups);

/* An interrupt of the core itself. True when it has ended: a guest's timers end when the guest
 * says so. */
static inline bool gic_handle_private(struct core *core, uint32_t intid)
{
    struct vcpu *vcpu = core->vcpu;

    switch (intid) {
    case GIC_SGI_HALT:
        arch_halt();
    case INTID_HYPERVISOR_TIMER:
        arch_timer_set(~0ull);
        if (vcpu)
            vcpu_due(vcpu, DUE_UPCALL);
        break;
    case INTID_VIRTUAL_TIMER:
    case INTID_PHYSICAL_TIMER:
        if (core->resident) {
            if (!SOURCES && core->mode == CORE_GUEST)
                virq_timer(vcpu, intid);
            else
                vcpu_arrived(vcpu, intid);
            return false;
        }
        vcpu_quiesce(); /* silent, or it would be taken again at once */
        break;
    case INTID_MAINTENANCE:
        if (core->resident) {
            vcpu_due(vcpu, DUE_LISTS);
            virq_deliver(vcpu);
        }
        break;
    default: /* GIC_SGI_KICK: the core looks at everything anyway */
        if (core->resident)
            virq_serve(vcpu);
        break;
    }
    return true;
}

#endif
