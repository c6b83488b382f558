/* SPDX-License-Identifier: BSD-2-Clause */
/* A circle of partitions with a ring from each to the next: one is the source, whose numbered
 * messages the others pass on until they are back, where they are checked. The same code runs in
 * Linux guests and on bare metal; it says when to ring and when to sleep, and does neither. */
#ifndef RELAY_H
#define RELAY_H

#include <bulkhead/ring.h>

enum { RELAY_WORDS = 4, RELAY_MESSAGE = RELAY_WORDS * 8, RELAY_COUNT = 256 };

/* What is to be done after a step: a set. */
enum {
    RELAY_RING_IN = 1,  /* ring the partition that messages come from */
    RELAY_RING_OUT = 2, /* ring the one that they go to */
    RELAY_SLEEP = 4,    /* sleep until one of them rings, then relay_awake() */
    RELAY_OVER = 8,     /* the last message has gone by */
};

struct relay {
    struct bh_ring_consumer in;
    struct bh_ring_producer out;
    uint64_t count;  /* a source's: how many messages; 0: no source */
    uint64_t window; /* a source's: how many may be under way */
    uint64_t message[RELAY_WORDS];
    bool holding; /* taken and not put yet */
    uint64_t sent, received;
    /* A source's: messages that were changed on the way, did not come, came from its own earlier
     * life; the round trips' shortest and their sum, in what `now` counts. */
    uint64_t torn, lost, old, shortest, sum;
    uint64_t new_in, new_out; /* peers that began, for the first time or anew */
    uint64_t odd;             /* nonsense and mismatches */
    bool over;
};

/* Where a ring is in an area, or in one of the producer's and one of the consumer's: messages from
 * the beginning on, the consumer's head at the very end. */
struct bh_ring_layout relay_layout(void *produced, uint64_t produced_size, void *consumed,
                                   uint64_t consumed_size);

/* enum bh_ring_status of attaching both. */
int relay_begin(struct relay *relay, const struct bh_ring_layout *in,
                const struct bh_ring_layout *out, uint64_t count, uint64_t window);

/* Puts and takes at most a message each. */
unsigned relay_step(struct relay *relay, uint64_t now);
void relay_awake(struct relay *relay);

#endif
