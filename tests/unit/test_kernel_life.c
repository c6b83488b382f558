/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a partition, step by step: every transition, what may not cause it, budgets, the
 * record of failures, and the end of the machine. */
#include "fake/life_bench.h"

#include <string.h>

static int on(void **state)
{
    (void)state;
    life_begin_on();
    return 0;
}

static void require(enum bh_partition_state state, uint32_t reason)
{
    assert_int_equal(life_state(), state);
    assert_int_equal(life_reason(), reason);
}

/* It begins anew, and is as at first. */
static void require_again(uint32_t reason, uint32_t restarts)
{
    bench_settle();
    life_require_fresh();
    require(BH_PARTITION_LOADING, reason);
    assert_int_equal(bench_partition->restarts, restarts);
    life_answer(0, BH_DO_START, 0x1000, 0, 0);
    bench_settle();
    require(BH_PARTITION_RUNNING, reason);
    assert_int_equal(cores[0].mode, CORE_GUEST);
    assert_int_equal(cores[1].mode, CORE_IDLE); /* nobody has started the others */
}

static void require_stopped(uint32_t reason)
{
    bench_settle();
    require(BH_PARTITION_STOPPED, reason);
    for (uint32_t i = 0; i < LIFE_VCPUS; i++) {
        assert_int_equal(cores[i].mode, CORE_IDLE);
        assert_false(cores[i].resident);
        assert_int_equal(vcpus[i].state, VCPU_OFF);
    }
    assert_int_equal(bench_partition->remaining, LIFE_VCPUS);
}

/* What its monitor answers, from any vCPU. */
static void test_stop_by_answer(void **state)
{
    (void)state;
    life_upcall(1);
    life_answer(1, BH_DO_STOP, BH_STOP_OFF, 0, 0);
    /* the others have not looked yet: it is not stopped before they have */
    require(BH_PARTITION_STOPPING, BH_STOP_OFF);
    assert_int_equal(bench_partition->remaining, LIFE_VCPUS - 1);
    assert_int_equal(fake_kicked, 5);
    assert_int_equal(fake_system, FAKE_ON);
    require_stopped(BH_STOP_OFF);
    assert_int_equal(fake_system, FAKE_OFF);
    assert_int_equal(bench_partition->failures, 0);
}

static void test_reset(void **state)
{
    (void)state;
    for (uint32_t i = 1; i < 6; i++) {
        life_upcall(0);
        life_answer(0, BH_DO_STOP, BH_STOP_RESET, 0, 0);
        require_again(BH_STOP_RESET, i);
    }
    assert_int_equal(bench_partition->spent, 0);
    assert_int_equal(fake_system, FAKE_ON);
    bench_partition->on_reset = false;
    life_upcall(0);
    life_answer(0, BH_DO_STOP, BH_STOP_RESET, 0, 0);
    require_stopped(BH_STOP_RESET);
}

/* The first of several says why, once. */
static void test_all_at_once(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < LIFE_VCPUS; i++)
        life_upcall(i);
    life_answer(2, BH_DO_STOP, BH_STOP_RESET, 0, 0);
    life_answer(1, BH_DO_STOP, BH_STOP_OFF, 0, 0);
    life_answer(0, BH_DO_STOP, BH_STOP_CRASH, 1, 2);
    assert_int_equal(bench_partition->failures, 0);
    require_again(BH_STOP_RESET, 1);
}

/* A core that has checked in does not count again for the same stop, but for the next. */
static void test_check_in_once(void **state)
{
    (void)state;
    life_call(1, BH_PARTITION_CONTROL, BH_PARTITION_DO_RESTART, 0);
    assert_int_equal(bench_partition->remaining, LIFE_VCPUS - 1);
    for (uint32_t i = 0; i < 5; i++)
        bench_enter(1);
    assert_int_equal(bench_partition->remaining, LIFE_VCPUS - 1);
    require(BH_PARTITION_STOPPING, BH_STOP_RESTART);
    require_again(BH_STOP_RESTART, 1);
    life_call(1, BH_PARTITION_CONTROL, BH_PARTITION_DO_RESTART, 0);
    require_again(BH_STOP_RESTART, 2);
    /* also where the number of stops begins anew */
    bench_partition->state |= 0xffffu << PARTITION_STOPS;
    for (uint32_t i = 0; i < LIFE_VCPUS; i++)
        vcpus[i].stop = 0xffff;
    life_call(1, BH_PARTITION_CONTROL, BH_PARTITION_DO_RESTART, 0);
    assert_int_equal(partition_stops(bench_partition->state), 0);
    require_again(BH_STOP_RESTART, 3);
}

