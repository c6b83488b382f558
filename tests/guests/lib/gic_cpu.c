/* SPDX-License-Identifier: BSD-2-Clause */
/* The CPU interface: system registers of GICv3, GICC of GICv2. The usual group is 1 with GICv3 and
 * 0 with GICv2, where group 1 takes other registers; both signal IRQ. */
#include "guest.h"

enum { CTLR = 0x0, PMR = 0x4, BPR = 0x8, IAR = 0xc, EOIR = 0x10, RPR = 0x14, HPPIR = 0x18 };
enum { DIR = 0x1000, EOIMODE_V2 = 1u << 9, ENABLE_V2 = 1, INTID = 0x3ff, SGIS = 16 };

/* GICv2 wants an SGI's source core back at its end. One word for each core and SGI. */
static uint32_t sources[8][SGIS];

void gic_init_interface(void)
{
    if (gic_version == 2) {
        write32(GICC + PMR, 0xff);
        write32(GICC + BPR, 0);
        write32(GICC + CTLR, ENABLE_V2);
        return;
    }
    write_sysreg(icc_sre_el1, 7);
    isb();
    write_sysreg(icc_pmr_el1, 0xff);
    write_sysreg(icc_bpr0_el1, 0);
    write_sysreg(icc_bpr1_el1, 0);
    write_sysreg(icc_igrpen1_el1, 1);
    gic_eoimode(0);
}

unsigned gic_ack(void)
{
    uint32_t value;

    if (gic_version == 2) {
        value = read32(GICC + IAR);
        if ((value & INTID) < SGIS)
            sources[cpu_number()][value & INTID] = value;
    } else {
        value = (uint32_t)read_sysreg(icc_iar1_el1);
    }
    dsb();
    return gic_version == 2 ? value & INTID : value;
}

unsigned gic_source(unsigned intid)
{
    return sources[cpu_number()][intid] >> 10;
}

static uint32_t gic_end(unsigned intid)
{
    return intid < SGIS ? sources[cpu_number()][intid] : intid;
}

void gic_eoi(unsigned intid)
{
    dsb();
    if (gic_version == 2) {
        write32(GICC + EOIR, gic_end(intid));
        dsb();
    } else {
        write_sysreg(icc_eoir1_el1, intid);
    }
    isb();
}

void gic_dir(unsigned intid)
{
    if (gic_version == 2) {
        write32(GICC + DIR, gic_end(intid));
        dsb();
    } else {
        write_sysreg(icc_dir_el1, intid);
    }
    isb();
}

void gic_eoimode(unsigned mode)
{
    if (gic_version == 2) {
        write32(GICC + CTLR, ENABLE_V2 | (mode ? EOIMODE_V2 : 0));
        dsb();
    } else {
        write_sysreg(icc_ctlr_el1, (uint64_t)mode << 1);
    }
    isb();
}

void gic_mask(unsigned priority)
{
    if (gic_version == 2) {
        write32(GICC + PMR, priority);
        dsb();
    } else {
        write_sysreg(icc_pmr_el1, priority);
    }
    isb();
}

void gic_binary_point(unsigned point)
{
    if (gic_version == 2) {
        write32(GICC + BPR, point);
        dsb();
    } else {
        write_sysreg(icc_bpr1_el1, point);
    }
    isb();
}

unsigned gic_running(void)
{
    return gic_version == 2 ? read32(GICC + RPR) : (unsigned)read_sysreg(icc_rpr_el1);
}

unsigned gic_highest(void)
{
    return gic_version == 2 ? read32(GICC + HPPIR) & INTID : (unsigned)read_sysreg(icc_hppir1_el1);
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
