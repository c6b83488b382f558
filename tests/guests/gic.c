/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupt controller, one core: registers read back what was written, interrupts come and end as
 * the architecture says. */
#include "guest.h"

enum { SPI = 40, SPI2 = 44, PPI = 20, SGI = 5, WAIT_US = 3000000, NONE_US = 20000 };

#define BIT(intid)         (1u << (intid) % 32)
#define WORD(block, intid) (GICD + (block) + (intid) / 32 * 4)

static void check_identity(void)
{
    uint32_t typer = read32(GICD + 4);

    tap_ok((read32(GICD + 0xffe8) & 0xf0) == 0x30, "GICD_PIDR2 says GICv3");
    tap_ok((read32(gic_rd(0) + 0xffe8) & 0xf0) == 0x30, "GICR_PIDR2 says GICv3");
    tap_ok((typer & 31) >= 1 && (typer >> 19 & 31) >= 9, "GICD_TYPER %x: SPIs, 10 bits of INTID",
           typer);
    tap_ok((read32(GICD) & 0x50) == 0x50, "GICD_CTLR: affinity routing, no security");
    tap_ok((read64(gic_rd(0) + 8) >> 32) == 0 && (read64(gic_rd(0) + 8) >> 8 & 0xffff) == 0,
           "GICR_TYPER: affinity and processor number 0");
    tap_ok((read64(gic_rd(0) + 8) & 0xffffffff) == read32(gic_rd(0) + 8), "GICR_TYPER by halves");
    tap_ok(read32(GICD + 0xfff0) == 0x0d && read32(GICD + 0xfffc) == 0xb1, "GICD_CIDR");
}

static void check_control(void)
{
    write32(GICD, 0x13);
    tap_ok((read32(GICD) & 3) == 3, "GICD_CTLR: both groups enabled");
    write32(GICD, 0x10);
    tap_ok((read32(GICD) & 3) == 0, "GICD_CTLR: no group enabled");
    write32(GICD, 0x12);
    tap_ok((read32(GICD) & 3) == 2, "GICD_CTLR: group 1 enabled");
    write32(gic_rd(0) + 0x14, 2);
    tap_ok((read32(gic_rd(0) + 0x14) & 6) == 6, "GICR_WAKER: asleep");
    write32(gic_rd(0) + 0x14, 0);
    tap_ok((read32(gic_rd(0) + 0x14) & 6) == 0, "GICR_WAKER: awake");
}

/* A pair of registers that set and clear bits. */
static void check_pair(const char *name, uint64_t frame, uint64_t set, uint64_t clear, uint32_t bit)
{
    write32(frame + clear, bit);
    tap_ok(!(read32(frame + set) & bit), "%s: clear at first", name);
    write32(frame + set, bit);
    tap_ok((read32(frame + set) & bit) && (read32(frame + clear) & bit), "%s: set", name);
    write32(frame + set, 0);
    tap_ok((read32(frame + set) & bit) != 0, "%s: writing zeroes changes nothing", name);
    write32(frame + clear, bit);
    tap_ok(!(read32(frame + set) & bit) && !(read32(frame + clear) & bit), "%s: cleared", name);
}

