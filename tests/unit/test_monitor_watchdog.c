/* SPDX-License-Identifier: BSD-2-Clause */
/* The watchdogs: time that runs out twice, the interrupt in between, and whose Timer keeps it. */
#include "monitor_fake.h"

#include "monitor/alarm.c"
#include "monitor/line.c"
#include "monitor/watchdog.c"
#include "monitor/watchdog_sbsa.c"
#include "monitor/watchdog_sp805.c"

static struct bh_mon_config config;
static unsigned flushed;

void vuart_flush(const struct bh_mon_config *of)
{
    assert_ptr_equal(of, &config);
    assert_false(fake_locked);
    flushed++;
}

static int setup(void **state, uint32_t kind)
{
    memset(alarms, 0, sizeof(alarms));
    memset(&watchdog, 0, sizeof(watchdog));
    asserted = false;
    sp805.load = sp805.held = ~0u;
    sp805.locked = false;
    config = fake_config;
    config.watchdog = kind;
    config.watchdog_intid = 42;
    flushed = 0;
    fake_now = 1000;
    fake_reset(state);
    watchdog_load(&config);
    return fake_reset(state);
}

static int setup_sbsa(void **state)
{
    return setup(state, BH_MON_WATCHDOG_SBSA);
}

static int setup_sp805(void **state)
{
    return setup(state, BH_MON_WATCHDOG_SP805);
}

static void write(uint32_t vcpu, uint64_t offset, uint64_t value)
{
    assert_int_equal(watchdog_access(&config, vcpu, true, offset, 4, value).action, BH_DO_RESUME);
}

static uint64_t read(uint64_t offset)
{
    struct answer answer = watchdog_access(&config, 0, false, offset, 4, 0);

    assert_int_equal(answer.action, BH_DO_RESUME);
    return answer.value[0];
}

/* The calls since the last look are just these: level < 0 is none, deadline 0 is none. */
static void expect(int level, uint32_t vcpu, uint64_t deadline)
{
    unsigned at = 0;

    if (level >= 0) {
        assert_true(fake_count > at);
        assert_int_equal(fake_calls[at].label, BH_VIRQ_WRITE);
        assert_int_equal(fake_calls[at].slot, BH_MON_PARTITION);
        assert_int_equal(fake_calls[at].argument[0], BH_VIRQ_LINE);
        assert_int_equal(fake_calls[at].argument[1], 32);
        assert_int_equal(fake_calls[at].argument[2], level ? 1 << 10 : 0);
        assert_int_equal(fake_calls[at++].argument[3], 1 << 10);
    }
    if (deadline) {
        assert_true(fake_count > at);
        assert_int_equal(fake_calls[at].label, BH_TIMER_SET);
        assert_int_equal(fake_calls[at].slot, BH_MON_TIMER + vcpu);
        assert_int_equal(fake_calls[at++].argument[0], deadline);
    }
    assert_int_equal(fake_count, at);
    fake_reset(NULL);
}

/* The vCPU's Timer has run out: as monitor.c does. */
static struct answer timer(uint32_t vcpu, uint64_t now)
{
    fake_now = now;
    assert_int_equal(alarm_due(vcpu), 1u << ALARM_WATCHDOG);
    fake_reset(NULL);
    return watchdog_timer(&config, vcpu);
}

static void expect_end(struct answer answer)
{
    assert_int_equal(answer.action, BH_DO_STOP);
    assert_int_equal(answer.value[0], BH_STOP_WATCHDOG);
    assert_int_equal(flushed, 1);
}

static void sbsa_ends(void **state)
{
    (void)state;
    write(0, WOR, 500);
    expect(-1, 0, 0); /* off, nothing waits */
    write(0, WCS, WCS_EN);
    expect(-1, 0, 1500);
    fake_now = 1400;
    write(0, WRR, 0);
    expect(-1, 0, 1900);
    assert_int_equal(timer(0, 1900).action, BH_DO_RESUME);
    expect(1, 0, 2400);
    assert_int_equal(read(WCS), WCS_EN | WCS_WS0);
    assert_int_equal(read(WCV), 2400);
    fake_now = 2300;
    write(0, WRR, 0); /* in time */
    expect(0, 0, 2800);
    assert_int_equal(timer(0, 2800).action, BH_DO_RESUME);
    expect(1, 0, 3300);
    expect_end(timer(0, 3300));
    assert_int_equal(fake_count, 0);
}

