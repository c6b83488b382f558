/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual UART before the console service: FIFOs with their levels, flags and interrupts,
 * input, waiting for room, and what is lost when nobody drains. */
#include "monitor_fake.h"

#include "monitor/alarm.c"
#include "monitor/direct.c"
#include "monitor/line.c"
#include "monitor/port.c"
#include "monitor/text.c"
#include "monitor/vuart.c"

enum { FEN = 0x10, ROOM = BH_CONSOLE_OUTPUT - BH_CONSOLE_RESERVE };

static struct bh_console_port shared;
static struct bh_console_ring out, in; /* the service's sides */
static char seen[BH_CONSOLE_OUTPUT + 1];

static int begin(bool drop)
{
    memset(&uart, 0, sizeof(uart));
    memset(alarms, 0, sizeof(alarms));
    memset(&port, 0, sizeof(port));
    memset(&shared, 0, sizeof(shared));
    uart.kept[KEPT_CR] = 0x300;
    uart.kept[KEPT_IFLS] = 0x12;
    fake_now = 1000000;
    port.name = fake_config.name;
    port.dropping = drop;
    port_attach(&shared);
    out = bh_console_ring_consumer(shared.output, BH_CONSOLE_OUTPUT, &shared.service.output,
                                   &shared.monitor.output);
    in = bh_console_ring_producer(shared.input, BH_CONSOLE_INPUT, &shared.service.input,
                                  &shared.monitor.input);
    return fake_reset(NULL);
}

static int setup(void **state)
{
    (void)state;
    return begin(false);
}

static void write(uint64_t offset, uint64_t value)
{
    vuart_write(&fake_config, 0, offset, value);
}

static uint64_t read(uint64_t offset)
{
    return vuart_read(&fake_config, 0, offset);
}

static void send(const char *text)
{
    while (*text)
        write(UARTDR, (unsigned char)*text++);
}

static void send_many(char c, uint32_t count)
{
    while (count--)
        write(UARTDR, (unsigned char)c);
}

/* What the service finds in the ring; a note begins with '@'. */
static const char *drain(void)
{
    uint32_t length = 0;

    for (uint32_t n = bh_console_ring_used(&out); n; n--) {
        uint8_t byte = bh_console_ring_get(&out);

        seen[length++] = byte == BH_CONSOLE_NOTE ? '@' : (char)byte;
    }
    seen[length] = 0;
    bh_console_ring_publish(&out);
    return seen;
}

static void type(const char *text)
{
    for (; *text; text++)
        bh_console_ring_put(&in, (uint8_t)*text);
    bh_console_ring_publish(&in);
    vuart_event(&fake_config, 0);
}

static void test_text(void **state)
{
    struct text text = {.length = 0};

    (void)state;
    write(UARTDR, 0); /* would begin a note */
    send("one\r\ntwo");
    text_string(&text, "guest started");
    port_print(&text);
    text_string(&text, "guests are others");
    port_print(&text);
    assert_string_equal(drain(), "one\r\ntwo@started\n@guests are others\n");
    assert_int_equal(fake_count, 0); /* it did not ask to be woken */
    assert_int_equal(fake_writes, 0);
}

static uint32_t signals(void)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < fake_count; i++)
        count +=
            fake_calls[i].label == BH_EVENT_SIGNAL && fake_calls[i].slot == BH_MON_EVENT_CONSOLE;
    fake_reset(NULL);
    return count;
}

static void test_bell(void **state)
{
    (void)state;
    shared.service.wants = BH_CONSOLE_LINES;
    send("half");
    assert_int_equal(signals(), 0);
    send("\n");
    assert_int_equal(signals(), 1);
    shared.service.wants = BH_CONSOLE_ALL;
    send("xy");
    assert_int_equal(signals(), 2);
    shared.service.wants = BH_CONSOLE_NOTHING;
    send_many('x', BH_CONSOLE_OUTPUT / 2);
    shared.service.wants = BH_CONSOLE_LINES;
    send("x"); /* no line end, but a lot */
    assert_int_equal(signals(), 1);
    shared.service.wants = 77;
    send("\n");
    assert_int_equal(signals(), 0);
}

static void test_transmit_without_fifo(void **state)
{
    (void)state;
    send_many('x', ROOM);
    assert_int_equal(read(UARTFR), FR_TXFE | FR_RXFE);
    assert_int_equal(read(UARTRIS), INT_TX);
    send("y"); /* waits */
    assert_int_equal(read(UARTFR), FR_BUSY | FR_TXFF | FR_RXFE);
    assert_int_equal(read(UARTRIS), 0);
    send("z"); /* its flag said so: lost */
    bh_console_ring_get(&out);
    bh_console_ring_publish(&out);
    assert_int_equal(read(UARTFR), FR_TXFE | FR_RXFE);
    assert_int_equal(read(UARTRIS), INT_TX);
    drain();
    assert_int_equal(seen[ROOM - 2], 'x');
    assert_int_equal(seen[ROOM - 1], 'y');
    assert_int_equal(seen[ROOM], 0);
}

