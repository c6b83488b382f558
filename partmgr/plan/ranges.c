/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of physical addresses. */
#include "ranges.h"

struct range range_pages(uint64_t base, uint64_t size)
{
    uint64_t first = align_down(base, PAGE_SIZE);

    return (struct range){first, align_up(base + size, PAGE_SIZE) - first};
}

static void ranges_delete(struct ranges *set, uint32_t index)
{
    set->count--;
    for (uint32_t i = index; i < set->count; i++)
        set->at[i] = set->at[i + 1];
}

/* The caller has made sure that there is room. */
static void ranges_insert(struct ranges *set, uint32_t index, uint64_t base, uint64_t size)
{
    for (uint32_t i = set->count; i > index; i--)
        set->at[i] = set->at[i - 1];
    set->at[index] = (struct range){base, size};
    set->count++;
}

bool ranges_add(struct ranges *set, uint64_t base, uint64_t size)
{
    uint64_t end = base + size;
    uint32_t i = 0;

    while (i < set->count && set->at[i].base + set->at[i].size < base)
        i++;
    /* Swallow every range that overlaps or touches; then what remains of the array has room. */
    if (i == set->count || set->at[i].base > end) {
        if (set->count == RANGES_MAX)
            return false;
        ranges_insert(set, i, base, size);
        return true;
    }
    while (i < set->count && set->at[i].base <= end) {
        uint64_t other = set->at[i].base + set->at[i].size;

        base = set->at[i].base < base ? set->at[i].base : base;
        end = other > end ? other : end;
        ranges_delete(set, i);
    }
    ranges_insert(set, i, base, end - base);
    return true;
}

bool ranges_remove(struct ranges *set, uint64_t base, uint64_t size)
{
    uint64_t end = base + size;

    for (uint32_t i = 0; i < set->count;) {
        struct range *at = &set->at[i];
        uint64_t at_end = at->base + at->size;

        if (at_end <= base || at->base >= end) {
            i++;
        } else if (at->base < base && at_end > end) {
            /* Only one range can hold the hole inside it, so nothing was changed before this. */
            if (set->count == RANGES_MAX)
                return false;
            at->size = base - at->base;
            ranges_insert(set, i + 1, end, at_end - end);
            return true;
        } else if (at->base < base) {
            at->size = base - at->base;
            i++;
        } else if (at_end > end) {
            *at = (struct range){end, at_end - end};
            i++;
        } else {
            ranges_delete(set, i);
        }
    }
    return true;
}

bool ranges_contain(const struct ranges *set, uint64_t base, uint64_t size)
{
    for (uint32_t i = 0; i < set->count; i++) {
        const struct range *at = &set->at[i];

        if (base >= at->base && size <= at->size && base - at->base <= at->size - size)
            return true;
    }
    return false;
}

uint64_t ranges_total(const struct ranges *set)
{
    uint64_t total = 0;

    for (uint32_t i = 0; i < set->count; i++)
        total += set->at[i].size;
    return total;
}

uint64_t ranges_largest(const struct ranges *set, uint64_t alignment)
{
    uint64_t largest = 0;

    for (uint32_t i = 0; i < set->count; i++) {
        uint64_t base = align_up(set->at[i].base, alignment);
        uint64_t end = set->at[i].base + set->at[i].size;

        if (base < end && end - base > largest)
            largest = end - base;
    }
    return largest;
}
