/* SPDX-License-Identifier: BSD-2-Clause */
/* Random lives: all cores stop, fail, start and load at once, in steps that take turns at each
 * atomic access. Whatever happens, nobody runs while the partition is loaded, every load begins as
 * the first did, and when nothing provokes it any more the partition runs or has stopped. */
#include "call.h"
#include "fake/life_bench.h"
#include "fake/random.h"
#include <string.h>

enum { LIVES = 400, ROUNDS = 30 };

static uint32_t checked; /* number of the stop whose load has been looked at */
static bool calm;

/* No core but vCPU 0's does anything for a partition that is being loaded. */
static void require_alone(void)
{
    for (uint32_t i = 1; life_state() == BH_PARTITION_LOADING && i < LIFE_VCPUS; i++)
        FAKE_REQUIRE(cores[i].mode == CORE_IDLE && !cores[i].resident);
}

static void invoke_control(void)
{
    static const uint64_t actions[] = {BH_PARTITION_DO_START, BH_PARTITION_DO_STOP,
                                       BH_PARTITION_DO_RESTART, BH_PARTITION_DO_RESTART};

    life_invoke(BH_PARTITION_CONTROL, (uint64_t[]){actions[random_below(4)], 0}, NULL);
}

static void start_another(void)
{
    struct cap cap = {.type = BH_TYPE_VCPU, .rights = BH_RIGHTS_ALL};
    struct partition caller = {.caps = &cap, .slots = 1};
    struct frame frame = {.x = {BH_VCPU_START, 0, 0x1000, 7}};

    cap.object = (uint16_t)random_below(LIFE_VCPUS);
    call_dispatch(fake_self, &caller, &frame, false);
}

/* A monitor changes interrupts, others' too. */
static void soil(void)
{
    uint32_t intid = (uint32_t)random_below(2) * 32;

    virq_write(bench_partition, intid ? NULL : &vcpus[random_below(LIFE_VCPUS)],
               random_below(BH_VIRQ_LINE), intid, random_next(), ~0ull);
    if (intid && random_below(2))
        virq_write(bench_partition, NULL, BH_VIRQ_CONTROL, intid, 3, ~0ull);
}

static void load(void)
{
    uint32_t number = partition_stops(bench_partition->state);

    if (life_state() == BH_PARTITION_LOADING && checked != number) {
        checked = number;
        life_require_fresh();
    }
    if (!calm && random_below(3) == 0)
        return; /* it takes its time */
    if (!calm && random_below(2))
        start_another();
    if (!calm && random_below(6) == 0)
        partition_fail(fake_self->vcpu, BH_STOP_MONITOR, 1, 2, 3);
    else if (!calm && random_below(12) == 0)
        life_return(BH_DO_STOP, BH_STOP_LOAD, 0, 0);
    else
        life_return(BH_DO_START, 0x1000, 0, 0);
}

static void monitor(void)
{
    static const uint64_t reasons[] = {BH_STOP_OFF, BH_STOP_RESET, BH_STOP_RESET, BH_STOP_CRASH,
                                       BH_STOP_WATCHDOG};

    if (calm) {
        life_return(BH_DO_RESUME, 0, 0, 0);
        return;
    }
    soil();
    switch (random_below(8)) {
    case 0:
        life_return(BH_DO_STOP, reasons[random_below(5)], 0, 0);
        break;
    case 1:
        life_return(BH_DO_OFF, 0, 0, 0);
        break;
    case 2:
        life_return(BH_DO_SUSPEND, 0x1000, 0, random_below(2));
        break;
    case 3:
        partition_fail(fake_self->vcpu, BH_STOP_MONITOR, 1, 2, 3);
        break;
    case 4:
        break; /* stays where it is */
    default:
        start_another();
        life_return(BH_DO_RESUME, 0, 0, 0);
        break;
    }
}

/* What a core does next; then its kernel decides. */
static void act(void *argument)
{
    (void)argument;
    require_alone();
    if (!calm && random_below(10) == 0)
        invoke_control();
    if (fake_self->mode == CORE_USER && fake_self->vcpu->upcall == BH_UPCALL_LOAD)
        load();
    else if (fake_self->mode == CORE_USER)
        monitor();
    else if (fake_self->mode == CORE_GUEST && !calm && random_below(2))
        life_enter();
    else if (fake_self->mode == CORE_GUEST && !calm && random_below(10) == 0)
        partition_fail(fake_self->vcpu, BH_STOP_SERROR, 1, 2, 3);
    core_next(fake_self);
    require_alone();
}

static void require_settled(void)
{
    FAKE_REQUIRE(life_state() == BH_PARTITION_RUNNING || life_state() == BH_PARTITION_STOPPED);
    FAKE_REQUIRE(bench_partition->remaining == LIFE_VCPUS);
    for (uint32_t i = 0; i < LIFE_VCPUS; i++) {
        FAKE_REQUIRE(vcpus[i].stop == partition_stops(bench_partition->state));
        FAKE_REQUIRE(life_state() == BH_PARTITION_RUNNING || cores[i].mode == CORE_IDLE);
    }
    if (life_reason() >= BH_STOP_FAILURE)
        FAKE_REQUIRE(bench_partition->failure[(bench_partition->failures - 1) % FAILURES].reason ==
                     life_reason());
}

static void live(uint64_t seed)
{
    random_state = seed;
    life_begin();
    bench_partition->budget = (uint32_t)random_below(8);
    checked = ~0u;
    calm = false;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < LIFE_VCPUS; i++)
            if (random_below(4))
                bench_prepare(i, act, NULL);
        bench_race(random_next());
        fake_count += random_below(60);
    }
    calm = true;
    for (uint32_t i = 0; i < 4 * LIFE_VCPUS; i++) {
        bench_settle();
        if (cores[i % LIFE_VCPUS].mode == CORE_USER)
            bench_run(i % LIFE_VCPUS, act, NULL);
    }
    bench_settle();
    require_settled();
}

static void test_lives(void **state)
{
    uint64_t seed = random_seed("kernel_life_race");
    uint64_t lives = random_number("BULKHEAD_SEQUENCES", LIVES);
    jmp_buf escape;

    (void)state;
    bench_escape = &escape;
    for (uint64_t i = 0; i < lives; i++) {
        if (setjmp(escape))
            fail_msg("life %" PRIu64 " (BULKHEAD_SEED=%" PRIu64 "): %s", i, seed + i, bench_reason);
        live(seed + i);
    }
    bench_escape = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lives)};

    return cmocka_run_group_tests_name("kernel_life_race", tests, NULL, NULL);
}
