/* SPDX-License-Identifier: BSD-2-Clause */
/* PSCI as the monitor answers it: what is started, what is refused and why. */
#include "monitor_fake.h"

#include "monitor/direct.c"
#include "monitor/guest.c"
#include "monitor/port.c"
#include "monitor/psci.c"
#include "monitor/text.c"

static unsigned flushed, off_vcpu = ~0u;

void vuart_flush(const struct bh_mon_config *config)
{
    assert_ptr_equal(config, &fake_config);
    flushed++;
}

void vuart_vcpu_off(uint32_t vcpu)
{
    off_vcpu = vcpu;
}

static struct answer call(uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
    return psci_call(&fake_config, 0, function, a, b, c);
}

/* The result of a call that must resume, with x1 to x3 as they were. */
static int64_t result(uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
    struct answer answer = call(function, a, b, c);

    assert_int_equal(answer.action, BH_DO_RESUME);
    assert_int_equal(answer.value[1], a);
    assert_int_equal(answer.value[2], b);
    assert_int_equal(answer.value[3], c);
    return (int64_t)answer.value[0];
}

static void test_versions(void **state)
{
    (void)state;
    assert_int_equal(result(PSCI_VERSION, 0, 0, 0), 0x10001);
    assert_int_equal(result(SMCCC_VERSION, 0, 0, 0), 0x10001);
    assert_int_equal(result(PSCI_MIGRATE_INFO_TYPE, 0, 0, 0), 2);
    assert_int_equal(result(PSCI_FEATURES, PSCI_CPU_ON_64, 0, 0), 0);
    assert_int_equal(result(PSCI_FEATURES, PSCI_CPU_SUSPEND_64, 0, 0), 0);
    assert_int_equal(result(PSCI_FEATURES, PSCI_SYSTEM_SUSPEND_32, 0, 0), 0);
    assert_int_equal(result(PSCI_FEATURES, 0x8400000b /* CPU_FREEZE */, 0, 0), -1);
    assert_int_equal(result(PSCI_FEATURES, 0xc4000002 /* CPU_OFF of 64 bits */, 0, 0), -1);
    assert_int_equal(result(SMCCC_ARCH_FEATURES, 0x80008000, 0, 0), -1);
    assert_int_equal(result(0x84001234, 7, 8, 9), -1);
    assert_int_equal(result(0xdeadbeef, 7, 8, 9), -1);
    /* the identifier is W0: the upper half is nothing to go by */
    assert_int_equal(result(0xffffffff00000000 | PSCI_VERSION, 0, 0, 0), 0x10001);
    assert_int_equal(fake_count, 0);
}

static void test_cpu_on(void **state)
{
    (void)state;
    assert_int_equal(result(PSCI_CPU_ON_64, 1, 0x40001000, 0x123456789), 0);
    assert_int_equal(fake_count, 1);
    assert_int_equal(fake_calls[0].label, BH_VCPU_START);
    assert_int_equal(fake_calls[0].slot, BH_MON_VCPU + 1);
    assert_int_equal(fake_calls[0].argument[0], 0x40001000);
    assert_int_equal(fake_calls[0].argument[1], 0x123456789);
    fake_reset(NULL);
    assert_int_equal(result(PSCI_CPU_ON_32, 0xff00000001, 0xff40001000, 0xff23456789), 0);
    assert_int_equal(fake_calls[0].slot, BH_MON_VCPU + 1);
    assert_int_equal(fake_calls[0].argument[0], 0x40001000);
    assert_int_equal(fake_calls[0].argument[1], 0x23456789);
    fake_answer.status = BH_ERR_ALREADY_ON;
    assert_int_equal(result(PSCI_CPU_ON_64, 0, 0x40001000, 0), -4);
    fake_answer.status = BH_ERR_ON_PENDING;
    assert_int_equal(result(PSCI_CPU_ON_64, 1, 0x40001000, 0), -5);
    fake_answer.status = BH_ERR_STATE;
    assert_int_equal(result(PSCI_CPU_ON_64, 1, 0x40001000, 0), -6);
}

static void test_cpu_on_refused(void **state)
{
    (void)state;
    assert_int_equal(result(PSCI_CPU_ON_64, 2, 0x40001000, 0), -2);
    assert_int_equal(result(PSCI_CPU_ON_64, 0x101, 0x40001000, 0), -2);
    assert_int_equal(result(PSCI_CPU_ON_64, 0x100000001, 0x40001000, 0), -2);
    assert_int_equal(result(PSCI_CPU_ON_64, 1ull << 31 | 1, 0x40001000, 0), -2);
    assert_int_equal(fake_count, 0);
    fake_answer.value[0] = AFFINITY_OFF;
    assert_int_equal(result(PSCI_CPU_ON_64, 1, 0x3ffffffc, 0), -9);
    assert_int_equal(result(PSCI_CPU_ON_64, 1, 0x50000000, 0), -9);
    assert_int_equal(result(PSCI_CPU_ON_64, 1, ~3ull, 0), -9);
    assert_int_equal(result(PSCI_CPU_ON_64, 1, 0x40001002, 0), -9);
    fake_answer.value[0] = AFFINITY_ON;
    assert_int_equal(result(PSCI_CPU_ON_64, 0, 0, 0), -4);
    fake_answer.value[0] = AFFINITY_ON_PENDING;
    assert_int_equal(result(PSCI_CPU_ON_64, 1, 0, 0), -5);
    for (unsigned i = 0; i < fake_count; i++)
        assert_int_equal(fake_calls[i].label, BH_VCPU_STATE);
}

