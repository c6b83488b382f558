/* SPDX-License-Identifier: BSD-2-Clause */
/* The few helpers that every freestanding EL0 program needs; none of them touches an FP/SIMD
 * register. */
#ifndef BULKHEAD_EL0_H
#define BULKHEAD_EL0_H

#include <stddef.h>
#include <stdint.h>

/* Writes text to the console through a Control capability that has CONSOLE. Any length. */
void bh_console_write(uint64_t slot, const char *text, size_t length);

/* The same for a zero-terminated string. */
void bh_console_puts(uint64_t slot, const char *text);

/* Cleans and invalidates [start, start + size) to the point of coherency, then waits: what EL0
 * wrote is seen by a guest whose caches are off. CIVAC and not CVAC: Cortex-A53 errata 819472,
 * 824069, 827319. */
void bh_cache_clean(const volatile void *start, size_t size);

#endif
