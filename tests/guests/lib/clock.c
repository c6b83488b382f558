/* SPDX-License-Identifier: BSD-2-Clause */
/* Time by the virtual count. */
#include "guest.h"

uint64_t clock_ticks(void)
{
    isb();
    return read_sysreg(cntvct_el0);
}

uint64_t clock_hz(void)
{
    return read_sysreg(cntfrq_el0);
}

void clock_wait_us(uint64_t us)
{
    uint64_t start = clock_ticks();

    while (clock_ticks() - start < us * clock_hz() / 1000000)
        ;
}
