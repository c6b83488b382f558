/* SPDX-License-Identifier: BSD-2-Clause */
/* The other cores of a guest: they take interrupts and count them while core 0 looks. */
#include "guest.h"

enum { CREW_WAKE = 15 /* SGI */, CREW_PATIENCE = 6 /* s: the cores' host may be busy */ };

volatile uint32_t crew_seen[CREW_CORES][CREW_INTIDS];
volatile uint32_t crew_mode[CREW_CORES], crew_up[CREW_CORES];
static volatile uint32_t crew_at[CREW_CORES]; /* the mode that a core has seen */
void (*volatile crew_task[CREW_CORES])(void);
static unsigned crew_count;

void crew_irq(void)
{
    unsigned cpu = cpu_number(), intid = gic_ack();

    if (intid >= CREW_INTIDS)
        return;
    if (intid == 27)
        write_sysreg(cntv_ctl_el0, 0);
    if (intid == 30)
        write_sysreg(cntp_ctl_el0, 0);
    crew_seen[cpu][intid]++;
    dsb();
    while (crew_mode[cpu] == CREW_HOLD &&
           intid != CREW_WAKE) /* active until it is told otherwise */
        ;
    gic_eoi(intid);
}

void crew_main(void)
{
    unsigned cpu = cpu_number();

    gic_init_cpu();
    for (unsigned intid = 0; intid < 16; intid++)
        gic_enable(intid);
    gic_priority(CREW_WAKE, 0); /* passes any mask */
    crew_up[cpu] = 1;
    dsb();
    for (;;) {
        void (*task)(void) = crew_task[cpu];

        crew_at[cpu] = crew_mode[cpu];
        dsb();
        switch ((enum crew_mode)crew_at[cpu]) {
        case CREW_IDLE:
            if (!task) /* one that comes now sends an SGI, which ends the wait */
                wfi();
            break;
        case CREW_MASKED:
        case CREW_BUSY:
        case CREW_HOLD:
            for (unsigned i = 0; i < 1000; i++) /* or QEMU's cores fight for its lock */
                __asm__ volatile("nop");
            break;
        case CREW_OFF:
            crew_up[cpu] = 0;
            dsb();
            return;
        }
        if (task) {
            task();
            crew_task[cpu] = NULL;
            dsb();
        }
        if (crew_mode[cpu] != CREW_MASKED) {
            irq_on();
            irq_off();
        }
    }
}

static bool crew_wait(volatile const uint32_t *word, uint32_t wanted)
{
    uint64_t start = clock_ticks();

    while (*word != wanted && clock_ticks() - start < CREW_PATIENCE * clock_hz())
        ;
    return *word == wanted;
}

bool crew_start(unsigned cpu, enum crew_mode mode)
{
    uint64_t start = clock_ticks();

    while (psci(PSCI_AFFINITY_INFO, cpu, 0, 0) != 1 &&
           clock_ticks() - start < CREW_PATIENCE * clock_hz())
        ;
    crew_mode[cpu] = mode;
    dsb();
    return psci_start(cpu, cpu) == 0 && crew_wait(&crew_up[cpu], 1);
}

unsigned crew_begin(void)
{
    bool all = true;

    gic_init();
    for (unsigned intid = 0; intid < 16; intid++)
        gic_enable(intid);
    crew_count = cpu_count();
    for (unsigned cpu = 1; cpu < crew_count; cpu++)
        all = all && crew_start(cpu, CREW_IDLE);
    tap_ok(all, "all cores run");
    return crew_count;
}

void crew_set(unsigned cpu, enum crew_mode mode)
{
    crew_mode[cpu] = mode;
    dsb();
    gic_send(CREW_WAKE, 1u << cpu); /* out of WFI */
    crew_wait(&crew_at[cpu], mode);
}

void crew_hush(unsigned cpu, enum crew_mode mode)
{
    crew_mode[cpu] = mode;
    dsb();
    crew_wait(&crew_at[cpu], mode);
}

void crew_do(unsigned cpu, void (*task)(void))
{
    uint64_t start = clock_ticks();

    crew_task[cpu] = task;
    dsb();
    gic_send(CREW_WAKE, 1u << cpu);
    while (crew_task[cpu] && clock_ticks() - start < CREW_PATIENCE * clock_hz())
        ;
}

void crew_end(void)
{
    bool off = true;

    for (unsigned cpu = 1; cpu < crew_count; cpu++) {
        crew_set(cpu, CREW_OFF);
        off = off && crew_wait(&crew_up[cpu], 0);
    }
    tap_ok(off, "all other cores go off");
    tap_end();
}

void crew_note(struct crew_notes *notes, unsigned intid)
{
    notes->intid = intid;
    for (unsigned cpu = 0; cpu < crew_count; cpu++)
        notes->seen[cpu] = crew_seen[cpu][intid];
}

static bool crew_compare(const struct crew_notes *notes, unsigned set, unsigned more)
{
    bool same = true;

    for (unsigned cpu = 0; cpu < crew_count; cpu++)
        same =
            same && crew_seen[cpu][notes->intid] - notes->seen[cpu] == (set >> cpu & 1 ? more : 0);
    return same;
}

bool crew_saw(const struct crew_notes *notes, unsigned set, unsigned more)
{
    uint64_t start = clock_ticks();

    while (!crew_compare(notes, set, more) && clock_ticks() - start < CREW_PATIENCE * clock_hz()) {
        irq_on();
        irq_off();
    }
    clock_wait_us(1000); /* for what must not come */
    irq_on();
    irq_off();
    return crew_compare(notes, set, more);
}

bool crew_one_saw(const struct crew_notes *notes, unsigned set)
{
    uint64_t start = clock_ticks();
    unsigned sum;

    do {
        irq_on();
        irq_off();
        sum = 0;
        for (unsigned cpu = 0; cpu < crew_count; cpu++)
            sum += crew_seen[cpu][notes->intid] - notes->seen[cpu];
    } while (!sum && clock_ticks() - start < CREW_PATIENCE * clock_hz());
    clock_wait_us(1000);
    irq_on();
    irq_off();
    for (unsigned cpu = 0; cpu < crew_count; cpu++)
        if (crew_compare(notes, 1u << cpu, 1))
            return set >> cpu & 1;
    return false;
}