/* However late it is seen that the first time has come, the guest has the whole second one. */
static void sbsa_is_seen_late(void **state)
{
    (void)state;
    write(0, WOR, 500);
    write(0, WCS, WCS_EN);
    fake_reset(NULL);
    assert_int_equal(timer(0, 9000).action, BH_DO_RESUME);
    expect(1, 0, 9500);
    fake_now = 9500;
    expect_end(watchdog_access(&config, 1, false, WCS, 4, 0)); /* an access sees it, too */
    expect_end((flushed = 0, watchdog_access(&config, 1, true, WRR, 4, 0))); /* it is too late */
}

static void sbsa_timers_of_others(void **state)
{
    (void)state;
    write(0, WOR, 500);
    write(1, WCS, WCS_EN);
    expect(-1, 1, 1500);
    fake_now = 1300;
    write(0, WRR, 0);
    expect(-1, 0, 1800);
    assert_int_equal(timer(1, 1500).action, BH_DO_RESUME); /* it was put off meanwhile */
    expect(-1, 0, 0);
    write(1, WCS, 0);
    expect(-1, 0, 0); /* vCPU 1 has none, and cannot cancel that of vCPU 0 … */
    assert_int_equal(timer(0, 1800).action, BH_DO_RESUME); /* … which finds nothing to do */
    expect(-1, 0, 0);
    assert_int_equal(read(WCS), 0);
}

static void sbsa_registers(void **state)
{
    (void)state;
    assert_int_equal(read(WCS), 0);
    assert_int_equal(read(WOR), 0);
    write(0, WORU, ~0u);
    write(0, WOR, 0x12345678);
    assert_int_equal(watchdog_access(&config, 0, false, WOR, 8, 0).value[0], 0xffff12345678);
    assert_int_equal(watchdog_access(&config, 0, false, WOR, 2, 0).value[0], 0);
    assert_int_equal(watchdog_access(&config, 0, false, WOR + 2, 4, 0).value[0], 0);
    watchdog_access(&config, 0, true, WCV, 8, 0x1122334455667788);
    assert_int_equal(read(WCV), 0x55667788);
    assert_int_equal(read(WCVU), 0x11223344);
    assert_int_equal(read(REFRESH_IIDR), IIDR);
    assert_int_equal(read(CONTROL_IIDR), IIDR);
    assert_int_equal(read(WRR), 0);
    watchdog_access(&config, 0, true, WCS, 2, WCS_EN);
    assert_int_equal(read(WCS), 0);
    write(0, WCS, ~0u);
    assert_int_equal(read(WCS), WCS_EN);
    assert_int_equal(read(WCV), 0x12345678 + 1000); /* the offset's upper half, too */
    assert_int_equal(read(WCVU), 0xffff);
    fake_reset(NULL);
    watchdog_access(&config, 0, true, WCV, 8, fake_now); /* compared with at once */
    expect(-1, 0, fake_now);
    assert_int_equal(read(WCS), WCS_EN | WCS_WS0);
    write(0, WCS, 0);
    assert_int_equal(read(WCS), 0);
}

/* Why it was loaded again stays until the first refresh. */
static void sbsa_status(void **state)
{
    (void)state;
    fake_answer.value[1] = BH_STOP_RESET;
    watchdog_load(&config);
    assert_int_equal(read(WCS), 0);
    fake_answer.value[1] = BH_STOP_WATCHDOG;
    watchdog_load(&config);
    write(0, WCV, 7); /* no refresh */
    assert_int_equal(read(WCS), WCS_WS1);
    write(0, WOR, 7);
    assert_int_equal(read(WCS), 0);
}

static void sp805_ends(void **state)
{
    (void)state;
    write(0, WDOGLOAD, 499);
    expect(-1, 0, 0);
    assert_int_equal(read(WDOGVALUE), 499);
    write(0, WDOGCONTROL, INTEN | RESEN);
    expect(-1, 0, 1500);
    fake_now = 1400;
    assert_int_equal(read(WDOGVALUE), 100);
    assert_int_equal(timer(0, 1500).action, BH_DO_RESUME);
    expect(1, 0, 2000);
    assert_int_equal(read(WDOGRIS), 1);
    assert_int_equal(read(WDOGMIS), 1);
    fake_now = 1600;
    write(1, WDOGINTCLR, 0);
    expect(0, 1, 2100);
    assert_int_equal(read(WDOGRIS), 0);
    assert_int_equal(timer(0, 2000).action, BH_DO_RESUME);
    expect(-1, 0, 0);
    assert_int_equal(timer(1, 2100).action, BH_DO_RESUME);
    expect(1, 1, 2600);
    expect_end(timer(1, 2600));
}