static void check_registers(void)
{
    uint64_t sgi = gic_sgi(0);

    write32(GICD, 0x10); /* nothing is to be delivered meanwhile */
    check_pair("GICD_ISENABLER", GICD + 4, 0x100, 0x180, BIT(SPI));
    check_pair("GICD_ISPENDR", GICD + 4, 0x200, 0x280, BIT(SPI));
    check_pair("GICD_ISACTIVER", GICD + 4, 0x300, 0x380, BIT(SPI));
    check_pair("GICR_ISENABLER0", sgi, 0x100, 0x180, BIT(PPI));
    check_pair("GICR_ISPENDR0, SGI", sgi, 0x200, 0x280, BIT(SGI));
    check_pair("GICR_ISPENDR0, PPI", sgi, 0x200, 0x280, BIT(PPI));
    check_pair("GICR_ISACTIVER0", sgi, 0x300, 0x380, BIT(PPI));

    write32(WORD(0x80, SPI), 0);
    tap_ok(read32(WORD(0x80, SPI)) == 0, "GICD_IGROUPR: group 0");
    write32(WORD(0x80, SPI), ~0u);
    tap_ok(read32(WORD(0x80, SPI)) == ~0u, "GICD_IGROUPR: group 1");

    write32(GICD + 0x400 + SPI, 0x18a050f8);
    tap_ok(read32(GICD + 0x400 + SPI) == 0x18a050f8, "GICD_IPRIORITYR: word");
    write8(GICD + 0x400 + SPI + 1, 0x28);
    tap_ok(read32(GICD + 0x400 + SPI) == 0x18a028f8 && read8(GICD + 0x400 + SPI + 2) == 0xa0,
           "GICD_IPRIORITYR: bytes");
    write8(sgi + 0x400 + PPI, 0x48);
    tap_ok(read8(sgi + 0x400 + PPI) == 0x48, "GICR_IPRIORITYR: byte");

    write32(GICD + 0xc00 + SPI / 16 * 4, 2u << SPI % 16 * 2);
    tap_ok(read32(GICD + 0xc00 + SPI / 16 * 4) == 2u << SPI % 16 * 2, "GICD_ICFGR: edge");
    write32(GICD + 0xc00 + SPI / 16 * 4, 0);
    tap_ok(read32(GICD + 0xc00 + SPI / 16 * 4) == 0, "GICD_ICFGR: level");

    write64(GICD + 0x6000 + 8 * SPI, 0x00030201);
    tap_ok(read64(GICD + 0x6000 + 8 * SPI) == 0x00030201 &&
               read32(GICD + 0x6000 + 8 * SPI) == 0x00030201,
           "GICD_IROUTER keeps an affinity without a core");
    write64(GICD + 0x6000 + 8 * SPI, 0);
    tap_ok(read64(GICD + 0x6000 + 8 * SPI) == 0, "GICD_IROUTER: this core");

    write32(GICD + 0x100, ~0u);
    write32(GICD + 0x400, ~0u);
    tap_ok(read32(GICD + 0x100) == 0 && read32(GICD + 0x400) == 0,
           "private interrupts are not in the distributor");
    write16(GICD + 0x104, 0xffff);
    tap_ok(read32(GICD + 0x104) == 0 && read16(GICD + 0xffe8) == 0, "halfwords are ignored");
    tap_ok(read32(GICD + 0x5000) == 0 && read32(gic_rd(0) + 0x5000) == 0,
           "reserved registers read as zero");
    write32(GICD, 0x12);
}

/* An interrupt from pending to its end, in both EOI modes. */
static void check_life(const char *name, unsigned intid, unsigned mode)
{
    gic_eoimode(mode);
    gic_priority(intid, 0x60);
    gic_enable(intid);
    tap_ok(gic_ack() == SPURIOUS, "%s, mode %u: nothing there at first", name, mode);
    gic_pend(intid);
    tap_ok(gic_wait(WAIT_US) == intid, "%s, mode %u: acknowledged", name, mode);
    tap_ok(!gic_is_pending(intid) && gic_is_active(intid), "%s, mode %u: active, not pending", name,
           mode);
    tap_ok(read_sysreg(icc_rpr_el1) == 0x60, "%s, mode %u: running priority", name, mode);
    tap_ok(gic_ack() == SPURIOUS, "%s, mode %u: spurious while active", name, mode);
    gic_eoi(intid);
    tap_ok(read_sysreg(icc_rpr_el1) == 0xff, "%s, mode %u: idle priority", name, mode);
    tap_ok(gic_is_active(intid) == (mode == 1), "%s, mode %u: %s", name, mode,
           mode ? "active until deactivated" : "ended");
    if (mode == 1) {
        gic_pend(intid);
        tap_ok(gic_wait(NONE_US) == SPURIOUS && gic_is_pending(intid),
               "%s, mode 1: pending and active is not delivered", name);
        gic_dir(intid);
        tap_ok(gic_wait(WAIT_US) == intid, "%s, mode 1: delivered once deactivated", name);
        gic_eoi(intid);
        gic_dir(intid);
        tap_ok(!gic_is_active(intid), "%s, mode 1: ended", name);
    }
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "%s, mode %u: nothing left", name, mode);
    gic_disable(intid);
    gic_eoimode(0);
}

