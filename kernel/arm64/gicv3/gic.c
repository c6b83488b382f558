/* SPDX-License-Identifier: BSD-2-Clause */
/* The physical GICv3 (IHI 0069): EOImode 1, so that taking an interrupt and ending it are two
 * steps. */
#include "gic.h"
#include "icc_regs.h"
#include "irq.h"
#include "lib.h"
#include "regs.h"

enum {
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

void gic_init(void)
{
    uintptr_t dist = mmu_device(DEVICE_GICD);
    uint32_t lines = ((mmio_read32(dist + GICD_TYPER) & 31) + 1) * 32;

    mmio_write32(dist + GICD_CTLR, 0);
    gic_wait(dist + GICD_CTLR, 1u << GIC_RWP);
    mmio_write32(dist + GICD_CTLR, GICD_CTLR_ARE);
    gic_clear(dist, GIC_SPI_FIRST, lines, ~0u); /* group 1 */
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
    gic_clear(sgi, 0, GIC_SPI_FIRST, ~0u);
    mmio_write32(sgi + GICD_ICFGR + 4, 0); /* the core's own interrupts are levels */
    gic_wait(redist, 1u << 3 /* GICR_CTLR.RWP */);
    mmio_write32(sgi + GICD_ISENABLER, GIC_PRIVATE);
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

bool gic_handle(struct core *core)
{
    uint32_t intid = (uint32_t)read_reg(ICC_IAR1_EL1) & 0xffffff;

    if (intid >= INTID_SPECIAL)
        return false;
    dsb(sy); /* acknowledged before its cause is touched */
    write_reg(ICC_EOIR1_EL1, intid);
    isb(); /* the priority is dropped before the next acknowledge */
    if (intid >= GIC_SPI_FIRST)
        irq_arrived(intid);
    else if (gic_handle_private(core, intid))
        gic_deactivate(intid);
    return true;
}