static void test_cpu_suspend(void **state)
{
    struct answer answer = call(PSCI_CPU_SUSPEND_64, 0, 0, 7);

    (void)state;
    assert_int_equal(answer.action, BH_DO_SUSPEND);
    assert_int_equal(answer.value[1], 0); /* x0 afterwards */
    assert_int_equal(answer.value[2], 0); /* goes on */
    /* power down is a standby too, and looks at its address first */
    answer = call(PSCI_CPU_SUSPEND_32, 0x10001, 0xff40001000, 7);
    assert_int_equal(answer.action, BH_DO_SUSPEND);
    assert_int_equal(answer.value[2], 0);
    assert_int_equal(result(PSCI_CPU_SUSPEND_64, 0x10000, 0x50000000, 0), -9);
    assert_int_equal(result(PSCI_CPU_SUSPEND_64, 0x1000000, 0x40001000, 0), -2);
    assert_int_equal(result(PSCI_CPU_SUSPEND_64, 0x20000, 0x40001000, 0), -2);
    assert_int_equal(result(PSCI_CPU_SUSPEND_64, 1ull << 32, 0x40001000, 0), -2);
    assert_int_equal(fake_count, 0);
}

static void test_system_suspend(void **state)
{
    struct answer answer;

    (void)state;
    fake_answer.value[0] = AFFINITY_OFF;
    answer = call(PSCI_SYSTEM_SUSPEND_64, 0x40001000, 0x123456789, 0);
    assert_int_equal(answer.action, BH_DO_SUSPEND);
    assert_int_equal(answer.value[0], 0x40001000);
    assert_int_equal(answer.value[1], 0x123456789);
    assert_int_equal(answer.value[2], 1); /* begins anew */
    assert_int_equal(fake_count, 1);      /* the other one's state was asked for, not its own */
    assert_int_equal(fake_calls[0].label, BH_VCPU_STATE);
    assert_int_equal(fake_calls[0].slot, BH_MON_VCPU + 1);
    answer = call(PSCI_SYSTEM_SUSPEND_32, 0xff40001000, 0xff23456789, 0);
    assert_int_equal(answer.value[0], 0x40001000);
    assert_int_equal(answer.value[1], 0x23456789);
    assert_int_equal(result(PSCI_SYSTEM_SUSPEND_64, 0x40001002, 0, 0), -9);
    assert_int_equal(result(PSCI_SYSTEM_SUSPEND_64, 0x09000000, 0, 0), -9);
    fake_answer.value[0] = AFFINITY_ON_PENDING;
    assert_int_equal(result(PSCI_SYSTEM_SUSPEND_64, 0x40001002, 0, 0), -3);
    fake_answer.value[0] = AFFINITY_ON;
    assert_int_equal(result(PSCI_SYSTEM_SUSPEND_64, 0x40001000, 0, 0), -3);
}

static void test_affinity(void **state)
{
    (void)state;
    fake_answer.value[0] = 1;
    assert_int_equal(result(PSCI_AFFINITY_INFO_64, 1, 0, 0), 1);
    assert_int_equal(fake_calls[0].label, BH_VCPU_STATE);
    assert_int_equal(fake_calls[0].slot, BH_MON_VCPU + 1);
    assert_int_equal(result(PSCI_AFFINITY_INFO_64, 2, 0, 0), -2);
    assert_int_equal(result(PSCI_AFFINITY_INFO_64, 0, 4, 0), -2);
    assert_int_equal(result(PSCI_AFFINITY_INFO_64, 0, ~0ull, 0), -2);
    /* higher levels: what lies below is ignored, what lies above must be ours */
    assert_int_equal(result(PSCI_AFFINITY_INFO_64, 0xff, 1, 0), 1);
    assert_int_equal(result(PSCI_AFFINITY_INFO_64, 0x1ff, 1, 0), -2);
    assert_int_equal(result(PSCI_AFFINITY_INFO_64, 0xffff, 2, 0), 1);
    assert_int_equal(result(PSCI_AFFINITY_INFO_64, 0xffffff, 3, 0), 1);
    assert_int_equal(result(PSCI_AFFINITY_INFO_64, 0x100000000, 3, 0), -2);
    fake_answer.value[0] = 2;
    assert_int_equal(result(PSCI_AFFINITY_INFO_64, 0, 1, 0), 2);
    fake_answer.value[0] = 0;
    assert_int_equal(result(PSCI_AFFINITY_INFO_64, 0, 1, 0), 0);
    fake_answer.status = BH_ERR_RIGHTS;
    assert_int_equal(result(PSCI_AFFINITY_INFO_64, 0, 0, 0), -6);
}

