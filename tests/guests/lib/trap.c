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

enum {
    EC_ILLEGAL = 0x0e,
    EC_PC = 0x22,
    EC_SVC32 = 0x11,
    EC_SVC64 = 0x15,
    EC_FETCH_LOWER = 0x20,
    EC_FETCH = 0x21,
    EC_BREAKPOINT_LOWER = 0x30,
    EC_WATCHPOINT = 0x35
};
enum { EL0_DONE = 0x7777 };

extern char el0_return[];

/* Where the interrupted program goes on. */
static void trap_continue(struct frame *frame, unsigned class)
{
    if (class == EC_ILLEGAL)
        frame->spsr &= ~(1ul << 20);
    if (class == EC_FETCH || class == EC_FETCH_LOWER ||
        class == EC_PC) { /* as if the called function had returned */
        frame->elr = frame->x[frame->spsr & 0x10 ? 14 : 30];
    } else if (class >= EC_BREAKPOINT_LOWER && class <= EC_WATCHPOINT) {
        frame->spsr &= ~(1ul << 21); /* single step */
        write_sysreg(mdscr_el1, read_sysreg(mdscr_el1) & ~1ul);
        write_sysreg(dbgbcr0_el1, 0);
        write_sysreg(dbgwcr0_el1, 0);
    } else if (class != EC_SVC32 && class != EC_SVC64 &&
               class != EC_ILLEGAL) { /* which are over when they are taken */
        frame->elr += 4;
    }
}

void trap_sync(struct frame *frame)
{
    uint64_t esr = read_sysreg(esr_el1);

    if ((esr >> 26 == EC_SVC64 || esr >> 26 == EC_SVC32) && (esr & 0xffff) == EL0_DONE) {
        frame->elr = (uint64_t)(uintptr_t)el0_return;
        frame->spsr = 0x3c5; /* EL1h, masked */
        return;
    }
    if (!trap_expected)
        trap_report("unexpected exception", frame);
    trap_seen.count++;
    trap_seen.classes |= 1ul << (esr >> 26);
    trap_seen.esr = esr;
    trap_seen.far = read_sysreg(far_el1);
    trap_seen.elr = frame->elr;
    trap_seen.spsr = frame->spsr;
    trap_seen.vector = frame->vector;
    trap_seen.daif = read_sysreg(daif);
    trap_seen.sel = read_sysreg(spsel);
    trap_seen.pan =
        read_sysreg(id_aa64mmfr1_el1) >> 20 & 15 ? read_sysreg(s3_0_c4_c2_3) >> 22 & 1 : 0;
    trap_continue(frame, (unsigned)(esr >> 26));
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
