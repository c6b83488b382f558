/* SPDX-License-Identifier: BSD-2-Clause */
/* The reference walk: written from the descriptor format, level by level. */
#include "walker.h"

enum { ROOT = 1024, ENTRIES = 512 };

#define ADDRESS 0xfffffffff000ull

extern char state_start[], state_end[];

static uint64_t walk_span(uint32_t level)
{
    return level == 1 ? 1ull << 30 : level == 2 ? 1ull << 21 : 1ull << 12;
}

static uint64_t *walk_table(uint64_t entry)
{
    return mmu_pointer(pa(entry & ADDRESS));
}

static bool walk_is_table(uint64_t entry, uint32_t level)
{
    return level < 3 && (entry & 3) == 3;
}

static bool walk_is_leaf(uint64_t entry, uint32_t level)
{
    return (entry & 3) == (level == 3 ? 3 : 1);
}

struct walk_result walk(const struct space *space, uint64_t at)
{
    uint64_t *table = mmu_pointer(space->root);
    struct walk_result result = {~0ull, 0, 0};

    for (uint32_t level = 1; level <= 3; level++) {
        uint64_t span = walk_span(level);
        uint64_t entry = table[level == 1 ? at / span % ROOT : at / span % ENTRIES];

        if (walk_is_leaf(entry, level))
            return (struct walk_result){(entry & ADDRESS) + at % span, entry, level};
        result = (struct walk_result){~0ull, entry, level};
        if (!walk_is_table(entry, level))
            break;
        table = walk_table(entry);
    }
    return result;
}

struct walk_totals walk_totals(const struct space *space)
{
    struct walk_totals totals = {{0, 0, 0, 0}, 0, 0};
    const uint64_t *root = mmu_pointer(space->root);

    for (uint32_t i = 0; i < ROOT; i++) {
        totals.entries[1] += walk_is_leaf(root[i], 1);
        if (!walk_is_table(root[i], 1))
            continue;
        totals.tables++;
        for (uint32_t j = 0; j < ENTRIES; j++) {
            uint64_t entry = walk_table(root[i])[j];

            totals.entries[2] += walk_is_leaf(entry, 2);
            if (!walk_is_table(entry, 2))
                continue;
            totals.tables++;
            for (uint32_t k = 0; k < ENTRIES; k++)
                totals.entries[3] += walk_is_leaf(walk_table(entry)[k], 3);
        }
    }
    for (uint32_t level = 1; level <= 3; level++)
        totals.bytes += totals.entries[level] * walk_span(level);
    return totals;
}

/* The level of the block that may stand at this point of a mapping. */
static uint32_t walk_level(uint64_t at, uint64_t from, uint64_t left)
{
    for (uint32_t level = 1; level < 3; level++)
        if (at % walk_span(level) == 0 && from % walk_span(level) == 0 && left >= walk_span(level))
            return level;
    return 3;
}

/* Every table range that a smaller entry lies in and that has no table yet is one to add. */
struct walk_needs walk_needs(const struct space *space, uint64_t at, uint64_t from, uint64_t size)
{
    struct walk_needs needs = {false, 0};
    uint64_t counted[4] = {0, ~0ull, ~0ull, ~0ull}; /* range that is counted already, by level */

    for (uint64_t done = 0; done < size;) {
        uint32_t level = walk_level(at + done, from + done, size - done);
        struct walk_result there = walk(space, at + done);

        /* Something ends the walk above, or stands where this entry shall be. */
        if (there.physical != ~0ull || (there.level >= level && there.entry) || there.level > level)
            needs.taken = true;
        for (uint32_t above = there.level; above < level && !needs.taken; above++) {
            uint64_t range = (at + done) / walk_span(above);

            needs.tables += counted[above] != range;
            counted[above] = range;
        }
        done += walk_span(level);
    }
    return needs;
}

__attribute__((no_sanitize("address"))) uint64_t walk_leftovers(void)
{
    uint64_t found = 0;

    /* Leaf descriptors of RAM, as the tests map it, look like nothing else in the state. */
    for (const uint64_t *at = (uint64_t *)state_start; at < (uint64_t *)state_end; at++)
        found += (*at & 0xfff0000000000ffdull) == 0x7fd;
    return found;
}

void walk_pages(const struct space *space,
                void (*page)(void *context, uint64_t at, uint64_t physical, uint64_t entry),
                void *context)
{
    for (uint64_t at = 0; at < 1ull << 40;) {
        struct walk_result result = walk(space, at);
        uint64_t span = walk_span(result.level);

        if (result.physical == ~0ull) {
            at = (at / span + 1) * span;
            continue;
        }
        for (uint64_t done = 0; done < span; done += PAGE_SIZE)
            page(context, at + done, result.physical + done, result.entry);
        at += span;
    }
}
