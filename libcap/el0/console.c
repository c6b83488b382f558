/* SPDX-License-Identifier: BSD-2-Clause */
/* Console text to the kernel in registers, forty bytes a call. */
#include <bulkhead/el0.h>
#include <bulkhead/invoke.h>

enum { WORDS = 5, CHUNK = WORDS * 8 };

void bh_console_write(uint64_t slot, const char *text, size_t length)
{
    while (length) {
        size_t count = length < CHUNK ? length : CHUNK;
        uint64_t word[WORDS] = {0};

        for (size_t i = 0; i < count; i++)
            word[i / 8] |= (uint64_t)(unsigned char)text[i] << (i % 8 * 8);
        bh_svc(BH_CONTROL_CONSOLE, slot, count, word[0], word[1], word[2], word[3], word[4]);
        text += count;
        length -= count;
    }
}

void bh_console_puts(uint64_t slot, const char *text)
{
    size_t length = 0;

    while (text[length])
        length++;
    bh_console_write(slot, text, length);
}
