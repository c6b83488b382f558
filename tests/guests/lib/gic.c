/* SPDX-License-Identifier: BSD-2-Clause */
/* A GICv3 driver for one security state: IHI 0069. */
#include "guest.h"

enum {
    CTLR = 0x0,
    TYPER = 0x4,
    IIDR = 0x8,
    IGROUPR = 0x80,
    ISENABLER = 0x100,
    ICENABLER = 0x180,
    ISPENDR = 0x200,
    ISACTIVER = 0x300,
    IPRIORITYR = 0x400,
    WAKER = 0x14,
    RD_TYPER = 0x8,
    FRAME = 0x10000,
};

uint64_t gic_rd(unsigned cpu)
{
    return GICR + cpu * 2ul * FRAME;
}

uint64_t gic_sgi(unsigned cpu)
{
    return gic_rd(cpu) + FRAME;
}

/* The frame that has an interrupt's registers: this core's own, or the distributor. */
static uint64_t gic_frame(unsigned intid)
{
    return intid < 32 ? gic_sgi(cpu_number()) : GICD;
}

static uint64_t gic_word(unsigned intid, uint64_t block)
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

    while (!(read64(gic_rd(count - 1) + RD_TYPER) & 0x10)) /* Last */
        count++;
    return count;
}

void gic_init(void)
{
    unsigned words = (read32(GICD + TYPER) & 31) + 1;

    write32(GICD + CTLR, 0);
    for (unsigned word = 1; word < words; word++) {
        write32(GICD + ICENABLER + 4 * word, ~0u);
        write32(GICD + IGROUPR + 4 * word, ~0u);
    }
    write32(GICD + CTLR, 0x12); /* ARE, EnableGrp1 */
    gic_init_cpu();
}

void gic_init_cpu(void)
{
    uint64_t rd = gic_rd(cpu_number()), sgi = gic_sgi(cpu_number());

    write32(rd + WAKER, 0);
    while (read32(rd + WAKER) & 4) /* ChildrenAsleep */
        ;
    write32(sgi + ICENABLER, ~0u);
    write32(sgi + IGROUPR, ~0u);
    for (unsigned word = 0; word < 8; word++)
        write32(sgi + IPRIORITYR + 4 * word, 0x80808080u);
    write_sysreg(icc_sre_el1, 7);
    isb();
    write_sysreg(icc_pmr_el1, 0xff);
    write_sysreg(icc_bpr1_el1, 0);
    write_sysreg(icc_igrpen1_el1, 1);
    gic_eoimode(0);
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

void gic_pend(unsigned intid)
{
    write32(gic_word(intid, ISPENDR), 1u << intid % 32);
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

unsigned gic_wait(uint64_t us)
{
    uint64_t start = clock_ticks();
    unsigned intid;

    do
        intid = gic_ack();
    while (intid == SPURIOUS && clock_ticks() - start < us * clock_hz() / 1000000);
    return intid;
}

bool on_bulkhead(void)
{
    return read32(GICD + IIDR) == 0x4200043bu;
}
