/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory functions that the compiler takes for granted, in general registers alone: the FP
 * registers are a guest's. EL0's memory is Normal and unaligned accesses are allowed, so the bulk
 * goes in words wherever it lies.
 *
 * Built without -ftree-loop-distribute-patterns, which would turn each loop into a call of itself.
 */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);

/* A word of whatever is there. */
typedef uint64_t __attribute__((may_alias)) word_t;

static int memory_aligned(const void *at)
{
    return (uintptr_t)at % sizeof(word_t) == 0;
}

/* Or the compiler would turn each loop into a call of itself. */
#define PLAIN __attribute__((optimize("no-tree-loop-distribute-patterns")))

PLAIN void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    char *t = to;
    const char *f = from;

    if (!memory_aligned(t) || !memory_aligned(f))
        goto bytes;
    /* The compiler does not pair these by itself, and images are large. */
    for (; size >= 32; size -= 32)
        __asm__ volatile("ldp x10, x11, [%1], #16\n"
                         "ldp x12, x13, [%1], #16\n"
                         "stp x10, x11, [%0], #16\n"
                         "stp x12, x13, [%0], #16\n"
                         : "+r"(t), "+r"(f)::"x10", "x11", "x12", "x13", "memory");
    for (; size >= sizeof(word_t); size -= sizeof(word_t)) {
        *(word_t *)t = *(const word_t *)f;
        t += sizeof(word_t);
        f += sizeof(word_t);
    }
bytes:
    for (; size; size--)
        *t++ = *f++;
    return to;
}

PLAIN void *memmove(void *to, const void *from, size_t size)
{
    char *t = to;
    const char *f = from;

    if ((uintptr_t)t - (uintptr_t)f >= size) /* a forward copy is safe: below, or apart */
        return memcpy(to, from, size);
    while (size--)
        t[size] = f[size];
    return to;
}

PLAIN void *memset(void *to, int byte, size_t size)
{
    uint64_t word = (unsigned char)byte * (uint64_t)0x0101010101010101;
    char *t = to;

    for (; size && !memory_aligned(t); size--)
        *t++ = (char)byte;
    for (; size >= 2 * sizeof(word_t); size -= 2 * sizeof(word_t)) {
        ((word_t *)t)[0] = word;
        ((word_t *)t)[1] = word;
        t += 2 * sizeof(word_t);
    }
    for (; size >= sizeof(word_t); size -= sizeof(word_t)) {
        *(word_t *)t = word;
        t += sizeof(word_t);
    }
    for (; size; size--)
        *t++ = (char)byte;
    return to;
}

PLAIN int memcmp(const void *a, const void *b, size_t size)
{
    const unsigned char *x = a, *y = b;

    for (; size; size--, x++, y++)
        if (*x != *y)
            return *x < *y ? -1 : 1;
    return 0;
}
