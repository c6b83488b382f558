/* SPDX-License-Identifier: BSD-2-Clause */
/* libFuzzer on the ring: one side's calls, while its peer writes any value to any word before any
 * access that the calls make. The parts are exactly as large as the ring needs, in memory of their
 * own, so that the sanitizer sees a step beside them; ring_watch.h checks the rest. */
#include "ring_watch.h"
#include <stddef.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PRODUCED, CONSUMED };

static const uint8_t *input;
static size_t left;

static uint64_t next(unsigned bytes)
{
    uint64_t value = 0;

    for (; bytes && left; bytes--, left--)
        value = value << 8 | *input++;
    return value;
}

/* Values near those that mean something, or any. */
static uint64_t value_near(uint64_t now)
{
    uint64_t choice = next(1);

    switch (choice % 8) {
    case 0:
        return now + 1;
    case 1:
        return now + (1ull << 32);
    case 2:
        return now + next(1) - 128;
    case 3:
        return 0;
    case 4:
        return BH_RING_MAGIC;
    case 5:
        return now ^ next(4) << 32;
    default:
        return next(8);
    }
}

static void peer_acts(void)
{
    uint64_t choice = next(1), place;
    unsigned part = choice & 1;

    if (choice < 128 || !left)
        return;
    place = next(1) % watch.words[part];
    watch.part[part][place] = value_near(watch.part[part][place]);
}

/* The private index moves by a message, to where the peer says that it is, or not at all. */
static void judge(const struct bh_ring_side *side, const struct bh_ring_side *before, int status)
{
    uint32_t moved = side->index - before->index;

    watch_same(side, before);
    if (status < BH_RING_OK || status > BH_RING_NONSENSE)
        watch_fail("no status");
    if (moved != (status == BH_RING_OK) && side->index != (uint32_t)side->seen)
        watch_fail("an index that went astray");
}

/* One of each is unused, according to which side this is. */
static union {
    struct bh_ring_side side;
    struct bh_ring_producer producer;
    struct bh_ring_consumer consumer;
} ring;

static void attach(unsigned mine, const struct bh_ring_layout *layout)
{
    int status = mine == PRODUCED ? bh_ring_attach_producer(&ring.producer, layout)
                                  : bh_ring_attach_consumer(&ring.consumer, layout);

    if (status != BH_RING_OK)
        watch_fail("a good layout is refused");
}

static void step(unsigned mine, const struct bh_ring_layout *layout)
{
    struct bh_ring_side before = ring.side;
    uint64_t *message = malloc(layout->message), choice = next(1);

    if (!message)
        abort();
    memset(message, 0, layout->message);
    watch_begin(mine);
    switch (choice % 16) {
    case 0:
        attach(mine, layout);
        break;
    case 1:
        bh_ring_wait(&ring.side);
        watch_same(&ring.side, &before);
        break;
    case 2:
        bh_ring_must_ring(&ring.side);
        watch_same(&ring.side, &before);
        break;
    case 3:
        bh_ring_awake(&ring.side);
        break;
    default:
        judge(&ring.side, &before,
              mine == PRODUCED ? bh_ring_put(&ring.producer, message)
                               : bh_ring_take(&ring.consumer, message));
    }
    free(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bh_ring_layout layout = {0};
    unsigned mine, parts[WATCH_PARTS];

    input = data;
    left = size;
    layout.message = 8 * (1 + (uint32_t)next(1) % 6);
    layout.count = 1u << next(1) % 5;
    mine = next(1) % WATCH_PARTS;
    parts[PRODUCED] = (unsigned)bh_ring_size(layout.message, layout.count);
    parts[CONSUMED] = BH_RING_HEAD;
    for (unsigned i = 0; i < WATCH_PARTS; i++) {
        watch.part[i] = aligned_alloc(BH_RING_HEAD, parts[i]);
        if (!watch.part[i])
            abort();
        memset(watch.part[i], 0, parts[i]);
        watch.words[i] = parts[i] / 8;
    }
    layout.produced = watch.part[PRODUCED];
    layout.produced_size = parts[PRODUCED];
    layout.consumed = watch.part[CONSUMED];
    layout.consumed_size = BH_RING_HEAD;
    watch.peer = peer_acts;
    watch_begin(mine);
    attach(mine, &layout);
    while (left)
        step(mine, &layout);
    for (unsigned i = 0; i < WATCH_PARTS; i++)
        free(watch.part[i]);
    return 0;
}
