/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of physical addresses: ascending, disjoint ranges in a fixed array. */
#ifndef PLAN_RANGES_H
#define PLAN_RANGES_H

#include <stdbool.h>
#include <stdint.h>

#define RANGES_MAX 128
#define RANGES_LIMIT                                                                               \
    (1ull << 52) /* above every physical address; sums of valid ranges cannot wrap */
#define PAGE_SIZE  0x1000ull
#define BLOCK_SIZE 0x200000ull /* 2 MiB: what stage 2 maps with one entry */

struct range {
    uint64_t base;
    uint64_t size;
};

struct ranges {
    uint32_t count;
    struct range at[RANGES_MAX];
};

static inline uint64_t align_down(uint64_t value, uint64_t alignment)
{
    return value & ~(alignment - 1);
}

/* value must not lie within alignment of 2^64. */
static inline uint64_t align_up(uint64_t value, uint64_t alignment)
{
    return align_down(value + alignment - 1, alignment);
}

/* Not empty and below RANGES_LIMIT; what the functions below ask of every range that they take. */
static inline bool range_valid(uint64_t base, uint64_t size)
{
    return size && base < RANGES_LIMIT && size <= RANGES_LIMIT - base;
}

static inline bool range_overlaps(const struct range *a, const struct range *b)
{
    return a->size && b->size && a->base < b->base + b->size && b->base < a->base + a->size;
}

/* The pages that the range touches. */
struct range range_pages(uint64_t base, uint64_t size);

/* Both return false, and leave the set as it was, when the array is full. */
bool ranges_add(struct ranges *set, uint64_t base, uint64_t size);
bool ranges_remove(struct ranges *set, uint64_t base, uint64_t size);

/* True when every byte of the range is in the set. */
bool ranges_contain(const struct ranges *set, uint64_t base, uint64_t size);

uint64_t ranges_total(const struct ranges *set);

/* The largest size that fits at an aligned base in one range. */
uint64_t ranges_largest(const struct ranges *set, uint64_t alignment);

#endif
