/* SPDX-License-Identifier: BSD-2-Clause */
/* The distributor's registers and those of this core's own private interrupts: identity, every
 * access width that is allowed, and that they read back what was written. Nothing is delivered. */
#include "guest.h"

enum { SPI = 44, PPI = 20, SGI = 5, UART_TX = 33 };

#define BIT(intid) (1u << (intid) % 32)

static void check_identity(void)
{
    static const uint8_t component[4] = {0x0d, 0xf0, 0x05, 0xb1};
    const uint64_t ids = GICD + (gic_version == 2 ? 0xfd0 : 0xffd0);
    bool right = true;

    tap_ok((read32(ids + 0x18) >> 4 & 0xf) == gic_version, "GICD_PIDR2 says GICv%u", gic_version);
    tap_ok((read32(GICD + 8) & 0xfff) == 0x43b, "GICD_IIDR: implementer Arm");
    for (unsigned i = 0; i < 4; i++)
        right = right && read32(ids + 0x20 + 4 * i) == component[i];
    tap_ok(right, "GICD_CIDR");
    tap_ok(gic_intids() >= 256 && gic_intids() <= 1024,
           "GICD_TYPER: SPIs up to INTID 255 and more");
    write32(GICD + 4, 0);
    write32(GICD + 8, 0);
    tap_ok(gic_intids() >= 256 && (read32(GICD + 8) & 0xfff) == 0x43b,
           "GICD_TYPER and GICD_IIDR are read-only");
    if (gic_version == 2)
        return;
    tap_ok((read32(GICD + 4) >> 19 & 31) >= 9, "GICD_TYPER: 10 bits of INTID at least");
    tap_ok((read32(GICD + 4) & 0x7e0) == 0, "GICD_TYPER: no security, CPUs by affinity only");
    tap_ok(read32(GICD + 0xc) == 0, "GICD_TYPER2: nothing of GICv4");
}

static void check_redistributor(void)
{
    const uint64_t rd = gic_rd(0);

    tap_ok((read32(rd + 0xffe8) & 0xf0) == 0x30, "GICR_PIDR2 says GICv3");
    tap_ok((read32(rd + 4) & 0xfff) == 0x43b, "GICR_IIDR: implementer Arm");
    tap_ok(read64(rd + 8) >> 32 == 0 && (read64(rd + 8) >> 8 & 0xffff) == 0,
           "GICR_TYPER: affinity and processor number 0");
    tap_ok((read64(rd + 8) & 0xffffffff) == read32(rd + 8) &&
               read64(rd + 8) >> 32 == read32(rd + 12),
           "GICR_TYPER by halves");
    tap_ok((read32(rd) & 0x80000009) == 0, "GICR_CTLR: no write is pending, LPIs are off");
    write32(rd + 0x14, 2);
    tap_ok((read32(rd + 0x14) & 6) == 6, "GICR_WAKER: asleep");
    write32(rd + 0x14, 0);
    tap_ok((read32(rd + 0x14) & 6) == 0, "GICR_WAKER: awake");
}

static void check_control(void)
{
    const uint32_t fixed = gic_version == 2 ? 0 : 0x50; /* affinity routing, no security */

    for (unsigned groups = 0; groups < 4; groups++) {
        write32(GICD, groups | fixed);
        tap_ok(read32(GICD) == (groups | fixed), "GICD_CTLR: groups %u", groups);
    }
    if (gic_version == 3) {
        write32(GICD, 0);
        tap_ok(read32(GICD) == fixed, "GICD_CTLR: affinity routing and no security are fixed");
    }
    write32(GICD, fixed);
}

/* A pair of registers that set and clear bits. */
static void check_pair(const char *name, unsigned intid, uint64_t set, uint64_t clear)
{
    const uint32_t bit = BIT(intid);

    set = gic_word(intid, set);
    clear = gic_word(intid, clear);
    write32(clear, bit);
    tap_ok(!(read32(set) & bit) && !(read32(clear) & bit), "%s %u: clear at first", name, intid);
    write32(set, bit);
    tap_ok((read32(set) & bit) && (read32(clear) & bit), "%s %u: set", name, intid);
    write32(set, 0);
    write32(clear, 0);
    tap_ok((read32(set) & bit) != 0, "%s %u: writing zeroes changes nothing", name, intid);
    write32(clear, ~bit);
    tap_ok((read32(set) & bit) != 0, "%s %u: clearing others neither", name, intid);
    write32(clear, bit);
    tap_ok(!(read32(set) & bit) && !(read32(clear) & bit), "%s %u: cleared", name, intid);
}

