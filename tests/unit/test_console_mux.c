/* SPDX-License-Identifier: BSD-2-Clause */
/* The console's lines: prefixes, turns, lines that are not complete, keys and where they go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/console/mux.h"

enum { PORTS = 3 };

static struct bh_console_port shared[PORTS];
static struct bh_console_ring out[PORTS], in[PORTS]; /* the monitors' sides */
static struct mux mux;
static struct bh_console_config config;
static char screen[200000];

static int setup(void **state)
{
    static const char *const names[PORTS] = {"a", "b", "quiet"};

    (void)state;
    memset(shared, 0, sizeof(shared));
    memset(&mux, 0, sizeof(mux));
    memset(&config, 0, sizeof(config));
    config.ports = PORTS;
    for (uint32_t i = 0; i < PORTS; i++) {
        strcpy(config.port[i].name, names[i]);
        config.port[i].input = i < 2;
        out[i] = bh_console_ring_producer(shared[i].output, BH_CONSOLE_OUTPUT,
                                          &shared[i].monitor.output, &shared[i].service.output);
        in[i] = bh_console_ring_consumer(shared[i].input, BH_CONSOLE_INPUT,
                                         &shared[i].monitor.input, &shared[i].service.input);
    }
    mux_init(&mux, &config, shared);
    return 0;
}

static void say(uint32_t port, const char *text)
{
    for (; *text; text++)
        bh_console_ring_put(&out[port], *text == '@' ? BH_CONSOLE_NOTE : (uint8_t)*text);
    bh_console_ring_publish(&out[port]);
}

static const char *see(void)
{
    size_t length = 0;
    int c;

    do
        while ((c = mux_next(&mux)) >= 0)
            screen[length++] = (char)c;
    while (mux_more(&mux));
    screen[length] = 0;
    return screen;
}

static void expect_typed(uint32_t port, const char *text)
{
    for (; *text; text++) {
        assert_true(bh_console_ring_used(&in[port]) > 0);
        assert_int_equal(bh_console_ring_get(&in[port]), *text);
    }
    assert_int_equal(bh_console_ring_used(&in[port]), 0);
    bh_console_ring_publish(&in[port]);
}

static void type(const char *text)
{
    while (*text)
        mux_key(&mux, (uint8_t)*text++);
}

static void look(uint32_t times)
{
    while (times--) {
        assert_true(mux_looking(&mux));
        mux_look(&mux);
    }
}

static void test_turns(void **state)
{
    (void)state;
    say(0, "one\r\ntwo\n\n\tx\a\x7f\x1b[1m\n");
    say(1, "uno\ndos\n");
    say(2, "@started at=1us\nhalf");
    assert_string_equal(see(), "[a] one\n[b] uno\nquiet started at=1us\n[a] two\n[b] dos\n[a] \n"
                               "[a] \tx\x1b[1m\n");
    say(1, "tres");
    assert_string_equal(see(), ""); /* b is not typed at: a line comes when it is complete */
    say(2, "\n");
    say(1, "\n");
    assert_string_equal(see(), "[b] tres\n[quiet] half\n");
}

static void test_long_lines(void **state)
{
    char line[LINE_MAX + 1], expected[2048];

    (void)state;
    memset(line, 'x', LINE_MAX);
    line[LINE_MAX] = 0;
    say(0, line);
    say(0, "\nshort\n"); /* it was full: its end adds no empty one */
    say(0, line);
    say(0, "y\n\n");
    snprintf(expected, sizeof(expected), "[a] %s\n[a] short\n[a] %s\n[a] y\n[a] \n", line, line);
    assert_string_equal(see(), expected);
}

/* A guest stays behind its prefix, and what it draws over its own text comes out drawn. */
static void test_carriage_return(void **state)
{
    (void)state;
    say(0, "10%\r20%\rdone\r\r\n\b\bx\by\r\n\r\n");
    assert_string_equal(see(), "[a] done\n[a] y\n[a] \n");
    say(1, "@ended off\n");
    say(0, "cut@lost 3 characters\n\nmore\n");
    assert_string_equal(see(), "b ended off\n[a] cut\na lost 3 characters\n[a] more\n");
}

static void test_stamps(void **state)
{
    (void)state;
    mux.stamps = true;
    mux.now = 1234567;
    say(0, "x\n");
    assert_string_equal(see(), "1.234567 [a] x\n");
    mux.now = 42;
    say(0, "@note\n");
    assert_string_equal(see(), "0.000042 a note\n");
    mux.now = ~0ull;
    say(0, "y\n");
    assert_string_equal(see(), "18446744073709.551615 [a] y\n");
}

static void test_prompt_shows_after_a_while(void **state)
{
    (void)state;
    say(0, "login: ");
    assert_string_equal(see(), "");
    look(MUX_LOOKS - 1);
    assert_string_equal(see(), "");
    say(0, "");
    look(1);
    assert_string_equal(see(), "[a] login: ");
    assert_false(mux_looking(&mux));
    say(0, "root");
    assert_string_equal(see(), "root"); /* it stands there: the terminal follows */
    say(1, "other\n");
    assert_string_equal(see(), "\n[b] other\n"); /* never inside another's line */
    say(0, "\bx\n");
    assert_string_equal(see(), "[a] login: roox\n");
}

