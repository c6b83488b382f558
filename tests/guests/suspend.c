/* SPDX-License-Identifier: BSD-2-Clause */
/* CPU_SUSPEND and SYSTEM_SUSPEND: what wakes, what is kept, where the core goes on. Two cores. */
#include "guest.h"

enum { INVALID_PARAMETERS = -2, DENIED = -3, INVALID_ADDRESS = -9 };
enum { TIMER = 27, SGI = 5, STANDBY = 0, DOWN = 1 << 16 };

#define CPU_SUSPEND_32    0x84000001u
#define SYSTEM_SUSPEND_32 0x8400000eu
#define SYSTEM_SUSPEND    0xc400000eu
#define CONTEXT           0x1122334455667788ul

static volatile uint64_t second_up, second_result, second_stop;
static volatile unsigned taken;
static volatile bool again; /* the timer comes until this is false */
static uint64_t deadline;

static uint64_t entry(void)
{
    return (uint64_t)(uintptr_t)secondary_start;
}

void irq_handle(struct frame *frame)
{
    unsigned intid = gic_ack();

    (void)frame;
    if (intid == TIMER && again)
        write_sysreg(cntv_tval_el0, clock_hz() / 200);
    else if (intid == TIMER)
        write_sysreg(cntv_ctl_el0, 0);
    if (intid != SPURIOUS)
        gic_eoi(intid);
    taken++;
}

static void timer_set(uint64_t us)
{
    deadline = clock_ticks() + us * clock_hz() / 1000000;
    write_sysreg(cntv_cval_el0, deadline);
    write_sysreg(cntv_ctl_el0, 1);
    isb();
}

static void timer_off(void)
{
    unsigned intid;

    write_sysreg(cntv_ctl_el0, 0);
    isb();
    intid = gic_wait(100); /* a spurious one may be left */
    if (intid != SPURIOUS)
        gic_eoi(intid);
    taken = 0;
}

static void check_standby(const char *name, uint64_t function, uint64_t state)
{
    int64_t result;

    timer_set(5000);
    result = psci(function, state, entry(), CONTEXT);
    tap_ok(result == 0, "%s: returns success: %ld", name, result);
    tap_ok(clock_ticks() >= deadline, "%s: when the timer has fired", name);
    tap_ok(gic_is_pending(TIMER), "%s: whose interrupt is pending", name);
    tap_ok(psci(function, state, entry(), CONTEXT) == 0, "%s: and it does not sleep then", name);
    timer_off();
}

/* On a busy host the interrupt may come before the call, which then waits for the next one. */
static void check_taken(void)
{
    taken = 0;
    again = true;
    timer_set(5000);
    irq_on();
    tap_ok(psci(PSCI_CPU_SUSPEND, STANDBY, 0, 0) == 0, "unmasked: returns success");
    irq_off();
    again = false;
    tap_ok(taken && clock_ticks() >= deadline, "unmasked: the interrupt was taken");
    timer_off();
}

static void check_parameters(void)
{
    static const uint32_t bad[] = {0x00020000, 0x01000000, 0x03000000, 0x04000000, 0x80000000};

    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t result;

        timer_set(100); /* or a call that should have failed would sleep for ever */
        result = psci(PSCI_CPU_SUSPEND, bad[i], entry(), 0);
        tap_ok(result == INVALID_PARAMETERS, "no power state %x: %ld", bad[i], result);
    }
    timer_set(100);
    tap_ok(psci(PSCI_CPU_SUSPEND, DOWN, RAM + 2, 0) == INVALID_ADDRESS, "power down to no address");
    tap_ok(psci(PSCI_CPU_SUSPEND, STANDBY, 1, 0) == 0, "standby does not look at the address");
    tap_ok(psci(PSCI_CPU_SUSPEND, 0xffff, 0, 0) == 0, "nor at the identifier");
    timer_off();
}

