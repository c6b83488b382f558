/* SPDX-License-Identifier: BSD-2-Clause */
/* The physical GICv3 (IHI 0069): EOImode 1, so that taking an interrupt and ending it are two
 * steps. */
#include "arch.h"
#include "core.h"
#include "irq.h"
#include "lib.h"
#include "object.h"
#include "regs.h"

enum {
    GICD_CTLR = 0x0000,
    GICD_TYPER = 0x0004,
    GICD_IGROUPR = 0x0080,
    GICD_ISENABLER = 0x0100,
    GICD_ICENABLER = 0x0180,
    GICD_ISPENDR = 0x0200,
    GICD_ICPENDR = 0x0280,
    GICD_ISACTIVER = 0x0300,
    GICD_ICACTIVER = 0x0380,
    GICD_IPRIORITYR = 0x0400,
    GICD_ICFGR = 0x0c00,
    GICD_IROUTER = 0x6000,
    GICD_CTLR_ENABLE = 1 << 1,
    GICD_CTLR_ARE = 1 << 4,
    GICR_TYPER = 0x0008,
    GICR_TYPER_LAST = 1 << 4,
    GICR_WAKER = 0x0014,
    GICR_WAKER_SLEEP = 1 << 1,
    GICR_WAKER_ASLEEP = 1 << 2,
    GICR_SGI = 0x10000, /* the second frame, laid out like the distributor's first registers */
    GICR_STRIDE = 0x20000,
    GIC_RWP = 31,
    GIC_POLLS = 1000000
};

enum {
    INTID_MAINTENANCE = 25,
    INTID_HYPERVISOR_TIMER = 26,
    INTID_VIRTUAL_TIMER = 27,
    INTID_PHYSICAL_TIMER = 30,
    INTID_SPECIAL = 1020,
    PRIORITY = 0xa0
};

static uint64_t gic_mmio_read64(uintptr_t address)
{
    return *(volatile uint64_t *)address;
}

/* Waits for a bit to clear; a controller that never does is broken hardware, found at boot. */
static void gic_wait(uintptr_t address, uint32_t mask)
{
    uint32_t polls = 0;

    while (mmio_read32(address) & mask)
        CHECK(++polls < GIC_POLLS);
}

/* 32 interrupts as nobody left them: disabled, neither pending nor active, group 1. */
static void gic_clear(uintptr_t word)
{
    mmio_write32(word + GICD_ICENABLER, ~0u);
    mmio_write32(word + GICD_ICPENDR, ~0u);
    mmio_write32(word + GICD_ICACTIVER, ~0u);
    mmio_write32(word + GICD_IGROUPR, ~0u);
}

void gic_init(void)
{
    uintptr_t dist = mmu_device(DEVICE_GICD);
    uint32_t lines = ((mmio_read32(dist + GICD_TYPER) & 31) + 1) * 32;

    mmio_write32(dist + GICD_CTLR, 0);
    gic_wait(dist + GICD_CTLR, 1u << GIC_RWP);
    mmio_write32(dist + GICD_CTLR, GICD_CTLR_ARE);
    for (uint32_t i = GIC_SPI_FIRST; i < lines; i += 32) {
        gic_clear(dist + i / 8);
    }
    for (uint32_t i = GIC_SPI_FIRST; i < lines; i += 4)
        mmio_write32(dist + GICD_IPRIORITYR + i, PRIORITY * 0x01010101u);
    gic_wait(dist + GICD_CTLR, 1u << GIC_RWP);
    mmio_write32(dist + GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_ENABLE);
}

/* The redistributor whose TYPER has the core's affinity; 0 when none of those that are mapped has.
 */
static uintptr_t gic_find(uint64_t mpidr)
{
    uintptr_t at = mmu_device(DEVICE_GICR);
    uint64_t affinity = (mpidr >> 8 & 0xff000000) | (mpidr & 0xffffff);

    for (uint32_t i = 0; i < LIMIT_CORES; i++, at += GICR_STRIDE) {
        uint64_t typer = gic_mmio_read64(at + GICR_TYPER);

        if (typer >> 32 == affinity)
            return at;
        if (typer & GICR_TYPER_LAST)
            break;
    }
    return 0;
}

bool gic_knows(uint64_t mpidr)
{
    return gic_find(mpidr);
}

