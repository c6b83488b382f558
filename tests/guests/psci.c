/* SPDX-License-Identifier: BSD-2-Clause */
/* PSCI and SMCCC: every function and error code. Needs two cores; `end=1` in bootargs ends with
 * SYSTEM_RESET. */
#include "guest.h"

enum {
    NOT_SUPPORTED = -1,
    INVALID_PARAMETERS = -2,
    ALREADY_ON = -4,
    ON_PENDING = -5,
    INVALID_ADDRESS = -9
};
enum { ON = 0, OFF = 1 };

static volatile uint64_t second_context, second_state, second_go;

void guest_secondary(uint64_t context)
{
    second_state = (read_sysreg(currentel) == 4 && read_sysreg(spsel) == 1 &&
                    read_sysreg(daif) == 0x3c0 && !(read_sysreg(sctlr_el1) & 0x1005));
    second_context = context;
    dsb();
    while (!second_go)
        ;
}

static bool second_reaches(int64_t state)
{
    for (unsigned i = 0; i < 1000; i++) {
        if (psci(PSCI_AFFINITY_INFO, 1, 0, 0) == state)
            return true;
        clock_wait_us(1000);
    }
    return false;
}

static void check_round(uint64_t function, uint64_t context)
{
    int64_t again;

    second_go = 0;
    second_context = 0;
    tap_ok(psci(function, 1, (uint64_t)(uintptr_t)secondary_start, context) == 0, "CPU_ON");
    if (on_bulkhead()) { /* QEMU's own PSCI lets a second start through until the first has happened
                          */
        again = psci(function, 1, (uint64_t)(uintptr_t)secondary_start, context);
        tap_ok(again == ALREADY_ON || again == ON_PENDING, "CPU_ON at once again: %ld", again);
    }
    for (unsigned i = 0; i < 1000 && !second_context; i++)
        clock_wait_us(1000);
    tap_ok(second_context == context, "it runs, with its context: %lx", second_context);
    tap_ok(second_state, "in EL1h, interrupts masked, MMU and caches off");
    tap_ok(second_reaches(ON), "AFFINITY_INFO: on");
    tap_ok(psci(function, 1, (uint64_t)(uintptr_t)secondary_start, 0) == ALREADY_ON,
           "CPU_ON of a core that is on");
    second_go = 1;
    dsb();
    tap_ok(second_reaches(OFF), "CPU_OFF, then AFFINITY_INFO: off");
}

static void check_features(void)
{
    static const uint32_t there[] = {
        PSCI_VERSION,          PSCI_CPU_OFF,       PSCI_CPU_ON_32,         PSCI_CPU_ON,
        PSCI_AFFINITY_INFO_32, PSCI_AFFINITY_INFO, PSCI_MIGRATE_INFO_TYPE, PSCI_SYSTEM_OFF,
        PSCI_SYSTEM_RESET,     PSCI_FEATURES};

    for (unsigned i = 0; i < sizeof(there) / sizeof(there[0]); i++)
        tap_ok(psci(PSCI_FEATURES, there[i], 0, 0) >= 0, "FEATURES has %x", there[i]);
    tap_ok(psci(PSCI_FEATURES, 0x8400001f, 0, 0) == NOT_SUPPORTED, "FEATURES lacks an unknown one");
}

/* What QEMU's own PSCI leaves out. */
static void check_strict(uint64_t ram_end)
{
    tap_ok(psci(PSCI_CPU_ON, 1, 0x1000, 0) == INVALID_ADDRESS, "CPU_ON below the RAM");
    tap_ok(psci(PSCI_CPU_ON, 1, ram_end, 0) == INVALID_ADDRESS, "CPU_ON behind the RAM");
    tap_ok(psci(PSCI_CPU_ON, 1, ~3ul, 0) == INVALID_ADDRESS, "CPU_ON at the end of everything");
    tap_ok(psci(PSCI_CPU_ON, 1, RAM + 2, 0) == INVALID_ADDRESS, "CPU_ON between two instructions");
    tap_ok(psci(PSCI_AFFINITY_INFO, 0, 4, 0) == INVALID_PARAMETERS, "AFFINITY_INFO: level 4");
    tap_ok(psci(PSCI_AFFINITY_INFO, 0x100, 1, 0) == INVALID_PARAMETERS,
           "AFFINITY_INFO: a cluster that is not there");
    tap_ok(psci(PSCI_FEATURES, SMCCC_VERSION, 0, 0) == 0, "FEATURES has SMCCC_VERSION");
    tap_ok(psci(SMCCC_VERSION, 0, 0, 0) == 0x10001, "SMCCC_VERSION: 1.1");
    tap_ok(psci(SMCCC_ARCH_FEATURES, SMCCC_VERSION, 0, 0) == 0, "ARCH_FEATURES: its version");
    tap_ok(psci(SMCCC_ARCH_FEATURES, 0x80008000, 0, 0) == NOT_SUPPORTED,
           "ARCH_FEATURES: no WORKAROUND_1");
    tap_ok(psci(PSCI_CPU_SUSPEND, 0, 0, 0) == NOT_SUPPORTED, "CPU_SUSPEND");
    tap_ok(psci(PSCI_FEATURES, PSCI_CPU_SUSPEND, 0, 0) == NOT_SUPPORTED,
           "FEATURES: no CPU_SUSPEND");
    tap_ok(psci_smc(PSCI_VERSION, 0, 0, 0) == 0x10001, "VERSION by SMC");
    tap_ok(psci_smc(0x84001234, 0, 0, 0) == NOT_SUPPORTED, "an unknown function by SMC");
}