static void test_transmit_levels(void **state)
{
    static const uint32_t levels[5] = {4, 8, 16, 24, 28};

    (void)state;
    for (uint32_t field = 0; field < 5; field++) {
        begin(false);
        write(UARTLCR_H, FEN);
        write(UARTIFLS, field);
        send_many('x', ROOM);
        write(UARTICR, INT_TX);
        send_many('y', levels[field]);
        assert_int_equal(read(UARTFR), FR_BUSY | FR_RXFE);
        assert_int_equal(read(UARTRIS), INT_TX); /* not above the level */
        send_many('z', FIFO - levels[field]);
        assert_int_equal(read(UARTFR), FR_BUSY | FR_TXFF | FR_RXFE);
        assert_int_equal(read(UARTRIS), 0);
        for (uint32_t left = FIFO; left > 0; left--) {
            bh_console_ring_get(&out);
            bh_console_ring_publish(&out);
            assert_int_equal(read(UARTRIS), left - 1 <= levels[field] ? INT_TX : 0);
        }
        assert_int_equal(read(UARTFR), FR_TXFE | FR_RXFE);
    }
}

/* The interrupt comes when the console rings, and is a level. */
static void test_transmit_interrupt(void **state)
{
    (void)state;
    write(UARTLCR_H, FEN);
    send_many('x', ROOM);
    write(UARTICR, INT_TX);
    send_many('x', FIFO);
    write(UARTIMSC, INT_TX);
    fake_reset(NULL);
    assert_int_equal(shared.monitor.stuck, 1);
    drain();
    vuart_event(&fake_config, 0);
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_LINE, 32, 2, 2);
    assert_int_equal(strlen(drain()), FIFO);
    write(UARTICR, INT_TX);
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_LINE, 32, 0, 2);
    send_many('x', ROOM + 1);
    assert_int_equal(shared.monitor.stuck, 2); /* once for each time */
}

static void test_receive(void **state)
{
    (void)state;
    assert_int_equal(read(UARTDR), 0);
    write(UARTIMSC, INT_RX | INT_RT);
    type("ab");
    fake_reset(NULL);
    assert_int_equal(read(UARTFR), FR_RXFF | FR_TXFE); /* no FIFO: one character */
    assert_int_equal(read(UARTMIS), INT_RX);           /* no silence yet: b waits */
    assert_int_equal(read(UARTDR), 'a');
    assert_int_equal(read(UARTMIS), INT_RX | INT_RT);
    assert_int_equal(fake_count, 0);
    assert_int_equal(read(UARTDR), 'b');
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_LINE, 32, 0, 2);
    assert_int_equal(read(UARTFR), FR_RXFE | FR_TXFE);
    assert_int_equal(shared.monitor.input, 2);
}

static void test_receive_levels(void **state)
{
    static const uint32_t levels[5] = {4, 8, 16, 24, 28};

    (void)state;
    for (uint32_t field = 0; field < 5; field++) {
        begin(false);
        write(UARTLCR_H, FEN);
        write(UARTIFLS, field << 3);
        for (uint32_t i = 1; i <= FIFO; i++) {
            type("k");
            assert_int_equal(read(UARTRIS), (i >= levels[field] ? INT_RX : 0) | INT_RT);
        }
        assert_int_equal(read(UARTFR), FR_RXFF | FR_TXFE);
        write(UARTICR, INT_RT);
        type("l"); /* stays where it is */
        assert_int_equal(bh_console_ring_room(&in), BH_CONSOLE_INPUT - 1);
        for (uint32_t i = 0; i < FIFO; i++)
            assert_int_equal(read(UARTDR), 'k');
        assert_int_equal(read(UARTRIS), INT_RT);
        assert_int_equal(read(UARTDR), 'l');
        assert_int_equal(read(UARTRIS), 0);
    }
}

static void test_overrun(void **state)
{
    (void)state;
    type("a");
    shared.service.lost = 3;
    assert_int_equal(read(UARTDR), 'a');
    type("b");
    assert_int_equal(read(UARTRIS), INT_RX | INT_RT | INT_OE);
    assert_int_equal(read(UARTDR), 'b' | DR_OE);
    assert_int_equal(read(UARTRSR), 8);
    write(UARTRSR, 0);
    assert_int_equal(read(UARTRSR), 0);
    write(UARTICR, INT_OE);
    type("c");
    assert_int_equal(read(UARTRIS), INT_RX | INT_RT);
    assert_int_equal(read(UARTDR), 'c');
    type("d");
    write(UARTLCR_H, FEN); /* flushes */
    assert_int_equal(read(UARTFR), FR_RXFE | FR_TXFE);
    assert_int_equal(read(UARTRIS), 0);
}

