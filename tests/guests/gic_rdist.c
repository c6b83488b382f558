/* SPDX-License-Identifier: BSD-2-Clause */
/* The redistributor of another core of a GICv3, which runs: idle, busy, in a handler, with
 * interrupts masked; and its timers, which are levels whatever software does. */
#include "guest.h"

enum { OTHER = 1, SGI = 3, PPI = 20, VIRTUAL = 27, PHYSICAL = 30 };

static uint64_t frame;

CREW_GUEST

static void set(uint64_t block, unsigned intid)
{
    write32(frame + block, 1u << intid);
    dsb();
}

static bool get(uint64_t block, unsigned intid)
{
    return read32(frame + block) >> intid & 1;
}

static bool comes(const struct crew_notes *notes)
{
    return crew_saw(notes, 1u << OTHER, 1);
}

static bool comes_not(const struct crew_notes *notes)
{
    return crew_saw(notes, 0, 0);
}

/* A core that takes interrupts at any time. */
static void check_running(const char *how, const char *name, unsigned intid)
{
    struct crew_notes notes;

    set(ISENABLER, intid);
    crew_note(&notes, intid);
    set(ISPENDR, intid);
    tap_ok(comes(&notes), "%s, %s: pended from here it comes there", how, name);
    tap_ok(!get(ISPENDR, intid) && !get(ISACTIVER, intid), "%s, %s: and ends", how, name);
    set(ICENABLER, intid);
    tap_ok(!get(ISENABLER, intid), "%s, %s: disabled from here", how, name);
    crew_note(&notes, intid);
    set(ISPENDR, intid);
    tap_ok(comes_not(&notes) && get(ISPENDR, intid), "%s, %s: disabled it waits, pending", how,
           name);
    set(ISENABLER, intid);
    tap_ok(comes(&notes), "%s, %s: enabled it comes", how, name);
    set(ICENABLER, intid);
    set(ISPENDR, intid);
    set(ICPENDR, intid);
    tap_ok(!get(ISPENDR, intid), "%s, %s: taken back", how, name);
    crew_note(&notes, intid);
    set(ISENABLER, intid);
    tap_ok(comes_not(&notes), "%s, %s: it comes not", how, name);
    set(ISACTIVER, intid);
    tap_ok(get(ISACTIVER, intid), "%s, %s: made active", how, name);
    set(ISPENDR, intid);
    tap_ok(comes_not(&notes) && get(ISPENDR, intid), "%s, %s: active it waits", how, name);
    set(ICACTIVER, intid);
    tap_ok(comes(&notes), "%s, %s: inactive it comes", how, name);
    write32(frame + IGROUPR, read32(frame + IGROUPR) & ~(1u << intid));
    crew_note(&notes, intid);
    set(ISPENDR, intid);
    tap_ok(comes_not(&notes), "%s, %s: in a group that is off it waits", how, name);
    write32(frame + IGROUPR, read32(frame + IGROUPR) | 1u << intid);
    tap_ok(comes(&notes), "%s, %s: in its own it comes", how, name);
}

static void mask_to_40(void)
{
    gic_mask(0x40);
}

static void mask_to_ff(void)
{
    gic_mask(0xff);
}

/* Priority, against a mask that the core has set itself. */
static void check_priority(const char *how)
{
    struct crew_notes notes;

    crew_do(OTHER, mask_to_40);
    write8(frame + IPRIORITYR + SGI, 0x80);
    crew_note(&notes, SGI);
    set(ISPENDR, SGI);
    tap_ok(comes_not(&notes), "%s: of too low a priority it waits", how);
    write8(frame + IPRIORITYR + SGI, 0x30);
    tap_ok(comes(&notes), "%s: raised from here it comes", how);
    tap_ok(read8(frame + IPRIORITYR + SGI) == 0x30 && read8(gic_sgi(0) + IPRIORITYR + SGI) == 0x80,
           "%s: priorities are each core's own", how);
    write8(frame + IPRIORITYR + SGI, 0x80);
    crew_do(OTHER, mask_to_ff);
}

/* The other core is in the handler: the interrupt is active in its CPU interface. */
static void check_active(const char *name, unsigned intid)
{
    struct crew_notes notes;

    set(ISENABLER, intid);
    crew_set(OTHER, CREW_BUSY);
    crew_note(&notes, intid);
    crew_hush(OTHER, CREW_HOLD);
    set(ISPENDR, intid);
    tap_ok(comes(&notes), "%s is held in its handler", name);
    tap_ok(get(ISACTIVER, intid) && !get(ISPENDR, intid), "%s: active there, seen from here", name);
    crew_note(&notes, intid);
    set(ISPENDR, intid);
    tap_ok(get(ISACTIVER, intid) && get(ISPENDR, intid), "%s: pended again, both", name);
    set(ICPENDR, intid);
    tap_ok(get(ISACTIVER, intid) && !get(ISPENDR, intid), "%s: taken back, active", name);
    set(ISPENDR, intid);
    crew_hush(OTHER, CREW_BUSY);
    tap_ok(comes(&notes), "%s: once more behind its end", name);
    tap_ok(!get(ISACTIVER, intid) && !get(ISPENDR, intid), "%s: then nothing", name);

    crew_note(&notes, intid);
    crew_hush(OTHER, CREW_HOLD);
    set(ISPENDR, intid);
    comes(&notes);
    set(ICACTIVER, intid);
    tap_ok(!get(ISACTIVER, intid), "%s: made inactive from here", name);
    set(ISPENDR, intid);
    tap_ok(get(ISPENDR, intid), "%s: pending, its own priority holds it back", name);
    crew_note(&notes, intid);
    crew_hush(OTHER, CREW_BUSY);
    tap_ok(comes(&notes), "%s: it comes when the handler has ended", name);
}

