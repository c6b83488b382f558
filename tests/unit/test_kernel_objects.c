/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on interrupts, events, vCPUs, cores and partitions: success and every documented error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fake/world.h"

enum { HIGH = WORLD_FREE + 8 };

static void irq(void **state)
{
    (void)state;
    world_refuse(BH_ERR_SLOT, BH_IRQ_SPLIT, WORLD_IRQS, WORLD_IRQ, 1, 0, 0);
    world_refuse(BH_ERR_RANGE, BH_IRQ_SPLIT, WORLD_IRQS, HIGH, 0, 0, 0);
    world_refuse(BH_ERR_RANGE, BH_IRQ_SPLIT, WORLD_IRQS, HIGH, 987, 0, 0);
    world_allow(BH_IRQ_SPLIT, WORLD_IRQS, HIGH + 2, 1, 0, 0);
    assert_int_equal(world_cap(WORLD_IRQS)->base, 33);
    assert_int_equal(world_cap(HIGH + 2)->base, 34);
    assert_int_equal(world_cap(HIGH + 2)->size, 986);
    world_partition_argument(BH_IRQ_BIND, WORLD_IRQ, 40, 0, 0);
    world_refuse(BH_ERR_RANGE, BH_IRQ_BIND, HIGH + 2, WORLD_PARTITION, 40, 0, 0);
    world_refuse(BH_ERR_RANGE, BH_IRQ_BIND, WORLD_IRQ, WORLD_PARTITION, 40, 2, 0);
    world_refuse(BH_ERR_RANGE, BH_IRQ_BIND, WORLD_IRQ, WORLD_PARTITION, 31, 0, 0);
    world_refuse(BH_ERR_RANGE, BH_IRQ_BIND, WORLD_IRQ, WORLD_PARTITION, 32 * (LIMIT_SPI_BANKS + 1),
                 0, 0);
    world_refuse(BH_ERR_STATE, BH_IRQ_BIND, WORLD_IRQ, WORLD_OTHER, 40, 0, 0); /* no vCPU yet */
    world_allow(BH_IRQ_BIND, WORLD_IRQ, WORLD_PARTITION, 40, 1, 0);
    world_refuse(BH_ERR_TAKEN, BH_IRQ_BIND, WORLD_IRQ, WORLD_PARTITION, 41, 1, 0);
    world_refuse(BH_ERR_TAKEN, BH_IRQ_BIND, WORLD_IRQS, WORLD_PARTITION, 40, 1,
                 0); /* the virtual one */
}

static void event(void **state)
{
    (void)state;
    world_partition_argument(BH_EVENT_BIND, WORLD_EVENT, 40, 0, 0);
    world_refuse(BH_ERR_STATE, BH_EVENT_SIGNAL, WORLD_EVENT, 0, 0, 0, 0);
    world_refuse(BH_ERR_RANGE, BH_EVENT_BIND, WORLD_EVENT, WORLD_PARTITION, 31, 0, 0);
    world_refuse(BH_ERR_RANGE, BH_EVENT_BIND, WORLD_EVENT, WORLD_PARTITION, 1ull << 40 | 40, 0, 0);
    world_refuse(BH_ERR_RANGE, BH_EVENT_BIND, WORLD_EVENT, BH_ROOT_SELF, 40, 0, 0);
    world_allow(BH_IRQ_BIND, WORLD_IRQ, WORLD_PARTITION, 41, 0, 0);
    world_refuse(BH_ERR_TAKEN, BH_EVENT_BIND, WORLD_EVENT, WORLD_PARTITION, 41, 0, 0);
    world_allow(BH_EVENT_BIND, WORLD_EVENT, WORLD_PARTITION, 40, 0, 0);
    world_refuse(BH_ERR_TAKEN, BH_EVENT_BIND, WORLD_EVENT, WORLD_PARTITION, 42, 0, 0);
    world_allow(BH_EVENT_SIGNAL, WORLD_EVENT, 0, 0, 0, 0);
    world_allow(BH_VIRQ_READ, WORLD_PARTITION, BH_VIRQ_PENDING, 32, 0, 0);
    assert_int_equal(world_frame.x[1], 1u << 8);
}