/* So many looks without a change: the console is dead, and the guest goes on. */
static void look(uint32_t times)
{
    while (times--) {
        fake_now = alarms[0].at[ALARM_UART];
        assert_true(fake_now > 0);
        assert_int_equal(alarm_due(0), 1u << ALARM_UART);
        vuart_timer(&fake_config, 0);
        fake_reset(NULL);
    }
}

static void test_dead_console(void **state)
{
    (void)state;
    write(UARTLCR_H, FEN);
    send_many('x', ROOM + FIFO);
    assert_true(read(UARTFR) & FR_TXFF);
    look(PATIENCE - 1);
    bh_console_ring_get(&out); /* one character: it lives */
    bh_console_ring_publish(&out);
    look(PATIENCE);
    assert_true(read(UARTFR) & FR_BUSY);
    look(1);
    assert_int_equal(read(UARTFR), FR_TXFE | FR_RXFE);
    assert_int_equal(alarms[0].at[ALARM_UART], 0); /* and nobody looks any more */
    send_many('y', 10000);
    send("\n");
    assert_int_equal(read(UARTFR), FR_TXFE | FR_RXFE);
    drain(); /* it lives again */
    send("a line with its beginning lost\n");
    send("and one that is whole\n");
    drain();
    assert_string_equal(strchr(seen, '@'), "@lost 10063 characters\nand one that is whole\n");
    send_many('x', ROOM + 1);
    assert_true(read(UARTFR) & FR_BUSY); /* it waits again */
}

static void test_dropping(void **state)
{
    (void)state;
    begin(true);
    send_many('x', ROOM);
    send("yy\n");
    assert_int_equal(read(UARTFR), FR_TXFE | FR_RXFE);
    assert_int_equal(shared.monitor.stuck, 0);
    assert_int_equal(strlen(drain()), ROOM);
    send("\n");
    assert_string_equal(drain(), "@lost 4 characters\n");
    send("whole\n");
    assert_string_equal(drain(), "whole\n");
    send_many('x', ROOM + 5);
    vuart_flush(&fake_config);
    drain();
    assert_string_equal(seen + ROOM, "@lost 5 characters\n");
}

/* The last words of a partition that ends while it waits find room, and so do the monitor's. */
static void test_last_words(void **state)
{
    struct text text = {.length = 0};

    (void)state;
    write(UARTLCR_H, FEN);
    send_many('x', ROOM);
    send("last");
    vuart_flush(&fake_config);
    text_string(&text, "guest ended off");
    port_print(&text);
    drain();
    assert_string_equal(seen + ROOM, "last@ended off\n");
    for (uint32_t i = 0; i < BH_CONSOLE_OUTPUT; i++) { /* and never more than there is */
        text_string(&text, "guest once more");
        port_print(&text);
    }
    assert_true(bh_console_ring_used(&out) <= BH_CONSOLE_OUTPUT);
}

/* Whatever the service writes: the guest is served, and nothing else is touched. */
static void test_hostile_service(void **state)
{
    (void)state;
    srandom(3);
    for (uint32_t i = 0; i < 20000; i++) {
        uint32_t *words = (uint32_t *)&shared;

        words[16 + random() % 16] = random() % 3 ? (uint32_t)random() : words[random() % 32];
        write(UARTDR, (uint64_t)random() & 0xff);
        read(random() % 2 ? UARTDR : UARTFR);
        vuart_event(&fake_config, 0);
        fake_reset(NULL);
    }
    assert_false(fake_locked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_text, setup),
        cmocka_unit_test_setup(test_bell, setup),
        cmocka_unit_test_setup(test_transmit_without_fifo, setup),
        cmocka_unit_test_setup(test_transmit_levels, setup),
        cmocka_unit_test_setup(test_transmit_interrupt, setup),
        cmocka_unit_test_setup(test_receive, setup),
        cmocka_unit_test_setup(test_receive_levels, setup),
        cmocka_unit_test_setup(test_overrun, setup),
        cmocka_unit_test_setup(test_dead_console, setup),
        cmocka_unit_test_setup(test_dropping, setup),
        cmocka_unit_test_setup(test_last_words, setup),
        cmocka_unit_test_setup(test_hostile_service, setup),
    };

    return cmocka_run_group_tests_name("monitor_port", tests, NULL, NULL);
}
