/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory functions that the compiler calls, and plain text output. */
#include "lib.h"
#include "arch.h"

void *memset(void *to, int byte, size_t size)
{
    uint8_t *at = to;
    uint64_t word = (uint8_t)byte * 0x0101010101010101ull;

    for (; size && (uintptr_t)at % sizeof(word); size--)
        *at++ = (uint8_t)byte;
    for (; size >= sizeof(word); size -= sizeof(word), at += sizeof(word))
        *(uint64_t *)at = word;
    while (size--)
        *at++ = (uint8_t)byte;
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    uint8_t *at = to;
    const uint8_t *source = from;

    while (size--)
        *at++ = *source++;
    return to;
}

void print(const char *text)
{
    for (; *text; text++)
        platform_putc(*text);
}

void print_number(const char *label, uint64_t value)
{
    print(label);
    print("0x");
    for (int shift = 60; shift >= 0; shift -= 4)
        if (!shift || value >> shift)
            platform_putc("0123456789abcdef"[value >> shift & 15]);
}
