/* SPDX-License-Identifier: BSD-2-Clause */
/* Zeroes guest RAM. */
#include "monitor.h"

#include <bulkhead/el0.h>

/* Bytes written before they are cleaned: they are in the first cache then. */
enum { ZERO_CHUNK = 16384 };

/* Zeroes by cache line where the core allows it: the line's old content is never read. */
void zero_ram(char *at, const char *end)
{
    uint64_t dczid, block;

    __asm__("mrs %0, dczid_el0" : "=r"(dczid));
    block = (uint64_t)4 << (dczid & 15);
    if (dczid & 16 || block > ZERO_CHUNK / 4) /* DZP: DC ZVA is prohibited */
        block = 0;
    while (at < end) {
        /* to the next multiple of ZERO_CHUNK: pieces leave odd ends at their edges only */
        char *next = (char *)(((uintptr_t)at | (ZERO_CHUNK - 1)) + 1);
        char *stop = next < end ? next : (char *)end;
        size_t count = (size_t)(stop - at);

        if (!block || count != ZERO_CHUNK)
            __builtin_memset(at, 0, count);
        else
            for (char *line = at; line != stop; line += 4 * block)
                __asm__ volatile("dc zva, %0\n\tdc zva, %1\n\tdc zva, %2\n\tdc zva, %3" ::"r"(line),
                                 "r"(line + block), "r"(line + 2 * block), "r"(line + 3 * block)
                                 : "memory");
        bh_cache_clean(at, count);
        at = stop;
    }
}
