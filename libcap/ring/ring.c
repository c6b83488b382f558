/* SPDX-License-Identifier: BSD-2-Clause */
/* The ring of bulkhead/ring.h, for EL0, bare metal and user space alike: no other function is
 * called. */
#include <bulkhead/ring.h>

/* Words of heads. Sequentially consistent is LDAR and STLR: what this side did before a store is
 * seen by whoever loads that value, and a load does not overtake an earlier store (DDI 0487, B2.3),
 * on which waiting rests. */
static uint64_t ring_load(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static void ring_store(uint64_t *word, uint64_t value)
{
    __atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

static uint32_t ring_index(uint64_t state)
{
    return (uint32_t)state;
}

static uint32_t ring_generation(uint64_t state)
{
    return (uint32_t)(state >> 32);
}

static uint64_t ring_pair(uint32_t low, uint32_t high)
{
    return (uint64_t)high << 32 | low;
}

/* Completes earlier stores before the doorbell is rung: an interrupt is no observer that STLR would
 * order anything for (DDI 0487, B2.3 "Data Synchronization Barrier"). */
#ifdef __aarch64__
static void ring_arrive(void)
{
    __asm__ volatile("dsb st" ::: "memory");
}
#else
static void ring_arrive(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
#endif

uint64_t bh_ring_size(uint32_t message, uint32_t count)
{
    if (message < 8 || message > BH_RING_MAX_MESSAGE || message % 8 != 0)
        return 0;
    if (count < 1 || count > BH_RING_MAX_COUNT || (count & (count - 1)) != 0)
        return 0;
    return (BH_RING_HEAD + (uint64_t)message * count + BH_RING_HEAD - 1) / BH_RING_HEAD *
           BH_RING_HEAD;
}

static int ring_check(const struct bh_ring_layout *layout)
{
    uint64_t size = bh_ring_size(layout->message, layout->count);

    if (size == 0 || layout->produced_size < size || layout->consumed_size < BH_RING_HEAD)
        return BH_RING_ERR_RANGE;
    if ((uintptr_t)layout->produced % BH_RING_HEAD || (uintptr_t)layout->consumed % BH_RING_HEAD)
        return BH_RING_ERR_ALIGN;
    return BH_RING_OK;
}

/* True when it is the head of a ring like this one. */
static bool ring_fits(const struct bh_ring_side *side, const struct bh_ring_head *head)
{
    return ring_load(&head->magic) == BH_RING_MAGIC &&
           ring_load(&head->geometry) == ring_pair(side->words * 8, side->count);
}

/* Lets the peer see what was put or taken. */
static void ring_publish(struct bh_ring_side *side)
{
    ring_store(&side->mine->state, ring_pair(side->index, side->generation));
}

/* The index with which a side begins: where its last generation was or, where that cannot be, with
 * an empty ring. */
static uint32_t ring_resume(const struct bh_ring_side *side, uint64_t state, bool producer)
{
    uint32_t own = ring_index(state), other = ring_index(ring_load(&side->theirs->state));
    uint32_t used = producer ? own - other : other - own;

    return ring_fits(side, side->mine) && used <= side->count ? own : other;
}

static void ring_attach(struct bh_ring_side *side, const struct bh_ring_layout *layout,
                        bool producer)
{
    uint64_t last;

    side->mine = producer ? layout->produced : layout->consumed;
    side->theirs = producer ? layout->consumed : layout->produced;
    side->words = layout->message / 8;
    side->count = layout->count;
    last = ring_load(&side->mine->state);
    side->generation = ring_generation(last) + 1;
    if (side->generation == 0)
        side->generation = 1;
    side->index = ring_resume(side, last, producer);
    side->peer = 0;
    side->waited = 0;
    side->seen = 0;
    side->rung = 0;
    side->idle = 0;

    ring_store(&side->mine->waits, 0);
    ring_store(&side->mine->magic, BH_RING_MAGIC);
    ring_store(&side->mine->geometry, ring_pair(side->words * 8, side->count));
    /* Before the state: who sees the generation there finds its beginning, or a later one's. */
    ring_store(&side->mine->start, ring_pair(side->index, side->generation));
    ring_publish(side);
}

int bh_ring_attach_producer(struct bh_ring_producer *ring, const struct bh_ring_layout *layout)
{
    int status = ring_check(layout);

    if (status == BH_RING_OK) {
        ring_attach(&ring->side, layout, true);
        ring->messages = (uint64_t *)layout->produced + BH_RING_HEAD / 8;
    }
    return status;
}

int bh_ring_attach_consumer(struct bh_ring_consumer *ring, const struct bh_ring_layout *layout)
{
    int status = ring_check(layout);

    if (status == BH_RING_OK) {
        ring_attach(&ring->side, layout, false);
        ring->messages = (const uint64_t *)layout->produced + BH_RING_HEAD / 8;
    }
    return status;
}

/* Reads the peer's state. Its head is looked at once for each generation. */
static int ring_look(struct bh_ring_side *side)
{
    uint32_t generation;

    side->idle = 1;
    side->seen = ring_load(&side->theirs->state);
    generation = ring_generation(side->seen);
    if (generation == side->peer && generation != 0)
        return BH_RING_OK;
    if (generation == 0)
        return BH_RING_ABSENT;
    return ring_fits(side, side->theirs) ? BH_RING_NEW_PEER : BH_RING_MISMATCH;
}

/* The caller is told of the generation that was read. */
static int ring_meet(struct bh_ring_side *side)
{
    side->peer = ring_generation(side->seen);
    side->idle = 0;
    return BH_RING_NEW_PEER;
}

/* A message's place, in words: inside the ring for every index. */
static uint32_t ring_place(const struct bh_ring_side *side)
{
    return (side->index & (side->count - 1)) * side->words;
}

int bh_ring_put(struct bh_ring_producer *ring, const uint64_t *message)
{
    struct bh_ring_side *side = &ring->side;
    int status = ring_look(side);
    uint32_t used = side->index - ring_index(side->seen);
    uint64_t *at = ring->messages + ring_place(side);

    if (status == BH_RING_NEW_PEER)
        return ring_meet(side);
    if (status != BH_RING_OK)
        return status;
    if (used >= side->count)
        return used == side->count ? BH_RING_FULL : BH_RING_NONSENSE;

    for (uint32_t i = 0; i < side->words; i++)
        __atomic_store_n(at + i, message[i], __ATOMIC_RELAXED);
    side->index++;
    side->idle = 0;
    ring_publish(side); /* behind the message: pairs with ring_look() of the consumer */
    return BH_RING_OK;
}

/* With a producer that has begun anew: OK while there are messages in front of its beginning, which
 * come first, then NEW_PEER. */
static int ring_order(const struct bh_ring_side *side, uint32_t used)
{
    uint64_t start = ring_load(&side->theirs->start);
    uint32_t older = ring_index(start) - side->index;

    if (ring_generation(start) != ring_generation(side->seen))
        return BH_RING_EMPTY; /* it begins once more at this moment: the state will change */
    return older != 0 && older <= used ? BH_RING_OK : BH_RING_NEW_PEER;
}

int bh_ring_take(struct bh_ring_consumer *ring, uint64_t *message)
{
    struct bh_ring_side *side = &ring->side;
    int status = ring_look(side);
    uint32_t used = ring_index(side->seen) - side->index;
    const uint64_t *at = ring->messages + ring_place(side);

    if (status == BH_RING_NEW_PEER && used <= side->count)
        status = ring_order(side, used);
    if (status != BH_RING_OK && status != BH_RING_NEW_PEER)
        return status;
    if (used > side->count) { /* only what comes from now on can be meant */
        side->index = ring_index(side->seen);
        side->idle = 0;
        ring_publish(side);
        if (status == BH_RING_OK)
            return BH_RING_NONSENSE;
    }
    if (status == BH_RING_NEW_PEER)
        return ring_meet(side);
    if (used == 0)
        return BH_RING_EMPTY;

    for (uint32_t i = 0; i < side->words; i++)
        message[i] = __atomic_load_n(at + i, __ATOMIC_RELAXED);
    side->index++;
    side->idle = 0;
    ring_publish(side); /* behind the copy: pairs with ring_look() of the producer */
    return BH_RING_OK;
}

bool bh_ring_must_ring(struct bh_ring_side *side)
{
    /* Not before what was published: either the peer's look in bh_ring_wait() sees that, or this
     * sees the peer's wait. */
    uint64_t waits = ring_load(&side->theirs->waits);

    if (waits == 0 || waits == side->rung)
        return false;
    side->rung = waits;
    ring_arrive();
    return true;
}

bool bh_ring_wait(struct bh_ring_side *side)
{
    if (!side->idle)
        return false;
    side->waited++;
    ring_store(&side->mine->waits, ring_pair(side->waited, side->generation));
    if (ring_load(&side->theirs->state) == side->seen)
        return true;
    bh_ring_awake(side);
    return false;
}

void bh_ring_awake(struct bh_ring_side *side)
{
    ring_store(&side->mine->waits, 0);
}
