/* SPDX-License-Identifier: BSD-2-Clause */
/* Beside a partition that has the board's UART, or another device: has none, reaches none, gets
 * none of its interrupts, and sums up right all the while. It has nothing to say it by but how it
 * ends: off, or by a failure whose code is the first thing that was wrong. Boot arguments:
 * rounds=N, of 10 ms; at=ADDRESS and intid=N, in decimal, of the device. */
#include "guest.h"

#include <bulkhead/guest.h>

enum { DR = 0x00, ID = 0xfe0, WORDS = 4096, PAUSE_US = 10000 };
enum { RAISED_BY_OTHERS = 1, REACHED = 2, WRONG_SUM = 3 };

static volatile uint64_t words[WORDS];

static void expect(bool right, uint64_t code, uint64_t detail)
{
    if (!right)
        psci(BH_GUEST_CRASH, code, detail, 0);
}

static void check_device(uint64_t at)
{
    struct trap trap;

    trap_expect();
    (void)read32(at + ID);
    write32(at + DR, '!');
    trap = trap_result();
    expect(trap.count == 2, REACHED, trap.count);
}

static uint64_t sum(void)
{
    uint64_t sum = 0;

    for (uint64_t i = 0; i < WORDS; i++)
        sum = (sum << 1 | sum >> 63) + words[i];
    return sum;
}

void guest_main(const void *tree)
{
    const uint64_t rounds = bootargs_number(tree, "rounds", 10);
    const uint64_t at = bootargs_number(tree, "at", UART);
    uint64_t expected;

    for (uint64_t i = 0; i < WORDS; i++)
        words[i] = i * 0x9e3779b97f4a7c15;
    expected = sum();
    gic_init();
    gic_enable((unsigned)bootargs_number(tree, "intid", 33));
    for (uint64_t round = 0; round < rounds; round++) {
        uint64_t found;

        check_device(at);
        expect(gic_wait(PAUSE_US) == SPURIOUS, RAISED_BY_OTHERS, round);
        found = sum();
        expect(found == expected, WRONG_SUM, found);
    }
}
