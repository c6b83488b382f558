/* SPDX-License-Identifier: BSD-2-Clause */
/* Random numbers of property tests. The seed is printed, and the same each run, so that a change is
 * judged by the same sequences; BULKHEAD_SEED is another one, 0 the clock's. */
#ifndef RANDOM_H
#define RANDOM_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t random_state;

static inline uint64_t random_number(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);

    return text ? strtoull(text, NULL, 0) : otherwise;
}

/* The first seed of a test. */
static inline uint64_t random_seed(const char *test)
{
    uint64_t seed = random_number("BULKHEAD_SEED", 1000003u);

    if (!seed)
        seed = (uint64_t)time(NULL) * 1000003u;

    fprintf(stderr, "%s: BULKHEAD_SEED=%" PRIu64 "\n", test, seed);
    return seed;
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static inline uint64_t random_next(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static inline uint64_t random_below(uint64_t bound)
{
    return random_next() % bound;
}

#endif
