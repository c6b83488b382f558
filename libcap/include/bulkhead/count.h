/* SPDX-License-Identifier: BSD-2-Clause */
/* The generic timer's physical count, which Timers are set by (DDI 0487, CNTPCT_EL0), and its
 * frequency, as programs at EL0 read them. */
#ifndef BULKHEAD_COUNT_H
#define BULKHEAD_COUNT_H

#include <stdint.h>

#ifdef __aarch64__
static inline uint64_t bh_count(void)
{
    uint64_t count;

    /* The ISB keeps the read from being done early, before what it is to time. */
    __asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(count)::"memory");
    return count;
}

/* Ticks in a second; 0 where firmware has left CNTFRQ_EL0 so. */
static inline uint64_t bh_count_frequency(void)
{
    uint64_t frequency;

    __asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
    return frequency;
}
#endif

#endif
