/* SPDX-License-Identifier: BSD-2-Clause */
/* The ring between partitions: order, wrap-around, full and empty, ends that begin anew, doorbells,
 * and what is refused. A peer that does not play by the rules: test_ring_hostile.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bulkhead/ring.h>

enum { COUNT = 8, WORDS = 3, MESSAGE = WORDS * 8, PART = 256 };

/* Words behind the parts must stay as they are. */
static uint64_t produced[PART / 8 + 8] __attribute__((aligned(64)));
static uint64_t consumed[BH_RING_HEAD / 8 + 8] __attribute__((aligned(64)));
static struct bh_ring_layout layout;
static struct bh_ring_producer out;
static struct bh_ring_consumer in;

static struct bh_ring_head *head_of(uint64_t *part)
{
    return (struct bh_ring_head *)(void *)part;
}

static int setup(void **state)
{
    (void)state;
    memset(produced, 0, sizeof(produced));
    memset(consumed, 0, sizeof(consumed));
    memset(&out, 0xaa, sizeof(out)); /* attaching leaves nothing to chance */
    memset(&in, 0xaa, sizeof(in));
    layout = (struct bh_ring_layout){produced, PART, consumed, BH_RING_HEAD, MESSAGE, COUNT};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 8; i++)
        if (produced[PART / 8 + i] || consumed[BH_RING_HEAD / 8 + i])
            return 1;
    return 0;
}

static int put(uint64_t number)
{
    uint64_t message[WORDS] = {number, number * 3, ~number};

    return bh_ring_put(&out, message);
}

/* The number of the message that must be there. */
static uint64_t take(void)
{
    uint64_t message[WORDS + 1] = {0, 0, 0, 0x5a5a};

    assert_int_equal(bh_ring_take(&in, message), BH_RING_OK);
    assert_int_equal(message[1], message[0] * 3);
    assert_int_equal(message[2], ~message[0]);
    assert_int_equal(message[3], 0x5a5a);
    return message[0];
}

static int take_nothing(void)
{
    uint64_t message[WORDS] = {1, 2, 3};
    int status = bh_ring_take(&in, message);

    assert_true(message[0] == 1 && message[1] == 2 && message[2] == 3);
    return status;
}

static void attach(void)
{
    assert_int_equal(bh_ring_attach_producer(&out, &layout), BH_RING_OK);
    assert_int_equal(bh_ring_attach_consumer(&in, &layout), BH_RING_OK);
}

/* Attached, and both know each other. */
static void meet(void)
{
    attach();
    assert_int_equal(put(0), BH_RING_NEW_PEER);
    assert_int_equal(take_nothing(), BH_RING_NEW_PEER);
}

/* As if that many messages had gone by. */
static void set_index(uint32_t index)
{
    head_of(produced)->state = head_of(produced)->state >> 32 << 32 | index;
    head_of(consumed)->state = head_of(consumed)->state >> 32 << 32 | index;
    out.side.index = in.side.index = index;
}

static void test_size(void **state)
{
    (void)state;
    assert_int_equal(bh_ring_size(8, 1), 128);
    assert_int_equal(bh_ring_size(MESSAGE, COUNT), PART);
    assert_int_equal(bh_ring_size(72, 1), 192);
    assert_int_equal(bh_ring_size(BH_RING_MAX_MESSAGE, BH_RING_MAX_COUNT), 64 + (1ull << 28));
    assert_int_equal(bh_ring_size(0, 8), 0);
    assert_int_equal(bh_ring_size(12, 8), 0);
    assert_int_equal(bh_ring_size(BH_RING_MAX_MESSAGE + 8, 8), 0);
    assert_int_equal(bh_ring_size(8, 0), 0);
    assert_int_equal(bh_ring_size(8, 12), 0);
    assert_int_equal(bh_ring_size(8, BH_RING_MAX_COUNT * 2), 0);
}

static void refused(int status)
{
    assert_int_equal(bh_ring_attach_producer(&out, &layout), status);
    assert_int_equal(bh_ring_attach_consumer(&in, &layout), status);
    for (unsigned i = 0; i < PART / 8; i++)
        assert_int_equal(produced[i], 0);
    assert_int_equal(head_of(consumed)->magic, 0);
    setup(NULL);
}