static void test_echo(void **state)
{
    (void)state;
    type("ls");
    assert_int_equal(mux.ring, 1);
    expect_typed(0, "ls");
    say(0, "$ ls");
    assert_string_equal(see(), "[a] $ ls");
    say(0, "\b \b");
    assert_string_equal(see(), "\b \b");
    say(1, "noise\n");
    assert_string_equal(see(), "\n[b] noise\n");
    assert_string_equal(see(), ""); /* not again with each line of others */
    look(MUX_LOOKS - 1);
    assert_string_equal(see(), "[a] $ l \b");
    say(0, "\rp\n");
    assert_string_equal(see(), "\r[a] p\n");
}

static void test_switch(void **state)
{
    (void)state;
    type("x\1\1y");
    expect_typed(0, "x\1\1y");
    say(1, "b> ");
    assert_string_equal(see(), "");
    type("\1\1\1");
    assert_string_equal(see(), "console: input goes to b\n[b] b> ");
    mux.ring = 0;
    type("z");
    assert_int_equal(mux.ring, 2);
    expect_typed(1, "z");
    expect_typed(0, "");
    type("\1\1\1"); /* quiet has no UART */
    assert_string_equal(see(), "\nconsole: input goes to a\n");
    mux_end(&mux, 1, true);
    assert_string_equal(see(), "[b] b> \n"); /* what it had begun to say is its last line */
    type("\1\1\1");
    assert_string_equal(see(), "console: input goes to a\n");
    mux_end(&mux, 0, true);
    type("\1\1\1k");
    assert_string_equal(see(), "console: input goes to nobody\n");
    mux_end(&mux, 1, false); /* begun again */
    type("\1\1\1");
    assert_string_equal(see(), "console: input goes to b\n");
}

static void test_full_input(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < BH_CONSOLE_INPUT; i++)
        type("k");
    assert_int_equal(shared[0].service.lost, 0);
    type("ll");
    assert_int_equal(shared[0].service.lost, 2);
    assert_int_equal(bh_console_ring_used(&in[0]), BH_CONSOLE_INPUT);
}

/* One that never stops does not keep the others from their turns, nor does its nonsense. */
static void test_flood(void **state)
{
    char *at;

    (void)state;
    for (uint32_t i = 0; i < 400; i++)
        say(0, "flood\n");
    say(1, "one\ntwo\n");
    say(2, "three\n");
    at = strstr(see(), "[b] two\n");
    assert_non_null(at);
    assert_true(at - screen < 60);
    assert_non_null(strstr(screen, "[quiet] three\n"));

    shared[0].monitor.output += 0x40000000; /* and an index that no honest monitor has */
    for (uint32_t i = 0; i < 10; i++)
        assert_true(mux_next(&mux) >= -1);
    say(1, "four\n");
    for (uint32_t i = 0; i < 4 * MUX_PENDING; i++)
        screen[i] = (char)mux_next(&mux), screen[i + 1] = 0;
    assert_non_null(strstr(screen, "[b] four\n"));
}

static void test_room(void **state)
{
    char line[64] = "0123456789012345678901234567890123456789012345678901234567890\n";

    (void)state;
    for (uint32_t i = 0; i < 60; i++)
        say(0, line);
    shared[0].monitor.stuck++;
    for (uint32_t i = 0; i < 20 * 66; i++)
        mux_next(&mux);
    assert_int_equal(mux.ring, 0);
    see();
    assert_int_equal(mux.ring, 1);
    mux.ring = 0;
    say(0, line);
    see();
    assert_int_equal(mux.ring, 0); /* once */
}

static void test_sleep(void **state)
{
    (void)state;
    assert_true(mux_sleep(&mux));
    assert_int_equal(shared[0].service.wants, BH_CONSOLE_LINES);
    say(1, "x\n");
    assert_false(mux_sleep(&mux)); /* it came meanwhile */
    mux_wake(&mux);
    assert_int_equal(shared[1].service.wants, BH_CONSOLE_NOTHING);
    type("k"); /* from now on characters count */
    see();
    assert_true(mux_sleep(&mux));
    assert_int_equal(shared[0].service.wants, BH_CONSOLE_ALL);
    assert_int_equal(shared[1].service.wants, BH_CONSOLE_LINES);
}

static void test_own_lines(void **state)
{
    (void)state;
    type("k");
    say(0, "$ ");
    assert_string_equal(see(), "[a] $ ");
    assert_true(mux_say(&mux, "b", " failed"));
    assert_false(mux_say(&mux, "b", " again")); /* one after the other */
    assert_string_equal(see(), "\nb failed\n");
    /* Random bytes: nothing but the sanitizers looks. */
    srandom(7);
    for (uint32_t i = 0; i < 30000; i++) {
        bh_console_ring_put(&out[i % 2], (uint8_t)random());
        bh_console_ring_publish(&out[i % 2]);
        if (i % 97 == 0)
            type(i % 5 ? "q" : "\1\1\1");
        if (i % 7 == 0 && mux_looking(&mux))
            mux_look(&mux);
        if (i % 50 == 0)
            see();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_turns, setup),
        cmocka_unit_test_setup(test_long_lines, setup),
        cmocka_unit_test_setup(test_carriage_return, setup),
        cmocka_unit_test_setup(test_stamps, setup),
        cmocka_unit_test_setup(test_prompt_shows_after_a_while, setup),
        cmocka_unit_test_setup(test_echo, setup),
        cmocka_unit_test_setup(test_switch, setup),
        cmocka_unit_test_setup(test_full_input, setup),
        cmocka_unit_test_setup(test_flood, setup),
        cmocka_unit_test_setup(test_room, setup),
        cmocka_unit_test_setup(test_sleep, setup),
        cmocka_unit_test_setup(test_own_lines, setup),
    };

    return cmocka_run_group_tests_name("console_mux", tests, NULL, NULL);
}
