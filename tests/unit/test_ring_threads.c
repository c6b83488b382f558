/* SPDX-License-Identifier: BSD-2-Clause */
/* The ring between two threads: a million messages, none lost, none torn, none twice, while both
 * ends begin anew now and then and sleep when they may; and a peer that scribbles meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bulkhead/ring.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

enum { COUNT = 64, WORDS = 4, PART = 64 + COUNT * WORDS * 8, MESSAGES = 1000000, LIFE = 9973 };

static uint64_t produced[PART / 8] __attribute__((aligned(64)));
static uint64_t consumed[BH_RING_HEAD / 8] __attribute__((aligned(64)));
static const struct bh_ring_layout layout = {produced,     PART,      consumed,
                                             BH_RING_HEAD, WORDS * 8, COUNT};
static sem_t doorbell[2];
static unsigned new_consumers, slept;

static int setup(void **state)
{
    (void)state;
    memset(produced, 0, sizeof(produced));
    memset(consumed, 0, sizeof(consumed));
    sem_init(&doorbell[0], 0, 0);
    sem_init(&doorbell[1], 0, 0);
    return 0;
}

/* Sleeps if the ring says that somebody will ring, and counts it. A bell that was lost hangs. */
static void sleep_on(struct bh_ring_side *side, sem_t *bell)
{
    if (bh_ring_wait(side)) {
        sem_wait(bell);
        __atomic_fetch_add(&slept, 1, __ATOMIC_RELAXED);
    }
    bh_ring_awake(side);
}

static void *produce(void *unused)
{
    struct bh_ring_producer ring;
    uint64_t number = 0;

    (void)unused;
    bh_ring_attach_producer(&ring, &layout);
    while (number < MESSAGES) {
        uint64_t message[WORDS] = {number, number * 5, ~number, number ^ 0x5a5a};
        int status = bh_ring_put(&ring, message);

        if (status == BH_RING_OK && ++number % LIFE == 0)
            bh_ring_attach_producer(&ring, &layout);
        if (bh_ring_must_ring(&ring.side))
            sem_post(&doorbell[1]);
        if (status == BH_RING_NEW_PEER)
            new_consumers++;
        else if (status != BH_RING_OK)
            sleep_on(&ring.side, &doorbell[0]);
    }
    return NULL;
}

static void test_million(void **state)
{
    struct bh_ring_consumer ring;
    uint64_t wanted = 0, wrong = 0, message[WORDS], peers = 0;
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, produce, NULL), 0);
    bh_ring_attach_consumer(&ring, &layout);
    while (wanted < MESSAGES) {
        int status = bh_ring_take(&ring, message);

        if (status == BH_RING_OK) {
            wrong += message[0] != wanted || message[1] != wanted * 5 || message[2] != ~wanted ||
                     message[3] != (wanted ^ 0x5a5a);
            if (++wanted % (LIFE * 3) == 0)
                bh_ring_attach_consumer(&ring, &layout);
        }
        if (bh_ring_must_ring(&ring.side))
            sem_post(&doorbell[0]);
        peers += status == BH_RING_NEW_PEER;
        if (status != BH_RING_OK && status != BH_RING_NEW_PEER)
            sleep_on(&ring.side, &doorbell[1]);
    }
    pthread_join(thread, NULL);
    assert_int_equal(wrong, 0);
    assert_true(new_consumers > MESSAGES / LIFE / 3 / 2);
    assert_true(peers > MESSAGES / LIFE / 2);
    print_message("slept %u times\n", slept);
}

static volatile int stop;

static void *scribble(void *unused)
{
    uint64_t random = 1;

    (void)unused;
    while (!stop) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        __atomic_store_n(&produced[(random >> 59) % 16], random >> (random & 32), __ATOMIC_RELAXED);
        __atomic_store_n(&produced[0], BH_RING_MAGIC, __ATOMIC_RELAXED);
        __atomic_store_n(&produced[1], (uint64_t)COUNT << 32 | WORDS * 8, __ATOMIC_RELAXED);
    }
    return NULL;
}

static void test_scribbler(void **state)
{
    struct bh_ring_consumer ring;
    uint64_t message[WORDS];
    unsigned said[BH_RING_NONSENSE + 1] = {0};
    pthread_t thread;

    (void)state;
    bh_ring_attach_consumer(&ring, &layout);
    stop = 0;
    assert_int_equal(pthread_create(&thread, NULL, scribble, NULL), 0);
    for (unsigned i = 0; i < MESSAGES / 4 || (!said[BH_RING_NEW_PEER] && i < 1000 * MESSAGES); i++)
        said[bh_ring_take(&ring, message)]++;
    stop = 1;
    pthread_join(thread, NULL);
    assert_true(said[BH_RING_NEW_PEER] > 0);
    assert_ptr_equal(ring.messages, produced + BH_RING_HEAD / 8);
    assert_int_equal(ring.side.count, COUNT);
}

int main(void)
{
    const struct CMUnitTest ring_threads[] = {
        cmocka_unit_test_setup(test_million, setup),
        cmocka_unit_test_setup(test_scribbler, setup),
    };

    return cmocka_run_group_tests(ring_threads, NULL, NULL);
}
