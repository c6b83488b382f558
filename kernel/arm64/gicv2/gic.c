/* SPDX-License-Identifier: BSD-2-Clause */
/* The physical GICv2 (IHI 0048): EOImode 1, so that taking an interrupt and ending it are two
 * steps.
 *
 * Everything is in the group that bit 0 of both control registers enables: group 0 of a controller
 * without security, group 1 of one with it, seen from the non-secure side. There the groups are
 * firmware's choice and GICD_IGROUPR ignores what is written here. */
#include "gic.h"
#include "irq.h"
#include "lib.h"
#include "regs.h"

enum {
    GICD_ITARGETSR = 0x800,
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

/* The CPU interface of each core as a target list's bit; 0 until the core is online. Its number
 * follows from nothing else: the distributor says it to the core itself. */
static uint8_t gic_interface[LIMIT_CORES];

void gic_init(void)
{
    uintptr_t dist = mmu_device(DEVICE_GICD);
    uint32_t lines = ((mmio_read32(dist + GICD_TYPER) & 31) + 1) * 32;

    mmio_write32(dist + GICD_CTLR, 0);
    gic_clear(dist, GIC_SPI_FIRST, lines, 0);
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
    gic_clear(dist, 0, GIC_SPI_FIRST, 0);
    gic_fill(dist + GICD_CPENDSGIR, 16, ~0u);
    mmio_write32(dist + GICD_ICFGR + 4, 0); /* the core's own interrupts are levels */
    mmio_write32(dist + GICD_ISENABLER, GIC_PRIVATE);
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
