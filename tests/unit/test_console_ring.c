/* SPDX-License-Identifier: BSD-2-Clause */
/* The rings between monitor and console: order, wrap-around, ends that begin anew, and a peer that
 * writes what it likes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <bulkhead/console.h>

enum { SIZE = 64 };

static uint8_t data[SIZE];
static uint32_t put_index, taken_index;
static struct bh_console_ring out, in;

static int setup(void **state)
{
    (void)state;
    memset(data, 0, sizeof(data));
    put_index = taken_index = 0;
    out = bh_console_ring_producer(data, SIZE, &put_index, &taken_index);
    in = bh_console_ring_consumer(data, SIZE, &taken_index, &put_index);
    return 0;
}

static void test_order(void **state)
{
    uint32_t sent = 0, received = 0;

    (void)state;
    put_index = taken_index = 0xffffffd0; /* the indices wrap on the way */
    out = bh_console_ring_producer(data, SIZE, &put_index, &taken_index);
    in = bh_console_ring_consumer(data, SIZE, &taken_index, &put_index);
    srandom(1);
    while (received < 1000) {
        for (uint32_t n = bh_console_ring_room(&out)
                              ? (uint32_t)random() % (bh_console_ring_room(&out) + 1)
                              : 0;
             n; n--)
            bh_console_ring_put(&out, (uint8_t)(sent++ * 7));
        bh_console_ring_publish(&out);
        for (uint32_t n = bh_console_ring_used(&in)
                              ? (uint32_t)random() % (bh_console_ring_used(&in) + 1)
                              : 0;
             n; n--)
            assert_int_equal(bh_console_ring_get(&in), (uint8_t)(received++ * 7));
        bh_console_ring_publish(&in);
    }
}

static void test_full_and_empty(void **state)
{
    (void)state;
    assert_int_equal(bh_console_ring_used(&in), 0);
    assert_int_equal(bh_console_ring_room(&out), SIZE);
    for (uint32_t i = 0; i < SIZE; i++)
        bh_console_ring_put(&out, (uint8_t)i);
    assert_int_equal(bh_console_ring_room(&out), 0);
    assert_int_equal(bh_console_ring_used(&in), 0); /* not before it is published */
    bh_console_ring_publish(&out);
    assert_int_equal(bh_console_ring_used(&in), SIZE);
    bh_console_ring_get(&in);
    assert_int_equal(bh_console_ring_room(&out), 0);
    bh_console_ring_publish(&in);
    assert_int_equal(bh_console_ring_room(&out), 1);
}

/* Whatever the peer's index says: never more than a ring full, and nothing outside is touched (the
 * sanitizers look). */
static void test_hostile_peer(void **state)
{
    static const uint32_t wild[] = {1, SIZE, SIZE + 1, 0x7fffffff, 0x80000000, 0xffffffff};

    (void)state;
    for (uint32_t i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
        setup(NULL);
        put_index = wild[i];
        assert_true(bh_console_ring_used(&in) <= SIZE);
        for (uint32_t n = bh_console_ring_used(&in); n; n--)
            bh_console_ring_get(&in);
        bh_console_ring_publish(&in);
        setup(NULL);
        taken_index = wild[i];
        assert_true(bh_console_ring_room(&out) <= SIZE);
        for (uint32_t n = bh_console_ring_room(&out); n; n--)
            bh_console_ring_put(&out, 1);
        bh_console_ring_publish(&out);
    }
    setup(NULL);
    taken_index = 1; /* taken what was never put: no room, until it is sane again */
    assert_int_equal(bh_console_ring_room(&out), 0);
    put_index = 0x1000; /* its own index, written by the peer: it keeps its own */
    assert_int_equal(out.index, 0);
}

static void test_one_side_begins_anew(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 10; i++)
        bh_console_ring_put(&out, (uint8_t)i);
    bh_console_ring_publish(&out);
    bh_console_ring_get(&in);
    bh_console_ring_publish(&in);
    out = bh_console_ring_producer(data, SIZE, &put_index,
                                   &taken_index); /* what it had said is not lost */
    assert_int_equal(bh_console_ring_used(&in), 9);
    in = bh_console_ring_consumer(data, SIZE, &taken_index, &put_index);
    assert_int_equal(bh_console_ring_get(&in), 1);
    put_index = 0x12345; /* left behind by one that failed */
    out = bh_console_ring_producer(data, SIZE, &put_index, &taken_index);
    assert_int_equal(bh_console_ring_room(&out), SIZE);
    taken_index = 0x54321;
    in = bh_console_ring_consumer(data, SIZE, &taken_index, &put_index);
    assert_int_equal(bh_console_ring_used(&in), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_order, setup),
        cmocka_unit_test_setup(test_full_and_empty, setup),
        cmocka_unit_test_setup(test_hostile_peer, setup),
        cmocka_unit_test_setup(test_one_side_begins_anew, setup),
    };

    return cmocka_run_group_tests_name("console_ring", tests, NULL, NULL);
}
