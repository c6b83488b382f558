/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual PL061: pulses, registers, and badges that are off while nobody has taken a ring. */
#include "monitor_fake.h"

#include "monitor/gpio.c"
#include "monitor/line.c"

static struct bh_mon_config guest;

static int setup(void **state)
{
    int result = fake_reset(state);

    memset(&gpio, 0, sizeof(gpio));
    guest.gpio_intid = 225;
    guest.gpio_lines = 3;
    return result;
}

static void put(uint64_t offset, uint64_t value)
{
    gpio_write(&guest, offset, value);
}

static uint64_t get(uint64_t offset)
{
    return gpio_read(&guest, offset);
}

/* The last calls are these: the badges that are on, of those that change; the interrupt's level. */
static void expect_badges(unsigned call, uint64_t on, uint64_t changed)
{
    assert_true(call < fake_count);
    assert_int_equal(fake_calls[call].label, BH_VIRQ_WRITE);
    assert_int_equal(fake_calls[call].slot, BH_MON_PARTITION);
    assert_int_equal(fake_calls[call].argument[0], BH_VIRQ_BADGE);
    assert_int_equal(fake_calls[call].argument[2] & changed << 8, on << 8);
    assert_int_equal(fake_calls[call].argument[3], changed << 8);
}

static void expect_line(unsigned call, bool level)
{
    assert_true(call < fake_count);
    assert_int_equal(fake_calls[call].argument[0], BH_VIRQ_LINE);
    assert_int_equal(fake_calls[call].argument[1], 224);
    assert_int_equal(fake_calls[call].argument[2], level ? 2 : 0);
    assert_int_equal(fake_calls[call].argument[3], 2);
}

static void a_ring_is_an_interrupt(void **state)
{
    (void)state;
    put(GPIOIEV, 2);
    put(GPIOIE, 2);
    assert_int_equal(fake_count, 0);
    gpio_event(&guest, 2);
    assert_int_equal(fake_count, 2);
    expect_line(0, true);
    expect_badges(1, 0, 2);
    assert_int_equal(get(GPIORIS), 2);
    assert_int_equal(get(GPIOMIS), 2);
    assert_int_equal(get(0x3fc), 0); /* the pulse is over */
    put(GPIOIC, 5);                  /* others' */
    assert_int_equal(fake_count, 2);
    put(GPIOIC, 2);
    assert_int_equal(fake_count, 4);
    expect_line(2, false);
    expect_badges(3, 2, 2);
    assert_int_equal(get(GPIORIS), 0);
}

/* What nobody has asked for is kept; what nobody can see is not, and disturbs only once. */
static void masked_and_levels(void **state)
{
    (void)state;
    gpio_event(&guest, 1);
    assert_int_equal(fake_count, 1);
    expect_badges(0, 0, 1);
    assert_int_equal(get(GPIOMIS), 0);
    put(GPIOIE, 1);
    expect_line(1, true);
    put(GPIOIE, 0);
    expect_line(2, false);
    put(GPIOIS, 4);
    assert_int_equal(fake_count, 4);
    expect_badges(3, 0, 4);
    put(GPIODIR, 2);
    expect_badges(4, 0, 2);
    gpio_event(&guest, 6); /* they were on their way */
    assert_int_equal(get(GPIORIS), 1);
    put(GPIOIS, 0);
    expect_badges(5, 4, 4);
    put(GPIODIR, 0);
    expect_badges(6, 2, 2);
    assert_int_equal(fake_count, 7);
}

static void registers(void **state)
{
    static const uint32_t kept[] = {GPIODIR, GPIOIS, GPIOIBE, GPIOIEV, GPIOIE, GPIOAFSEL};
    uint64_t id = 0;

    (void)state;
    guest.gpio_lines = 0; /* no badges in the way */
    for (uint32_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        put(kept[i], 0x1a5 + i);
        assert_int_equal(get(kept[i]), (0xa5 + i) & 0xff);
        put(kept[i], 0);
    }
    put(GPIODIR, 0xf0);
    put(0x3fc, 0xff);
    put(0x0f0, 0); /* bits 5 to 2 alone */
    assert_int_equal(get(0x3fc), 0xc0);
    assert_int_equal(get(0x200), 0x80);
    for (uint64_t at = 0; at < 0x1000; at += 4) {
        put(at + 1, 0xff);
        assert_int_equal(get(at + 1), 0);
        if (at > GPIOAFSEL && at < GPIOPERIPHID0) {
            put(at, 0xff);
            assert_int_equal(get(at), 0);
        }
    }
    for (uint32_t i = 0; i < 8; i++)
        id |= get(GPIOPERIPHID0 + 4 * i) << (8 * i);
    assert_int_equal(id, 0xb105f00d00041061);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_ring_is_an_interrupt, setup),
        cmocka_unit_test_setup(masked_and_levels, setup),
        cmocka_unit_test_setup(registers, setup),
    };

    return cmocka_run_group_tests_name("monitor_gpio", tests, NULL, NULL);
}