static void check_delivery(void)
{
    gic_pend(SPI);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "a disabled interrupt waits");
    gic_enable(SPI);
    tap_ok(gic_wait(WAIT_US) == SPI, "and comes when enabled");
    gic_eoi(SPI);

    write32(WORD(0x280, SPI), BIT(SPI));
    write32(GICD, 0x10);
    gic_pend(SPI);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "a disabled group waits");
    write32(GICD, 0x12);
    tap_ok(gic_wait(WAIT_US) == SPI, "and comes when enabled");
    gic_eoi(SPI);

    write64(GICD + 0x6000 + 8 * SPI, 0x00030201);
    gic_pend(SPI);
    tap_ok(gic_wait(NONE_US) == SPURIOUS && gic_is_pending(SPI), "routed nowhere it waits");
    write64(GICD + 0x6000 + 8 * SPI, 0);
    tap_ok(gic_wait(WAIT_US) == SPI, "and comes when routed here");
    gic_eoi(SPI);

    gic_pend(SPI);
    gic_is_pending(SPI);
    write32(WORD(0x280, SPI), BIT(SPI));
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "a cleared pending interrupt does not come");
    gic_disable(SPI);
}

static void check_priorities(void)
{
    unsigned first, second;

    gic_priority(SPI, 0xa0);
    gic_priority(SPI2, 0x40);
    gic_enable(SPI);
    gic_enable(SPI2);
    write_sysreg(icc_pmr_el1, 0x40);
    gic_pend(SPI);
    gic_pend(SPI2);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "the priority mask holds both back");
    write_sysreg(icc_pmr_el1, 0x48);
    isb();
    tap_ok(read_sysreg(icc_hppir1_el1) == SPI2, "ICC_HPPIR1_EL1 shows the one that passes");
    tap_ok((first = gic_wait(WAIT_US)) == SPI2, "it comes");
    gic_eoi(first);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "the other waits");
    write_sysreg(icc_pmr_el1, 0xff);
    isb();
    tap_ok(gic_wait(WAIT_US) == SPI, "and comes");
    gic_eoi(SPI);

    gic_pend(SPI);
    gic_pend(SPI2);
    first = gic_wait(WAIT_US);
    second = gic_wait(NONE_US);
    tap_ok(first == SPI2 && second == SPURIOUS, "the higher priority comes first, and alone");
    gic_eoi(SPI2);
    tap_ok(gic_wait(WAIT_US) == SPI, "then the lower");
    gic_pend(SPI2);
    tap_ok(gic_wait(WAIT_US) == SPI2, "the higher preempts it");
    tap_ok(read_sysreg(icc_rpr_el1) == 0x40, "and runs");
    gic_eoi(SPI2);
    tap_ok(read_sysreg(icc_rpr_el1) == 0xa0, "then the lower goes on");
    gic_eoi(SPI);
    gic_disable(SPI);
    gic_disable(SPI2);
}

void guest_main(const void *tree)
{
    (void)tree;
    gic_init();
    check_identity();
    check_control();
    check_registers();
    write_sysreg(icc_sgi1r_el1, (uint64_t)SGI << 24 | 1);
    gic_enable(SGI);
    tap_ok(gic_wait(WAIT_US) == SGI, "an SGI to the core itself");
    gic_eoi(SGI);
    for (unsigned mode = 0; mode < 2; mode++) {
        check_life("SGI", SGI, mode);
        check_life("PPI", PPI, mode);
        check_life("SPI", SPI, mode);
    }
    check_delivery();
    check_priorities();
    tap_end();
}
