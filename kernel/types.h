/* SPDX-License-Identifier: BSD-2-Clause */
/* Address types that do not mix, and the few macros that everything uses. */
#ifndef TYPES_H
#define TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SIZE 4096ull
#define PAGE_MASK (PAGE_SIZE - 1)

typedef struct {
    uint64_t raw;
} paddr_t; /* physical */

typedef struct {
    uint64_t raw;
} ipa_t; /* what stage 2 translates: a guest's physical address, or today a monitor's address */

static inline paddr_t pa(uint64_t raw)
{
    return (paddr_t){raw};
}

static inline ipa_t ipa(uint64_t raw)
{
    return (ipa_t){raw};
}

/* Number of the lowest bit of a set; 0 of an empty one. */
static inline uint32_t lowest(uint32_t set)
{
    return set ? (uint32_t)__builtin_ctz(set) : 0;
}

/* Bounds an index under speculation too: zero when it is out of range. Call after the architectural
 * check. */
#ifdef __aarch64__
static inline uint64_t index_mask(uint64_t index, uint64_t count)
{
    uint64_t below;

    /* All ones below count and zero otherwise; CSDB (hint 20): not predicted either. */
    __asm__("cmp %1, %2\n\tcsetm %0, lo\n\thint #20" : "=r"(below) : "r"(index), "r"(count) : "cc");
    return index & below;
}
#else
static inline uint64_t index_mask(uint64_t index, uint64_t count)
{
    return index < count ? index : 0;
}
#endif

#endif