static void check_other(void)
{
    gic_enable(SGI);
    tap_ok(psci_start(1, 0) == 0, "a second core");
    while (!second_up)
        ;
    clock_wait_us(2000);
    tap_ok(psci(PSCI_AFFINITY_INFO, 1, 0, 0) == 0, "while it is suspended it is on");
    tap_ok(psci(PSCI_CPU_ON, 1, entry(), 0) == -4, "and cannot be started");
    tap_ok(second_result == 99, "it sleeps");
    tap_ok(psci(SYSTEM_SUSPEND, entry(), 0, 0) == DENIED, "SYSTEM_SUSPEND while another sleeps");
    gic_send(SGI, 1 << 1);
    for (unsigned i = 0; i < 100000 && second_result == 99; i++)
        clock_wait_us(100);
    tap_ok(second_result == 0, "an SGI wakes it");
    second_stop = 1;
    dsb();
    for (unsigned i = 0; i < 100000 && psci(PSCI_AFFINITY_INFO, 1, 0, 0) != 1; i++)
        clock_wait_us(100);
}

/* Where the system goes on; the main function's stack is gone. */
static void check_resumed(uint64_t context)
{
    uint64_t now = clock_ticks();

    tap_ok(context == CONTEXT, "SYSTEM_SUSPEND: the context is there");
    tap_ok(read_sysreg(currentel) == 4 && read_sysreg(daif) == 0x3c0 &&
               !(read_sysreg(sctlr_el1) & 0x1005),
           "SYSTEM_SUSPEND: in EL1, masked, MMU off");
    tap_ok(now >= deadline, "SYSTEM_SUSPEND: woken by the timer");
    tap_ok(read_sysreg(tpidr_el1) == 0, "SYSTEM_SUSPEND: registers are as after a reset");
    tap_ok((read_sysreg(cntv_ctl_el0) & 5) == 5 && read_sysreg(cntv_cval_el0) == deadline,
           "SYSTEM_SUSPEND: the timer is kept");
    tap_ok(gic_is_pending(TIMER), "SYSTEM_SUSPEND: its interrupt is pending");
    gic_init_interface();
    tap_ok(gic_wait(1000) == TIMER, "SYSTEM_SUSPEND: and can be taken");
    write_sysreg(cntv_ctl_el0, 0);
    gic_eoi(TIMER);
    tap_end();
    psci_system_off();
}

void guest_secondary(uint64_t context)
{
    if (cpu_number() == 0)
        check_resumed(context);
    gic_init_cpu();
    gic_enable(SGI);
    second_result = 99;
    second_up = 1;
    second_result = (uint64_t)psci(PSCI_CPU_SUSPEND, STANDBY, 0, 0);
    gic_eoi(gic_ack());
    while (!second_stop)
        ;
}

static void check_system(uint64_t function)
{
    timer_set(100);
    tap_ok(psci(function, RAM + 2, 0, 0) == INVALID_ADDRESS, "SYSTEM_SUSPEND to no address");
    tap_ok(psci(function, UART, 0, 0) == INVALID_ADDRESS, "SYSTEM_SUSPEND to a device");
    timer_off();
}

void guest_main(const void *tree)
{
    int64_t result;

    (void)tree;
    gic_init();
    gic_enable(TIMER);
    check_standby("standby", PSCI_CPU_SUSPEND, STANDBY);
    check_standby("standby, 32 bits", CPU_SUSPEND_32, STANDBY);
    check_standby("power down", PSCI_CPU_SUSPEND, DOWN);
    check_taken();
    check_parameters();
    check_other();
    check_system(SYSTEM_SUSPEND);
    check_system(SYSTEM_SUSPEND_32);
    write_sysreg(tpidr_el1, 1);
    timer_set(5000);
    if (gic_version == 2) /* systems switch their interface off before they suspend */
        write32(GICC, 0);
    else
        write_sysreg(icc_igrpen1_el1, 0);
    result = psci(SYSTEM_SUSPEND, entry(), CONTEXT, 0);
    tap_ok(false, "SYSTEM_SUSPEND does not return: %ld", result);
    tap_end();
}
