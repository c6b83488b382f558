/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual UART without a console service: lines and their prefixes, partial lines and their
 * timer, the transmit interrupt. test_monitor_port.c has it with one. */
#include "monitor_fake.h"

#include "monitor/alarm.c"
#include "monitor/direct.c"
#include "monitor/line.c"
#include "monitor/port.c"
#include "monitor/text.c"
#include "monitor/vuart.c"

static void send(const char *text)
{
    while (*text)
        vuart_write(&fake_config, 0, UARTDR, (unsigned char)*text++);
}

/* A UART as after reset, the registers that other tests left included. */
static int setup(void **state)
{
    memset(&uart, 0, sizeof(uart));
    memset(&direct, 0, sizeof(direct));
    memset(alarms, 0, sizeof(alarms));
    uart.kept[KEPT_CR] = 0x300;
    fake_now = 1000000;
    return fake_reset(state);
}

static void test_lines(void **state)
{
    (void)state;
    send("one\r\ntwo\n\n\tthree \x1b[1mbold\x1b[0m\a\x7f\n");
    assert_string_equal(fake_console,
                        "[guest] one\n[guest] two\n[guest] \n[guest] \tthree \x1b[1mbold\x1b[0m\n");
    assert_int_equal(fake_writes, 4);
}

static void test_long_line(void **state)
{
    char expected[512] = "[guest] ", text[401];

    (void)state;
    memset(text, 'x', 312);
    text[312] = 0;
    send(text);
    send("\nnext\n"); /* the line was full: its end adds no empty one */
    strncat(expected, text, 156);
    strcat(expected, "\n[guest] ");
    strncat(expected, text, 156);
    strcat(expected, "\n[guest] next\n");
    assert_string_equal(fake_console, expected);
}

static void expect_timer(uint64_t vcpu, uint64_t deadline)
{
    assert_true(fake_count > 0);
    assert_int_equal(fake_calls[fake_count - 1].label, BH_TIMER_SET);
    assert_int_equal(fake_calls[fake_count - 1].slot, BH_MON_TIMER + vcpu);
    assert_int_equal(fake_calls[fake_count - 1].argument[0], deadline);
}

static void test_partial_line(void **state)
{
    (void)state;
    vuart_write(&fake_config, 1, UARTDR, 'l');
    expect_timer(1, 1020000);
    fake_now += 20000;
    vuart_timer(&fake_config, 1);
    expect_timer(1, 1040000);
    send("ogin: "); /* the timer is set already, and begins to count again */
    assert_int_equal(fake_count, 2);
    fake_now += 2000000; /* however long the core stood still, it is one look */
    vuart_timer(&fake_config, 1);
    for (uint32_t look = 1; look < 9; look++) {
        fake_now += 20000;
        vuart_timer(&fake_config, 1);
    }
    assert_string_equal(fake_console, "");
    expect_timer(1, 3200000);
    vuart_timer(&fake_config, 1);
    assert_string_equal(fake_console, "[guest] login: \n");
    assert_int_equal(fake_count, 11);
    send("root");
    assert_int_equal(fake_count, 12);
    send("\n");
    fake_now += 100000;
    vuart_timer(&fake_config, 0); /* the line is out */
    assert_string_equal(fake_console, "[guest] login: \n[guest] root\n");
    assert_int_equal(fake_count, 12);
}

static void test_partial_then_end(void **state)
{
    (void)state;
    send("half");
    vuart_flush(&fake_config);
    vuart_flush(&fake_config);
    send("\n\n");
    assert_string_equal(fake_console, "[guest] half\n[guest] \n");
}

static void test_vcpu_off(void **state)
{
    (void)state;
    send("half");
    vuart_vcpu_off(1); /* not its timer */
    vuart_vcpu_off(0);
    expect_timer(0, ~0ull);
    assert_string_equal(fake_console, ""); /* another vCPU goes on with it */
    vuart_write(&fake_config, 1, UARTDR, 'x');
    expect_timer(1, fake_now + 20000);
    vuart_write(&fake_config, 1, UARTDR, '\n');
    assert_string_equal(fake_console, "[guest] halfx\n");
}

static void expect_line(bool level)
{
    fake_expect_virq(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_LINE, 32, level ? 2 : 0, 2);
}

static void test_interrupt(void **state)
{
    (void)state;
    vuart_write(&fake_config, 0, UARTIMSC, INT_TX);
    assert_int_equal(vuart_read(&fake_config, 0, UARTRIS), 0); /* nothing was sent yet */
    assert_int_equal(fake_count, 0);
    send("\n");
    expect_line(true);
    send("\n"); /* no change, no call */
    assert_int_equal(fake_count, 0);
    assert_int_equal(vuart_read(&fake_config, 0, UARTMIS), INT_TX);
    vuart_write(&fake_config, 0, UARTICR, INT_TX);
    expect_line(false);
    send("\n");
    expect_line(true);
    vuart_write(&fake_config, 0, UARTIMSC, 0);
    expect_line(false);
    assert_int_equal(vuart_read(&fake_config, 0, UARTRIS), INT_TX);
    assert_int_equal(vuart_read(&fake_config, 0, UARTMIS), 0);
    vuart_write(&fake_config, 0, UARTIMSC, INT_TX);
    expect_line(true);
}

static void test_registers(void **state)
{
    (void)state;
    assert_int_equal(vuart_read(&fake_config, 0, UARTCR), 0x300);
    assert_int_equal(vuart_read(&fake_config, 0, UARTFR), FR_RXFE | FR_TXFE);
    vuart_write(&fake_config, 0, UARTIBRD, 0x12345);
    assert_int_equal(vuart_read(&fake_config, 0, UARTIBRD), 0x2345);
    vuart_write(&fake_config, 0, UARTLCR_H, 0x70);
    assert_int_equal(vuart_read(&fake_config, 0, UARTLCR_H), 0x70);
    vuart_write(&fake_config, 0, UARTIMSC, ~0ull);
    assert_int_equal(vuart_read(&fake_config, 0, UARTIMSC), INT_ALL);
    vuart_write(&fake_config, 0, UARTFR, 0); /* read-only, and what is not there */
    vuart_write(&fake_config, 0, 0x100, 1);
    vuart_write(&fake_config, 0, 1, 'x');
    assert_int_equal(vuart_read(&fake_config, 0, UARTFR), FR_RXFE | FR_TXFE);
    assert_int_equal(vuart_read(&fake_config, 0, 0x100), 0);
    assert_int_equal(vuart_read(&fake_config, 0, 1), 0);
    assert_int_equal(vuart_read(&fake_config, 0, 0xfe0), 0x11);
    assert_int_equal(vuart_read(&fake_config, 0, 0xffc), 0xb1);
    assert_string_equal(fake_console, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_lines, setup),
        cmocka_unit_test_setup(test_long_line, setup),
        cmocka_unit_test_setup(test_partial_line, setup),
        cmocka_unit_test_setup(test_partial_then_end, setup),
        cmocka_unit_test_setup(test_vcpu_off, setup),
        cmocka_unit_test_setup(test_interrupt, setup),
        cmocka_unit_test_setup(test_registers, setup),
    };

    return cmocka_run_group_tests_name("monitor_vuart", tests, NULL, NULL);
}