/* Without RESEN it signals and goes round, and no Timer is needed for that. */
static void sp805_without_end(void **state)
{
    (void)state;
    write(0, WDOGLOAD, 99);
    write(0, WDOGCONTROL, INTEN);
    fake_reset(NULL);
    assert_int_equal(timer(0, 1100).action, BH_DO_RESUME);
    expect(1, 0, 0);
    fake_now = 1960;
    assert_int_equal(read(WDOGVALUE), 40);
    write(0, WDOGCONTROL, INTEN | RESEN); /* the next time is the end */
    expect(-1, 0, 2000);
    expect_end(timer(0, 2000));
}

static void sp805_registers(void **state)
{
    (void)state;
    assert_int_equal(read(WDOGLOAD), ~0u);
    assert_int_equal(read(WDOGVALUE), ~0u);
    write(0, WDOGLOCK, 1);
    write(0, WDOGLOAD, 7);
    write(0, WDOGCONTROL, INTEN);
    assert_int_equal(read(WDOGLOCK), 1);
    assert_int_equal(read(WDOGLOAD), ~0u);
    assert_int_equal(read(WDOGCONTROL), 0);
    write(0, WDOGLOCK, UNLOCK);
    assert_int_equal(read(WDOGLOCK), 0);
    write(0, WDOGCONTROL, INTEN);
    expect(-1, 0, 1000 + 0x100000000);
    fake_now = 1500;
    write(0, WDOGCONTROL, ~1u);
    assert_int_equal(read(WDOGCONTROL), RESEN);
    fake_now = 9000;
    assert_int_equal(read(WDOGVALUE), ~0u - 499); /* it stands where it was */
    write(0, WDOGCONTROL, INTEN);
    assert_int_equal(read(WDOGVALUE), ~0u); /* and begins anew */
    write(0, WDOGLOAD, 0);
    assert_int_equal(timer(0, 9001).action, BH_DO_RESUME);
    expect(1, 0, 0);
    write(0, WDOGCONTROL, 0);
    expect(0, 0, 0);
    assert_int_equal(read(WDOGRIS), 1);
    assert_int_equal(read(WDOGMIS), 0);
    assert_int_equal(read(0xfe0), 0x05);
    assert_int_equal(read(0xffc), 0xb1);
    assert_int_equal(read(0xf00), 0);
}

/* It may run from the start on. */
static void sbsa_runs(void **state)
{
    (void)state;
    fake_answer.value[1] = BH_STOP_WATCHDOG;
    config.watchdog_start = 2; /* a tick is a microsecond */
    watchdog_load(&config);
    assert_int_equal(fake_count, 2); /* one asked why */
    assert_int_equal(fake_calls[1].label, BH_TIMER_SET);
    assert_int_equal(fake_calls[1].argument[0], 1001000);
    assert_int_equal(read(WCS), WCS_EN | WCS_WS1);
    assert_int_equal(timer(0, 1001000).action, BH_DO_RESUME);
    expect(1, 0, 2001000);
    expect_end(timer(0, 2001000));
}

static void sp805_runs(void **state)
{
    (void)state;
    config.watchdog_start = 3600;
    watchdog_load(&config);
    assert_int_equal(fake_calls[1].argument[0], 1800001000);
    assert_int_equal(read(WDOGCONTROL), INTEN | RESEN);
    assert_int_equal(read(WDOGLOAD), 1799999999);
    assert_int_equal(timer(0, 1800001000).action, BH_DO_RESUME);
    expect(1, 0, 3600001000);
    expect_end(timer(0, 3600001000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(sbsa_ends, setup_sbsa),
        cmocka_unit_test_setup(sbsa_is_seen_late, setup_sbsa),
        cmocka_unit_test_setup(sbsa_timers_of_others, setup_sbsa),
        cmocka_unit_test_setup(sbsa_registers, setup_sbsa),
        cmocka_unit_test_setup(sbsa_status, setup_sbsa),
        cmocka_unit_test_setup(sp805_ends, setup_sp805),
        cmocka_unit_test_setup(sp805_without_end, setup_sp805),
        cmocka_unit_test_setup(sp805_registers, setup_sp805),
        cmocka_unit_test_setup(sbsa_runs, setup_sbsa),
        cmocka_unit_test_setup(sp805_runs, setup_sp805),
    };

    return cmocka_run_group_tests_name("monitor_watchdog", tests, NULL, NULL);
}