static void test_refused(void **state)
{
    (void)state;
    layout.produced_size = PART - 8;
    refused(BH_RING_ERR_RANGE);
    layout.consumed_size = BH_RING_HEAD - 8;
    refused(BH_RING_ERR_RANGE);
    layout.message = 20;
    refused(BH_RING_ERR_RANGE);
    layout.count = 6;
    refused(BH_RING_ERR_RANGE);
    layout.produced = produced + 1;
    refused(BH_RING_ERR_ALIGN);
    layout.consumed = (char *)consumed + 4;
    refused(BH_RING_ERR_ALIGN);
}

/* What stands in the shared memory is part of the interface. */
static void test_head(void **state)
{
    (void)state;
    meet();
    assert_int_equal(put(1), BH_RING_OK);
    assert_memory_equal(produced, "BHRING\1\0", 8);
    assert_memory_equal(consumed, "BHRING\1\0", 8);
    assert_int_equal(produced[1], 8ull << 32 | MESSAGE);
    assert_int_equal(consumed[1], 8ull << 32 | MESSAGE);
    assert_int_equal(produced[2], 1ull << 32 | 1);
    assert_int_equal(consumed[2], 1ull << 32);
    assert_int_equal(produced[3], 1ull << 32);
    assert_int_equal(produced[8], 1);
}

static void test_absent(void **state)
{
    (void)state;
    assert_int_equal(bh_ring_attach_producer(&out, &layout), BH_RING_OK);
    assert_int_equal(put(1), BH_RING_ABSENT);
    assert_int_equal(bh_ring_peer(&out.side), 0);
    assert_true(bh_ring_wait(&out.side));
    assert_int_equal(bh_ring_attach_consumer(&in, &layout), BH_RING_OK);
    assert_true(bh_ring_must_ring(&in.side)); /* the producer waits for somebody to come */
    assert_int_equal(put(1), BH_RING_NEW_PEER);
    assert_int_equal(bh_ring_peer(&out.side), 1);
    assert_int_equal(put(1), BH_RING_OK);
    setup(NULL);
    assert_int_equal(bh_ring_attach_consumer(&in, &layout), BH_RING_OK);
    assert_int_equal(take_nothing(), BH_RING_ABSENT);
}

static void test_full_and_empty(void **state)
{
    (void)state;
    meet();
    assert_int_equal(take_nothing(), BH_RING_EMPTY);
    for (uint64_t i = 0; i < COUNT; i++)
        assert_int_equal(put(i), BH_RING_OK);
    assert_int_equal(put(99), BH_RING_FULL);
    assert_int_equal(take(), 0);
    assert_int_equal(put(COUNT), BH_RING_OK);
    assert_int_equal(put(99), BH_RING_FULL);
    for (uint64_t i = 1; i <= COUNT; i++)
        assert_int_equal(take(), i);
    assert_int_equal(take_nothing(), BH_RING_EMPTY);
}

static void test_order(void **state)
{
    uint64_t sent = 0, received = 0;

    (void)state;
    meet();
    set_index(0xffffff00); /* the indices wrap on the way */
    srandom(1);
    while (received < 2000) {
        for (long n = random() % (COUNT + 2); n; n--)
            if (put(sent) == BH_RING_OK)
                sent++;
            else
                assert_int_equal(sent - received, COUNT);
        for (long n = random() % (COUNT + 2); n; n--)
            if (sent != received)
                assert_int_equal(take(), received++);
            else
                assert_int_equal(take_nothing(), BH_RING_EMPTY);
    }
    assert_true(in.side.index < 0xffffff00);
}

/* The producer ends and begins anew: what it has put comes first, then who took it is told. */
static void test_new_producer(void **state)
{
    (void)state;
    meet();
    for (uint64_t i = 0; i < 3; i++)
        put(i);
    assert_int_equal(take(), 0);
    assert_int_equal(bh_ring_attach_producer(&out, &layout), BH_RING_OK);
    assert_int_equal(put(99), BH_RING_NEW_PEER);
    assert_int_equal(put(100), BH_RING_OK);
    assert_int_equal(take(), 1);
    assert_int_equal(take(), 2);
    assert_int_equal(bh_ring_peer(&in.side), 1);
    assert_int_equal(take_nothing(), BH_RING_NEW_PEER);
    assert_int_equal(bh_ring_peer(&in.side), 2);
    assert_int_equal(take(), 100);
    assert_int_equal(take_nothing(), BH_RING_EMPTY);
}