static void check_pairs(void)
{
    const unsigned last = gic_intids() - 1;

    check_pair("enable", PPI, ISENABLER, ICENABLER);
    check_pair("enable", SPI, ISENABLER, ICENABLER);
    check_pair("enable", last, ISENABLER, ICENABLER);
    check_pair("pending", PPI, ISPENDR, ICPENDR);
    check_pair("pending", SPI, ISPENDR, ICPENDR);
    check_pair("pending", last, ISPENDR, ICPENDR);
    check_pair("active", SGI, ISACTIVER, ICACTIVER);
    check_pair("active", PPI, ISACTIVER, ICACTIVER);
    check_pair("active", SPI, ISACTIVER, ICACTIVER);
    check_pair("active", last, ISACTIVER, ICACTIVER);
    if (gic_version == 3) { /* there GICv2 leaves it open, or read-only */
        check_pair("enable", SGI, ISENABLER, ICENABLER);
        check_pair("pending", SGI, ISPENDR, ICPENDR);
    }
}

/* All words: every SPI has its bit. */
static void check_words(void)
{
    bool enable = true, pending = true, active = true, group = true;

    for (unsigned intid = 32; intid < gic_intids(); intid += 32) {
        const uint32_t pattern = 0xa5a50000u + intid;

        write32(gic_word(intid, ISENABLER), pattern);
        write32(gic_word(intid, ISPENDR), pattern);
        write32(gic_word(intid, ISACTIVER), pattern);
        write32(gic_word(intid, IGROUPR), pattern);
    }
    for (unsigned intid = 32; intid < gic_intids(); intid += 32) {
        const uint32_t pattern = 0xa5a50000u + intid;

        enable = enable && read32(gic_word(intid, ISENABLER)) == pattern;
        pending = pending && read32(gic_word(intid, ISPENDR)) == pattern;
        active = active && read32(gic_word(intid, ISACTIVER)) == pattern;
        group = group && read32(gic_word(intid, IGROUPR)) == pattern;
        write32(gic_word(intid, ICENABLER), ~0u);
        write32(gic_word(intid, ICPENDR), ~0u);
        write32(gic_word(intid, ICACTIVER), ~0u);
        write32(gic_word(intid, IGROUPR), 0);
        enable = enable && !read32(gic_word(intid, ISENABLER));
        pending = pending && !read32(gic_word(intid, ISPENDR));
        active = active && !read32(gic_word(intid, ISACTIVER));
        group = group && !read32(gic_word(intid, IGROUPR));
    }
    tap_ok(enable, "every SPI can be enabled and disabled");
    tap_ok(pending, "every SPI can be pending");
    tap_ok(active, "every SPI can be active");
    tap_ok(group, "every SPI has a group");
}

static void check_priorities(void)
{
    bool words = true, bytes = true;

    for (unsigned intid = 32; intid < gic_intids(); intid += 4) {
        write32(GICD + IPRIORITYR + intid, 0x18a050f8);
        words = words && read32(GICD + IPRIORITYR + intid) == 0x18a050f8;
        write8(GICD + IPRIORITYR + intid + 1, 0x28);
        bytes = bytes && read32(GICD + IPRIORITYR + intid) == 0x18a028f8 &&
                read8(GICD + IPRIORITYR + intid + 2) == 0xa0 &&
                read8(GICD + IPRIORITYR + intid) == 0xf8;
        write32(GICD + IPRIORITYR + intid, 0);
    }
    tap_ok(words, "GICD_IPRIORITYR: words");
    tap_ok(bytes, "GICD_IPRIORITYR: bytes");
    words = bytes = true;
    for (unsigned intid = 0; intid < 32; intid += 4) {
        write32(gic_sgi(0) + IPRIORITYR + intid, 0xc0804000);
        words = words && read32(gic_sgi(0) + IPRIORITYR + intid) == 0xc0804000;
        write8(gic_sgi(0) + IPRIORITYR + intid + 3, 0x48);
        bytes = bytes && read8(gic_sgi(0) + IPRIORITYR + intid + 3) == 0x48 &&
                read32(gic_sgi(0) + IPRIORITYR + intid) == 0x48804000;
    }
    tap_ok(words, "priorities of private interrupts: words");
    tap_ok(bytes, "priorities of private interrupts: bytes");
}

static void check_config(void)
{
    bool right = true;

    for (unsigned intid = 32; intid < gic_intids(); intid += 16) {
        const uint64_t at = GICD + ICFGR + intid / 4;

        write32(at, 0x88888888);
        right = right && (read32(at) & 0xaaaaaaaa) == 0x88888888;
        write32(at, 0);
        right = right && (read32(at) & 0xaaaaaaaa) == 0;
    }
    tap_ok(right, "GICD_ICFGR: level and edge");
    tap_ok((read32(gic_sgi(0) + ICFGR) & 0xaaaaaaaa) == 0xaaaaaaaa, "SGIs are edge-triggered");
    write32(gic_sgi(0) + ICFGR, 0);
    tap_ok((read32(gic_sgi(0) + ICFGR) & 0xaaaaaaaa) == 0xaaaaaaaa, "and stay so");
}

