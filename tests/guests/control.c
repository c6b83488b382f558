/* SPDX-License-Identifier: BSD-2-Clause */
/* A control loop: 1 kHz by the virtual timer with absolute deadlines. It counts periods, missed
 * deadlines and the worst latency, and after `periods=` milliseconds (bootargs) says what it saw
 * and powers off. */
#include "guest.h"

enum { RATE = 1000, TIMER = 27, REPORT_S = 5 };

static uint64_t period;    /* ticks */
static uint64_t first_due; /* the first deadline */
static uint64_t due;       /* the next one */
static uint64_t last_seen; /* when the handler ran last */
static uint64_t worst;     /* ticks from a deadline to its handler */
static uint64_t wanted;    /* deadlines in all */
static volatile uint64_t periods, missed;

void irq_handle(struct frame *frame)
{
    unsigned intid = gic_ack();
    uint64_t late, lost;

    (void)frame;
    if (intid == SPURIOUS)
        return;
    if (intid == TIMER) {
        last_seen = clock_ticks();
        late = last_seen - due;
        /* neither a leftover of the deadline before, nor one behind the last that counts */
        if ((int64_t)late >= 0 && periods + missed < wanted) {
            if (late > worst)
                worst = late;
            periods = periods + 1;
            /* Whole periods since are lost, and skipped: deadlines do not drift. */
            lost = late / period;
            due += (1 + lost) * period;
            if (lost > wanted - periods - missed)
                lost = wanted - periods - missed;
            missed = missed + lost;
        }
        if (periods + missed < wanted)
            write_sysreg(cntv_cval_el0, due);
        else /* or a deadline that is over would interrupt for ever, and the loop not see the end */
            write_sysreg(cntv_ctl_el0, 0);
        isb(); /* the timer's line is low before the interrupt ends */
    }
    gic_eoi(intid);
}

static uint64_t us(uint64_t ticks)
{
    return ticks * 1000000 / clock_hz();
}

void guest_main(const void *tree)
{
    uint64_t reported = 0, elapsed;

    wanted = bootargs_number(tree, "periods", 10000);
    print("control: %u Hz, %lu periods\n", RATE, wanted);
    period = clock_hz() / RATE;
    gic_init();
    gic_enable(TIMER);
    first_due = due = clock_ticks() + period;
    write_sysreg(cntv_cval_el0, due);
    write_sysreg(cntv_ctl_el0, 1);
    isb();
    while (periods + missed < wanted) {
        wfi(); /* wakes although interrupts are masked, so that none slips in before it */
        irq_on();
        irq_off();
        if ((periods + missed) / (REPORT_S * RATE) != reported) {
            reported = (periods + missed) / (REPORT_S * RATE);
            print("control: after %lu s %lu done, %lu missed, worst latency %lu us\n",
                  reported * REPORT_S, periods, missed, us(worst));
        }
    }
    write_sysreg(cntv_ctl_el0, 0);
    isb();
    /* The clock's own count of deadlines up to the last handler, as far as they count. */
    elapsed = (last_seen - first_due) / period + 1;
    if (elapsed > wanted)
        elapsed = wanted;
    print("control: %lu whole periods elapsed, %s\n", elapsed,
          periods + missed == elapsed ? "all accounted for" : "NOT all accounted for");
    print("control: %lu periods, %lu missed, worst latency %lu us\n", periods, missed, us(worst));
}
