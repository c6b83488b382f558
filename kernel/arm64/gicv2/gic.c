/* SPDX-License-Identifier: BSD-2-Clause */
/* The physical GICv2 (IHI 0048): EOImode 1, so that taking an interrupt and ending it are two
 * steps.
 *
 * Everything is in the group that bit 0 of both control registers enables: group 0 of a controller
 * without security, group 1 of one with it, seen from the non-secure side. There the groups are
 * firmware's choice and GICD_IGROUPR ignores what is written here. */
#include "arch.h"
#include "core.h"
#include "irq.h"
#include "lib.h"
#include "object.h"
#include "regs.h"

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
    GICD_ITARGETSR = 0x800,
    GICD_ICFGR = 0xc00,
    GICD_SGIR = 0xf00,
    GICD_CPENDSGIR = 0xf10,
    GICC_CTLR = 0x0000,
    GICC_PMR = 0x0004,
    GICC_BPR = 0x0008,
    GICC_IAR = 0x000c,
    GICC_EOIR = 0x0010,
    GICC_APR = 0x00d0,
    GICC_DIR = 0x1000,
    CTLR_ENABLE = 1 << 0,
    CTLR_EOIMODE = 1 << 9,
    SGIR_OTHERS = 1 << 24,
    SGIR_TARGETS = 16
};

enum {
    INTID_MAINTENANCE = 25,
    INTID_HYPERVISOR_TIMER = 26,
    INTID_VIRTUAL_TIMER = 27,
    INTID_PHYSICAL_TIMER = 30,
    INTID_SPECIAL = 1020,
    PRIORITY = 0xa0
};

/* The CPU interface of each core as a target list's bit; 0 until the core is online. Its number
 * follows from nothing else: the distributor says it to the core itself. */
static uint8_t gic_interface[LIMIT_CORES];

static void gic_fill(uintptr_t at, uint32_t bytes, uint32_t value)
{
    for (uint32_t i = 0; i < bytes; i += 4)
        mmio_write32(at + i, value);
}

/* 32 interrupts as nobody left them: disabled, neither pending nor active, in the one group. */
static void gic_clear(uintptr_t word)
{
    mmio_write32(word + GICD_ICENABLER, ~0u);
    mmio_write32(word + GICD_ICPENDR, ~0u);
    mmio_write32(word + GICD_ICACTIVER, ~0u);
    mmio_write32(word + GICD_IGROUPR, 0);
}

void gic_init(void)
{
    uintptr_t dist = mmu_device(DEVICE_GICD);
    uint32_t lines = ((mmio_read32(dist + GICD_TYPER) & 31) + 1) * 32;

    mmio_write32(dist + GICD_CTLR, 0);
    for (uint32_t i = GIC_SPI_FIRST; i < lines; i += 32)
        gic_clear(dist + i / 8);
    gic_fill(dist + GICD_IPRIORITYR + GIC_SPI_FIRST, lines - GIC_SPI_FIRST, PRIORITY * 0x01010101u);
    gic_fill(dist + GICD_ITARGETSR + GIC_SPI_FIRST, lines - GIC_SPI_FIRST, 0); /* to nobody */
    mmio_write32(dist + GICD_CTLR, CTLR_ENABLE);
}

bool gic_knows(uint64_t mpidr)
{
    (void)mpidr; /* it has numbers of its own, and so many */
    return core_count <= (mmio_read32(mmu_device(DEVICE_GICD) + GICD_TYPER) >> 5 & 7);
}

/* A core's own interrupts are routed to itself and nowhere else: the read-only targets of the first
 * ones, banked, have its interface's bit. The one core of a controller for one reads zero. */
static uint8_t gic_own_interface(uintptr_t dist)
{
    uint32_t bits = 0;

    for (uint32_t i = 0; i < GIC_SPI_FIRST; i += 4)
        bits |= mmio_read32(dist + GICD_ITARGETSR + i);
    bits |= bits >> 16;
    bits = (bits | bits >> 8) & 0xff;
    return bits ? (uint8_t)bits : 1;
}

