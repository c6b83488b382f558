/* SPDX-License-Identifier: BSD-2-Clause */
/* A driver for both versions of the GIC with one security state: GICv2 (IHI 0048), GICv3 (IHI
 * 0069). The distributor's registers with a few bits per interrupt lie at the same offsets in both,
 * and in the SGI frames of GICv3's redistributors. */
#include "guest.h"

enum {
    CTLR = 0x0,
    TYPER = 0x4,
    IIDR = 0x8,
    WAKER = 0x14,
    RD_TYPER = 0x8,
    ITARGETSR = 0x800,
    SGIR = 0xf00,
    SPENDSGIR = 0xf20,
    IROUTER = 0x6000,
    FRAME = 0x10000,
};

#define SGI1R_IRM (1ul << 40) /* all but self */

unsigned gic_version;

uint64_t gic_rd(unsigned cpu)
{
    return GICR + cpu * 2ul * FRAME;
}

uint64_t gic_sgi(unsigned cpu)
{
    return gic_version == 2 ? GICD : gic_rd(cpu) + FRAME;
}

/* The frame that has an interrupt's registers: this core's own, or the distributor. */
static uint64_t gic_frame(unsigned intid)
{
    return intid < 32 ? gic_sgi(cpu_number()) : GICD;
}

uint64_t gic_word(unsigned intid, uint64_t block)
{
    return gic_frame(intid) + block + intid / 32 * 4;
}

unsigned cpu_number(void)
{
    return (unsigned)read_sysreg(mpidr_el1) & 0xff;
}

unsigned cpu_count(void)
{
    unsigned count = 1;

    if (gic_version == 2)
        return (read32(GICD + TYPER) >> 5 & 7) + 1;
    while (!(read64(gic_rd(count - 1) + RD_TYPER) & 0x10)) /* Last */
        count++;
    return count;
}

unsigned gic_intids(void)
{
    return ((read32(GICD + TYPER) & 31) + 1) * 32;
}

void gic_groups(unsigned enables)
{
    write32(GICD + CTLR, enables | (gic_version == 2 ? 0 : 0x10)); /* ARE */
}

static void gic_setup(bool clear)
{
    gic_version = fdt_compatible((const void *)guest_entry.x[0], "intc", "arm,gic-v3") ? 3 : 2;
    gic_groups(0);
    for (unsigned word = 1; word < gic_intids() / 32; word++) {
        write32(GICD + ICENABLER + 4 * word, ~0u);
        if (clear)
            write32(GICD + ICPENDR + 4 * word, ~0u);
        write32(GICD + ICACTIVER + 4 * word, ~0u);
        write32(GICD + IGROUPR + 4 * word, gic_version == 2 ? 0 : ~0u);
        for (unsigned byte = 0; gic_version == 2 && byte < 32; byte++)
            write8(GICD + ITARGETSR + 32 * word + byte, 1);
    }
    gic_groups(gic_version == 2 ? 1 : 2);
    gic_init_cpu();
}

void gic_init(void)
{
    gic_setup(true);
}

void gic_init_keep(void)
{
    gic_setup(false);
}

void gic_init_cpu(void)
{
    uint64_t rd = gic_rd(cpu_number()), sgi = gic_sgi(cpu_number());

    if (gic_version == 3) {
        write32(rd + WAKER, 0);
        while (read32(rd + WAKER) & 4) /* ChildrenAsleep */
            ;
    }
    write32(sgi + ICENABLER, ~0u);
    write32(sgi + IGROUPR, gic_version == 2 ? 0 : ~0u);
    for (unsigned word = 0; word < 8; word++)
        write32(sgi + IPRIORITYR + 4 * word, 0x80808080u);
    gic_init_interface();
}

void gic_enable(unsigned intid)
{
    write32(gic_word(intid, ISENABLER), 1u << intid % 32);
}

void gic_disable(unsigned intid)
{
    write32(gic_word(intid, ICENABLER), 1u << intid % 32);
}

void gic_priority(unsigned intid, unsigned priority)
{
    write8(gic_frame(intid) + IPRIORITYR + intid, priority);
}

void gic_group(unsigned intid, unsigned group)
{
    uint64_t word = gic_word(intid, IGROUPR);
    uint32_t bit = 1u << intid % 32;

    write32(word, group ? read32(word) | bit : read32(word) & ~bit);
}

void gic_edge(unsigned intid, bool edge)
{
    uint64_t word = gic_frame(intid) + ICFGR + intid / 16 * 4;
    uint32_t bit = 2u << intid % 16 * 2;

    write32(word, edge ? read32(word) | bit : read32(word) & ~bit);
}

void gic_pend(unsigned intid)
{
    if (gic_version == 2 && intid < 16) /* GICD_ISPENDR0 is read-only there */
        write8(GICD + SPENDSGIR + intid, 1u << cpu_number());
    else
        write32(gic_word(intid, ISPENDR), 1u << intid % 32);
    dsb();
}

void gic_unpend(unsigned intid)
{
    write32(gic_word(intid, ICPENDR), 1u << intid % 32);
    dsb();
}

bool gic_is_pending(unsigned intid)
{
    return read32(gic_word(intid, ISPENDR)) >> intid % 32 & 1;
}

bool gic_is_active(unsigned intid)
{
    return read32(gic_word(intid, ISACTIVER)) >> intid % 32 & 1;
}

void gic_route(unsigned intid, unsigned cpu)
{
    if (gic_version == 2)
        write8(GICD + ITARGETSR + intid, 1u << cpu);
    else
        write64(GICD + IROUTER + 8 * intid, cpu);
}

void gic_send(unsigned intid, unsigned targets)
{
    dsb();
    if (gic_version == 2)
        write32(GICD + SGIR, targets << 16 | intid);
    else
        write_sysreg(icc_sgi1r_el1, (uint64_t)intid << 24 | targets);
    isb();
}

void gic_send_others(unsigned intid)
{
    dsb();
    if (gic_version == 2)
        write32(GICD + SGIR, 1u << 24 | intid);
    else
        write_sysreg(icc_sgi1r_el1, SGI1R_IRM | (uint64_t)intid << 24);
    isb();
}

bool on_bulkhead(void)
{
    return read32(GICD + IIDR) == 0x4200043bu;
}
