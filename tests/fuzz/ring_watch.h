/* SPDX-License-Identifier: BSD-2-Clause */
/* The ring's library with every access to shared memory watched: for a hostile peer, who acts
 * between any two of them. To be included once in a program, instead of linking the library. */
#ifndef RING_WATCH_H
#define RING_WATCH_H

#include <bulkhead/ring.h>
#include <stdio.h>
#include <stdlib.h>

enum { WATCH_PARTS = 2, WATCH_WORDS = 512, WATCH_ACCESSES = 2 * WATCH_WORDS };

/* The two parts, the producer's and the consumer's, and the call that is being watched. */
static struct {
    uint64_t *part[WATCH_PARTS];
    uint64_t words[WATCH_PARTS];
    unsigned mine; /* which part the side that calls may write */
    unsigned accesses;
    uint8_t read[WATCH_PARTS][WATCH_WORDS];
    void (*peer)(void); /* acts before each access */
} watch;

static _Noreturn void watch_fail(const char *what)
{
    fprintf(stderr, "ring: %s\n", what);
    abort();
}

/* Which part has this word, and its place there. */
static unsigned watch_find(const uint64_t *word, uint64_t *place)
{
    for (unsigned i = 0; i < WATCH_PARTS; i++) {
        uintptr_t offset = (uintptr_t)word - (uintptr_t)watch.part[i];

        if (offset < watch.words[i] * 8 && offset % 8 == 0) {
            *place = offset / 8;
            return i;
        }
    }
    watch_fail("an access outside the ring");
}

static void watch_count(void)
{
    if (++watch.accesses > WATCH_ACCESSES)
        watch_fail("a call that does not end");
    if (watch.peer)
        watch.peer();
}

static uint64_t watch_load(const uint64_t *word)
{
    uint64_t place = 0;
    unsigned part = watch_find(word, &place);

    if (part != watch.mine && watch.read[part][place]++)
        watch_fail("a word that is read twice in a call");
    watch_count();
    return *(const volatile uint64_t *)word;
}

static void watch_store(uint64_t *word, uint64_t value)
{
    uint64_t place = 0;

    if (watch_find(word, &place) != watch.mine)
        watch_fail("a store to the peer's part");
    watch_count();
    *(volatile uint64_t *)word = value;
}

#define __atomic_load_n(word, order)         watch_load(word)
#define __atomic_store_n(word, value, order) watch_store(word, value)
#include "libcap/ring/ring.c"
#undef __atomic_load_n
#undef __atomic_store_n

/* The calls, by a side that may write part `mine`. */
static void watch_begin(unsigned mine)
{
    watch.mine = mine;
    watch.accesses = 0;
    for (unsigned i = 0; i < WATCH_PARTS; i++)
        for (unsigned k = 0; k < WATCH_WORDS; k++)
            watch.read[i][k] = 0;
}

/* What a caller's struct may never lose: where the ring is, how large, who this is. */
static void watch_same(const struct bh_ring_side *now, const struct bh_ring_side *before)
{
    if (now->mine != before->mine || now->theirs != before->theirs || now->words != before->words ||
        now->count != before->count || now->generation != before->generation)
        watch_fail("the private state is lost");
}

#endif
