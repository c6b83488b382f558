/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtual interrupts in situations that the random sequences do not meet: what the guest did stands
 * in its interface still when another core asks for its list registers, and the like. */
#include "fake/virq_bench.h"
#include <stdlib.h>

enum { FIRST = 32, LISTS = 4 };

/* `count` pending interrupts from FIRST on, the next one always more urgent than the last, nested:
 * all of them are active. */
static void nest(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t group;

        bench_write(0, 0, BH_VIRQ_ENABLE, FIRST + i, 1);
        bench_write(0, 0, BH_VIRQ_GROUP, FIRST + i, 1);
        bench_write(0, 0, BH_VIRQ_EDGE, FIRST + i, 1);
        bench_write(0, 0, BH_VIRQ_PRIORITY, FIRST + i, 0xf0 - 16 * i);
        bench_on(0);
        virq_pend(bench_partition, NULL, FIRST + i);
        bench_enter(0);
        assert_int_equal(bench_acknowledge(&group), FIRST + i);
    }
}

static void begin(uint32_t vcpu_total, bool split)
{
    bench_begin((struct bench_config){.vcpus = vcpu_total, .lists = LISTS});
    for (uint32_t vcpu = 0; vcpu < vcpu_total; vcpu++)
        ich_configure(bench_ich(vcpu), ICH_SPLIT, split);
    bench_write(0, 0, BH_VIRQ_CONTROL, 32, 3);
}

/* Six are active and the guest ends them all without maintenance in between: the last two are
 * counted only. A core that then asks for the state sees all six ended. */
static void counted_before_gather(void **state)
{
    (void)state;
    for (uint32_t asker = 0; asker < 2; asker++) {
        begin(2, false);
        nest(6);
        bench_enter(0);
        for (uint32_t i = 6; i > 0; i--)
            ich_end(fake_ich, FIRST + i - 1, 1);
        assert_int_equal(ich_eoicount(fake_ich), 2);
        bench_on(asker);
        assert_int_equal(virq_read(bench_partition, NULL, BH_VIRQ_ACTIVE, 32), 0);
    }
}

/* What comes again after a counted end is another one: it stays active. */
static void counted_before_acknowledge(void **state)
{
    uint32_t group;

    (void)state;
    begin(2, false);
    nest(5); /* one is outside */
    bench_enter(0);
    for (uint32_t i = 5; i > 0; i--)
        ich_end(fake_ich, FIRST + i - 1, 1);
    assert_int_equal(ich_eoicount(fake_ich), 1);
    bench_enter(0);
    virq_pend(bench_partition, NULL, FIRST + 2);
    bench_enter(0);
    assert_int_equal(bench_acknowledge(&group), FIRST + 2);
    assert_true(bench_read(0, 0, BH_VIRQ_ACTIVE, FIRST + 2));
    assert_false(bench_read(0, 0, BH_VIRQ_ACTIVE, FIRST));
}

enum { LINKED = 40 }; /* a shared interrupt of a device */

static void linked_begin(uint32_t vcpu_total)
{
    begin(vcpu_total, false);
    bench_write(0, 0, BH_VIRQ_ENABLE, LINKED, 1);
    bench_write(0, 0, BH_VIRQ_GROUP, LINKED, 1);
}

/* The device fires and vCPU 0 acknowledges. */
static void linked_taken(void)
{
    uint32_t group;

    bench_device(0, model_slot(LINKED), true);
    bench_settle();
    bench_enter(0);
    assert_int_equal(bench_acknowledge(&group), LINKED);
}

/* Software makes a linked interrupt pending while the guest handles it: it comes again. */
static void linked_pended_while_active(void **state)
{
    uint32_t group;

    (void)state;
    linked_begin(1);
    linked_taken();
    bench_write(0, 0, BH_VIRQ_PENDING, LINKED, 1);
    bench_enter(0);
    ich_end(fake_ich, LINKED, 1);
    bench_enter(0);
    assert_int_equal(bench_acknowledge(&group), LINKED);
    ich_end(fake_ich, LINKED, 1);
    bench_enter(0); /* the link was cut: the kernel ends the physical one */
    assert_false(bench_physical(0, model_slot(LINKED))->active);
}

/* It is active, disabled, pended by software and enabled again: it comes again after its end. */
static void linked_pended_while_disabled(void **state)
{
    uint32_t group;

    (void)state;
    linked_begin(1);
    linked_taken();
    bench_write(0, 0, BH_VIRQ_ENABLE, LINKED, 0);
    bench_write(0, 0, BH_VIRQ_PENDING, LINKED, 1);
    bench_enter(0);
    bench_write(0, 0, BH_VIRQ_ENABLE, LINKED, 1);
    bench_enter(0);
    ich_end(fake_ich, LINKED, 1);
    bench_enter(0);
    assert_int_equal(bench_acknowledge(&group), LINKED);
}

