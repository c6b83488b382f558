/* SPDX-License-Identifier: BSD-2-Clause */
/* Floating point: registers are zero at the start, work, and stay what they are while the monitor
 * runs. */
#include "guest.h"

/* fp_asm.S */
uint64_t fp_any(void);                   /* all 32 registers OR'ed together */
void fp_fill(uint64_t seed);             /* register n gets {seed + n, ~(seed + n)} */
uint64_t fp_wrong(uint64_t seed);        /* how many do not hold that */
uint64_t fp_sum(uint64_t a, uint64_t b); /* by way of double */

static volatile uint64_t second_any = 1, second_done;

void guest_secondary(uint64_t context)
{
    (void)context;
    write_sysreg(cpacr_el1, 3ul << 20);
    isb();
    second_any = fp_any();
    dsb();
    second_done = 1;
}

void guest_main(const void *tree)
{
    uint64_t wrong = 0;

    (void)tree;
    write_sysreg(cpacr_el1, 3ul << 20); /* FPEN */
    isb();
    tap_ok(fp_any() == 0, "all registers are zero at the start");
    tap_ok(read_sysreg(fpcr) == 0 && read_sysreg(fpsr) == 0, "FPCR and FPSR too");
    tap_ok(fp_sum(1u << 30, 12345) == (1u << 30) + 12345, "arithmetic");
    fp_fill(0x1234567800000000);
    tap_ok(fp_wrong(0x1234567800000000) == 0, "all registers hold what was written");
    for (unsigned i = 0; i < 1000; i++) {
        read32(UART + 0x18);
        wrong += fp_wrong(0x1234567800000000);
    }
    tap_ok(wrong == 0, "across 1000 emulated loads");
    for (unsigned i = 0; i < 100; i++) {
        psci(PSCI_VERSION, 0, 0, 0);
        wrong += fp_wrong(0x1234567800000000);
    }
    tap_ok(wrong == 0, "across 100 calls");
    print("# some output\n");
    tap_ok(fp_wrong(0x1234567800000000) == 0, "across output");
    if (psci_start(1, 0) == 0) {
        while (!second_done)
            ;
        tap_ok(second_any == 0, "all registers of a second core are zero at its start");
        tap_ok(fp_wrong(0x1234567800000000) == 0, "the first core's are what they were");
    }
    tap_end();
}
