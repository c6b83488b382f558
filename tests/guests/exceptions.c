/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions that the core itself takes to EL1, and those that a hypervisor has to pass on:
 * syndrome, vector, saved and new state. */
#include "guest.h"

enum { ISV = 1 << 24, PAN = 1 << 22, SPAN = 1 << 23, STEP = 1 << 21 };
#define NOWHERE 0x0b000000ul

extern const struct snippet exceptions_el1[], exceptions_el0[], exceptions_fp[], exceptions_debug[];

static char stack[1024] __attribute__((aligned(16)));
static volatile uint32_t watched;

static struct trap run(uint64_t code, uint64_t argument, uint64_t spsr, uint64_t sp)
{
    trap_expect();
    el0_call(code, argument, spsr, (uint64_t)(uintptr_t)stack + sp);
    return trap_result();
}

static bool as_expected(const struct trap *trap, uint64_t esr, uint64_t elr, uint64_t spsr)
{
    uint64_t vector = (spsr & 0xf) == 0 ? 0x400 : (spsr & 1) ? 0x200 : 0;
    bool good = trap->count == 1 && trap->esr == esr && trap->elr == elr && trap->spsr == spsr &&
                trap->vector == vector && trap->daif == 0x3c0 && trap->sel == 1;

    if (!good)
        print("# %lu exceptions, esr %lx elr %lx (%lx) spsr %lx (%lx) vector %lx\n", trap->count,
              trap->esr, trap->elr, elr, trap->spsr, spsr, trap->vector);
    return good;
}

static void check_table(const char *where, const struct snippet *snippets, uint64_t spsr)
{
    for (; snippets->name; snippets++) {
        struct trap trap = run(snippets->code, 0, spsr, sizeof(stack));
        bool svc = snippets->expected >> 26 == 0x15;

        tap_ok(as_expected(&trap, snippets->expected, snippets->code + (svc ? 4 : 0), spsr),
               "%s: %s", where, snippets->name);
    }
}

static void check_alignment(void)
{
    struct trap trap;
    trap = run(exceptions_el1[0].code + 2, 0, SPSR_EL0, sizeof(stack));
    tap_ok(as_expected(&trap, 0x8a000000, exceptions_el1[0].code + 2, SPSR_EL0) &&
               trap.far == trap.elr,
           "EL0: misaligned PC");
    trap = run(exceptions_el1[0].code + 2, 0, 0x3c5, sizeof(stack));
    tap_ok(as_expected(&trap, 0x8a000000, exceptions_el1[0].code + 2, 0x3c5) &&
               trap.far == trap.elr,
           "EL1: misaligned PC");
}

static void check_illegal(void)
{
    uint64_t code = exceptions_debug[0].code;
    struct trap trap = run(code, 0, SPSR_EL0 | 1 << 20, sizeof(stack));

    tap_ok(as_expected(&trap, 0x3a000000, code, SPSR_EL0 | 1 << 20), "EL0: PSTATE.IL");
    trap = run(code, 0, 0x3c9, sizeof(stack));
    tap_ok(trap.count == 1 && trap.esr == 0x3a000000 && trap.elr == code &&
               (trap.spsr & 0x10000f) == 0x100005,
           "a return to EL2 is illegal: spsr %lx", trap.spsr);
}

/* Debug events of EL0, with MDSCR_EL1's SS or MDE. */
static struct trap debug(const struct snippet *snippet, uint64_t argument, uint64_t mdscr,
                         uint64_t spsr)
{
    struct trap trap;

    write_sysreg(mdscr_el1, mdscr);
    isb();
    trap = run(snippet->code, argument, spsr, sizeof(stack));
    write_sysreg(mdscr_el1, 0);
    isb();
    return trap;
}

static void check_step(void)
{
    uint64_t code = exceptions_debug[0].code;
    struct trap trap = debug(&exceptions_debug[0], 0, 1, SPSR_EL0 | STEP);

    tap_ok(as_expected(&trap, 0xcb000022, code + 4, SPSR_EL0), "EL0: single step");
    trap = debug(&exceptions_debug[0], 0, 1, SPSR_EL0);
    tap_ok(as_expected(&trap, 0xca000022, code, SPSR_EL0), "EL0: single step, pending");
    trap = debug(&exceptions_debug[0], 0, 1 | 1 << 13, 0x1c5 | STEP); /* KDE; PSTATE.D clear */
    tap_ok(as_expected(&trap, 0xcf000022, code + 4, 0x1c5), "EL1: single step");
    trap = debug(&exceptions_debug[0], 0, 1 | 1 << 13, 0x3c5 | STEP);
    tap_ok(trap.count == 0, "EL1: no single step with PSTATE.D");
    code = exceptions_debug[1].code;
    /* What EL2 has emulated is over when the step comes: ISV may say that nothing is known of it.
     */
    trap = debug(&exceptions_debug[1], UART + 0x18, 1, SPSR_EL0 | STEP);
    trap.esr &= ~(uint64_t)ISV;
    tap_ok(as_expected(&trap, 0xca000022, code + 4, SPSR_EL0), "EL0: step over an emulated load");
    trap = debug(&exceptions_debug[1], UART + 0x18, 1 | 1 << 13, 0x1c5 | STEP);
    trap.esr &= ~(uint64_t)ISV;
    tap_ok(as_expected(&trap, 0xce000022, code + 4, 0x1c5), "EL1: step over an emulated load");
    trap = debug(&exceptions_debug[1], NOWHERE, 1, SPSR_EL0 | STEP);
    tap_ok(trap.count == 2 && trap.esr == 0xcb000022, "EL0: step behind an abort");
}