/* In whatever state its vCPUs are. */
static void test_restart_from_everywhere(void **state)
{
    (void)state;
    /* 0 in its monitor, 1 off, 2 suspended */
    life_upcall(0);
    life_upcall(1);
    life_answer(1, BH_DO_OFF, 0, 0, 0);
    life_upcall(2);
    life_answer(2, BH_DO_SUSPEND, 0x1000, 0, 1);
    assert_int_equal(vcpus[2].suspended, VCPU_BEGINS);
    assert_int_equal(life_call(1, BH_PARTITION_CONTROL, BH_PARTITION_DO_RESTART, 0), BH_OK);
    require_again(BH_STOP_RESTART, 1);
    /* started while it stops, by one that does not know yet: 1 has checked in */
    life_upcall(0);
    assert_int_equal(life_call(1, BH_PARTITION_CONTROL, BH_PARTITION_DO_RESTART, 0), BH_OK);
    life_start_vcpu(0, 1);
    assert_int_equal(vcpus[1].state, VCPU_PENDING);
    require_again(BH_STOP_RESTART, 2);
    assert_int_equal(vcpus[1].state, VCPU_OFF);
    /* while it is being loaded, and has started one */
    assert_int_equal(life_call(0, BH_PARTITION_CONTROL, BH_PARTITION_DO_RESTART, 0), BH_OK);
    bench_settle();
    life_start_vcpu(0, 2);
    assert_int_equal(life_call(1, BH_PARTITION_CONTROL, BH_PARTITION_DO_RESTART, 0), BH_OK);
    require_again(BH_STOP_RESTART, 4);
    assert_int_equal(vcpus[2].state, VCPU_OFF);
}

/* Virtual interrupts, pending, active, enabled and listed, are gone. */
static void test_interrupts_are_fresh(void **state)
{
    uint32_t group;

    (void)state;
    for (uint32_t intid = 1; intid < 48; intid += 3) {
        uint32_t vcpu = intid % LIFE_VCPUS;

        bench_write(0, vcpu, BH_VIRQ_GROUP, intid, 1);
        bench_write(0, vcpu, BH_VIRQ_PRIORITY, intid, 0x40);
        bench_write(0, vcpu, BH_VIRQ_ENABLE, intid, 1);
        bench_write(0, vcpu, BH_VIRQ_PENDING, intid, 1);
        if (intid >= 32)
            bench_write(0, vcpu, BH_VIRQ_ROUTE, intid, 1u << vcpu);
    }
    bench_write(0, 0, BH_VIRQ_CONTROL, 32, 3);
    bench_settle();
    bench_on(1);
    assert_int_not_equal(bench_acknowledge(&group), ICH_NONE);
    bench_settle();
    life_upcall(2);
    life_answer(2, BH_DO_STOP, BH_STOP_RESET, 0, 0);
    require_again(BH_STOP_RESET, 1);
}

static void test_budget(void **state)
{
    (void)state;
    life_fault(0, BH_STOP_MONITOR, 0x1234);
    require_again(BH_STOP_MONITOR, 1);
    fake_count = 100; /* the last tick of the period */
    life_upcall(0);
    life_answer(0, BH_DO_STOP, BH_STOP_CRASH, 5, 6);
    require_again(BH_STOP_CRASH, 2);
    fake_count = 101;
    life_fault(0, BH_STOP_SERROR, 0);
    require_again(BH_STOP_SERROR, 3); /* the first of the next */
    fake_count = 201;
    life_fault(0, BH_STOP_SERROR, 0);
    require_again(BH_STOP_SERROR, 4);
    /* what is no failure costs nothing, and mends nothing */
    life_call(0, BH_PARTITION_CONTROL, BH_PARTITION_DO_RESTART, 0);
    require_again(BH_STOP_RESTART, 5);
    assert_int_equal(fake_system, FAKE_ON);
    life_fault(0, BH_STOP_WATCHDOG, 0);
    require_stopped(BH_STOP_WATCHDOG);
    assert_int_equal(fake_system, FAKE_OFF);
    assert_int_equal(bench_partition->failures, 5);
}