/* The other core takes none: what is pending there shows. */
static void check_masked(void)
{
    struct crew_notes notes;

    crew_set(OTHER, CREW_MASKED);
    crew_note(&notes, SGI);
    gic_send(SGI, 1u << OTHER);
    tap_ok(get(ISPENDR, SGI), "masked there, an SGI is pending");
    set(ISPENDR, PPI);
    tap_ok(get(ISPENDR, PPI) && get(ISPENDR, SGI), "and a PPI");
    set(ICPENDR, SGI);
    tap_ok(!get(ISPENDR, SGI) && get(ISPENDR, PPI), "the SGI is taken back");
    crew_hush(OTHER, CREW_BUSY);
    tap_ok(comes_not(&notes), "and comes not");
}

static void timers_on(void)
{
    write_sysreg(cntv_tval_el0, 0);
    write_sysreg(cntp_tval_el0, 0);
    write_sysreg(cntv_ctl_el0, 1);
    write_sysreg(cntp_ctl_el0, 1);
    isb();
}

static void timers_off(void)
{
    write_sysreg(cntv_ctl_el0, 0);
    write_sysreg(cntp_ctl_el0, 0);
    isb();
}

static void timers_masked(void)
{
    write_sysreg(cntv_ctl_el0, 3);
    write_sysreg(cntp_ctl_el0, 3);
    isb();
}

static void check_timers(void)
{
    struct crew_notes virtual, physical;

    crew_set(OTHER, CREW_BUSY);
    set(ICENABLER, VIRTUAL);
    set(ICENABLER, PHYSICAL);
    crew_do(OTHER, timers_on);
    tap_ok(get(ISPENDR, VIRTUAL) && get(ISPENDR, PHYSICAL), "timers that are due are pending");
    set(ICPENDR, VIRTUAL);
    set(ICPENDR, PHYSICAL);
    tap_ok(get(ISPENDR, VIRTUAL) && get(ISPENDR, PHYSICAL),
           "they are levels: not to be taken back");
    crew_do(OTHER, timers_masked);
    tap_ok(!get(ISPENDR, VIRTUAL) && !get(ISPENDR, PHYSICAL), "masked they are not pending");
    crew_do(OTHER, timers_on);
    tap_ok(get(ISPENDR, VIRTUAL) && get(ISPENDR, PHYSICAL), "unmasked they are");
    crew_do(OTHER, timers_off);
    tap_ok(!get(ISPENDR, VIRTUAL) && !get(ISPENDR, PHYSICAL), "off they are not");
    crew_note(&virtual, VIRTUAL);
    crew_note(&physical, PHYSICAL);
    crew_do(OTHER, timers_on);
    set(ISENABLER, VIRTUAL);
    tap_ok(comes(&virtual), "enabled from here, the virtual timer comes");
    set(ISENABLER, PHYSICAL);
    tap_ok(comes(&physical), "and the physical one");
    crew_note(&virtual, VIRTUAL);
    crew_hush(OTHER, CREW_HOLD);
    set(ISPENDR, SGI); /* holds it, so that the task below waits */
    clock_wait_us(500);
    tap_ok(!get(ISACTIVER, VIRTUAL), "a timer that is off is not active");
    crew_hush(OTHER, CREW_BUSY);
    set(ISPENDR, VIRTUAL);
    tap_ok(comes(&virtual), "a timer that is pended by register comes");
    tap_ok(!get(ISACTIVER, VIRTUAL) && !get(ISPENDR, VIRTUAL), "once");
    crew_note(&virtual, VIRTUAL);
    crew_do(OTHER, timers_on);
    tap_ok(comes(&virtual), "and can still fire");
}

void guest_main(const void *tree)
{
    unsigned count;

    (void)tree;
    count = crew_begin();
    frame = gic_sgi(OTHER);
    for (unsigned cpu = 0; cpu < count; cpu++) {
        uint64_t typer = read64(gic_rd(cpu) + 8);

        tap_ok(typer >> 32 == cpu && (typer >> 8 & 0xffff) == cpu &&
                   (typer >> 4 & 1) == (cpu + 1 == count),
               "GICR_TYPER of core %u", cpu);
        tap_ok(read32(gic_rd(cpu) + 0x14) == 0, "GICR_WAKER of core %u: awake", cpu);
    }
    check_running("idle", "SGI", SGI);
    check_running("idle", "PPI", PPI);
    check_priority("idle");
    crew_set(OTHER, CREW_BUSY);
    check_running("busy", "SGI", SGI);
    check_running("busy", "PPI", PPI);
    check_priority("busy");
    check_active("an SGI", SGI);
    check_active("a PPI", PPI);
    check_masked();
    check_timers();
    crew_end();
}