static void test_ends(void **state)
{
    struct answer answer = call(PSCI_CPU_OFF, 0, 0, 0);

    (void)state;
    assert_int_equal(answer.action, BH_DO_OFF);
    assert_int_equal(off_vcpu, 0);
    fake_now = 42;
    answer = call(PSCI_SYSTEM_OFF, 0, 0, 0);
    assert_int_equal(answer.action, BH_DO_STOP);
    assert_int_equal(answer.value[0], BH_STOP_OFF);
    assert_int_equal(flushed, 1);
    answer = call(PSCI_SYSTEM_RESET, 0, 0, 0); /* of another vCPU at the same time: said once */
    assert_int_equal(answer.action, BH_DO_STOP);
    assert_int_equal(answer.value[0], BH_STOP_RESET);
    assert_string_equal(fake_console, "guest ended off at=42us\n");
    answer = call(PSCI_SYSTEM_RESET2_64, 0, 0x1234, 0);
    assert_int_equal(answer.action, BH_DO_STOP);
    assert_int_equal(answer.value[0], BH_STOP_RESET);
    answer = call(PSCI_SYSTEM_RESET2_32, 0xffffffff00000000, 0, 0);
    assert_int_equal(answer.action, BH_DO_STOP);
    assert_int_equal(result(PSCI_SYSTEM_RESET2_64, 1, 0, 0), -2);
    assert_int_equal(result(PSCI_SYSTEM_RESET2_32, 0x80000000, 0, 0), -2); /* a vendor's */
    assert_int_equal(result(PSCI_FEATURES, PSCI_SYSTEM_RESET2_64, 0, 0), 0);
}

/* What a guest says and asks of its own life. */
static void test_life(void **state)
{
    struct answer answer;

    (void)state;
    flushed = 0;
    answer = call(BH_GUEST_CRASH, 0x123456789, 0xabcdef, 0);
    assert_int_equal(answer.action, BH_DO_STOP);
    assert_int_equal(answer.value[0], BH_STOP_CRASH);
    assert_int_equal(answer.value[1], 0x123456789);
    assert_int_equal(answer.value[2], 0xabcdef);
    answer = guest_unhandled(&fake_config, 0x9999);
    assert_int_equal(answer.action, BH_DO_STOP);
    assert_int_equal(answer.value[0], BH_STOP_EXIT);
    assert_int_equal(answer.value[2], 0x9999);
    assert_int_equal(flushed, 2);
    assert_int_equal(fake_count, 0);
    fake_answer = (struct bh_result){BH_OK, {BH_PARTITION_RUNNING, BH_STOP_CRASH, 2ull << 32 | 1}};
    answer = call(BH_GUEST_STATE, 0, 0, 0);
    assert_int_equal(answer.action, BH_DO_RESUME);
    assert_int_equal(answer.value[0], 0);
    assert_int_equal(answer.value[1], 2ull << 32 | 1);
    assert_int_equal(answer.value[2], BH_STOP_CRASH);
    assert_int_equal(fake_calls[0].label, BH_PARTITION_STATE);
    assert_int_equal(fake_calls[0].slot, BH_MON_PARTITION);
    answer = call(BH_GUEST_FAILURE, 3, 1, 0);
    assert_int_equal(answer.value[0], 0);
    assert_int_equal(answer.value[1], BH_PARTITION_RUNNING); /* as the kernel says */
    assert_int_equal(answer.value[3], 2ull << 32 | 1);
    assert_int_equal(fake_calls[1].label, BH_PARTITION_FAILURE);
    assert_int_equal(fake_calls[1].argument[0], 3);
    assert_int_equal(fake_calls[1].argument[1], 1);
    fake_answer.status = BH_ERR_RANGE;
    answer = call(BH_GUEST_FAILURE, ~0ull, 0, 0);
    assert_int_equal(answer.action, BH_DO_RESUME);
    assert_int_equal((int64_t)answer.value[0], -2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_versions, fake_reset),
        cmocka_unit_test_setup(test_cpu_on, fake_reset),
        cmocka_unit_test_setup(test_cpu_on_refused, fake_reset),
        cmocka_unit_test_setup(test_cpu_suspend, fake_reset),
        cmocka_unit_test_setup(test_system_suspend, fake_reset),
        cmocka_unit_test_setup(test_affinity, fake_reset),
        cmocka_unit_test_setup(test_ends, fake_reset),
        cmocka_unit_test_setup(test_life, fake_reset),
    };

    return cmocka_run_group_tests_name("monitor_psci", tests, NULL, NULL);
}
