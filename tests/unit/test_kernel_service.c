/* SPDX-License-Identifier: BSD-2-Clause */
/* A service and a guest on one core: who runs when, for how long, and what enters the service. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "exit.h"
#include "fake/world.h"
#include "irq.h"
#include <bulkhead/upcall.h>
#include <string.h>

enum { SERVICE = WORLD_FREE + 8, TIMER, PERIOD = 1000, BUDGET = 100 };

static struct vcpu *guest, *service;
static struct ich ich;
static uint32_t ended, enabled, disabled; /* physical interrupts, by the fake */

static void end(uint32_t physical)
{
    (void)physical;
    ended++;
}

static void switch_physical(uint32_t physical, bool on)
{
    (void)physical;
    *(on ? &enabled : &disabled) += 1;
}

/* The other partition is a service on the boot core, whose guest runs. */
static int begin(void **state)
{
    (void)state;
    world_begin();
    world_allow(BH_PARTITION_VCPU, WORLD_OTHER, BH_ROOT_CORE, SERVICE, PERIOD, BUDGET);
    world_allow(BH_VCPU_TIMER, SERVICE, TIMER, 0, 0, 0);
    world_allow(BH_PARTITION_MONITOR, WORLD_OTHER, 0x1000, 0x2000, 0x1000, 0);
    world_allow(BH_EVENT_BIND, WORLD_EVENT, WORLD_OTHER, BH_EVENT_UPCALL | 3, 0, 0);
    world_allow(BH_IRQ_BIND, WORLD_IRQ, WORLD_OTHER, BH_EVENT_UPCALL | 5, 0, 0);
    ich_fake_init(&ich, 4);
    memset(ich.list, 0, sizeof(ich.list));
    fake_ich = &ich;
    fake_hooks.end = end;
    fake_hooks.enable = switch_physical;
    ended = enabled = disabled = 0;
    guest = fake_self->vcpu;
    service = fake_self->service;
    assert_ptr_equal(service->partition, &partitions[2]);
    for (uint32_t i = 1; i <= 2; i++) {
        partitions[i].state = BH_PARTITION_RUNNING;
        partitions[i].remaining = 1;
        partitions[i].virq.bank[LIMIT_SPI_BANKS].enable = ~0u; /* as when it has been loaded */
    }
    fake_self->resident = fake_self->quick = true;
    fake_self->mode = CORE_GUEST;
    fake_self->partition = guest->partition;
    fake_self->frame = &guest->frame;
    guest->state = VCPU_ON;
    machine_sealed = 1;
    fake_count = 10000;
    fake_kicked = 0;
    guest->due = 0; /* as in a guest that has been entered */
    return 0;
}

/* The hypervisor timer's interrupt. */
static void expire(void)
{
    arch_timer_set(~0ull);
    vcpu_due(guest, DUE_UPCALL);
}

/* Time goes on, then the core is trapped and chooses. */
static enum core_mode trap_after(uint64_t ticks)
{
    fake_count += ticks;
    if (fake_count >= fake_timer)
        expire();
    core_next(fake_self);
    return fake_self->mode;
}

static void ring(void)
{
    assert_int_equal(world_call(BH_EVENT_SIGNAL, WORLD_EVENT, 0, 0, 0, 0), BH_OK);
}

/* Its program answers RESUME; what upcall_return does of it. */
static void answer(void)
{
    assert_int_equal(fake_self->mode, CORE_SERVICE);
    if (service->upcall == BH_UPCALL_EVENT)
        virq_badges_done(service->partition, 0);
    service->service.busy = false;
}

/* Its WFI has trapped. */
static void guest_waits(void)
{
    service->service.claim = CLAIM_DUE;
    vcpu_due(guest, DUE_STATE);
}

static void interrupt_guest(void)
{
    vcpu_arrived(guest, 27);
}