static void test_policies(void **state)
{
    (void)state;
    bench_partition->on_failure = BH_FAILURE_STOP;
    life_fault(1, BH_STOP_MONITOR, 0);
    require_stopped(BH_STOP_MONITOR);
    assert_int_equal(fake_system, FAKE_OFF);
    life_begin_on();
    bench_partition->on_failure = BH_FAILURE_PLATFORM;
    life_fault(1, BH_STOP_MONITOR, 0);
    assert_int_equal(fake_system, FAKE_ON);
    bench_settle();
    assert_int_equal(fake_system, FAKE_RESET);
    /* neither is what could not be loaded */
    life_begin();
    bench_settle();
    life_answer(0, BH_DO_STOP, BH_STOP_LOAD, 0, 0);
    require_stopped(BH_STOP_LOAD);
    assert_int_equal(bench_partition->failures, 0);
}

/* Reasons that a monitor may not give, and answers that do not fit: its own failure. */
static void test_wrong_answers(void **state)
{
    static const uint64_t wrong[] = {
        BH_STOP_NONE,   BH_STOP_CONTROL, BH_STOP_RESTART, BH_STOP_MONITOR,
        BH_STOP_SERROR, BH_STOP_REASONS, 1ull << 32 | 1,  ~0ull};

    (void)state;
    for (uint32_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        life_begin_on();
        life_upcall(0);
        life_answer(0, BH_DO_STOP, wrong[i], 0, 0);
        require(BH_PARTITION_STOPPING, BH_STOP_MONITOR);
        assert_int_equal(bench_partition->failures, 1);
    }
    life_begin_on();
    life_upcall(0);
    life_answer(0, BH_DO_START, 0x1000, 0, 0); /* to what is no load */
    require(BH_PARTITION_STOPPING, BH_STOP_MONITOR);
}

/* The last four, the last first; whole, across restarts. */
static void test_record(void **state)
{
    uint64_t result[3];

    (void)state;
    bench_partition->budget = 100;
    assert_int_equal(life_invoke(BH_PARTITION_FAILURE, (uint64_t[]){0, 0}, NULL), BH_ERR_RANGE);
    for (uint32_t i = 1; i <= 6; i++) {
        fake_count = 1000 * i;
        if (i == 5) {
            life_upcall(0);
            vcpus[0].frame.pc = 0x4444;
            vcpus[0].access = 0x93;
            life_answer(0, BH_DO_STOP, BH_STOP_EXIT, 0, 0xbad);
        } else {
            life_fault(i == 1 ? 2 : 0, BH_STOP_MONITOR, i);
        }
        require_again(i == 5 ? BH_STOP_EXIT : BH_STOP_MONITOR, i);
        if (i == 1) {
            assert_int_equal(life_invoke(BH_PARTITION_FAILURE, (uint64_t[]){0, 0}, result), BH_OK);
            assert_int_equal(result[0], BH_STOP_MONITOR | 2 << 8);
            assert_int_equal(life_invoke(BH_PARTITION_FAILURE, (uint64_t[]){1, 0}, NULL),
                             BH_ERR_RANGE);
        }
    }
    for (uint64_t back = 0; back < 4; back++) {
        uint64_t number = 6 - back;

        assert_int_equal(life_invoke(BH_PARTITION_FAILURE, (uint64_t[]){back, 0}, result), BH_OK);
        assert_int_equal(result[0], number == 5 ? BH_STOP_EXIT : BH_STOP_MONITOR);
        assert_int_equal(result[1], number == 5 ? 0x4444 : number);
        assert_int_equal(result[2], 1000 * number);
        assert_int_equal(life_invoke(BH_PARTITION_FAILURE, (uint64_t[]){back, 1}, result), BH_OK);
        assert_int_equal(result[0], number == 5 ? 0x93 : 0x5e);
        assert_int_equal(result[1], number == 5 ? 0xbad : 0xadd);
        assert_int_equal(result[2], 0);
    }
    assert_int_equal(life_invoke(BH_PARTITION_FAILURE, (uint64_t[]){4, 0}, NULL), BH_ERR_RANGE);
    assert_int_equal(life_invoke(BH_PARTITION_FAILURE, (uint64_t[]){~0ull, 0}, NULL), BH_ERR_RANGE);
    assert_int_equal(life_invoke(BH_PARTITION_FAILURE, (uint64_t[]){0, 2}, NULL), BH_ERR_RANGE);
    life_invoke(BH_PARTITION_STATE, (uint64_t[]){0, 0}, result);
    assert_int_equal(result[0], BH_PARTITION_RUNNING);
    assert_int_equal(result[1], BH_STOP_MONITOR);
    assert_int_equal(result[2], 6 | 6ull << 32);
}