/* Software pended it, so that no physical one is active; the device fires while the guest handles
 * it. */
static void linked_fires_meanwhile(void **state)
{
    uint32_t group;

    (void)state;
    linked_begin(1);
    bench_write(0, 0, BH_VIRQ_PENDING, LINKED, 1);
    bench_enter(0);
    assert_int_equal(bench_acknowledge(&group), LINKED);
    bench_device(0, model_slot(LINKED), true);
    bench_settle();
    bench_enter(0);
    ich_end(fake_ich, LINKED, 1);
    bench_enter(0);
    assert_int_equal(bench_acknowledge(&group), LINKED);
}

/* A group that the guest has not enabled at its interface keeps no list register from the other. */
static void blocked_group(void **state)
{
    uint32_t group = 0;

    (void)state;
    begin(1, false);
    ich_configure(fake_ich, ICH_GROUPS, 2);
    for (uint32_t i = 0; i < LISTS + 1; i++) {
        bool last = i == LISTS;

        bench_write(0, 0, BH_VIRQ_ENABLE, FIRST + i, 1);
        bench_write(0, 0, BH_VIRQ_GROUP, FIRST + i, last);
        bench_write(0, 0, BH_VIRQ_PRIORITY, FIRST + i, last ? 0x80 : 0x40);
        virq_pend(bench_partition, NULL, FIRST + i);
    }
    bench_enter(0);
    assert_int_equal(bench_acknowledge(&group), FIRST + LISTS);
    assert_int_equal(group, 1);
}

/* With EOImode 1 another vCPU of the partition may deactivate what this one took. */
static void deactivated_elsewhere(void **state)
{
    uint32_t group;

    (void)state;
    begin(2, true);
    bench_write(0, 0, BH_VIRQ_ENABLE, FIRST, 1);
    bench_write(0, 0, BH_VIRQ_GROUP, FIRST, 1);
    bench_on(0);
    virq_pend(bench_partition, NULL, FIRST);
    bench_enter(0);
    assert_int_equal(bench_acknowledge(&group), FIRST);
    ich_end(fake_ich, FIRST, 1);
    bench_enter(1);
    if (!ich_deactivate(fake_ich, FIRST))
        virq_deactivate(&vcpus[1], FIRST);
    bench_enter(1);
    bench_enter(0);
    assert_false(bench_read(0, 0, BH_VIRQ_ACTIVE, FIRST));
}

/* CPU_OFF: nothing private is left pending or active, and its timer's interrupt can come again. */
static void quiesced(void **state)
{
    uint32_t group;

    (void)state;
    begin(1, false);
    bench_write(0, 0, BH_VIRQ_ENABLE, 27, 1);
    bench_write(0, 0, BH_VIRQ_GROUP, 27, 1);
    bench_device(0, model_slot(27), true);
    bench_settle();
    virq_sgi(bench_partition, 1, 3, 0);
    bench_enter(0);
    assert_int_equal(bench_acknowledge(&group), 27);
    virq_quiesce(&vcpus[0]);
    assert_false(bench_physical(0, model_slot(27))->active);
    for (uint32_t n = 0; n < LISTS; n++)
        assert_int_equal(fake_ich->list[n], 0);
    assert_int_equal(vcpus[0].virq.bank.active | vcpus[0].virq.bank.latch, 0);
    assert_int_equal(vcpus[0].virq.used | vcpus[0].virq.bank.listed, 0);
}

/* The partition stops: every linked interrupt is masked, and none stays active. */
static void stopped(void **state)
{
    (void)state;
    begin(1, false);
    for (uint32_t intid = 40; intid <= 42; intid++) {
        bench_write(0, 0, BH_VIRQ_ENABLE, intid, 1);
        bench_device(0, model_slot(intid), true);
    }
    bench_settle();
    bench_enter(0);
    virq_quiesce(&vcpus[0]);
    virq_stop(bench_partition);
    for (uint32_t intid = 40; intid <= 42; intid++) {
        assert_false(bench_physical(0, model_slot(intid))->active);
        assert_false(bench_physical(0, model_slot(intid))->enabled);
    }
}

