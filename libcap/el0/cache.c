/* SPDX-License-Identifier: BSD-2-Clause */
/* Cache maintenance by address, which SCTLR_EL1.{UCI,UCT} allow to EL0 programs. */
#include <bulkhead/el0.h>

void bh_cache_clean(const volatile void *start, size_t size)
{
    uint64_t ctr;
    uintptr_t line, at;
    uintptr_t end = (uintptr_t)start + size;

    __asm__("mrs %0, ctr_el0" : "=r"(ctr));
    line = (uintptr_t)4 << ((ctr >> 16) & 15); /* CTR_EL0.DminLine: log2 of words */
    at = (uintptr_t)start & ~(line - 1);
    /* Four at a time: whole guests pass through here. */
    for (; at + 4 * line <= end; at += 4 * line)
        __asm__ volatile("dc civac, %0\n\tdc civac, %1\n\tdc civac, %2\n\tdc civac, %3" ::"r"(at),
                         "r"(at + line), "r"(at + 2 * line), "r"(at + 3 * line)
                         : "memory");
    for (; at < end; at += line)
        __asm__ volatile("dc civac, %0" ::"r"(at) : "memory");
    /* Complete before anything later, a start of the guest above all. */
    __asm__ volatile("dsb sy" ::: "memory");
}