static void vcpu(void **state)
{
    struct cap weak = *world_cap(WORLD_CORE);

    (void)state;
    weak.rights = (uint8_t)~BH_RIGHT_MANAGE;
    world_forge(HIGH + 1, weak);
    world_refuse(BH_ERR_SLOT, BH_PARTITION_VCPU, WORLD_OTHER, HIGH, HIGH, 0, 0);
    world_refuse(BH_ERR_TYPE, BH_PARTITION_VCPU, WORLD_OTHER, WORLD_RAM, HIGH, 0, 0);
    world_refuse(BH_ERR_RIGHTS, BH_PARTITION_VCPU, WORLD_OTHER, HIGH + 1, HIGH, 0, 0);
    world_refuse(BH_ERR_SLOT, BH_PARTITION_VCPU, WORLD_OTHER, WORLD_CORE, WORLD_RAM, 0, 0);
    world_refuse(BH_ERR_STATE, BH_PARTITION_VCPU, BH_ROOT_SELF, WORLD_CORE, HIGH, 0, 0);
    world_refuse(BH_ERR_TAKEN, BH_PARTITION_VCPU, WORLD_OTHER, BH_ROOT_CORE, HIGH, 0, 0);
    world_allow(BH_PARTITION_VCPU, WORLD_PARTITION, WORLD_CORE, HIGH, 0, 0);
    assert_int_equal(world_frame.x[1], 1);
    world_refuse(BH_ERR_SLOT, BH_VCPU_TIMER, HIGH, WORLD_RAM, 0, 0, 0);
    world_refuse(BH_ERR_TAKEN, BH_VCPU_TIMER, WORLD_VCPU, HIGH + 2, 0, 0, 0);
    world_allow(BH_VCPU_TIMER, HIGH, HIGH + 2, 0, 0, 0);
    world_refuse(BH_ERR_RANGE, BH_TIMER_SET, HIGH + 2, 5, 0, 0, 0); /* not this core's */
    world_allow(BH_TIMER_SET, WORLD_TIMER, 5, 0, 0, 0);
    world_allow(BH_VCPU_STATE, HIGH, 0, 0, 0, 0);
    assert_int_equal(world_frame.x[1], 1);
    world_allow(BH_VCPU_START, HIGH, 0x1000, 7, 0, 0);
    assert_int_equal(fake_kicked, 2);
    assert_int_equal(vcpus[1].entry, 0x1000);
    world_allow(BH_VCPU_STATE, HIGH, 0, 0, 0, 0);
    assert_int_equal(world_frame.x[1], 2);
    world_refuse(BH_ERR_ON_PENDING, BH_VCPU_START, HIGH, 0x2000, 8, 0, 0);
    vcpus[1].state = VCPU_ON;
    world_refuse(BH_ERR_ALREADY_ON, BH_VCPU_START, HIGH, 0x2000, 8, 0, 0);
    world_allow(BH_VCPU_STATE, HIGH, 0, 0, 0, 0);
    assert_int_equal(world_frame.x[1], 0);
}

static void core(void **state)
{
    (void)state;
    world_refuse(BH_ERR_STATE, BH_CORE_START, BH_ROOT_CORE, 0, 0, 0, 0);
    fake_psci = -9;
    world_refuse(BH_ERR_PLATFORM, BH_CORE_START, WORLD_CORE, 0, 0, 0, 0);
    assert_int_equal((int64_t)world_frame.x[1], -9);
    fake_psci = 0;
    world_allow(BH_CORE_START, WORLD_CORE, 0, 0, 0, 0);
    world_refuse(BH_ERR_STATE, BH_CORE_START, WORLD_CORE, 0, 0, 0, 0);
    world_allow(BH_CORE_STATE, WORLD_CORE, 0, 0, 0, 0);
    assert_int_equal(world_frame.x[1], BH_CORE_STARTING);
}