void gic_init_core(void)
{
    struct core *core = core_self();
    uintptr_t redist = gic_find(core->mpidr);
    uintptr_t sgi = redist + GICR_SGI;

    CHECK(redist); /* cores were created with it known */
    core->gic = sgi;
    mmio_write32(redist + GICR_WAKER,
                 mmio_read32(redist + GICR_WAKER) & ~(uint32_t)GICR_WAKER_SLEEP);
    gic_wait(redist + GICR_WAKER, GICR_WAKER_ASLEEP);
    gic_clear(sgi);
    mmio_write32(sgi + GICD_ICFGR + 4, 0); /* the core's own interrupts are levels */
    for (uint32_t i = 0; i < 32; i += 4)
        mmio_write32(sgi + GICD_IPRIORITYR + i, PRIORITY * 0x01010101u);
    gic_wait(redist, 1u << 3 /* GICR_CTLR.RWP */);
    mmio_write32(sgi + GICD_ISENABLER, 1u << GIC_SGI_KICK | 1u << GIC_SGI_HALT |
                                           1u << INTID_MAINTENANCE | 1u << INTID_HYPERVISOR_TIMER |
                                           1u << INTID_VIRTUAL_TIMER | 1u << INTID_PHYSICAL_TIMER);
    write_reg(ICC_PMR_EL1, 0xff);
    write_reg(ICC_BPR1_EL1, 0);
    write_reg(ICC_AP1R0_EL1, 0);
    write_reg(ICC_CTLR_EL1, 1u << 1 /* EOImode: EOIR drops the priority, DIR deactivates */);
    write_reg(ICC_IGRPEN1_EL1, 1);
    isb(); /* the interface is set up before the core waits for an interrupt */
}

static uint64_t gic_sgi_target(uint64_t mpidr)
{
    return (mpidr >> 32 & 0xff) << 48 | (mpidr >> 16 & 0xff) << 32 | (mpidr >> 8 & 0xff) << 16 |
           (mpidr >> 4 & 0xf) << 44 | 1ull << (mpidr & 0xf);
}

void gic_kick(const struct core *core)
{
    dsb(ishst); /* what the other core shall see, before it is told */
    write_reg(ICC_SGI1R_EL1, gic_sgi_target(core->mpidr) | (uint64_t)GIC_SGI_KICK << 24);
    isb(); /* sent now, not when this core next synchronises */
}

void gic_halt_others(void)
{
    write_reg(ICC_SGI1R_EL1, 1ull << 40 /* IRM: all but self */ | (uint64_t)GIC_SGI_HALT << 24);
    isb(); /* sent before the panic goes on */
}

void gic_setup(uint32_t intid, bool edge, const struct core *core)
{
    uintptr_t dist = mmu_device(DEVICE_GICD);
    uint32_t shift = intid % 16 * 2 + 1;
    uint32_t config = mmio_read32(dist + GICD_ICFGR + intid / 16 * 4) & ~(1u << shift);

    mmio_write32(dist + GICD_ICFGR + intid / 16 * 4, config | (uint32_t)edge << shift);
    gic_route(intid, core);
}

void gic_enable(uint32_t intid, bool on)
{
    uintptr_t dist = mmu_device(DEVICE_GICD);

    mmio_write32(dist + (on ? GICD_ISENABLER : GICD_ICENABLER) + intid / 32 * 4, 1u << intid % 32);
}

void gic_route(uint32_t intid, const struct core *core)
{
    uintptr_t dist = mmu_device(DEVICE_GICD);

    *(volatile uint64_t *)(dist + GICD_IROUTER + 8ull * intid) = core->mpidr;
}

/* The word of a set or clear register that an interrupt is in. */
static uintptr_t gic_word(const struct core *core, uint32_t block, uint32_t intid)
{
    return (intid < GIC_SPI_FIRST ? core->gic : mmu_device(DEVICE_GICD)) + block + intid / 32 * 4;
}

bool gic_is_pending(const struct core *core, uint32_t intid)
{
    return mmio_read32(gic_word(core, GICD_ISPENDR, intid)) >> intid % 32 & 1;
}

bool gic_is_active(const struct core *core, uint32_t intid)
{
    return mmio_read32(gic_word(core, GICD_ISACTIVER, intid)) >> intid % 32 & 1;
}

void gic_deactivate_at(const struct core *core, uint32_t intid)
{
    mmio_write32(gic_word(core, GICD_ICACTIVER, intid), 1u << intid % 32);
}

void gic_deactivate(uint32_t intid)
{
    write_reg(ICC_DIR_EL1, intid);
    isb(); /* inactive before the next acknowledge looks */
}

/* Interrupts of the core itself; they end here, but for the guest's timers, which the guest ends.
 */
static void gic_handle_private(struct core *core, uint32_t intid)
{
    struct vcpu *vcpu = core->vcpu;

    switch (intid) {
    case GIC_SGI_HALT:
        arch_halt();
    case INTID_HYPERVISOR_TIMER:
        arch_timer_set(~0ull);
        if (vcpu)
            vcpu_due(vcpu, DUE_TIMER);
        break;
    case INTID_VIRTUAL_TIMER:
    case INTID_PHYSICAL_TIMER:
        if (core->mode == CORE_GUEST) {
            virq_timer(vcpu, intid);
            return;
        }
        if (core->resident) {
            vcpu_arrived(vcpu, intid);
            return;
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
    gic_deactivate(intid);
}

bool gic_handle(struct core *core)
{
    uint32_t intid = (uint32_t)read_reg(ICC_IAR1_EL1) & 0xffffff;

    if (intid >= INTID_SPECIAL)
        return false;
    dsb(sy); /* acknowledged before its cause is touched */
    write_reg(ICC_EOIR1_EL1, intid);
    isb(); /* the priority is dropped before the next acknowledge */
    if (intid < GIC_SPI_FIRST)
        gic_handle_private(core, intid);
    else
        irq_arrived(intid);
    return true;
}
