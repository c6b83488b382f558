/* SPDX-License-Identifier: BSD-2-Clause */
/* A partition's part in a circle of rings: source, or one that passes on. */
#include "relay.h"

enum { NUMBER, CHECK, TIME, LIFE, LAST = 1 };

struct bh_ring_layout relay_layout(void *produced, uint64_t produced_size, void *consumed,
                                   uint64_t consumed_size)
{
    uint64_t head = consumed_size - BH_RING_HEAD;

    return (struct bh_ring_layout){
        .produced = produced,
        .produced_size = produced == consumed ? head : produced_size,
        .consumed = (char *)consumed + head,
        .consumed_size = BH_RING_HEAD,
        .message = RELAY_MESSAGE,
        .count = RELAY_COUNT,
    };
}

/* So that a message made of two, or with a word that is another's, is seen. */
static uint64_t relay_check(const uint64_t *message)
{
    uint64_t mixed =
        message[NUMBER] * 0x9e3779b97f4a7c15 + message[TIME] * 0xd1342543de82ef95 + message[LIFE];

    return mixed ^ mixed >> 29;
}

int relay_begin(struct relay *relay, const struct bh_ring_layout *in,
                const struct bh_ring_layout *out, uint64_t count, uint64_t window)
{
    int status;

    *relay = (struct relay){.count = count, .window = window, .shortest = ~0ull};
    status = bh_ring_attach_consumer(&relay->in, in);
    return status == BH_RING_OK ? bh_ring_attach_producer(&relay->out, out) : status;
}

/* True when there is something new: then it is not time to sleep. */
static bool relay_note(struct relay *relay, int status, uint64_t *new)
{
    if (status == BH_RING_NEW_PEER)
        ++*new;
    else if (status == BH_RING_NONSENSE || status == BH_RING_MISMATCH)
        relay->odd++;
    return status == BH_RING_OK || status == BH_RING_NEW_PEER;
}

/* The source's next message; behind the others one that says that it is the last. */
static void relay_fill(struct relay *relay, uint64_t now)
{
    relay->message[NUMBER] = relay->sent;
    relay->message[TIME] = now;
    relay->message[LIFE] =
        (uint64_t)relay->out.side.generation << 1 | (relay->sent == relay->count ? LAST : 0);
    relay->message[CHECK] = relay_check(relay->message);
}

/* A message is back at its source. */
static void relay_judge(struct relay *relay, const uint64_t *message, uint64_t now)
{
    uint64_t trip = now - message[TIME];

    if (message[CHECK] != relay_check(message)) {
        relay->torn++;
        return;
    }
    if (message[LIFE] >> 1 != relay->out.side.generation) {
        relay->old++;
        return;
    }
    relay->lost += message[NUMBER] - relay->received;
    relay->received = message[NUMBER];
    relay->over = message[LIFE] & LAST;
    if (relay->over)
        return;
    relay->received++;
    relay->sum += trip;
    if (trip < relay->shortest)
        relay->shortest = trip;
}

static bool relay_source(struct relay *relay, uint64_t now)
{
    uint64_t message[RELAY_WORDS];
    bool more = relay->sent <= relay->count, progress = false;
    int status;

    if (more && relay->sent - relay->received < relay->window) {
        relay_fill(relay, now);
        status = bh_ring_put(&relay->out, relay->message);
        relay->sent += status == BH_RING_OK;
        progress = relay_note(relay, status, &relay->new_out);
    }
    status = bh_ring_take(&relay->in, message);
    if (status == BH_RING_OK)
        relay_judge(relay, message, now);
    return relay_note(relay, status, &relay->new_in) || progress;
}

static bool relay_pass(struct relay *relay)
{
    bool progress = false;
    int status;

    if (!relay->holding) {
        status = bh_ring_take(&relay->in, relay->message);
        relay->holding = status == BH_RING_OK;
        relay->received += relay->holding;
        progress = relay_note(relay, status, &relay->new_in);
    }
    if (!relay->holding)
        return progress;
    status = bh_ring_put(&relay->out, relay->message);
    if (status == BH_RING_OK) {
        relay->holding = false;
        relay->sent++;
        relay->over = relay->message[LIFE] & LAST;
    }
    return relay_note(relay, status, &relay->new_out) || progress;
}

/* True when each ring that this one waits for will have its bell rung. */
static bool relay_sleeps(struct relay *relay)
{
    bool room = relay->count
                    ? relay->sent <= relay->count && relay->sent - relay->received < relay->window
                    : relay->holding;
    bool message = !relay->holding;

    return (!room || bh_ring_wait(&relay->out.side)) && (!message || bh_ring_wait(&relay->in.side));
}

unsigned relay_step(struct relay *relay, uint64_t now)
{
    bool progress = relay->count ? relay_source(relay, now) : relay_pass(relay);
    unsigned todo = 0;

    if (bh_ring_must_ring(&relay->in.side))
        todo |= RELAY_RING_IN;
    if (bh_ring_must_ring(&relay->out.side))
        todo |= RELAY_RING_OUT;
    if (relay->over)
        return todo | RELAY_OVER;
    if (progress)
        return todo;
    if (relay_sleeps(relay))
        return todo | RELAY_SLEEP;
    relay_awake(relay);
    return todo;
}

void relay_awake(struct relay *relay)
{
    bh_ring_awake(&relay->in.side);
    bh_ring_awake(&relay->out.side);
}
