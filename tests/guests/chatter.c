/* SPDX-License-Identifier: BSD-2-Clause */
/* Says a lot: numbered lines of changing length, each with a check of its own. bootargs: lines=N;
 * blind=1: without a look at the UART's flags; pause=US between lines. */
#include "guest.h"

enum { DR = 0x00, FR = 0x18, BUSY = 1 << 3, TXFF = 1 << 5 };

static bool blind;
static uint64_t sent;

static void put(char c)
{
    while (!blind && read32(UART + FR) & TXFF)
        ;
    write32(UART + DR, (uint8_t)c);
    sent++;
}

static void put_number(uint64_t number)
{
    char digits[20];
    unsigned count = 0;

    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    while (count)
        put(digits[--count]);
}

void guest_main(const void *tree)
{
    uint64_t lines = bootargs_number(tree, "lines", 100);
    uint64_t pause = bootargs_number(tree, "pause", 0);

    blind = bootargs_number(tree, "blind", 0);
    for (uint64_t i = 0; i < lines; i++) {
        uint64_t length = i * 7 % 100;

        put_number(i);
        put(' ');
        for (uint64_t at = 0; at < length; at++)
            put((char)('a' + (i + at) % 26));
        put('.');
        put('\n');
        if (pause)
            clock_wait_us(pause);
    }
    while (read32(UART + FR) & BUSY)
        ;
    print("sent %lu\n", sent);
}