static void arguments(void **state)
{
    (void)state;
    world_begin();
    world_refuse(BH_ERR_RANGE, BH_PARTITION_VCPU, WORLD_OTHER, BH_ROOT_CORE, SERVICE, 0, 1);
    world_refuse(BH_ERR_RANGE, BH_PARTITION_VCPU, WORLD_OTHER, BH_ROOT_CORE, SERVICE, 10, 0);
    world_refuse(BH_ERR_RANGE, BH_PARTITION_VCPU, WORLD_OTHER, BH_ROOT_CORE, SERVICE, 10, 11);
    world_refuse(BH_ERR_RANGE, BH_PARTITION_VCPU, WORLD_OTHER, BH_ROOT_CORE, SERVICE, 1ull << 32,
                 1);
    world_refuse(BH_ERR_STATE, BH_PARTITION_VCPU, WORLD_PARTITION, WORLD_CORE, SERVICE, 10, 1);
    world_refuse(BH_ERR_STATE, BH_EVENT_BIND, WORLD_EVENT, WORLD_OTHER, BH_EVENT_UPCALL, 0, 0);
    world_allow(BH_PARTITION_VCPU, WORLD_OTHER, BH_ROOT_CORE, SERVICE, 10, 10);
    world_refuse(BH_ERR_STATE, BH_PARTITION_VCPU, WORLD_OTHER, WORLD_CORE, TIMER, 10, 1);
    world_refuse(BH_ERR_STATE, BH_PARTITION_VCPU, WORLD_OTHER, WORLD_CORE, TIMER, 0, 0);
    world_allow(BH_CONTROL_CREATE, BH_ROOT_CONTROL, BH_TYPE_PARTITION, TIMER, 0, 0);
    world_refuse(BH_ERR_TAKEN, BH_PARTITION_VCPU, TIMER, BH_ROOT_CORE, TIMER + 1, 10, 1);
    world_refuse(BH_ERR_RANGE, BH_EVENT_BIND, WORLD_EVENT, WORLD_OTHER, BH_EVENT_UPCALL + BH_BADGES,
                 0, 0);
    world_refuse(BH_ERR_RANGE, BH_EVENT_BIND, WORLD_EVENT, BH_ROOT_SELF, BH_EVENT_UPCALL, 0, 0);
    world_allow(BH_EVENT_BIND, WORLD_EVENT, WORLD_OTHER, BH_EVENT_UPCALL | 31, 0, 0);
    world_refuse(BH_ERR_TAKEN, BH_IRQ_BIND, WORLD_IRQ, WORLD_OTHER, BH_EVENT_UPCALL | 31, 0, 0);
    world_allow(BH_IRQ_BIND, WORLD_IRQ, WORLD_OTHER, BH_EVENT_UPCALL | 30, 1, 0);
    world_allow(BH_IRQ_SPLIT, WORLD_IRQS, TIMER + 1, 1, 0, 0);
    world_refuse(BH_ERR_TAKEN, BH_IRQ_BIND, WORLD_IRQS, WORLD_OTHER, BH_EVENT_UPCALL | 30, 0, 0);
}

static void event_enters_at_once(void **state)
{
    (void)state;
    ring();
    assert_int_equal(trap_after(0), CORE_SERVICE);
    assert_int_equal(service->upcall, BH_UPCALL_EVENT);
    assert_int_equal(service->frame.x[0], BH_UPCALL_EVENT);
    assert_int_equal(service->frame.x[1], 1u << 3);
    assert_int_equal(service->frame.pc, 0x1000);
    assert_int_equal(service->frame.sp, 0x3000);
    assert_ptr_equal(fake_self->frame, &service->frame);
    assert_false(fake_self->quick); /* its answer is not the guest's monitor's */
    assert_int_equal(fake_timer, fake_count + BUDGET);
    answer();
    assert_int_equal(trap_after(30), CORE_GUEST);
    assert_true(fake_self->quick);
    assert_ptr_equal(fake_self->frame, &guest->frame);
    assert_ptr_equal(fake_self->partition, guest->partition);
    assert_int_equal(fake_timer, ~0ull);
    assert_false(fake_wait_traps);
    ring(); /* 70 are left */
    assert_int_equal(trap_after(0), CORE_SERVICE);
    assert_int_equal(fake_timer, fake_count + BUDGET - 30);
}

static void guest_preempts(void **state)
{
    (void)state;
    ring();
    assert_int_equal(trap_after(0), CORE_SERVICE);
    service->frame.x[7] = 0x77;
    interrupt_guest();
    assert_int_equal(trap_after(10), CORE_GUEST);
    assert_true(fake_wait_traps); /* it goes on when the guest waits */
    assert_int_equal(fake_timer, 10000 + PERIOD);
    assert_int_equal(trap_after(10), CORE_GUEST);
    guest_waits();
    assert_int_equal(trap_after(0), CORE_SERVICE);
    assert_int_equal(service->frame.x[7], 0x77); /* where it was */
    assert_int_equal(fake_timer, fake_count + BUDGET - 10);
    interrupt_guest();
    assert_int_equal(trap_after(1), CORE_GUEST);
    ring(); /* more for it to do is no way in */
    assert_int_equal(trap_after(0), CORE_GUEST);
    assert_int_equal(trap_after(PERIOD), CORE_SERVICE); /* but the next period is */
    answer();
    assert_int_equal(trap_after(1), CORE_SERVICE); /* the second ring */
    assert_int_equal(service->frame.x[0], BH_UPCALL_EVENT);
}