/* A call keeps x4 to x17 (DEN0028), and a failing one x1 to x3. */
static void check_kept(void)
{
    uint64_t sum;

    __asm__ volatile("mov x0, %1\n"
                     "mov x1, #1\n mov x2, #2\n mov x3, #3\n mov x4, #4\n mov x5, #5\n mov x6, #6\n"
                     "mov x7, #7\n mov x8, #8\n mov x9, #9\n mov x10, #10\n mov x11, #11\n"
                     "mov x12, #12\n mov x13, #13\n mov x14, #14\n mov x15, #15\n mov x16, #16\n"
                     "mov x17, #17\n"
                     "hvc #0\n"
                     "add x1, x1, x2, lsl #1\n add x1, x1, x3, lsl #2\n add x1, x1, x4, lsl #3\n"
                     "add x1, x1, x5, lsl #4\n add x1, x1, x6, lsl #5\n add x1, x1, x7, lsl #6\n"
                     "add x1, x1, x8, lsl #7\n add x1, x1, x9, lsl #8\n add x1, x1, x10, lsl #9\n"
                     "add x1, x1, x11, lsl #10\n add x1, x1, x12, lsl #11\n"
                     "add x1, x1, x13, lsl #12\n add x1, x1, x14, lsl #13\n"
                     "add x1, x1, x15, lsl #14\n add x1, x1, x16, lsl #15\n"
                     "add %0, x1, x17, lsl #16\n"
                     : "=r"(sum)
                     : "r"((uint64_t)PSCI_VERSION)
                     : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",
                       "x12", "x13", "x14", "x15", "x16", "x17", "memory");
    for (uint64_t i = 1; i <= 17; i++)
        sum -= i << (i - 1);
    tap_ok(sum == 0, "a call keeps x1 to x17");
}

void guest_main(const void *tree)
{
    tap_ok(psci(PSCI_VERSION, 0, 0, 0) == 0x10001, "VERSION: 1.1");
    tap_ok(psci(PSCI_MIGRATE_INFO_TYPE, 0, 0, 0) == 2, "MIGRATE_INFO_TYPE: no migration needed");
    check_features();
    tap_ok(psci(0x84001234, 0, 0, 0) == NOT_SUPPORTED, "an unknown function");
    tap_ok(psci(PSCI_AFFINITY_INFO, 0, 0, 0) == ON, "AFFINITY_INFO: this core is on");
    tap_ok(psci(PSCI_AFFINITY_INFO, 1, 0, 0) == OFF, "AFFINITY_INFO: the other is off");
    tap_ok(psci(PSCI_AFFINITY_INFO, 0, 1, 0) == ON, "AFFINITY_INFO: the cluster is on");
    tap_ok(psci(PSCI_AFFINITY_INFO, 77, 0, 0) == INVALID_PARAMETERS, "AFFINITY_INFO: no such core");
    tap_ok(psci(PSCI_CPU_ON, 77, RAM, 0) == INVALID_PARAMETERS, "CPU_ON: no such core");
    tap_ok(psci(PSCI_CPU_ON, 0x100000001, RAM, 0) == INVALID_PARAMETERS, "CPU_ON: Aff3 counts");
    tap_ok(psci(PSCI_CPU_ON, 0, RAM, 0) == ALREADY_ON, "CPU_ON: this core");
    check_round(PSCI_CPU_ON, 0x123456789abcdef);
    check_round(PSCI_CPU_ON, 42);
    check_round(PSCI_CPU_ON_32, 0x89abcdef);
    check_kept();
    if (on_bulkhead())
        check_strict(fdt_ram_end(tree));
    tap_end();
    if (bootargs_number(tree, "end", 0) == 1)
        psci(PSCI_SYSTEM_RESET, 0, 0, 0);
}