static void check_breakpoint(void)
{
    const struct snippet *snippet = &exceptions_debug[2];
    struct trap trap;

    write_sysreg(dbgbvr0_el1, snippet->code);
    write_sysreg(dbgbcr0_el1, 0xful << 5 | 2 << 1 | 1); /* EL0 */
    trap = debug(snippet, 0, 1 << 15, SPSR_EL0);
    tap_ok(as_expected(&trap, 0xc2000022, snippet->code, SPSR_EL0), "EL0: breakpoint");
    write_sysreg(dbgbcr0_el1, 0xful << 5 | 1 << 1 | 1); /* EL1 */
    trap = debug(snippet, 0, 1 << 15 | 1 << 13, 0x1c5);
    tap_ok(as_expected(&trap, 0xc6000022, snippet->code, 0x1c5), "EL1: breakpoint");
    write_sysreg(dbgbcr0_el1, 0xful << 5 | 1 << 1 | 1);
    trap = debug(snippet, 0, 1 << 15, SPSR_EL0);
    tap_ok(trap.count == 0, "EL0: no breakpoint of EL1");
    write_sysreg(dbgbcr0_el1, 0);
}

static void check_watchpoint(uint64_t address, const char *where)
{
    for (unsigned store = 0; store < 2; store++) {
        const struct snippet *snippet = &exceptions_debug[3 + store];
        struct trap trap;

        write_sysreg(dbgwvr0_el1, address & ~7ul);
        write_sysreg(dbgwcr0_el1, 0xfful << 5 | 3 << 3 | 2 << 1 | 1);
        trap = debug(snippet, address, 1 << 15, SPSR_EL0);
        write_sysreg(dbgwcr0_el1, 0);
        tap_ok(as_expected(&trap, 0xd2000022 | store << 6, snippet->code, SPSR_EL0) &&
                   trap.far == address,
               "EL0: %s, %s", snippet->name, where);
    }
}

/* Each exception sets PAN unless SCTLR_EL1.SPAN; what EL2 passes on must too. */
static void check_pan(void)
{
    uint64_t code = exceptions_debug[3].code; /* a load: of nowhere is passed on */
    bool there = read_sysreg(id_aa64mmfr1_el1) >> 20 & 15;
    struct trap trap;

    for (unsigned spared = 0; spared < 2; spared++) {
        write_sysreg(sctlr_el1, spared ? SCTLR_OFF : SCTLR_OFF & ~(uint64_t)SPAN);
        isb();
        trap = run(code, NOWHERE, SPSR_EL0, sizeof(stack));
        tap_ok(trap.count == 1 && trap.pan == (there && !spared), "PAN after an abort, SPAN %u",
               spared);
        trap = run(exceptions_el1[0].code, 0, SPSR_EL0, sizeof(stack));
        tap_ok(trap.count == 1 && trap.pan == (there && !spared), "PAN after brk, SPAN %u", spared);
        if (there)
            __asm__ volatile("msr s0_0_c4_c0_4, xzr"); /* PAN, 0 */
    }
    trap = run(code, NOWHERE, 0x3c5 | (there ? PAN : 0), sizeof(stack));
    tap_ok(trap.count == 1 && trap.pan == there && trap.spsr == (0x3c5 | (there ? PAN : 0)),
           "PAN that was set stays and is saved");
}

/* hvc takes any number, as the convention leaves it to the callee. */
static void check_hvc(void)
{
    register uint64_t x0 __asm__("x0") = PSCI_VERSION;

    __asm__ volatile("hvc #1" : "+r"(x0)::"x1", "x2", "x3", "memory");
    tap_ok(x0 == 0x10001, "hvc #1 is answered like hvc #0");
}

void guest_main(const void *tree)
{
    (void)tree;
    write_sysreg(oslar_el1, 0);
    write_sysreg(cpacr_el1, 0);
    write_sysreg(cntkctl_el1, 0);
    write_sysreg(sctlr_el1, SCTLR_OFF);
    isb();
    check_table("EL1", exceptions_el1, 0x3c5);
    check_table("EL1t", exceptions_el1, SPSR_EL1T);
    check_table("EL0", exceptions_el0, SPSR_EL0);
    check_table("EL0, FP off", exceptions_fp, SPSR_EL0);
    check_table("EL1, FP off", exceptions_fp, 0x3c5);
    check_alignment();
    check_illegal();
    check_step();
    check_breakpoint();
    check_watchpoint((uint64_t)(uintptr_t)&watched, "RAM");
    check_watchpoint(UART + 0x38, "an emulated register");
    check_pan();
    check_hvc();
    tap_end();
}