static void monitor(void **state)
{
    (void)state;
    world_refuse(BH_ERR_STATE, BH_PARTITION_MONITOR, BH_ROOT_SELF, 0x1000, 0x2000, 0x1000, 0);
    world_refuse(BH_ERR_ALIGN, BH_PARTITION_MONITOR, WORLD_OTHER, 0x1000, 0x2008, 0x1000, 0);
    world_refuse(BH_ERR_ALIGN, BH_PARTITION_MONITOR, WORLD_OTHER, 0x1000, 0x2000, 0x1008, 0);
    world_refuse(BH_ERR_ALIGN, BH_PARTITION_MONITOR, WORLD_OTHER, 0x1000, 0x2000, 0, 0);
    world_refuse(BH_ERR_RANGE, BH_PARTITION_MONITOR, WORLD_OTHER, 1ull << 40, 0x2000, 0x1000, 0);
    world_refuse(BH_ERR_RANGE, BH_PARTITION_MONITOR, WORLD_OTHER, 0x1000, 1ull << 40, 0x1000, 0);
    world_refuse(BH_ERR_RANGE, BH_PARTITION_MONITOR, WORLD_OTHER, 0x1000, 0x2000, 1ull << 40, 0);
    world_allow(BH_PARTITION_MONITOR, WORLD_OTHER, 0x1000, 0x2000, 0x1000, 0);
    world_allow(BH_PARTITION_STATE, WORLD_OTHER, 0, 0, 0, 0);
    assert_int_equal(world_frame.x[1], BH_PARTITION_NEW);
}

static void virq_state(void **state)
{
    static const uint64_t labels_of[] = {BH_VIRQ_READ, BH_VIRQ_WRITE};

    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        world_refuse(BH_ERR_RANGE, labels_of[i], WORLD_PARTITION, BH_VIRQ_FIELDS, 32, 0, 0);
        world_refuse(BH_ERR_RANGE, labels_of[i], WORLD_PARTITION, BH_VIRQ_ENABLE, 0, 0, 0);
        world_refuse(BH_ERR_RANGE, labels_of[i], WORLD_PARTITION, BH_VIRQ_ENABLE, 992, 0, 0);
        world_refuse(BH_ERR_RANGE, labels_of[i], WORLD_PARTITION, BH_VIRQ_ENABLE, 1ull << 32, 0, 0);
        world_refuse(BH_ERR_ALIGN, labels_of[i], WORLD_PARTITION, BH_VIRQ_ENABLE, 33, 0, 0);
        world_refuse(BH_ERR_ALIGN, labels_of[i], WORLD_PARTITION, BH_VIRQ_PRIORITY, 34, 0, 0);
        world_refuse(BH_ERR_RANGE, labels_of[i], WORLD_VCPU, BH_VIRQ_ENABLE, 32, 0, 0);
        world_refuse(BH_ERR_RANGE, labels_of[i], WORLD_VCPU, BH_VIRQ_ROUTE, 0, 0, 0);
        world_refuse(BH_ERR_RANGE, labels_of[i], WORLD_VCPU, BH_VIRQ_CONTROL, 0, 0, 0);
        world_refuse(BH_ERR_ALIGN, labels_of[i], WORLD_VCPU, BH_VIRQ_ENABLE, 1, 0, 0);
    }
    world_allow(BH_VIRQ_WRITE, WORLD_VCPU, BH_VIRQ_PRIORITY, 4, 0xfffff0a7, 0xffff);
    world_allow(BH_VIRQ_READ, WORLD_VCPU, BH_VIRQ_PRIORITY, 4, 0, 0);
    assert_int_equal(world_frame.x[1], 0xf0a0); /* five bits, and only what the mask names */
    world_allow(BH_VIRQ_WRITE, WORLD_PARTITION, BH_VIRQ_ROUTE, 45, 0xfe, ~0ull);
    world_allow(BH_VIRQ_READ, WORLD_PARTITION, BH_VIRQ_ROUTE, 45, 0, 0);
    assert_int_equal(world_frame.x[1], 0); /* of vCPUs that there are */
    world_allow(BH_VIRQ_WRITE, WORLD_OTHER, BH_VIRQ_BADGE, 32, ~0ull, ~0ull); /* it has no vCPU */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(irq, world_setup),
        cmocka_unit_test_setup(event, world_setup),
        cmocka_unit_test_setup(vcpu, world_setup),
        cmocka_unit_test_setup(core, world_setup),
        cmocka_unit_test_setup(monitor, world_setup),
        cmocka_unit_test_setup(virq_state, world_setup),
    };

    return cmocka_run_group_tests_name("kernel_objects", tests, NULL, NULL);
}
