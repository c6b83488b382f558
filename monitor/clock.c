/* SPDX-License-Identifier: BSD-2-Clause */
/* The generic timer's counts as a monitor reads them. */
#include "monitor.h"

uint64_t clock_now(void)
{
    uint64_t count;

    /* The ISB keeps the read from being done early, before what it is to time. */
    __asm__ volatile("isb\n mrs %0, cntpct_el0" : "=r"(count)::"memory");
    return count;
}

uint64_t clock_frequency(void)
{
    uint64_t frequency;

    __asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
    return frequency ? frequency : 1; /* firmware that leaves it 0 must not make us divide by it */
}

uint64_t clock_us(void)
{
    uint64_t count, frequency = clock_frequency();

    /* The ISB keeps the read from being done early, before what it is to time. */
    __asm__ volatile("isb\n mrs %0, cntvct_el0" : "=r"(count)::"memory");
    return count / frequency * 1000000 + count % frequency * 1000000 / frequency;
}