static void test_new_consumer(void **state)
{
    (void)state;
    meet();
    for (uint64_t i = 0; i < COUNT; i++)
        put(i);
    assert_int_equal(take(), 0);
    assert_int_equal(bh_ring_attach_consumer(&in, &layout), BH_RING_OK);
    assert_int_equal(put(99), BH_RING_NEW_PEER);
    assert_int_equal(put(COUNT), BH_RING_OK);
    assert_int_equal(put(99), BH_RING_FULL);
    assert_int_equal(take_nothing(), BH_RING_NEW_PEER);
    for (uint64_t i = 1; i <= COUNT; i++)
        assert_int_equal(take(), i);
    assert_int_equal(bh_ring_peer(&out.side), 2);
}

/* Several generations unseen, and the number that is left out. */
static void test_generations(void **state)
{
    (void)state;
    meet();
    put(1);
    head_of(produced)->state |= 0xfffffffeull << 32;
    bh_ring_attach_producer(&out, &layout);
    bh_ring_attach_producer(&out, &layout);
    put(0);
    put(2);
    assert_int_equal(take(), 1);
    assert_int_equal(take_nothing(), BH_RING_NEW_PEER);
    assert_int_equal(bh_ring_peer(&in.side), 2); /* after 0xffffffff comes 1 */
    assert_int_equal(take(), 2);
    assert_int_equal(take_nothing(), BH_RING_EMPTY);
}

/* Between the two words that a new generation writes. */
static void test_half_begun(void **state)
{
    (void)state;
    meet();
    put(7);
    bh_ring_attach_producer(&out, &layout);
    head_of(produced)->start = 3ull << 32 | 1;
    assert_int_equal(take_nothing(), BH_RING_EMPTY);
    bh_ring_attach_producer(&out, &layout);
    assert_int_equal(take(), 7);
    assert_int_equal(take_nothing(), BH_RING_NEW_PEER);
}

static void test_other_geometry(void **state)
{
    (void)state;
    meet();
    put(1);
    put(2);
    layout.count = COUNT / 2;
    bh_ring_attach_producer(&out, &layout);
    assert_int_equal(put(3), BH_RING_MISMATCH);
    assert_int_equal(take_nothing(), BH_RING_MISMATCH);
    assert_true(bh_ring_wait(&in.side)); /* and not all day long */
    bh_ring_attach_consumer(&in, &layout);
    assert_int_equal(put(3), BH_RING_NEW_PEER);
    assert_int_equal(put(3), BH_RING_OK);
    assert_int_equal(take_nothing(), BH_RING_NEW_PEER);
    assert_int_equal(take(), 3);
    layout.count = COUNT;
    layout.message = MESSAGE - 8;
    bh_ring_attach_producer(&out, &layout);
    assert_int_equal(take_nothing(), BH_RING_MISMATCH);
    layout.message = MESSAGE;
    layout.count = COUNT / 2;
    bh_ring_attach_producer(&out, &layout);
    head_of(produced)->magic += 1ull << 48;
    assert_int_equal(take_nothing(), BH_RING_MISMATCH);
}

/* In memory that held something else: generation and index are what they are, and both agree. */
static void test_found_garbage(void **state)
{
    (void)state;
    memset(produced, 0x77, PART);
    memset(consumed, 0x12, BH_RING_HEAD);
    meet();
    for (uint64_t i = 0; i < COUNT; i++)
        assert_int_equal(put(i), BH_RING_OK);
    for (uint64_t i = 0; i < COUNT; i++)
        assert_int_equal(take(), i);
}

