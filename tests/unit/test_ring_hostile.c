/* SPDX-License-Identifier: BSD-2-Clause */
/* A ring whose peer writes what it likes between any two accesses: nothing outside the ring is
 * touched, no word is believed twice, no call goes on for ever, and when the peer is good again the
 * ring works again. The fuzzer (tests/fuzz/fuzz_ring.c) looks for what nobody thought of here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fuzz/ring_watch.h"

enum { PRODUCED, CONSUMED, COUNT = 4, WORDS = 4, MESSAGE = WORDS * 8, PART = 192, ROUNDS = 200000 };

static struct bh_ring_layout layout;
static struct bh_ring_producer out;
static struct bh_ring_consumer in;
static unsigned nonsense; /* said how often */

static int setup(void **state)
{
    (void)state;
    watch.words[PRODUCED] = PART / 8;
    watch.words[CONSUMED] = BH_RING_HEAD / 8;
    for (unsigned i = 0; i < WATCH_PARTS; i++) { /* from the heap: the sanitizer sees each end */
        watch.part[i] = aligned_alloc(BH_RING_HEAD, watch.words[i] * 8);
        assert_non_null(watch.part[i]);
        memset(watch.part[i], 0, watch.words[i] * 8);
    }
    watch.peer = NULL;
    nonsense = 0;
    layout = (struct bh_ring_layout){watch.part[PRODUCED], PART,    watch.part[CONSUMED],
                                     BH_RING_HEAD,         MESSAGE, COUNT};
    srandom(1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (unsigned i = 0; i < WATCH_PARTS; i++)
        free(watch.part[i]);
    return 0;
}

static uint64_t any(void)
{
    return (uint64_t)random() << 42 ^ (uint64_t)random() << 21 ^ (uint64_t)random();
}

/* Often what could be, sometimes anything. */
static void peer_acts(void)
{
    unsigned part = watch.mine == PRODUCED ? CONSUMED : PRODUCED;
    uint64_t *word = watch.part[part] + (uint64_t)random() % watch.words[part];
    struct bh_ring_head *head = (void *)watch.part[part];

    if (random() % 4)
        return;
    if (random() % 64 == 0)
        *word = any();
    else if (random() % 4 == 0)
        *word += (uint64_t)random() % 64 - 32;
    else if (random() % 2)
        head->state++;
    else if (random() % 16 == 0)
        head->start = head->state += 1ull << 32;
    if (random() % 8 == 0) { /* good enough to be looked into again */
        head->magic = BH_RING_MAGIC;
        head->geometry = (uint64_t)COUNT << 32 | MESSAGE;
        head->start = head->state & 0xfffffffffffffffc;
    }
}

static void peer_looks(void);

static int put(uint64_t number)
{
    struct bh_ring_side before = out.side;
    uint64_t *message = malloc(MESSAGE);
    int status;

    for (unsigned i = 0; i < WORDS; i++)
        message[i] = number + i;
    watch_begin(PRODUCED);
    status = bh_ring_put(&out, message);
    watch_same(&out.side, &before);
    assert_int_equal(out.side.index - before.index, status == BH_RING_OK);
    free(message);
    return status;
}

static int take(uint64_t *number)
{
    struct bh_ring_side before = in.side;
    uint64_t *message = malloc(MESSAGE);
    int status;

    watch_begin(CONSUMED);
    status = bh_ring_take(&in, message);
    watch_same(&in.side, &before);
    if (status == BH_RING_OK) {
        assert_int_equal(in.side.index - before.index, 1);
        *number = message[0];
        for (unsigned i = 0; watch.peer == peer_looks && i < WORDS; i++)
            assert_int_equal(message[i], message[0] + i);
    } else if (in.side.index != before.index) { /* only to where the producer says that it is */
        assert_int_equal(in.side.index, (uint32_t)in.side.seen);
    }
    nonsense += status == BH_RING_NONSENSE;
    free(message);
    return status;
}

static void attach(unsigned mine)
{
    watch_begin(mine);
    if (mine == PRODUCED)
        assert_int_equal(bh_ring_attach_producer(&out, &layout), BH_RING_OK);
    else
        assert_int_equal(bh_ring_attach_consumer(&in, &layout), BH_RING_OK);
}

/* Both are good now, and the one that was bad begins anew: messages come, whole and in order. */
static void expect_good(unsigned bad)
{
    uint64_t number = 0, wanted = 1000;

    watch.peer = NULL;
    attach(bad);
    for (unsigned i = 0; i < 2 * COUNT + 2; i++)
        if (take(&number) != BH_RING_OK)
            put(0); /* whoever is new is told of */
    while (take(&number) != BH_RING_EMPTY)
        ;
    for (uint64_t i = wanted; i < wanted + COUNT; i++)
        assert_int_equal(put(i), BH_RING_OK);
    assert_int_equal(put(0), BH_RING_FULL);
    for (; wanted < 1000 + COUNT; wanted++) {
        assert_int_equal(take(&number), BH_RING_OK);
        assert_int_equal(number, wanted);
    }
    assert_int_equal(take(&number), BH_RING_EMPTY);
}

static void some_call(unsigned mine)
{
    struct bh_ring_side *side = mine == PRODUCED ? &out.side : &in.side;
    uint64_t number;
    long choice = random() % 32;

    watch_begin(mine);
    if (choice == 0)
        attach(mine);
    else if (choice == 1)
        bh_ring_wait(side);
    else if (choice == 2)
        bh_ring_must_ring(side);
    else if (choice == 3)
        bh_ring_awake(side);
    else if (mine == PRODUCED)
        put(any());
    else
        take(&number);
}

static void test_hostile_consumer(void **state)
{
    (void)state;
    attach(CONSUMED);
    attach(PRODUCED);
    watch.peer = peer_acts;
    for (unsigned i = 0; i < ROUNDS; i++)
        some_call(PRODUCED);
    expect_good(CONSUMED);
}

static void test_hostile_producer(void **state)
{
    (void)state;
    attach(PRODUCED);
    attach(CONSUMED);
    watch.peer = peer_acts;
    for (unsigned i = 0; i < ROUNDS; i++)
        some_call(CONSUMED);
    assert_true(nonsense > 100); /* it was bad indeed, and was caught */
    expect_good(PRODUCED);
}

/* A good peer who looks at any moment: what is in the ring is whole, and what is not may be written
 * over. */
static void peer_looks(void)
{
    const struct bh_ring_head *producer = (void *)watch.part[PRODUCED];
    const struct bh_ring_head *consumer = (void *)watch.part[CONSUMED];
    uint32_t taken = (uint32_t)consumer->state, put = (uint32_t)producer->state;

    for (uint32_t i = taken; i != taken + COUNT; i++) {
        uint64_t *message = watch.part[PRODUCED] + 8 + i % COUNT * WORDS;

        for (unsigned k = 0; k < WORDS; k++)
            if (i - taken < put - taken)
                assert_int_equal(message[k], message[0] + k);
            else if (watch.mine == CONSUMED)
                message[k] = 0xbad;
    }
}

static void test_good_peer(void **state)
{
    uint64_t number = 0, taken = 0;

    (void)state;
    attach(PRODUCED);
    attach(CONSUMED);
    watch.peer = peer_looks;
    put(0);
    take(&number);
    for (uint64_t i = 0; taken < 100;) {
        while (put(i) == BH_RING_OK)
            i++;
        while (take(&number) == BH_RING_OK)
            assert_int_equal(number, taken++);
    }
}

/* A consumer's index far ahead or far behind, one value after the other. */
static void test_bad_indices(void **state)
{
    static const uint32_t bad[] = {1, 2, COUNT, 0x80000000, 0xfffffffb, 0x7fffffff, 5000};
    struct bh_ring_head *consumer = (void *)watch.part[CONSUMED];
    uint64_t good, number = 0;

    (void)state;
    attach(PRODUCED);
    attach(CONSUMED);
    put(0);
    assert_int_equal(take(&number), BH_RING_NEW_PEER);
    good = consumer->state;
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        consumer->state = good >> 32 << 32 | (uint32_t)(good + bad[i]);
        assert_int_equal(put(1), BH_RING_NONSENSE);
        watch_begin(PRODUCED);
        assert_true(bh_ring_wait(&out.side)); /* and no reason to look all day */
    }
    consumer->state = good;
    assert_int_equal(put(7), BH_RING_OK);
    assert_int_equal(take(&number), BH_RING_OK);
    assert_int_equal(number, 7);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest ring_hostile[] = {
        TEST(test_hostile_consumer),
        TEST(test_hostile_producer),
        TEST(test_good_peer),
        TEST(test_bad_indices),
    };

    return cmocka_run_group_tests(ring_hostile, NULL, NULL);
}
