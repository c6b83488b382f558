/* SPDX-License-Identifier: BSD-2-Clause */
/* The timers of another core of a GICv3 in its redistributor: levels, whatever software does. */
#include "guest.h"

enum { OTHER = 1, SGI = 3, VIRTUAL = 27, PHYSICAL = 30 };

static uint64_t frame;

void irq_handle(struct frame *context)
{
    (void)context;
    crew_irq();
}

void guest_secondary(uint64_t context)
{
    (void)context;
    crew_main();
}

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
    (void)tree;
    crew_begin();
    frame = gic_sgi(OTHER);
    check_timers();
    crew_end();
}
