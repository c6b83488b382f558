/* SPDX-License-Identifier: BSD-2-Clause */
/* The control page: which access makes which call, and that all others make none. */
#include "monitor_fake.h"

#include "monitor/control.c"

static const struct bh_mon_config config = {.targets = 2, .control_base = 0x0b000000};

static uint64_t read(uint64_t offset)
{
    return control_read(&config, offset, 8);
}

/* The last of `count` calls since the last look. */
static void expect_call(unsigned count, uint64_t label, uint64_t slot, uint64_t a, uint64_t b)
{
    const struct fake_call *last = &fake_calls[fake_count - 1];

    assert_int_equal(fake_count, count);
    assert_int_equal(last->label, label);
    assert_int_equal(last->slot, slot);
    assert_int_equal(last->argument[0], a);
    assert_int_equal(last->argument[1], b);
    fake_count = 0;
}

static void own(void **state)
{
    (void)state;
    fake_now = 0x123456789abc;
    assert_int_equal(read(BH_CTL_ID), BH_CTL_MAGIC);
    assert_int_equal(read(BH_CTL_COUNT), 2);
    assert_int_equal(read(BH_CTL_FREQUENCY), 1000000);
    assert_int_equal(read(BH_CTL_NOW), fake_now);
    assert_int_equal(read(BH_CTL_RESET), 0);
    assert_int_equal(control_read(&config, BH_CTL_NOW, 4) & 0xffffffff, 0x56789abc);
    assert_int_equal(control_read(&config, BH_CTL_NOW + 4, 4), 0x1234);
    assert_int_equal(fake_count, 0);
}

static void targets(void **state)
{
    (void)state;
    fake_answer = (struct bh_result){BH_OK, {BH_PARTITION_STOPPED, BH_STOP_CRASH, 0x700000003}};
    assert_int_equal(read(BH_CTL_TARGET(1) + BH_CTL_STATE), 0x804);
    expect_call(1, BH_PARTITION_STATE, BH_MON_TARGET + 1, 0, 0);
    assert_int_equal(read(BH_CTL_TARGET(0) + BH_CTL_LIVES), 0x700000003);
    expect_call(1, BH_PARTITION_STATE, BH_MON_TARGET, 0, 0);
    fake_answer = (struct bh_result){BH_OK, {1, 10, 100}};
    assert_int_equal(read(BH_CTL_TARGET(1) + BH_CTL_UPCALLS), BH_MAX_VCPUS);
    expect_call(BH_MAX_VCPUS, BH_PARTITION_EXITS, BH_MON_TARGET + 1, BH_MAX_VCPUS - 1, 0);
    assert_int_equal(read(BH_CTL_TARGET(0) + BH_CTL_INTERRUPTS), 10 * BH_MAX_VCPUS);
    fake_count = 0;
    assert_int_equal(read(BH_CTL_TARGET(0) + BH_CTL_TRAPS), 100 * BH_MAX_VCPUS);
    fake_count = 0;
    fake_answer.status = BH_ERR_RANGE;
    assert_int_equal(read(BH_CTL_TARGET(0) + BH_CTL_TRAPS), 0);
    expect_call(1, BH_PARTITION_EXITS, BH_MON_TARGET, 0, 0);
}

static void failures(void **state)
{
    static const struct {
        uint32_t offset, part;
        uint64_t value;
    } registers[] = {{BH_CTL_REASON, 0, 1},
                     {BH_CTL_PC, 0, 2},
                     {BH_CTL_TIME, 0, 3},
                     {BH_CTL_SYNDROME, 1, 1},
                     {BH_CTL_ADDRESS, 1, 2}};

    (void)state;
    fake_answer = (struct bh_result){BH_OK, {1, 2, 3}};
    for (unsigned k = 0; k < BH_FAILURES; k++)
        for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
            assert_int_equal(read(BH_CTL_FAILURE(1, k) + registers[i].offset), registers[i].value);
            expect_call(1, BH_PARTITION_FAILURE, BH_MON_TARGET + 1, k, registers[i].part);
        }
    assert_int_equal(read(BH_CTL_FAILURE(1, 0) + 0x28), 0);
    assert_int_equal(fake_count, 0);
    fake_answer.status = BH_ERR_RANGE;
    assert_int_equal(read(BH_CTL_FAILURE(1, 3)), 0);
}

static void commands(void **state)
{
    const uint64_t at = BH_CTL_TARGET(1) + BH_CTL_COMMAND;

    (void)state;
    fake_answer.status = BH_ERR_STATE;
    control_write(&config, at, 8, 0x123400000002);
    expect_call(1, BH_PARTITION_CONTROL, BH_MON_TARGET + 1, 2, 0);
    assert_int_equal(read(at), 0x1234fffffff9);
    assert_int_equal(read(BH_CTL_TARGET(0) + BH_CTL_COMMAND), 0); /* that one had none */
    fake_answer.status = BH_OK;
    control_write(&config, at, 4, 1);
    expect_call(1, BH_PARTITION_CONTROL, BH_MON_TARGET + 1, 1, 0);
    assert_int_equal(read(at), 0);
    control_write(&config, BH_CTL_RESET, 4, BH_CTL_RESET_KEY);
    expect_call(1, BH_CONTROL_RESET, BH_MON_PLATFORM, 0, 0);
}

/* Accesses that mean nothing. */
static void nothing(void **state)
{
    (void)state;
    for (uint64_t offset = 0; offset < BH_CTL_SIZE; offset++) {
        for (uint64_t bytes = 1; bytes <= 8; bytes *= 2) {
            bool fits = bytes >= 4 && offset % bytes == 0;

            if (!fits)
                assert_int_equal(control_read(&config, offset, bytes), 0);
            if (!fits || (offset != BH_CTL_TARGET(0) + BH_CTL_COMMAND &&
                          offset != BH_CTL_TARGET(1) + BH_CTL_COMMAND))
                control_write(&config, offset, bytes, 0);
        }
        if (offset >= BH_CTL_TARGET(2) && offset % 8 == 0) {
            assert_int_equal(read(offset), 0);
            control_write(&config, offset, 8, BH_CTL_RESET_KEY);
        }
    }
    control_write(&config, BH_CTL_RESET, 8, BH_CTL_RESET_KEY + (1ull << 32));
    assert_int_equal(fake_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(own, fake_reset),      cmocka_unit_test_setup(targets, fake_reset),
        cmocka_unit_test_setup(failures, fake_reset), cmocka_unit_test_setup(commands, fake_reset),
        cmocka_unit_test_setup(nothing, fake_reset),
    };

    return cmocka_run_group_tests_name("monitor_control", tests, NULL, NULL);
}
