/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that several partitions have: cut out of the root memory, emptied, and mapped for each of
 * them by the role that it has. */
#include "shared.h"
#include "carve.h"
#include "say.h"
#include <bulkhead/el0.h>
#include <string.h>

/* What ran before us may have left lines of this memory in a cache. A dirty one would be written
 * over what stands there later, and any would hide from cacheable accesses what others have
 * written: so they all go first, before there is anything to lose. DC CIVAC does that whatever the
 * memory type of its address, in all cores' caches, since memory that is not cacheable counts as
 * Outer Shareable and the rest is Inner Shareable.
 *
 * An area that is not cacheable is not cacheable here either, and nobody else maps it before the
 * seal, the kernel included: no line comes back, and the zeroes go to memory. Those of a cacheable
 * one are in caches until the second call brings them to memory, for a peer whose caches are off.
 * That call also waits, until other cores see all of it: partitions begin behind it. */
static void shared_empty(void *at, uint64_t size)
{
    bh_cache_clean(at, size);
    memset(at, 0, size);
    bh_cache_clean(at, size);
}

/* Into the guest's space and no other: the monitor neither sees nor scrubs it, at no restart. */
static bool shared_map(const struct plan *plan, uint64_t memory, const struct plan_peer *peer,
                       const uint64_t *slot)
{
    const char *name = plan->partition[peer->partition].name;
    const uint64_t rights =
        BH_RIGHT_READ | (peer->role == PLAN_READER ? 0u : (uint64_t)BH_RIGHT_WRITE);
    const uint64_t copy = carve_slot();

    return say_call(name, "share its shared memory", BH_MEMORY_SHARE, memory, copy, rights, 0, 0) &&
           say_call(name, "map its shared memory", BH_MEMORY_MAP, copy, slot[peer->partition],
                    BH_SPACE_GUEST, peer->guest, rights);
}

static bool shared_take(const struct plan_shared *area, uint64_t *memory, void **at)
{
    const uint64_t rights = BH_RIGHT_READ | BH_RIGHT_WRITE;

    return say_done(area->id, "take its memory",
                    area->cacheable ? carve_ram(area->host, area->size, memory)
                                    : carve_uncached(area->host, area->size, memory)) &&
           say_done(area->id, "map it to empty it",
                    area->size < BLOCK_SIZE
                        ? carve_map(*memory, area->size, rights, at)
                        : carve_map_blocks(*memory, area->host, area->size, rights, at));
}

static bool shared_build_area(const struct plan *plan, const struct plan_shared *area,
                              const uint64_t *slot)
{
    uint64_t memory;
    void *at;

    if (!shared_take(area, &memory, &at))
        return false;
    shared_empty(at, area->size);
    for (uint32_t i = 0; i < area->peer_count; i++)
        if (!shared_map(plan, memory, &area->peer[i], slot))
            return false;
    return true;
}

bool shared_build(const struct plan *plan, const uint64_t *slot)
{
    for (uint32_t i = 0; i < plan->shared_count; i++)
        if (!shared_build_area(plan, &plan->shared[i], slot))
            return false;
    return true;
}
