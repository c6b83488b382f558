/* SPDX-License-Identifier: BSD-2-Clause */
/* What the random sequences have found, each in the few steps that it takes. */
#include "exit.h"
#include "fake/virq_bench.h"
#include "virq_lists.h"

enum { SPI = 32, LEVEL = 127, TIMER = 27, LISTS = 4 };

static void begin(uint32_t vcpu_total, uint32_t lists)
{
    bench_begin((struct bench_config){.vcpus = vcpu_total, .lists = lists});
    bench_write(0, 0, BH_VIRQ_CONTROL, 32, 3);
}

/* Enabled, in group 1, with a priority, and pending if it is not linked. */
static void arrive(uint32_t intid, uint32_t priority)
{
    bench_write(0, 0, BH_VIRQ_ENABLE, intid, 1);
    bench_write(0, 0, BH_VIRQ_GROUP, intid, 1);
    bench_write(0, 0, BH_VIRQ_EDGE, intid, 1);
    bench_write(0, 0, BH_VIRQ_PRIORITY, intid, priority);
    bench_write(0, 0, BH_VIRQ_PENDING, intid, 1);
    bench_settle();
    bench_on(0);
}

static uint32_t acknowledge(void)
{
    uint32_t group;

    bench_settle();
    bench_on(0);
    return bench_acknowledge(&group);
}

static void end(uint32_t intid)
{
    bench_on(0);
    ich_end(fake_ich, intid, 1);
    bench_settle();
    bench_on(0);
}

static bool is(enum bh_virq_field field, uint32_t intid)
{
    return bench_read(0, 0, field, intid);
}

/* Active by ISACTIVER is no running priority: what is less urgent is delivered all the same. */
static void activated_in_numbers(void **state)
{
    (void)state;
    begin(1, LISTS);
    for (uint32_t i = 1; i <= LISTS + 1; i++)
        bench_write(0, 0, BH_VIRQ_ACTIVE, SPI + i, 1);
    arrive(SPI, 0x80);
    assert_int_equal(acknowledge(), SPI);
    end(SPI);
    for (uint32_t i = 1; i <= LISTS + 1; i++)
        assert_true(is(BH_VIRQ_ACTIVE, SPI + i));
}

/* An end finds its interrupt by the group and the priority that it was taken with. */
static void changed_while_active(void **state)
{
    (void)state;
    for (uint32_t priority = 0; priority < 2; priority++) {
        begin(1, LISTS);
        arrive(SPI, 0x80);
        assert_int_equal(acknowledge(), SPI);
        bench_write(0, 0, priority ? BH_VIRQ_PRIORITY : BH_VIRQ_GROUP, SPI, 0);
        bench_write(0, 0, BH_VIRQ_PENDING, SPI, 1);
        end(SPI);
        assert_false(is(BH_VIRQ_ACTIVE, SPI));
        assert_int_equal(acknowledge(), SPI); /* with what it has now */
        assert_int_equal(ich_running(fake_ich), priority ? 0 : 0x80);
    }
}

/* EOImode 1 from now on: active ones have to make room, although it was 0 when they were listed. */
static void mode_changed_while_waiting(void **state)
{
    (void)state;
    begin(1, 2);
    for (uint32_t i = 0; i < 3; i++)
        arrive(SPI + i, 0x80);
    ich_configure(fake_ich, ICH_SPLIT, 1);
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t intid = acknowledge();

        assert_int_not_equal(intid, ICH_NONE);
        end(intid);
    }
}

/* CPU_OFF with shared interrupts active: the next life of the vCPU is not held up by them. */
static void off_while_active(void **state)
{
    (void)state;
    begin(1, 2);
    for (uint32_t i = 0; i < 2; i++) {
        arrive(SPI + i, 0x40 - 16 * i);
        assert_int_equal(acknowledge(), SPI + i);
    }
    core_retire(&cores[0], &vcpus[0]);
    vcpus[0].state = VCPU_PENDING;
    bench_enter(0);
    ich_configure(fake_ich, ICH_GROUPS, 3);
    ich_configure(fake_ich, ICH_PMR, 0xf8);
    arrive(SPI + 2, 0x80);
    assert_int_equal(acknowledge(), SPI + 2);
    assert_true(is(BH_VIRQ_ACTIVE, SPI));
}

/* The timer was taken and has withdrawn it; what software makes pending after that stays. */
static void pended_after_a_withdrawal(void **state)
{
    (void)state;
    begin(1, LISTS);
    bench_device(0, model_slot(TIMER), true);
    bench_settle();
    bench_device(0, model_slot(TIMER), false);
    bench_write(0, 0, BH_VIRQ_PENDING, TIMER, 1);
    assert_true(is(BH_VIRQ_PENDING, TIMER));
    assert_false(bench_physical(0, model_slot(TIMER))->active);
}