void gic_init_core(void)
{
    uintptr_t dist = mmu_device(DEVICE_GICD);
    uintptr_t cpu = mmu_device(DEVICE_GICC);

    gic_interface[core_self() - cores] = gic_own_interface(dist);
    gic_clear(dist);
    gic_fill(dist + GICD_CPENDSGIR, 16, ~0u);
    mmio_write32(dist + GICD_ICFGR + 4, 0); /* the core's own interrupts are levels */
    gic_fill(dist + GICD_IPRIORITYR, GIC_SPI_FIRST, PRIORITY * 0x01010101u);
    mmio_write32(dist + GICD_ISENABLER, 1u << GIC_SGI_KICK | 1u << GIC_SGI_HALT |
                                            1u << INTID_MAINTENANCE | 1u << INTID_HYPERVISOR_TIMER |
                                            1u << INTID_VIRTUAL_TIMER | 1u << INTID_PHYSICAL_TIMER);
    gic_fill(cpu + GICC_APR, 16, 0);
    mmio_write32(cpu + GICC_PMR, 0xff);
    mmio_write32(cpu + GICC_BPR, 0);
    mmio_write32(cpu + GICC_CTLR, CTLR_ENABLE | CTLR_EOIMODE);
    dsb(sy); /* the interface is set up before the core waits for an interrupt */
}

void gic_kick(const struct core *core)
{
    dsb(ishst); /* what the other core shall see, before it is told */
    mmio_write32(mmu_device(DEVICE_GICD) + GICD_SGIR,
                 (uint32_t)gic_interface[core - cores] << SGIR_TARGETS | GIC_SGI_KICK);
}

void gic_halt_others(void)
{
    mmio_write32(mmu_device(DEVICE_GICD) + GICD_SGIR, SGIR_OTHERS | GIC_SGI_HALT);
    dsb(sy); /* sent before the panic goes on */
}

void gic_setup(uint32_t intid, bool edge, const struct core *core)
{
    uintptr_t config = mmu_device(DEVICE_GICD) + GICD_ICFGR + intid / 16 * 4;
    uint32_t shift = intid % 16 * 2 + 1;

    mmio_write32(config, (mmio_read32(config) & ~(1u << shift)) | (uint32_t)edge << shift);
    gic_route(intid, core);
}

void gic_enable(uint32_t intid, bool on)
{
    mmio_write32(mmu_device(DEVICE_GICD) + (on ? GICD_ISENABLER : GICD_ICENABLER) + intid / 32 * 4,
                 1u << intid % 32);
}

void gic_route(uint32_t intid, const struct core *core)
{
    *(volatile uint8_t *)(mmu_device(DEVICE_GICD) + GICD_ITARGETSR + intid) =
        gic_interface[core - cores];
}

/* One of the core's own ends at its interface. A shared one may have been taken by another: it ends
 * at the distributor, by a register that needs no reading. */
void gic_deactivate(uint32_t intid)
{
    if (intid < GIC_SPI_FIRST)
        mmio_write32(mmu_device(DEVICE_GICC) + GICC_DIR, intid);
    else
        mmio_write32(mmu_device(DEVICE_GICD) + GICD_ICACTIVER + intid / 32 * 4, 1u << intid % 32);
}

/* A core's private interrupts are behind its own accesses only (IHI 0048, 4.3.3): of another's
 * nothing is known, and what its monitor drops of them stays active there. No guest's access leads
 * to that: it has the same registers. */
static bool gic_is(const struct core *core, uint32_t block, uint32_t intid)
{
    if (intid < GIC_SPI_FIRST && core != core_self())
        return false;
    return mmio_read32(mmu_device(DEVICE_GICD) + block + intid / 32 * 4) >> intid % 32 & 1;
}

bool gic_is_pending(const struct core *core, uint32_t intid)
{
    return gic_is(core, GICD_ISPENDR, intid);
}

bool gic_is_active(const struct core *core, uint32_t intid)
{
    return gic_is(core, GICD_ISACTIVER, intid);
}

void gic_deactivate_at(const struct core *core, uint32_t intid)
{
    if (core == core_self())
        gic_deactivate(intid);
}

/* Interrupts of the core itself; they end here, but for the guest's timers, which the guest ends.
 */
static bool gic_handle_private(struct core *core, uint32_t intid)
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
        if (core->resident) {
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

bool gic_handle(struct core *core)
{
    uintptr_t cpu = mmu_device(DEVICE_GICC);
    /* With the core that an SGI comes from: its end must name it too. */
    uint32_t acknowledged = mmio_read32(cpu + GICC_IAR);
    uint32_t intid = acknowledged & 0x3ff;

    if (intid >= INTID_SPECIAL)
        return false;
    mmio_write32(cpu + GICC_EOIR, acknowledged);
    dsb(sy); /* acknowledged before its cause is touched; what the sender wrote is seen */
    if (intid >= GIC_SPI_FIRST)
        irq_arrived(intid);
    else if (gic_handle_private(core, intid))
        mmio_write32(cpu + GICC_DIR, acknowledged);
    return true;
}
