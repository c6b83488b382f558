/* SPDX-License-Identifier: BSD-2-Clause */
/* What a monitor and the console service share: two rings of bytes, and who wants to be woken.
 *
 * Each word is written by one side only. The indices run freely: what lies between two of them is
 * what has been put and not taken, and a producer's that is further ahead than the ring is long
 * counts as a full one. Neither side believes the other: an index leads nowhere but into the ring,
 * and whoever writes nonsense garbles the text of this one partition. */
#ifndef BULKHEAD_CONSOLE_H
#define BULKHEAD_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#define BH_CONSOLE_OUTPUT  4096u /* bytes of the ring that the monitor fills */
#define BH_CONSOLE_INPUT   1024u /* of the one that the service fills */
#define BH_CONSOLE_RESERVE 512u  /* of the output: guests leave it to their monitor's own lines */

/* In the output: what follows, to the next line feed, is a line of the monitor's own. */
#define BH_CONSOLE_NOTE 0u

/* When the service wants its Event. */
enum bh_console_wants {
    BH_CONSOLE_NOTHING = 0, /* it looks by itself */
    BH_CONSOLE_LINES = 1,   /* when a line has ended, or the ring is half full */
    BH_CONSOLE_ALL = 2,     /* when there is anything */
};

#define BH_CONSOLE_PORT_SIZE 0x2000u

struct bh_console_port {
    struct {
        uint32_t output; /* index: put so far */
        uint32_t input;  /* index: taken so far */
        uint32_t stuck;  /* counts how often the ring was too full, to be told of room */
        uint32_t unused[13];
    } monitor; /* what the monitor writes */
    struct {
        uint32_t output; /* index: taken so far */
        uint32_t input;  /* index: put so far */
        uint32_t lost;   /* counts input for which there was no room */
        uint32_t wants;  /* enum bh_console_wants */
        uint32_t unused[12];
    } service; /* what the service writes */
    uint8_t unused[1024 - 128];
    uint8_t input[BH_CONSOLE_INPUT];
    uint8_t unused_too[2048];
    uint8_t output[BH_CONSOLE_OUTPUT];
};

_Static_assert(sizeof(struct bh_console_port) == BH_CONSOLE_PORT_SIZE,
               "layout of the shared pages");

/* One side of a ring: its own index, which the other one only reads, is kept here too. */
struct bh_console_ring {
    uint8_t *data;
    uint32_t size; /* a power of two */
    uint32_t index;
    uint32_t *mine;
    const uint32_t *theirs;
};

/* Bytes that a consumer can take. */
static inline uint32_t bh_console_ring_used(const struct bh_console_ring *ring)
{
    /* Acquire: pairs with bh_console_ring_publish() of the producer. */
    uint32_t used = __atomic_load_n(ring->theirs, __ATOMIC_ACQUIRE) - ring->index;

    return used < ring->size ? used : ring->size;
}

/* Bytes that a producer can put. */
static inline uint32_t bh_console_ring_room(const struct bh_console_ring *ring)
{
    /* Acquire: pairs with bh_console_ring_publish() of the consumer, who has read what is
     * overwritten. */
    uint32_t used = ring->index - __atomic_load_n(ring->theirs, __ATOMIC_ACQUIRE);

    return used < ring->size ? ring->size - used : 0;
}

/* There must be room, or what was put first is lost. */
static inline void bh_console_ring_put(struct bh_console_ring *ring, uint8_t byte)
{
    __atomic_store_n(&ring->data[ring->index++ & (ring->size - 1)], byte, __ATOMIC_RELAXED);
}

/* There must be something, or what comes is old. */
static inline uint8_t bh_console_ring_get(struct bh_console_ring *ring)
{
    return __atomic_load_n(&ring->data[ring->index++ & (ring->size - 1)], __ATOMIC_RELAXED);
}

/* Lets the other side see what was put, or that it was taken. */
static inline void bh_console_ring_publish(struct bh_console_ring *ring)
{
    __atomic_store_n(ring->mine, ring->index, __ATOMIC_RELEASE);
}

/* Between saying something in the shared pages and looking whether the other side was about to
 * wait for it: each side does both, so that one of the two sees the other's word. */
static inline void bh_console_order(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* The producer's and the consumer's side of a ring. A producer goes on where it was before it
 * began anew, unless that makes no sense; a consumer begins with what is there. */
static inline struct bh_console_ring
bh_console_ring_producer(uint8_t *data, uint32_t size, uint32_t *mine, const uint32_t *theirs)
{
    struct bh_console_ring ring = {data, size, __atomic_load_n(mine, __ATOMIC_RELAXED), mine,
                                   theirs};
    uint32_t taken = __atomic_load_n(theirs, __ATOMIC_ACQUIRE);

    if (ring.index - taken > size)
        ring.index = taken;
    bh_console_ring_publish(&ring);
    return ring;
}

static inline struct bh_console_ring
bh_console_ring_consumer(uint8_t *data, uint32_t size, uint32_t *mine, const uint32_t *theirs)
{
    struct bh_console_ring ring = {data, size, __atomic_load_n(mine, __ATOMIC_RELAXED), mine,
                                   theirs};
    uint32_t put = __atomic_load_n(theirs, __ATOMIC_ACQUIRE);

    if (put - ring.index > size)
        ring.index = put;
    bh_console_ring_publish(&ring);
    return ring;
}

/* Where things lie for a monitor (LOAD and RUN) and for the service. */
#define BH_MON_PORT       0x00a00000ull /* a monitor's shared pages */
#define BH_CONSOLE_CONFIG 0x00800000ull /* struct bh_console_config, read-only */
#define BH_CONSOLE_UART   0x00900000ull /* the UART's registers */
#define BH_CONSOLE_PORTS  0x00a00000ull /* the shared pages of one partition behind the other */
#define BH_CONSOLE_MAX    16u           /* partitions */
#define BH_CONSOLE_MAGIC  0x314e4f43484b42ull /* changes with the layout */

/* Slots of the service's table, beside its own Timer in BH_MON_TIMER. */
#define BH_CONSOLE_EVENT     24u /* partition n's in slot BH_CONSOLE_EVENT + n, right SIGNAL */
#define BH_CONSOLE_PARTITION 40u /* partition n in slot BH_CONSOLE_PARTITION + n, right STATE */

/* Badges that enter the service, and the one that enters a monitor. */
#define BH_CONSOLE_BADGE_OUTPUT 0u /* a monitor has something to say */
#define BH_CONSOLE_BADGE_UART   1u /* the UART's interrupt */
#define BH_MON_BADGE_CONSOLE    0u /* input has come, or there is room for output again */

#define BH_MON_EVENT_CONSOLE 24u /* a monitor's slot: the service's Event, right SIGNAL */

enum bh_console_flags {
    BH_CONSOLE_STAMPS = 1u, /* each line begins with the time */
};

struct bh_console_config {
    uint64_t magic;
    uint32_t ports; /* partitions */
    uint32_t flags;
    struct {
        char name[32];  /* zero terminated */
        uint32_t input; /* 1: has a UART, and so can be typed at */
        uint32_t stays; /* 1: the console does not wait for its end */
    } port[BH_CONSOLE_MAX];
};

_Static_assert(sizeof(struct bh_console_config) == 656, "console configuration layout");

#endif
