/* SPDX-License-Identifier: BSD-2-Clause */
/* What the hostile guests share: numbers that look random and repeat with their seed. */
#ifndef HOSTILE_H
#define HOSTILE_H

#include "guest.h"

/* One stream for each core; splitmix64. */
struct dice {
    uint64_t state;
};

static inline uint64_t dice_roll(struct dice *dice)
{
    uint64_t x = dice->state += 0x9e3779b97f4a7c15;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

static inline uint32_t dice_below(struct dice *dice, uint32_t limit)
{
    return (uint32_t)(dice_roll(dice) >> 33) % limit;
}

static inline bool dice_one_in(struct dice *dice, uint32_t chances)
{
    return !dice_below(dice, chances);
}

static inline struct dice dice_for(uint64_t seed, unsigned cpu)
{
    return (struct dice){(seed + 1) * 0x2545f4914f6cdd1d + cpu};
}

#endif