/* Deactivated while software has it pending: that is not the device's, which may come again. */
static void deactivated_while_pended(void **state)
{
    (void)state;
    begin(1, LISTS);
    bench_write(0, 0, BH_VIRQ_ENABLE, LEVEL, 1);
    bench_device(0, model_slot(LEVEL), true);
    assert_int_equal(acknowledge(), LEVEL);
    bench_device(0, model_slot(LEVEL), false);
    bench_write(0, 0, BH_VIRQ_PENDING, LEVEL, 1);
    bench_write(0, 0, BH_VIRQ_ACTIVE, LEVEL, 0);
    assert_false(bench_physical(0, model_slot(LEVEL))->active);
    assert_true(is(BH_VIRQ_PENDING, LEVEL));
}

/* What was listed without its link, and is over by software, has its link when it comes again:
 * while it is pending nobody ends the physical one. */
static void linked_again(void **state)
{
    (void)state;
    begin(1, LISTS);
    bench_write(0, 0, BH_VIRQ_ENABLE, TIMER, 1);
    bench_device(0, model_slot(TIMER), true);
    assert_int_equal(acknowledge(), TIMER);
    bench_write(0, 0, BH_VIRQ_PRIORITY, TIMER, 0x40);
    bench_settle(); /* its end has to be seen: no link */
    bench_device(0, model_slot(TIMER), false);
    bench_write(0, 0, BH_VIRQ_ACTIVE, TIMER, 0);
    end(TIMER);
    bench_device(0, model_slot(TIMER), true);
    bench_settle();
    assert_true(bench_physical(0, model_slot(TIMER))->active);
    bench_on(0);
    lock_take(&bench_partition->lock);
    lists_evict_all(&vcpus[0]);
    lock_drop(&bench_partition->lock);
    assert_true(bench_physical(0, model_slot(TIMER))->active);
}

/* Active and pending again when its group goes off: after the end it keeps no list register. */
static void group_off_while_both(void **state)
{
    (void)state;
    begin(1, 2);
    for (uint32_t i = 0; i < 2; i++) {
        arrive(SPI + i, 0x40 - 16 * i);
        assert_int_equal(acknowledge(), SPI + i);
        bench_write(0, 0, BH_VIRQ_PENDING, SPI + i, 1);
    }
    arrive(SPI + 2, 0x80);
    bench_write(0, 0, BH_VIRQ_GROUP, SPI + 2, 0);
    bench_settle();
    bench_on(0);
    ich_configure(fake_ich, ICH_GROUPS, 1);
    bench_settle();
    end(SPI + 1);
    end(SPI);
    assert_int_equal(acknowledge(), SPI + 2);
}

/* Two vCPUs, each with a shared interrupt in hand that has another priority by now and is pending
 * again, and that the other might get as well: looking at its own, neither calls the other. */
static void in_hand_on_two(void **state)
{
    uint32_t group;

    (void)state;
    begin(2, LISTS);
    for (uint32_t i = 0; i < 2; i++) {
        bench_write(0, 0, BH_VIRQ_ROUTE, SPI + i, 1u << i);
        arrive(SPI + i, 0x80);
        bench_on(i);
        assert_int_equal(bench_acknowledge(&group), SPI + i);
        bench_write(0, 0, BH_VIRQ_ROUTE, SPI + i, 3);
        bench_write(0, 0, BH_VIRQ_PRIORITY, SPI + i, 0x40);
    }
    for (uint32_t i = 0; i < 2; i++)
        bench_write(0, 0, BH_VIRQ_PENDING, SPI + i, 1);
    bench_write(0, 0, BH_VIRQ_ENABLE, SPI, 1); /* both look again */
    bench_settle();                            /* fails on kicks without end */
    end(SPI);
    assert_false(is(BH_VIRQ_ACTIVE, SPI));
    assert_int_equal(acknowledge(), SPI);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(activated_in_numbers),
        cmocka_unit_test(changed_while_active),
        cmocka_unit_test(mode_changed_while_waiting),
        cmocka_unit_test(off_while_active),
        cmocka_unit_test(pended_after_a_withdrawal),
        cmocka_unit_test(deactivated_while_pended),
        cmocka_unit_test(group_off_while_both),
        cmocka_unit_test(linked_again),
        cmocka_unit_test(in_hand_on_two),
    };

    return cmocka_run_group_tests_name("kernel_virq_found", tests, NULL, NULL);
}
