/* SPDX-License-Identifier: BSD-2-Clause */
/* The generic timer's count as a monitor reads it. */
#include "monitor.h"

#include <bulkhead/count.h>

uint64_t clock_now(void)
{
    return bh_count();
}

uint64_t clock_frequency(void)
{
    uint64_t frequency = bh_count_frequency();

    return frequency ? frequency : 1; /* firmware that leaves it 0 must not make us divide by it */
}

uint64_t clock_us(void)
{
    uint64_t count = clock_now(), frequency = clock_frequency();

    return count / frequency * 1000000 + count % frequency * 1000000 / frequency;
}