/* Who has CONTROL: in which states what is possible. */
static void test_control(void **state)
{
    (void)state;
    assert_int_equal(life_call(0, BH_PARTITION_CONTROL, BH_PARTITION_DO_START, 0), BH_ERR_STATE);
    assert_int_equal(life_call(0, BH_PARTITION_CONTROL, 3, 0), BH_ERR_RANGE);
    assert_int_equal(life_call(0, BH_PARTITION_CONTROL, ~0ull, 0), BH_ERR_RANGE);
    require(BH_PARTITION_RUNNING, 0);
    assert_int_equal(life_call(1, BH_PARTITION_CONTROL, BH_PARTITION_DO_STOP, 0), BH_OK);
    require(BH_PARTITION_STOPPING, BH_STOP_CONTROL);
    for (uint64_t action = 0; action < 3; action++)
        assert_int_equal(life_call(1, BH_PARTITION_CONTROL, action, 0), BH_ERR_STATE);
    require_stopped(BH_STOP_CONTROL);
    assert_int_equal(fake_system, FAKE_OFF);
    assert_int_equal(life_call(1, BH_PARTITION_CONTROL, BH_PARTITION_DO_STOP, 0), BH_ERR_STATE);
    assert_int_equal(life_call(1, BH_PARTITION_CONTROL, BH_PARTITION_DO_START, 0), BH_OK);
    require_again(BH_STOP_CONTROL, 0);
    fake_system = FAKE_ON;
    life_call(1, BH_PARTITION_CONTROL, BH_PARTITION_DO_STOP, 0);
    require_stopped(BH_STOP_CONTROL);
    assert_int_equal(fake_system, FAKE_OFF); /* its end counts again */
    assert_int_equal(life_call(1, BH_PARTITION_CONTROL, BH_PARTITION_DO_RESTART, 0), BH_OK);
    require_again(BH_STOP_CONTROL, 0);
    /* before the seal nothing begins */
    bench_partition->state = BH_PARTITION_NEW;
    for (uint64_t action = 0; action < 3; action++)
        assert_int_equal(life_invoke(BH_PARTITION_CONTROL, (uint64_t[]){action, 0}, NULL),
                         BH_ERR_STATE);
}

/* The guest turns itself off; `system` is what becomes of the machine. */
static void require_end(int system)
{
    life_upcall(0);
    life_answer(0, BH_DO_STOP, BH_STOP_OFF, 0, 0);
    require_stopped(BH_STOP_OFF);
    assert_int_equal(fake_system, system);
}

static void test_machine_end(void **state)
{
    (void)state;
    bench_partition->awaited = false;
    require_end(FAKE_ON); /* the other, for which the machine waits, is on */
    life_begin_on();
    machine_on_end = BH_PLATFORM_RESET;
    require_end(FAKE_RESET);
    life_begin_on();
    machine_on_end = BH_PLATFORM_HALT;
    require_end(FAKE_ON);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_stop_by_answer, on),
        cmocka_unit_test_setup(test_reset, on),
        cmocka_unit_test_setup(test_all_at_once, on),
        cmocka_unit_test_setup(test_check_in_once, on),
        cmocka_unit_test_setup(test_restart_from_everywhere, on),
        cmocka_unit_test_setup(test_interrupts_are_fresh, on),
        cmocka_unit_test_setup(test_budget, on),
        cmocka_unit_test_setup(test_policies, on),
        cmocka_unit_test_setup(test_wrong_answers, on),
        cmocka_unit_test_setup(test_record, on),
        cmocka_unit_test_setup(test_control, on),
        cmocka_unit_test_setup(test_machine_end, on),
    };

    return cmocka_run_group_tests_name("kernel_life", tests, NULL, NULL);
}