/* A linked interrupt is active here, routed away, then pended: its end here hands it over. */
static void linked_rerouted(void **state)
{
    uint32_t group;

    (void)state;
    linked_begin(2);
    linked_taken();
    bench_write(0, 0, BH_VIRQ_ROUTE, LINKED, 2);
    bench_enter(0);
    bench_settle();
    bench_on(0);
    bench_write(0, 0, BH_VIRQ_PENDING, LINKED, 1);
    bench_enter(0);
    bench_settle();
    bench_on(0);
    bench_enter(1);
    bench_on(0);
    ich_end(fake_ich, LINKED, 1);
    bench_enter(0);
    bench_settle();
    bench_on(0);
    assert_false(bench_physical(0, model_slot(LINKED))->active);
    bench_enter(1);
    assert_int_equal(bench_acknowledge(&group), LINKED);
}

static bool wakes(uint32_t vcpu)
{
    bench_on(vcpu);
    return virq_wakes(bench_partition->vcpu[vcpu]);
}

/* What wakes a suspended vCPU: pending, enabled and its own; whatever its interface says. */
static void suspended(void **state)
{
    uint32_t group;

    (void)state;
    begin(2, false);
    assert_false(wakes(0));
    bench_write(0, 0, BH_VIRQ_ENABLE, FIRST, 1);
    bench_write(0, 0, BH_VIRQ_GROUP, FIRST, 1);
    bench_write(0, 0, BH_VIRQ_EDGE, FIRST, 1);
    assert_false(wakes(0));
    bench_on(1);
    virq_pend(bench_partition, NULL, FIRST);
    assert_false(wakes(1)); /* it is routed to the other */
    assert_true(wakes(0));
    ich_configure(fake_ich, ICH_GROUPS, 0); /* as systems do before they suspend */
    ich_configure(fake_ich, ICH_PMR, 0);
    assert_true(wakes(0));
    bench_write(1, 0, BH_VIRQ_CONTROL, FIRST, 1);
    assert_false(wakes(0)); /* off at the distributor */
    bench_write(1, 0, BH_VIRQ_CONTROL, FIRST, 3);
    bench_write(1, 0, BH_VIRQ_ENABLE, FIRST, 0);
    assert_false(wakes(0));
    bench_write(1, 0, BH_VIRQ_ENABLE, FIRST, 1);
    assert_true(wakes(0));
    /* In a list register when it suspends, and in one again when it goes on. */
    bench_on(0);
    ich_configure(fake_ich, ICH_GROUPS, 3);
    ich_configure(fake_ich, ICH_PMR, 0xff);
    bench_enter(0);
    assert_true(wakes(0));
    assert_int_equal(bench_partition->vcpu[0]->virq.used, 0);
    vcpu_due(bench_partition->vcpu[0], DUE_LISTS); /* core_begin */
    bench_enter(0);
    assert_int_equal(bench_acknowledge(&group), FIRST);
    assert_false(wakes(0)); /* active: it is not signalled */
}

/* The last shared interrupt there is; and none of a bank that nobody has written to. */
static void last_of_all(void **state)
{
    const uint32_t last = 32 * (LIMIT_SPI_BANKS + 1) - 1;
    uint32_t group;

    (void)state;
    begin(1, false);
    assert_int_equal(bench_partition->virq.used, 1);
    virq_pend(bench_partition, NULL, last);
    bench_enter(0);
    assert_int_equal(bench_partition->vcpu[0]->virq.used, 0);
    bench_write(0, 0, BH_VIRQ_GROUP, last, 1);
    bench_write(0, 0, BH_VIRQ_ENABLE, last, 1);
    assert_true(wakes(0)); /* it has arrived before */
    vcpu_due(bench_partition->vcpu[0], DUE_LISTS);
    bench_enter(0);
    assert_int_equal(bench_acknowledge(&group), last);
    assert_int_equal(bench_read(0, 0, BH_VIRQ_ACTIVE, last), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linked_rerouted),
        cmocka_unit_test(linked_pended_while_disabled),
        cmocka_unit_test(linked_fires_meanwhile),
        cmocka_unit_test(counted_before_gather),
        cmocka_unit_test(counted_before_acknowledge),
        cmocka_unit_test(linked_pended_while_active),
        cmocka_unit_test(blocked_group),
        cmocka_unit_test(deactivated_elsewhere),
        cmocka_unit_test(quiesced),
        cmocka_unit_test(stopped),
        cmocka_unit_test(suspended),
        cmocka_unit_test(last_of_all),
    };

    return cmocka_run_group_tests_name("kernel_virq_cases", tests, NULL, NULL);
}
