/* SPDX-License-Identifier: BSD-2-Clause */
/* Level-triggered sources, one core: the PL011's transmit interrupt and both timers. What is
 * pending follows the line, and a line that is still up comes again. */
#include "guest.h"

enum { TX = 0x20, DR = 0x00, IMSC = 0x38, ICR = 0x44, WAIT_US = 3000000, NONE_US = 2000 };
enum { UART_INTID = 33, VIRTUAL = 27, PHYSICAL = 30 };

/* The UART's line would change with each report, so they follow at the end. */
static struct {
    bool passed;
    const char *text;
} results[32];
static unsigned count;

static void note(bool passed, const char *text)
{
    results[count].passed = passed;
    results[count++].text = text;
}

static void report(const char *source)
{
    for (unsigned i = 0; i < count; i++)
        tap_ok(results[i].passed, "%s: %s", source, results[i].text);
    count = 0;
}

static void line(unsigned intid, bool up)
{
    if (intid == UART_INTID) {
        write32(UART + IMSC, up ? TX : 0);
    } else if (intid == VIRTUAL) {
        write_sysreg(cntv_ctl_el0, up ? 1 : 3);
    } else {
        write_sysreg(cntp_ctl_el0, up ? 1 : 3);
    }
    isb();
    dsb();
}

static bool nothing(void)
{
    return gic_wait(NONE_US) == SPURIOUS;
}

static void check_disabled(unsigned intid)
{
    line(intid, true);
    note(gic_is_pending(intid), "up, it is pending, disabled as it is");
    gic_unpend(intid);
    note(gic_is_pending(intid), "it cannot be taken back");
    line(intid, false);
    note(!gic_is_pending(intid), "down, it is not pending");
    gic_pend(intid);
    line(intid, true);
    gic_unpend(intid);
    note(gic_is_pending(intid), "pended by register and taken back, the line is still up");
    line(intid, false);
    note(!gic_is_pending(intid), "then down, it is not pending");
}

/* doc/caveats.md: not so for what is linked to hardware, under Bulkhead. */
static void check_latched(unsigned intid)
{
    line(intid, true);
    gic_pend(intid);
    line(intid, false);
    note(gic_is_pending(intid),
         "pended by register while it is up, it is pending without the line");
    gic_unpend(intid);
    note(!gic_is_pending(intid), "and can be taken back");
}

static void check_enabled(unsigned intid)
{
    gic_enable(intid);
    note(nothing(), "down, enabled: nothing");
    line(intid, true);
    note(gic_wait(WAIT_US) == intid, "up: it comes");
    note(gic_is_active(intid) && gic_is_pending(intid), "still up, it is active and pending");
    gic_eoi(intid);
    note(gic_wait(WAIT_US) == intid, "still up, it comes again");
    line(intid, false);
    note(gic_is_active(intid) && !gic_is_pending(intid), "down, it is active alone");
    gic_eoi(intid);
    note(nothing() && !gic_is_pending(intid) && !gic_is_active(intid), "ended: nothing");
    line(intid, true);
    gic_wait(WAIT_US);
    gic_pend(intid);
    line(intid, false);
    note(gic_is_active(intid) && gic_is_pending(intid),
         "pended by register while active, then down");
    gic_eoi(intid);
    note(gic_wait(WAIT_US) == intid, "it comes once more");
    gic_eoi(intid);
    note(nothing(), "once");
}

static void check_withdrawn(unsigned intid)
{
    gic_mask(0x10);
    line(intid, true);
    note(gic_is_pending(intid), "up, masked by priority: pending");
    line(intid, false);
    note(!gic_is_pending(intid), "down again before it was taken: not pending");
    gic_mask(0xff);
    note(nothing(), "and it does not come");
    line(intid, true);
    gic_wait(WAIT_US);
    write32(gic_word(intid, ICACTIVER), 1u << intid % 32);
    note(!gic_is_active(intid) && gic_is_pending(intid), "made inactive while up: pending");
    gic_eoi(intid);
    note(gic_wait(WAIT_US) == intid, "and comes");
    gic_disable(intid);
    gic_eoi(intid);
    note(nothing() && gic_is_pending(intid), "disabled while active, still up: pending, waits");
    gic_enable(intid);
    note(gic_wait(WAIT_US) == intid, "enabled it comes");
    line(intid, false);
    gic_eoi(intid);
    note(nothing(), "down: nothing left");
    gic_disable(intid);
}

static void check_mode_1(unsigned intid)
{
    gic_eoimode(1);
    gic_enable(intid);
    line(intid, true);
    note(gic_wait(WAIT_US) == intid, "mode 1: it comes");
    gic_eoi(intid);
    note(nothing() && gic_is_active(intid), "mode 1: not again before it is deactivated");
    gic_dir(intid);
    note(gic_wait(WAIT_US) == intid, "mode 1: then again");
    line(intid, false);
    gic_eoi(intid);
    gic_dir(intid);
    note(nothing() && !gic_is_active(intid), "mode 1: down, nothing left");
    gic_disable(intid);
    gic_eoimode(0);
}

static void check_edge(unsigned intid)
{
    gic_edge(intid, true);
    gic_unpend(intid);
    gic_enable(intid);
    line(intid, true);
    note(gic_wait(WAIT_US) == intid, "as edge: it comes when the line rises");
    gic_eoi(intid);
    note(nothing(), "as edge: once, though it is still up");
    line(intid, false);
    line(intid, true);
    line(intid, false);
    note(gic_wait(WAIT_US) == intid, "as edge: an edge is kept though the line is down");
    gic_eoi(intid);
    note(nothing(), "as edge: nothing left");
    gic_disable(intid);
    gic_edge(intid, false);
}

static void check_source(const char *name, unsigned intid)
{
    check_disabled(intid);
    check_enabled(intid);
    check_withdrawn(intid);
    report(name);
    if (intid == UART_INTID)
        write32(UART + ICR, 0); /* the reports have set it: the line is down, the cause is there */
    check_mode_1(intid);
    if (intid == UART_INTID) {
        check_latched(intid);
        check_edge(intid);
    }
    report(name);
}

void guest_main(const void *tree)
{
    (void)tree;
    gic_init();
    line(UART_INTID, false);
    write32(UART + DR, '\n'); /* from now on there is something to tell */
    check_source("UART", UART_INTID);
    write_sysreg(cntv_tval_el0, 0);
    write_sysreg(cntp_tval_el0, 0);
    check_source("virtual timer", VIRTUAL);
    check_source("physical timer", PHYSICAL);
    tap_end();
}
