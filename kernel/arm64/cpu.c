/* SPDX-License-Identifier: BSD-2-Clause */
/* The core itself: identity, waiting, its timer, firmware calls, and the first C with the MMU on.
 */
#include "arch.h"
#include "core.h"
#include "errata.h"
#include "layout.h"
#include "lib.h"
#include "object.h"
#include "platform.h"
#include "regs.h"
#include <bulkhead/upcall.h>

_Static_assert(offsetof(struct core, frame) == CORE_FRAME, "layout.h");
_Static_assert(offsetof(struct core, stack_top) == CORE_STACK, "layout.h");
_Static_assert(offsetof(struct core, emergency_top) == CORE_EMERGENCY, "layout.h");
_Static_assert(offsetof(struct core, quick) == CORE_QUICK, "layout.h");
_Static_assert(offsetof(struct frame, sp) == FRAME_SP, "layout.h");
_Static_assert(offsetof(struct frame, pc) == FRAME_PC, "layout.h");
_Static_assert(BH_RETURN == BH_RETURN_LABEL && BH_DO_RESUME == BH_RESUME_ACTION, "layout.h");
_Static_assert(offsetof(struct frame, pstate) == FRAME_PSTATE, "layout.h");

extern char boot_next[];

void arch_wait(void)
{
    dsb(sy); /* all is written before the core may sleep */
    __asm__ volatile("wfi" ::: "memory");
}

void arch_halt(void)
{
    for (;;)
        arch_wait();
}

void arch_timer_set(uint64_t deadline)
{
    write_reg("cnthp_cval_el2", deadline);
    write_reg("cnthp_ctl_el2", deadline != ~0ull);
    isb(); /* off means off before the interrupt is looked at again */
}

uint64_t arch_count(void)
{
    isb(); /* not read early */
    return read_reg("cntpct_el0");
}

uint64_t arch_frequency(void)
{
    return read_reg("cntfrq_el0");
}

static int64_t psci_call(uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
    register uint64_t x0 __asm__("x0") = function;
    register uint64_t x1 __asm__("x1") = a;
    register uint64_t x2 __asm__("x2") = b;
    register uint64_t x3 __asm__("x3") = c;

    /* SMCCC 1.0 firmware may change x4 to x17. */
    __asm__ volatile("smc #0"
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
                     :
                     : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15",
                       "x16", "x17", "memory");
    return (int64_t)x0;
}

int64_t psci_core_on(uint64_t mpidr, struct core *core)
{
    /* PSCI CPU_ON (DEN0022, 5.6). The new core reads this core's writes through its caches from
     * boot_main on. */
    return psci_call(0xc4000003, mpidr, mmu_physical(boot_next).raw, (uint64_t)(core - cores));
}

void psci_system(bool reset)
{
    psci_call(reset ? 0x84000009 : 0x84000008, 0, 0, 0); /* SYSTEM_RESET, SYSTEM_OFF */
}

/* From head.S: MMU on, own stack, BSS clear. */
_Noreturn void boot_main(uint64_t index, uint64_t tree, uint64_t stack, uint64_t emergency)
{
    struct core *core = &cores[index];

    write_reg("tpidr_el2", core);
    core->stack_top = stack;
    core->emergency_top = emergency;
    arch_init_core();
    console_begin();
    errata_report();
    console_end();
    if (!index) {
        core_add(read_reg("mpidr_el1") & 0xff00ffffff);
        print("bulkhead: EL2 on " PLATFORM_NAME "\n");
        gic_init();
        manager_start(core, tree);
    }
    core_main(core);
}