static void check_routes(void)
{
    bool whole = true, halves = true;

    for (unsigned intid = 32; intid < gic_intids(); intid++) {
        const uint64_t at = GICD + 0x6000 + 8 * intid;

        write64(at, 0x00030201);
        whole = whole && read64(at) == 0x00030201 && read32(at) == 0x00030201 && !read32(at + 4);
        write32(at, 0x00040506);
        write32(at + 4, 0);
        halves = halves && read64(at) == 0x00040506;
        write64(at, 0);
        whole = whole && read64(at) == 0;
    }
    tap_ok(whole, "GICD_IROUTER keeps an affinity without a core");
    tap_ok(halves, "GICD_IROUTER by halves");
    write64(GICD + 0x6000 + 8 * SPI, 0x0700000000ul);
    if (read32(GICD + 4) >> 24 & 1) /* A3V */
        tap_ok(read64(GICD + 0x6000 + 8 * SPI) == 0x0700000000ul &&
                   read32(GICD + 0x6004 + 8 * SPI) == 7,
               "GICD_IROUTER: Aff3 is kept");
    else
        tap_ok(read64(GICD + 0x6000 + 8 * SPI) == 0, "GICD_IROUTER: Aff3 is reserved");
    write32(GICD + 0x6004 + 8 * SPI, 0);
    tap_ok(read64(GICD + 0x6000 + 8 * SPI) == 0, "GICD_IROUTER: the upper half alone");
    tap_ok(read64(GICD + 0x6000) == 0 && read64(GICD + 0x6000 + 8 * 31) == 0,
           "GICD_IROUTER: none for private interrupts");
}

/* What affinity routing, one security state and the lack of options take away: zero, and writes are
 * ignored. */
static void check_reserved(void)
{
    static const uint16_t dist[] = {
        0x010,
        /* STATUSR */ 0x040,
        /* SETSPI_NSR */ 0x048,
        /* CLRSPI_NSR */ 0x050,
        0x058,
        0x020,
        0x080,
        /* IGROUPR0 */ 0x100,
        0x180,
        0x200,
        0x280,
        0x300,
        0x380,
        0x400,
        0x41c,
        0x800,
        0x820,
        /* ITARGETSR */ 0xc00,
        0xc04,
        0xd00,
        0xd04,
        /* IGRPMODR */ 0xe00,
        0xe08,
        /* NSACR */ 0xf00,
        0xf10,
        0xf20,
        0x1000,
        0x5000,
        0xc000,
        0xffcc,
    };
    bool right = true;

    for (unsigned i = 0; i < sizeof(dist) / sizeof(dist[0]); i++) {
        write32(GICD + dist[i], ~0u);
        right = right && read32(GICD + dist[i]) == 0;
        if (read32(GICD + dist[i]))
            print("# %x reads %x\n", dist[i], read32(GICD + dist[i]));
    }
    tap_ok(right, "reserved registers of the distributor read as zero");
    right = true;
    for (uint64_t at = 0xd00; at < 0x10000; at += 0x1400) {
        write32(gic_sgi(0) + at, ~0u);
        right = right && read32(gic_sgi(0) + at) == 0;
    }
    tap_ok(right, "reserved registers of the redistributor read as zero");
    write16(GICD + ISENABLER + 4, 0xffff);
    write8(GICD + ISENABLER + 4, 0xff);
    write64(GICD + ISENABLER + 8, ~0ul);
    tap_ok(read32(GICD + ISENABLER + 4) == 0 && read32(GICD + ISENABLER + 8) == 0 &&
               read32(GICD + ISENABLER + 12) == 0,
           "GICD_ISENABLER by other widths than a word is ignored");
    write32(GICD + IPRIORITYR + SPI, 0x40404040);
    write16(GICD + IPRIORITYR + SPI, 0x8080);
    tap_ok(read32(GICD + IPRIORITYR + SPI) == 0x40404040 && read16(GICD + IPRIORITYR + SPI) == 0,
           "GICD_IPRIORITYR by halfwords is ignored");
    tap_ok(read16(GICD + 0xffe8) == 0 && read16(GICD + 4) == 0, "halfwords read as zero");
    write32(GICD + IPRIORITYR + SPI, 0);
}

void guest_main(const void *tree)
{
    (void)tree;
    gic_init();
    gic_groups(0);
    check_identity();
    check_control();
    gic_groups(0);
    check_pairs();
    check_words();
    check_priorities();
    check_config();
    if (gic_version == 3) {
        check_redistributor();
        check_routes();
        check_reserved();
    }
    tap_end();
}
