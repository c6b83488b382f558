/* SPDX-License-Identifier: BSD-2-Clause */
/* A broken invariant of the kernel itself: every core stops, the reason is printed. */
#include "lib.h"
#include "object.h"

void panic(const char *reason, uint64_t a, uint64_t b, uint64_t c)
{
    static uint32_t panicking;

    /* The first core speaks; one that panics meanwhile, or again, only stops. */
    if (__atomic_exchange_n(&panicking, 1, __ATOMIC_ACQ_REL))
        arch_halt();
    gic_halt_others();
    print("\nbulkhead: panic: ");
    print(reason);
    print_number(" ", a);
    print_number(" ", b);
    print_number(" ", c);
    print("\n");
    platform_do(machine_on_panic);
    arch_halt();
}