/* A head that fits and an index that does not: both go on with an empty ring. */
static void test_found_nonsense(void **state)
{
    (void)state;
    meet();
    head_of(produced)->state += 100;
    bh_ring_attach_producer(&out, &layout);
    assert_int_equal(put(1), BH_RING_NEW_PEER);
    assert_int_equal(put(1), BH_RING_OK);
    assert_int_equal(take_nothing(), BH_RING_NEW_PEER);
    assert_int_equal(take(), 1);
    head_of(consumed)->state += 100;
    bh_ring_attach_consumer(&in, &layout);
    assert_int_equal(take_nothing(), BH_RING_NEW_PEER);
    assert_int_equal(take_nothing(), BH_RING_EMPTY);
    assert_int_equal(put(2), BH_RING_NEW_PEER);
    assert_int_equal(put(2), BH_RING_OK);
    assert_int_equal(take(), 2);
}

/* An index that cannot be, from a producer that goes on: nothing of it is taken. */
static void test_nonsense(void **state)
{
    (void)state;
    meet();
    put(1);
    head_of(produced)->state += 100;
    assert_int_equal(take_nothing(), BH_RING_NONSENSE);
    assert_false(bh_ring_wait(&in.side));
    assert_int_equal(take_nothing(), BH_RING_EMPTY);
    assert_int_equal((uint32_t)head_of(consumed)->state, 101);
    assert_true(bh_ring_wait(&in.side));
}

static void test_doorbell_for_messages(void **state)
{
    (void)state;
    attach();
    assert_false(bh_ring_wait(&in.side)); /* who has not looked does not wait */
    assert_int_equal(take_nothing(), BH_RING_NEW_PEER);
    assert_false(bh_ring_wait(&in.side));
    assert_int_equal(take_nothing(), BH_RING_EMPTY);
    assert_false(bh_ring_must_ring(&out.side));
    assert_true(bh_ring_wait(&in.side));
    put(0);
    assert_int_equal(put(1), BH_RING_OK);
    assert_true(bh_ring_must_ring(&out.side));
    assert_false(bh_ring_must_ring(&out.side)); /* once */
    assert_int_equal(put(2), BH_RING_OK);
    assert_false(bh_ring_must_ring(&out.side));
    bh_ring_awake(&in.side);
    take();
    assert_false(bh_ring_wait(&in.side));
    take();
    take_nothing();
    assert_true(bh_ring_wait(&in.side)); /* a new wait, a new doorbell */
    assert_true(bh_ring_must_ring(&out.side));
    bh_ring_awake(&in.side);
    assert_false(bh_ring_must_ring(&out.side));
    take_nothing();
    put(3);
    assert_false(bh_ring_wait(&in.side)); /* something has come meanwhile */
    assert_int_equal(head_of(consumed)->waits, 0);
}

static void test_doorbell_for_room(void **state)
{
    (void)state;
    meet();
    for (uint64_t i = 0; i < COUNT; i++)
        put(i);
    assert_false(bh_ring_wait(&out.side));
    put(99);
    assert_true(bh_ring_wait(&out.side));
    take();
    assert_true(bh_ring_must_ring(&in.side));
    bh_ring_awake(&out.side);
    assert_int_equal(put(COUNT), BH_RING_OK);
    put(99);
    bh_ring_attach_consumer(&in, &layout);
    bh_ring_attach_producer(&out, &layout);
    put(99);
    put(99);
    assert_true(bh_ring_wait(&out.side));
    assert_true(bh_ring_must_ring(&in.side));
    bh_ring_attach_consumer(&in, &layout);
    assert_true(bh_ring_must_ring(&in.side)); /* a new consumer does not know what was rung */
    bh_ring_attach_producer(&out, &layout);
    assert_int_equal(head_of(produced)->waits, 0);
    put(99);
    put(99);
    assert_true(bh_ring_wait(&out.side)); /* the first of this generation, as the one before */
    assert_true(bh_ring_must_ring(&in.side));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest ring[] = {
        TEST(test_size),
        TEST(test_refused),
        TEST(test_head),
        TEST(test_absent),
        TEST(test_full_and_empty),
        TEST(test_order),
        TEST(test_new_producer),
        TEST(test_new_consumer),
        TEST(test_generations),
        TEST(test_half_begun),
        TEST(test_other_geometry),
        TEST(test_found_garbage),
        TEST(test_found_nonsense),
        TEST(test_nonsense),
        TEST(test_doorbell_for_messages),
        TEST(test_doorbell_for_room),
    };

    return cmocka_run_group_tests(ring, NULL, NULL);
}
