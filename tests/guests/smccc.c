/* SPDX-License-Identifier: BSD-2-Clause */
/* The SMC Calling Convention (DEN0028): both conduits, identifiers that nobody has, registers that
 * a call keeps. */
#include "guest.h"

enum { NOT_SUPPORTED = -1 };

static void check_unknown(const char *conduit,
                          int64_t (*call)(uint64_t, uint64_t, uint64_t, uint64_t))
{
    static const struct {
        uint32_t function;
        const char *name;
    } unknown[] = {
        {0x84000005, "MIGRATE"},
        {0x84000007, "MIGRATE_INFO_UP_CPU"},
        {0x8400001f, "PSCI 31"},
        {0xc4000002, "CPU_OFF of 64 bits"},
        {0xc4000008, "SYSTEM_OFF of 64"},
        {0x84001234, "standard service"},
        {0x80001234, "Arm architecture"},
        {0x81000000, "CPU service"},
        {0x82000000, "SiP service"},
        {0x83000000, "OEM service"},
        {0x85000000, "standard hypervisor service"},
        {0x86000000, "vendor hypervisor, 32 bits"},
        {0x8600ff01, "vendor hypervisor's UID"},
        {0xb0000000, "trusted application"},
        {0xbf00ff01, "trusted OS"},
        {0xc6001234, "vendor hypervisor, 64 bits"},
        {0x00000000, "yielding call 0"},
        {0x04000000, "yielding, standard"},
    };

    for (unsigned i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        tap_ok((int32_t)call(unknown[i].function, 1, 2, 3) == NOT_SUPPORTED, "%s: unknown: %s",
               conduit, unknown[i].name);
    tap_ok(call(0xffffffff00001234, 1, 2, 3) == NOT_SUPPORTED, "%s: NOT_SUPPORTED is 64 bits wide",
           conduit);
    tap_ok(call(0xdeadbeef00000000 | PSCI_VERSION, 0, 0, 0) == 0x10001, "%s: the identifier is W0",
           conduit);
    tap_ok(call(PSCI_VERSION, 0, 0, 0) == 0x10001, "%s: PSCI_VERSION", conduit);
}

static void check_version(void)
{
    tap_ok(psci(SMCCC_VERSION, 0, 0, 0) == 0x10001, "SMCCC_VERSION: 1.1");
    tap_ok(psci(SMCCC_ARCH_FEATURES, SMCCC_VERSION, 0, 0) == 0, "ARCH_FEATURES: SMCCC_VERSION");
    tap_ok(psci(SMCCC_ARCH_FEATURES, SMCCC_ARCH_FEATURES, 0, 0) == 0, "ARCH_FEATURES: itself");
    tap_ok(psci(SMCCC_ARCH_FEATURES, 0x80000002, 0, 0) == NOT_SUPPORTED,
           "ARCH_FEATURES: no SOC_ID");
    for (uint64_t function = 0x80003fff; function <= 0x80008000; function += 0x4001)
        tap_ok(psci(SMCCC_ARCH_FEATURES, function, 0, 0) == NOT_SUPPORTED, "ARCH_FEATURES: no %lx",
               function);
    tap_ok(psci(0x80008000, 0, 0, 0) == NOT_SUPPORTED, "no WORKAROUND_1");
    tap_ok(psci(0x80007fff, 0, 0, 0) == NOT_SUPPORTED, "no WORKAROUND_2");
    tap_ok(psci(0x80003fff, 0, 0, 0) == NOT_SUPPORTED, "no WORKAROUND_3");
}

/* Fills x1 to x30, calls, and adds up how many are others than before. */
#define KEPT(instruction)                                                                          \
    __asm__ volatile("stp x29, x30, [sp, #-16]!\n"                                                 \
                     "mov x1, #101\n mov x2, #102\n mov x3, #103\n mov x4, #104\n"                 \
                     "mov x5, #105\n mov x6, #106\n mov x7, #107\n mov x8, #108\n"                 \
                     "mov x9, #109\n mov x10, #110\n mov x11, #111\n mov x12, #112\n"              \
                     "mov x13, #113\n mov x14, #114\n mov x15, #115\n mov x16, #116\n"             \
                     "mov x17, #117\n mov x18, #118\n mov x19, #119\n mov x20, #120\n"             \
                     "mov x21, #121\n mov x22, #122\n mov x23, #123\n mov x24, #124\n"             \
                     "mov x25, #125\n mov x26, #126\n mov x27, #127\n mov x28, #128\n"             \
                     "mov x29, #129\n mov x30, #130\n"                                             \
                     "movz x0, #0x8400, lsl #16\n" instruction "\n"                                \
                     ".irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, " \
                     "20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30\n"                                \
                     "sub x\\n, x\\n, #100 + \\n\n"                                                \
                     ".endr\n"                                                                     \
                     ".irp n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, "    \
                     "20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30\n"                                \
                     "orr x1, x1, x\\n\n"                                                          \
                     ".endr\n"                                                                     \
                     "ldp x29, x30, [sp], #16\n"                                                   \
                     "mov %0, x1\n"                                                                \
                     : "=r"(changed)                                                               \
                     :                                                                             \
                     : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",   \
                       "x12", "x13", "x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21",       \
                       "x22", "x23", "x24", "x25", "x26", "x27", "x28", "memory", "cc")

void guest_main(const void *tree)
{
    uint64_t changed, flags;

    (void)tree;
    check_unknown("HVC", psci);
    check_version();
    KEPT("hvc #0");
    tap_ok(changed == 0, "HVC keeps x1 to x30");
    __asm__ volatile("mov x0, #0x84000000\n msr nzcv, %1\n hvc #0\n mrs %0, nzcv"
                     : "=r"(flags)
                     : "r"(0xa0000000ul)
                     : "x0", "x1", "x2", "x3", "cc");
    tap_ok(flags == 0xa0000000, "HVC keeps the flags");
    trap_expect(); /* without EL3 a board has no SMC: undefined, and x0 is what it was */
    check_unknown("SMC", psci_smc);
    KEPT("smc #0");
    tap_ok(changed == 0, "a trapped SMC keeps x1 to x30");
    tap_ok(trap_result().count == 0, "SMC is no exception");
    tap_end();
}
