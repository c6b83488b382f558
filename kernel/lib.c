/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory functions that the compiler calls, and plain text output. */
#include "lib.h"
#include "arch.h"

/* Frames and tables are whole words, two at a time; what is left goes by bytes. */
void *memset(void *to, int byte, size_t size)
{
    uint8_t *at = to;
    uint64_t word = (uint8_t)byte * 0x0101010101010101ull;

    if ((uintptr_t)at % sizeof(word) == 0)
        for (; size >= 2 * sizeof(word); size -= 2 * sizeof(word), at += 2 * sizeof(word)) {
            ((uint64_t *)at)[0] = word;
            ((uint64_t *)at)[1] = word;
        }
    while (size--)
        *at++ = (uint8_t)byte;
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    uint8_t *at = to;
    const uint8_t *source = from;

    for (; ((uintptr_t)at | (uintptr_t)source) % sizeof(uint64_t) == 0 && size >= sizeof(uint64_t);
         size -= sizeof(uint64_t), at += sizeof(uint64_t), source += sizeof(uint64_t))
        *(uint64_t *)at = *(const uint64_t *)source;
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
