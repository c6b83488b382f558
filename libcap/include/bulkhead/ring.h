/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages from one partition to another through shared memory: a ring with one producer and one
 * consumer, without locks.
 *
 * Messages have one size and come in order, each whole. A ring consists of two parts: what the
 * producer writes (messages and a head of 64 bytes) and what the consumer writes (a head of 64
 * bytes). They may lie in one shared area or in two of which each side may write only one: every
 * word has a single writer, and the other side only reads it.
 *
 * Neither side believes the other. What is read of shared memory is read once and checked, a side's
 * own index and all sizes are kept in its private struct, and no call takes longer than it takes to
 * copy a message. A peer that writes what it likes, when it likes, garbles the messages that it
 * sends, or takes none; it cannot make a call read or write outside the ring, or wait.
 *
 * Either side may begin anew at any time, as after a restart of its partition: it attaches again,
 * counts its generation up in the shared memory and goes on where it was. The other side is told
 * so once (BH_RING_NEW_PEER) and goes on, too. Messages that were put and not taken are kept; one
 * that was being taken when its consumer ended is taken once more.
 *
 * Accesses. The words of a head and of a message are aligned and of 64 bits, each read or written
 * by one instruction: LDAR and STLR for the heads, LDR and STR for messages. No exclusives and no
 * read-modify-write, no memcpy, no SIMD and no unaligned access, because a peer's mapping may be
 * Device memory: Linux's /dev/mem, or bare metal whose MMU is off. When one side has the area as
 * Device and the other as Normal Non-cacheable, both are Outer Shareable and not cached, so they
 * agree on what a word holds; what mismatched types lose is no more than Device's promises about
 * gathering, order and speculation (Arm DDI 0487, B2.8 "Mismatched memory attributes"), and nothing
 * here leans on those. Order comes from LDAR and STLR, which work for every memory type and in the
 * shareability domain of the location itself (B2.3 "Load-Acquire, Load-AcquirePC, and
 * Store-Release"); single-copy atomicity from alignment (B2.2.1). A side that has the area
 * Write-Back cacheable needs a peer that has it so, too. */
#ifndef BULKHEAD_RING_H
#define BULKHEAD_RING_H

#include <stdbool.h>
#include <stdint.h>

/* The bytes "BHRING", and the version of this layout behind them. */
#define BH_RING_VERSION 1u
#define BH_RING_MAGIC   ((uint64_t)BH_RING_VERSION << 48 | 0x474e49524842ull)

#define BH_RING_HEAD        64u    /* bytes of a head, and what both parts are aligned to */
#define BH_RING_MAX_MESSAGE 4096u  /* bytes, a multiple of 8 */
#define BH_RING_MAX_COUNT   65536u /* messages, a power of two */

enum bh_ring_status {
    BH_RING_OK = 0,
    BH_RING_EMPTY = 1,      /* take: there is no message */
    BH_RING_FULL = 2,       /* put: there is no room */
    BH_RING_ABSENT = 3,     /* the peer has never attached */
    BH_RING_NEW_PEER = 4,   /* the peer has attached, for the first time or anew: said once for each
                               generation that is seen. Nothing was put or taken */
    BH_RING_MISMATCH = 5,   /* the peer's head has another version, size or number of messages */
    BH_RING_NONSENSE = 6,   /* the peer's index cannot be. take drops what there may have been and
                               goes on with what comes; put goes on when the index is good again */
    BH_RING_ERR_RANGE = -1, /* attach: size or number of messages, or a part is too small */
    BH_RING_ERR_ALIGN = -2, /* attach: a part is not aligned */
};

/* What one side says of itself, at the beginning of its part. */
struct bh_ring_head {
    uint64_t magic;
    uint64_t geometry; /* bytes of a message | number of messages << 32 */
    uint64_t state; /* index: messages put or taken so far | generation << 32; 0: never attached */
    uint64_t start; /* what state was when this generation began */
    uint64_t waits; /* 0, or a number that is another for each wait: wants the doorbell, once */
    uint64_t unused[3];
};

_Static_assert(sizeof(struct bh_ring_head) == BH_RING_HEAD, "layout of the shared memory");

/* Where a ring lies, the same on both sides but for the addresses. */
struct bh_ring_layout {
    void *
        produced; /* the producer's part: its head, then the messages. The consumer only reads it */
    uint64_t produced_size; /* bytes, bh_ring_size() or more */
    void *consumed;         /* the consumer's part, its head. The producer only reads it */
    uint64_t consumed_size; /* bytes, BH_RING_HEAD or more */
    uint32_t message;       /* bytes of a message: 8 to BH_RING_MAX_MESSAGE, a multiple of 8 */
    uint32_t count;         /* messages in the ring: 1 to BH_RING_MAX_COUNT, a power of two */
};

/* What both sides keep for themselves. Private: a caller has no need to look inside. */
struct bh_ring_side {
    struct bh_ring_head *mine;
    const struct bh_ring_head *theirs;
    uint32_t words; /* of a message */
    uint32_t count;
    uint32_t index;      /* messages put, or taken: runs freely */
    uint32_t generation; /* this side's */
    uint32_t peer;       /* the peer's generation that the caller was told of; 0: none */
    uint32_t waited;     /* waits of this generation */
    uint64_t seen;       /* the peer's state when it was last read */
    uint64_t rung;       /* the last wait of the peer that was answered */
    uint32_t idle;       /* 1: the last call found nothing to do until the peer does something */
};

struct bh_ring_producer {
    struct bh_ring_side side;
    uint64_t *messages;
};

struct bh_ring_consumer {
    struct bh_ring_side side;
    const uint64_t *messages;
};

/* Bytes that the producer's part needs, a multiple of BH_RING_HEAD; 0 when size or number of the
 * messages is out of range. */
uint64_t bh_ring_size(uint32_t message, uint32_t count);

/* Attach as the ring's producer, or consumer. Do it at start, and again only to begin anew.
 * Messages that are in the ring stay there, unless the part held a ring of another geometry: give
 * a ring one geometry for as long as the machine runs. Afterwards ring the peer's doorbell if
 * bh_ring_must_ring() says so. BH_RING_OK, or BH_RING_ERR_*: then nothing was written. */
int bh_ring_attach_producer(struct bh_ring_producer *ring, const struct bh_ring_layout *layout);
int bh_ring_attach_consumer(struct bh_ring_consumer *ring, const struct bh_ring_layout *layout);

/* Puts a message: layout.message bytes. BH_RING_OK, or why it was not put: FULL, ABSENT, NEW_PEER
 * (try again), MISMATCH, NONSENSE. */
int bh_ring_put(struct bh_ring_producer *ring, const uint64_t *message);

/* Takes the oldest message, a private copy of it: layout.message bytes. BH_RING_OK, or why there is
 * none: EMPTY, ABSENT, NEW_PEER (try again), MISMATCH, NONSENSE. Messages that an earlier
 * generation has put come before the NEW_PEER of the one after it. */
int bh_ring_take(struct bh_ring_consumer *ring, uint64_t *message);

/* The peer's generation that NEW_PEER was last said for; 0: none yet. It counts up by one each time
 * that the peer attaches, over 32 bits and without 0. */
static inline uint32_t bh_ring_peer(const struct bh_ring_side *side)
{
    return side->peer;
}

/* Doorbells, for who does not want to look all the time. After put, take or attach: true when the
 * peer waits and its doorbell is to be rung now; true once for each wait. What was put or taken is
 * visible before the doorbell can arrive. */
bool bh_ring_must_ring(struct bh_ring_side *side);

/* Before sleeping until the doorbell: true when the peer will ring; false when something has
 * happened since the last put or take, or that one said OK, NEW_PEER or, of take, NONSENSE: go on
 * instead. To wait for several rings, ask for each, and sleep when all say true. */
bool bh_ring_wait(struct bh_ring_side *side);

/* After sleeping: the doorbell need not be rung. */
void bh_ring_awake(struct bh_ring_side *side);

#endif
