/* SPDX-License-Identifier: BSD-2-Clause */
/* Both EL1 timers and their interrupts. */
#include "guest.h"

enum { VIRTUAL = 27, PHYSICAL = 30, WAIT_US = 10000000, NONE_US = 20000 };
enum { ENABLE = 1, IMASK = 2, ISTATUS = 4 };

static void timer_control(unsigned timer, uint64_t value)
{
    if (timer == VIRTUAL)
        write_sysreg(cntv_ctl_el0, value);
    else
        write_sysreg(cntp_ctl_el0, value);
    isb();
}

static uint64_t timer_status(unsigned timer)
{
    return timer == VIRTUAL ? read_sysreg(cntv_ctl_el0) : read_sysreg(cntp_ctl_el0);
}

static uint64_t timer_count(unsigned timer)
{
    isb();
    return timer == VIRTUAL ? read_sysreg(cntvct_el0) : read_sysreg(cntpct_el0);
}

static void timer_compare(unsigned timer, uint64_t value)
{
    if (timer == VIRTUAL)
        write_sysreg(cntv_cval_el0, value);
    else
        write_sysreg(cntp_cval_el0, value);
    isb();
}

static uint64_t timer_compared(unsigned timer)
{
    return timer == VIRTUAL ? read_sysreg(cntv_cval_el0) : read_sysreg(cntp_cval_el0);
}

static void check_timer(const char *name, unsigned timer)
{
    uint64_t due, now;

    gic_enable(timer);
    due = timer_count(timer) + clock_hz() * 1000;
    timer_compare(timer, due);
    tap_ok(timer_compared(timer) == due, "%s: compare value reads back", name);
    timer_control(timer, ENABLE);
    tap_ok(!(timer_status(timer) & ISTATUS), "%s: not yet due", name);
    due = timer_count(timer) + clock_hz() / 100;
    timer_compare(timer, due);
    tap_ok(gic_wait(WAIT_US) == timer, "%s: interrupt", name);
    now = timer_count(timer);
    tap_ok(now >= due && (timer_status(timer) & ISTATUS), "%s: not before it is due", name);
    tap_ok(now - due < 10 * clock_hz(), "%s: soon after", name);
    tap_ok(gic_is_active(timer), "%s: active", name);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "%s: not again while active", name);
    gic_eoi(timer);
    tap_ok(gic_wait(WAIT_US) == timer, "%s: again after its end, the condition holds", name);
    timer_control(timer, ENABLE | IMASK);
    tap_ok(timer_status(timer) == (ENABLE | IMASK | ISTATUS), "%s: masked, still due", name);
    gic_eoi(timer);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "%s: masked it does not come", name);
    timer_control(timer, ENABLE);
    tap_ok(gic_wait(WAIT_US) == timer, "%s: unmasked it does", name);
    timer_compare(timer, timer_count(timer) + clock_hz() * 1000);
    tap_ok(!(timer_status(timer) & ISTATUS), "%s: rearmed, no longer due", name);
    gic_eoi(timer);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "%s: rearmed it does not come", name);

    gic_disable(timer);
    timer_compare(timer, timer_count(timer) - 1);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "%s: disabled at the controller it waits", name);
    tap_ok(gic_is_pending(timer), "%s: and is pending", name);
    gic_enable(timer);
    tap_ok(gic_wait(WAIT_US) == timer, "%s: and comes when enabled", name);
    timer_control(timer, 0);
    gic_eoi(timer);
    tap_ok(gic_wait(NONE_US) == SPURIOUS && !gic_is_active(timer), "%s: off", name);
    gic_disable(timer);
}

static void check_modes(const char *name, unsigned timer)
{
    gic_eoimode(1);
    gic_enable(timer);
    timer_compare(timer, timer_count(timer));
    timer_control(timer, ENABLE);
    tap_ok(gic_wait(WAIT_US) == timer, "%s, mode 1: interrupt", name);
    gic_eoi(timer);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "%s, mode 1: not again before it is deactivated", name);
    gic_dir(timer);
    tap_ok(gic_wait(WAIT_US) == timer, "%s, mode 1: then again", name);
    timer_control(timer, 0);
    gic_eoi(timer);
    gic_dir(timer);
    tap_ok(gic_wait(NONE_US) == SPURIOUS && !gic_is_active(timer), "%s, mode 1: off", name);
    gic_disable(timer);
    gic_eoimode(0);
}

static unsigned both_seen;

void irq_handle(struct frame *frame)
{
    unsigned intid = gic_ack();

    (void)frame;
    if (intid == SPURIOUS)
        return;
    both_seen |= intid == VIRTUAL ? 1 : intid == PHYSICAL ? 2 : 4;
    timer_control(intid, 0);
    gic_eoi(intid);
}

/* Both at the same time, by real interrupts out of WFI. */
static void check_both(void)
{
    uint64_t start = clock_ticks();

    gic_enable(VIRTUAL);
    gic_enable(PHYSICAL);
    write_sysreg(cntv_tval_el0, clock_hz() / 50);
    write_sysreg(cntp_tval_el0, clock_hz() / 50);
    timer_control(VIRTUAL, ENABLE);
    timer_control(PHYSICAL, ENABLE);
    while (both_seen != 3 && clock_ticks() - start < 10 * clock_hz()) {
        wfi();
        irq_on();
        irq_off();
    }
    tap_ok(both_seen == 3, "both at once wake the core from WFI, %lu us",
           (clock_ticks() - start) * 1000000 / clock_hz());
}

void guest_main(const void *tree)
{
    uint64_t count, backwards = 0;

    (void)tree;
    gic_init();
    tap_ok(clock_hz() >= 1000000, "CNTFRQ_EL0: %lu Hz", clock_hz());
    for (unsigned i = 0; i < 10000; i++) {
        count = clock_ticks();
        backwards += clock_ticks() < count;
    }
    tap_ok(!backwards, "the count never goes back");
    check_timer("virtual timer", VIRTUAL);
    check_timer("physical timer", PHYSICAL);
    check_modes("virtual timer", VIRTUAL);
    check_modes("physical timer", PHYSICAL);
    check_both();
    tap_end();
}
