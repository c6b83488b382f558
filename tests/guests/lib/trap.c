/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions: expected ones are recorded, any other is reported and ends the guest. */
#include "guest.h"

static volatile bool trap_expected;
static struct trap trap_seen;

struct guest_entry guest_entry;

void trap_sync(struct frame *frame);
void trap_other(struct frame *frame);

static _Noreturn void trap_report(const char *what, const struct frame *frame)
{
    print("\nBail out! %s on core %u: esr=%lx far=%lx elr=%lx\n", what, cpu_number(),
          read_sysreg(esr_el1), read_sysreg(far_el1), frame->elr);
    psci_system_off();
}

void trap_expect(void)
{
    trap_seen = (struct trap){0};
    trap_expected = true;
}

struct trap trap_result(void)
{
    isb();
    trap_expected = false;
    return trap_seen;
}

void trap_sync(struct frame *frame)
{
    uint64_t esr = read_sysreg(esr_el1);

    if (!trap_expected)
        trap_report("unexpected exception", frame);
    trap_seen.count++;
    trap_seen.esr = esr;
    trap_seen.far = read_sysreg(far_el1);
    trap_seen.elr = frame->elr;
    if (esr >> 26 == 0x21) /* instruction abort: as if the called function had returned */
        frame->elr = frame->x[30];
    else
        frame->elr += 4;
}

void trap_other(struct frame *frame)
{
    trap_report("unexpected vector", frame);
}

__attribute__((weak)) void irq_handle(struct frame *frame)
{
    trap_report("unexpected interrupt", frame);
}

__attribute__((weak)) void fiq_handle(struct frame *frame)
{
    trap_report("unexpected fast interrupt", frame);
}

__attribute__((weak)) void guest_secondary(uint64_t context)
{
    (void)context;
}