static void budget_ends(void **state)
{
    (void)state;
    ring();
    assert_int_equal(trap_after(0), CORE_SERVICE);
    assert_int_equal(trap_after(BUDGET - 1), CORE_SERVICE);
    assert_int_equal(trap_after(1), CORE_GUEST);
    assert_false(fake_wait_traps);
    assert_int_equal(fake_timer, 10000 + PERIOD);
    guest_waits(); /* the guest waits, and yet: */
    assert_int_equal(trap_after(1), CORE_GUEST);
    ring();
    assert_int_equal(trap_after(1), CORE_GUEST);
    assert_int_equal(trap_after(PERIOD - BUDGET - 3), CORE_GUEST);
    assert_int_equal(trap_after(1), CORE_SERVICE);
    assert_int_equal(fake_timer, fake_count + BUDGET);
    assert_int_equal(trap_after(BUDGET + 50), CORE_GUEST); /* a trap that came late */
}

/* It begins nothing while the guest has an interrupt in hand, but does not wait for ever. */
static void guest_in_handler(void **state)
{
    (void)state;
    guest->virq.used = 1;
    ich.list[0] = 1ull << 62; /* pending */
    ring();
    assert_int_equal(trap_after(0), CORE_GUEST);
    assert_true(fake_wait_traps);
    assert_int_equal(trap_after(PERIOD - 1), CORE_GUEST);
    assert_int_equal(trap_after(1), CORE_SERVICE);
}

static void upcall_goes_first(void **state)
{
    (void)state;
    fake_self->mode = CORE_USER;
    fake_self->frame = &fake_self->user;
    ring();
    assert_int_equal(trap_after(0), CORE_USER);
    assert_int_equal(trap_after(PERIOD), CORE_USER);
    fake_self->mode = CORE_GUEST; /* its monitor answers */
    fake_self->frame = &guest->frame;
    assert_true(guest->due & DUE_STATE);
    assert_int_equal(trap_after(0), CORE_SERVICE);
}

static void timers(void **state)
{
    (void)state;
    assert_int_equal(world_call(BH_TIMER_SET, TIMER, 10050, 0, 0, 0), BH_OK);
    assert_int_equal(fake_timer, 10050);
    assert_int_equal(world_call(BH_TIMER_SET, WORLD_TIMER, 10030, 0, 0, 0), BH_OK);
    assert_int_equal(fake_timer, 10030);
    assert_int_equal(trap_after(30), CORE_USER); /* the guest's monitor */
    assert_int_equal(guest->upcall, BH_UPCALL_TIMER);
    assert_int_equal(fake_self->user.x[0], BH_UPCALL_TIMER);
    fake_self->mode = CORE_GUEST;
    fake_self->frame = &guest->frame;
    assert_int_equal(trap_after(0), CORE_GUEST);
    assert_int_equal(fake_timer, 10050);
    assert_int_equal(trap_after(20), CORE_SERVICE);
    assert_int_equal(service->upcall, BH_UPCALL_TIMER);
    assert_int_equal(service->frame.x[1], 0);
    answer();
    assert_int_equal(trap_after(1), CORE_GUEST);
    assert_int_equal(fake_timer, ~0ull);
}

static void interrupt_is_ended_by_the_answer(void **state)
{
    (void)state;
    virq_badges_done(service->partition, ~0u); /* it begins */
    assert_int_equal(enabled, 1);
    irq_arrived(32);
    ring();
    assert_int_equal(ended, 0);
    assert_int_equal(trap_after(0), CORE_SERVICE);
    assert_int_equal(service->frame.x[1], 1u << 5 | 1u << 3);
    assert_int_equal(ended, 0);
    answer();
    assert_int_equal(ended, 1);
    irq_arrived(32); /* again */
    assert_int_equal(trap_after(0), CORE_SERVICE);
    assert_int_equal(service->frame.x[1], 1u << 5);
    partition_stop(service->partition, BH_STOP_CONTROL);
    assert_int_equal(trap_after(0), CORE_GUEST);
    assert_int_equal(service->partition->state & PARTITION_STATE, BH_PARTITION_STOPPED);
    assert_int_equal(ended, 2);
    assert_int_equal(disabled, 1);
    ring();
    assert_int_equal(trap_after(PERIOD), CORE_GUEST); /* nobody is there */
}

