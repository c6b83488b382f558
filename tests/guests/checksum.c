/* SPDX-License-Identifier: BSD-2-Clause */
/* A sum over its memory, again and again, whatever happens beside it: nobody calls it out, so that
 * checksum_run() has as many instructions whenever it runs. Boot argument: rounds=N. */
#include "guest.h"

enum { WORDS = 4096 };

/* checksum_asm.S: a sum that depends on the order. */
uint64_t checksum_run(const uint64_t *words, uint64_t count, uint64_t rounds);

static uint64_t words[WORDS];

void guest_main(const void *tree)
{
    uint64_t rounds = bootargs_number(tree, "rounds", 100);
    uint64_t expected = 0, sum;

    for (uint64_t i = 0; i < WORDS; i++)
        words[i] = i * 0x9e3779b97f4a7c15;
    for (uint64_t round = 0; round < rounds; round++)
        for (uint64_t i = 0; i < WORDS; i++)
            expected = (expected << 1 | expected >> 63) + i * 0x9e3779b97f4a7c15;
    print("begins\n");
    sum = checksum_run(words, WORDS, rounds);
    tap_ok(sum == expected, "sum %lx", sum);
    tap_end();
}
