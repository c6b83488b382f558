/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of an interrupt, one core: pending, acknowledged, ended, in both EOI modes; what holds
 * it back, and what takes it back. */
#include "guest.h"

enum { SPI = 40, SPI2 = 44, PPI = 20, SGI = 5, WAIT_US = 3000000, NONE_US = 3000 };

/* From pending to its end. */
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
    tap_ok(gic_running() == 0x60, "%s, mode %u: running priority", name, mode);
    if (mode == 0 && gic_version == 3) {
        gic_dir(intid);
        tap_ok(gic_is_active(intid), "%s, mode 0: ICC_DIR does nothing", name);
    }
    tap_ok(gic_ack() == SPURIOUS, "%s, mode %u: spurious while active", name, mode);
    gic_eoi(intid);
    tap_ok(gic_running() == 0xff, "%s, mode %u: idle priority", name, mode);
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
    if (!(gic_version == 2 && intid < 16)) /* there SGIs may be enabled for ever */
        gic_disable(intid);
    gic_eoimode(0);
}

/* Pended again while it is active: it comes once more, not twice. */
static void check_again(const char *name, unsigned intid)
{
    gic_enable(intid);
    gic_pend(intid);
    gic_wait(WAIT_US);
    gic_pend(intid);
    gic_pend(intid);
    tap_ok(gic_is_pending(intid) && gic_is_active(intid), "%s: pending and active", name);
    gic_eoi(intid);
    tap_ok(gic_wait(WAIT_US) == intid, "%s: pended while active, it comes again", name);
    gic_eoi(intid);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "%s: once", name);
    if (gic_version == 2 && intid < 16)
        return; /* GICD_ICPENDR0 is read-only there */
    gic_pend(intid);
    gic_unpend(intid);
    tap_ok(gic_wait(NONE_US) == SPURIOUS && !gic_is_pending(intid), "%s: taken back", name);
    gic_pend(intid);
    gic_wait(WAIT_US);
    gic_pend(intid);
    gic_unpend(intid);
    tap_ok(!gic_is_pending(intid) && gic_is_active(intid),
           "%s: taken back while active, it is active alone", name);
    gic_eoi(intid);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "%s: and comes no more", name);
    gic_disable(intid);
}

/* Active state by register: an interrupt that is active there is not delivered. */
static void check_active(const char *name, unsigned intid)
{
    uint32_t bit = 1u << intid % 32;

    gic_enable(intid);
    write32(gic_word(intid, ISACTIVER), bit);
    tap_ok(gic_is_active(intid), "%s: made active", name);
    gic_pend(intid);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "%s: pending and made active it waits", name);
    tap_ok(gic_running() == 0xff, "%s: made active changes no running priority", name);
    write32(gic_word(intid, ICACTIVER), bit);
    tap_ok(gic_wait(WAIT_US) == intid, "%s: inactive it comes", name);
    write32(gic_word(intid, ICACTIVER), bit);
    tap_ok(!gic_is_active(intid) && gic_running() != 0xff,
           "%s: made inactive while it runs, its priority stays", name);
    gic_eoi(intid);
    tap_ok(gic_running() == 0xff && gic_wait(NONE_US) == SPURIOUS, "%s: until its end", name);
    if (!(gic_version == 2 && intid < 16))
        gic_disable(intid);
}

static void check_holds(void)
{
    gic_pend(SPI);
    tap_ok(gic_wait(NONE_US) == SPURIOUS && gic_is_pending(SPI), "a disabled interrupt waits");
    tap_ok(gic_highest() == SPURIOUS, "and is not the highest pending one");
    gic_enable(SPI);
    tap_ok(gic_wait(WAIT_US) == SPI, "and comes when enabled");
    gic_disable(SPI);
    tap_ok(gic_is_active(SPI), "disabled while active, it stays active");
    gic_eoi(SPI);
    tap_ok(!gic_is_active(SPI), "until its end");
    gic_enable(SPI);
    gic_pend(SPI);
    gic_disable(SPI);
    tap_ok(gic_wait(NONE_US) == SPURIOUS && gic_is_pending(SPI),
           "disabled while pending, it stays pending and waits");
    gic_unpend(SPI);
    gic_enable(SPI);

    gic_groups(0);
    gic_pend(SPI);
    tap_ok(gic_wait(NONE_US) == SPURIOUS && gic_is_pending(SPI), "a disabled group waits");
    gic_groups(gic_version == 2 ? 1 : 2);
    tap_ok(gic_wait(WAIT_US) == SPI, "and comes when enabled");
    gic_eoi(SPI);
    if (gic_version == 3) {
        write_sysreg(icc_igrpen1_el1, 0);
        isb();
        gic_pend(SPI);
        tap_ok(gic_wait(NONE_US) == SPURIOUS && gic_is_pending(SPI),
               "a group disabled at the interface waits");
        write_sysreg(icc_igrpen1_el1, 1);
        isb();
        tap_ok(gic_wait(WAIT_US) == SPI, "and comes when enabled");
        gic_eoi(SPI);
    }
    gic_disable(SPI);
}

/* Several enabled, pending, made inactive at once by one store. */
static void check_words(void)
{
    enum { ALL = 0xff };

    write32(gic_word(SPI, ISENABLER), (uint32_t)ALL << SPI % 32);
    tap_ok((read32(gic_word(SPI, ISENABLER)) >> SPI % 32 & ALL) == ALL, "eight enabled at once");
    write32(gic_word(SPI, ISPENDR), (uint32_t)ALL << SPI % 32);
    write32(gic_word(SPI, ICPENDR), 0x55u << SPI % 32);
    tap_ok((read32(gic_word(SPI, ISPENDR)) >> SPI % 32 & ALL) == 0xaa, "eight pended, four back");
    for (unsigned i = 1; i < 8; i += 2) {
        tap_ok(gic_wait(WAIT_US) == SPI + i, "number %u comes", i);
        gic_eoi(SPI + i);
    }
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "and no other");
    write32(gic_word(SPI, ICENABLER), (uint32_t)ALL << SPI % 32);
    tap_ok((read32(gic_word(SPI, ICENABLER)) >> SPI % 32 & ALL) == 0, "eight disabled at once");
}

void guest_main(const void *tree)
{
    (void)tree;
    gic_init();
    for (unsigned mode = 0; mode < 2; mode++) {
        check_life("SGI", SGI, mode);
        check_life("PPI", PPI, mode);
        check_life("SPI", SPI, mode);
    }
    gic_edge(SPI, true);
    gic_edge(PPI, true);
    check_again("SGI", SGI);
    check_again("PPI, edge", PPI);
    check_again("SPI, edge", SPI);
    gic_edge(SPI, false);
    gic_edge(PPI, false);
    check_again("PPI, level", PPI);
    check_again("SPI, level", SPI);
    check_active("SGI", SGI);
    check_active("PPI", PPI);
    check_active("SPI", SPI);
    check_holds();
    check_words();
    tap_end();
}
