/* SPDX-License-Identifier: BSD-2-Clause */
/* PSCI calls by both conduits. */
#include "guest.h"

#define CALL(instruction)                                                                          \
    register uint64_t x0 __asm__("x0") = function;                                                 \
    register uint64_t x1 __asm__("x1") = a;                                                        \
    register uint64_t x2 __asm__("x2") = b;                                                        \
    register uint64_t x3 __asm__("x3") = c;                                                        \
    __asm__ volatile(instruction " #0"                                                             \
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"x4", "x5", "x6", "x7", "x8", "x9", \
                       "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");          \
    return (int64_t)x0

int64_t psci(uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
    CALL("hvc");
}

int64_t psci_smc(uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
    CALL("smc");
}

_Noreturn void psci_system_off(void)
{
    psci(PSCI_SYSTEM_OFF, 0, 0, 0);
    for (;;)
        wfi();
}

_Noreturn void psci_cpu_off(void)
{
    psci(PSCI_CPU_OFF, 0, 0, 0);
    for (;;)
        wfi();
}

int64_t psci_start(uint64_t cpu, uint64_t context)
{
    return psci(PSCI_CPU_ON, cpu, (uint64_t)(uintptr_t)secondary_start, context);
}