/* Beside a vCPU that is off, and for a monitor: its vCPU 0 need not be on. */
static void nobody_resident(void **state)
{
    (void)state;
    fake_self->resident = fake_self->quick = false;
    fake_self->mode = CORE_IDLE;
    guest->state = VCPU_OFF;
    ring();
    assert_int_equal(trap_after(0), CORE_SERVICE);
    interrupt_guest(); /* of no concern */
    assert_int_equal(trap_after(10), CORE_SERVICE);
    answer();
    virq_pend(guest->partition, NULL, VIRQ_BADGES + 7);
    assert_int_equal(trap_after(1), CORE_USER);
    assert_int_equal(guest->upcall, BH_UPCALL_EVENT);
    assert_int_equal(fake_self->user.x[1], 1u << 7);
    assert_false(fake_self->quick);
}

/* Another vCPU's core looks, too, after an upcall of its Timer: badges are for vCPU 0's. */
static void badges_are_vcpu_0s(void **state)
{
    struct virq_bank *badges = &guest->partition->virq.bank[LIMIT_SPI_BANKS];
    struct vcpu other = {.partition = guest->partition, .index = 1, .deadline = ~0ull};
    struct frame frame;

    (void)state;
    virq_pend(guest->partition, NULL, VIRQ_BADGES + 7);
    assert_false(core_upcall(&other, &frame, false));
    assert_int_equal(trap_after(1), CORE_USER);
    assert_int_equal(fake_self->user.x[1], 1u << 7);
    virq_pend(guest->partition, NULL, VIRQ_BADGES + 8);
    assert_false(core_upcall(&other, &frame, false));
    assert_int_equal(badges->active, 1u << 7); /* to be ended by the answer */
    assert_int_equal(badges->arrived, 1u << 8);
}

/* One that is off disturbs nobody, and is told when it is on again. */
static void badges_can_be_off(void **state)
{
    struct partition *partition = guest->partition;

    (void)state;
    virq_write(partition, NULL, BH_VIRQ_BADGE, 32, 0, 1u << 7);
    assert_int_equal(virq_read(partition, NULL, BH_VIRQ_BADGE, 32), (uint32_t) ~(1u << 7));
    assert_int_equal(trap_after(1), CORE_GUEST); /* for nothing: it was told to look */
    virq_pend(partition, NULL, VIRQ_BADGES + 7);
    assert_int_equal(guest->due & DUE_UPCALL, 0);
    virq_pend(partition, NULL, VIRQ_BADGES + 8);
    assert_int_equal(trap_after(1), CORE_USER);
    assert_int_equal(fake_self->user.x[1], 1u << 8);
    fake_self->mode = CORE_GUEST;
    virq_write(partition, NULL, BH_VIRQ_BADGE, 32, ~0u, 1u << 7);
    assert_int_equal(trap_after(1), CORE_USER);
    assert_int_equal(fake_self->user.x[1], 1u << 7);
}

static void a_storm_is_one_kick(void **state)
{
    (void)state;
    fake_self = &cores[1];
    ring();
    assert_int_equal(fake_kicked, 1);
    fake_kicked = 0;
    ring();
    assert_int_equal(fake_kicked, 0);
    partition_stop(service->partition, BH_STOP_CONTROL); /* this cannot wait */
    assert_int_equal(fake_kicked, 1);
    fake_self = cores;
    assert_int_equal(trap_after(0), CORE_GUEST);
    assert_int_equal(service->partition->state & PARTITION_STATE, BH_PARTITION_STOPPED);
}

static void begins_anew(void **state)
{
    (void)state;
    ring();
    assert_int_equal(trap_after(0), CORE_SERVICE);
    partition_stop(service->partition, BH_STOP_RESTART);
    assert_int_equal(trap_after(1), CORE_SERVICE);
    assert_int_equal(service->upcall, BH_UPCALL_LOAD);
    assert_int_equal(service->frame.x[0], BH_UPCALL_LOAD);
    ring(); /* before it has begun */
    partition_run(service->partition);
    answer();
    assert_int_equal(trap_after(1), CORE_SERVICE);
    assert_int_equal(service->frame.x[1], 1u << 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments),
        cmocka_unit_test_setup(event_enters_at_once, begin),
        cmocka_unit_test_setup(guest_preempts, begin),
        cmocka_unit_test_setup(budget_ends, begin),
        cmocka_unit_test_setup(guest_in_handler, begin),
        cmocka_unit_test_setup(upcall_goes_first, begin),
        cmocka_unit_test_setup(timers, begin),
        cmocka_unit_test_setup(interrupt_is_ended_by_the_answer, begin),
        cmocka_unit_test_setup(nobody_resident, begin),
        cmocka_unit_test_setup(badges_are_vcpu_0s, begin),
        cmocka_unit_test_setup(badges_can_be_off, begin),
        cmocka_unit_test_setup(a_storm_is_one_kick, begin),
        cmocka_unit_test_setup(begins_anew, begin),
    };

    return cmocka_run_group_tests_name("kernel_service", tests, NULL, NULL);
}
