/* SPDX-License-Identifier: BSD-2-Clause */
/* A vCPU's one Timer stands at the earliest of its deadlines. */
#include "monitor_fake.h"

#include "monitor/alarm.c"

#define FIRST  ALARM_UART
#define SECOND ALARM_WATCHDOG

static int setup(void **state)
{
    memset(alarms, 0, sizeof(alarms));
    fake_now = 1000;
    return fake_reset(state);
}

/* The one call since the last look: a Timer was set. */
static void expect_timer(uint64_t vcpu, uint64_t deadline)
{
    assert_int_equal(fake_count, 1);
    assert_int_equal(fake_calls[0].label, BH_TIMER_SET);
    assert_int_equal(fake_calls[0].slot, BH_MON_TIMER + vcpu);
    assert_int_equal(fake_calls[0].argument[0], deadline);
    fake_reset(NULL);
}

static void test_one(void **state)
{
    (void)state;
    alarm_set(1, FIRST, 5000);
    expect_timer(1, 5000);
    alarm_set(1, FIRST, 5000);
    assert_int_equal(fake_count, 0);
    fake_now = 5000;
    assert_int_equal(alarm_due(1), 1u << FIRST);
    assert_int_equal(alarm_due(1), 0);
    assert_int_equal(fake_count, 0); /* nothing is left to wait for */
    alarm_set(1, FIRST, 5000);       /* the same again is new: the Timer has run out */
    expect_timer(1, 5000);
    alarm_set(1, FIRST, 0);
    expect_timer(1, ~0ull);
}

static void test_several(void **state)
{
    (void)state;
    alarm_set(0, FIRST, 9000);
    expect_timer(0, 9000);
    alarm_set(0, SECOND, 7000);
    expect_timer(0, 7000);
    alarm_set(1, FIRST, 2000); /* each vCPU has its own */
    expect_timer(1, 2000);
    fake_now = 7500;
    assert_int_equal(alarm_due(0), 1u << SECOND);
    expect_timer(0, 9000);
    alarm_set(0, SECOND, 12000);
    assert_int_equal(fake_count, 0);
    alarm_set(0, FIRST, 0);
    expect_timer(0, 12000);
    alarm_set(0, FIRST, 11000);
    expect_timer(0, 11000);
    fake_now = 12000;
    assert_int_equal(alarm_due(0), 1u << FIRST | 1u << SECOND);
    assert_int_equal(fake_count, 0);
}

/* Too early: what is not due stays set. */
static void test_early(void **state)
{
    (void)state;
    alarm_set(0, FIRST, 5000);
    expect_timer(0, 5000);
    assert_int_equal(alarm_due(0), 0);
    expect_timer(0, 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_one, setup),
        cmocka_unit_test_setup(test_several, setup),
        cmocka_unit_test_setup(test_early, setup),
    };

    return cmocka_run_group_tests_name("monitor_alarm", tests, NULL, NULL);
}
