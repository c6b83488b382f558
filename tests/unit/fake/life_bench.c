/* SPDX-License-Identifier: BSD-2-Clause */
/* Monitors and guests without instructions: they answer, fail and call when the test says so. */
#include "life_bench.h"
#include "call.h"
#include <string.h>

#define TRAP_H /* it is for system registers */
void trap_abort(struct frame *frame, uint64_t esr, uint64_t far);
#include "kernel/arm64/upcall.c"

void vcpu_resume(struct core *core, struct vcpu *vcpu)
{
    (void)core;
    (void)vcpu;
}

void trap_abort(struct frame *frame, uint64_t esr, uint64_t far)
{
    (void)frame;
    (void)esr;
    (void)far;
}

void life_begin(void)
{
    image_begin();
    bench_begin((struct bench_config){.vcpus = LIFE_VCPUS, .lists = 4});
    for (uint32_t i = 0; i < LIFE_VCPUS; i++) {
        virq_quiesce(&vcpus[i]);
        cores[i].resident = false;
        cores[i].mode = CORE_IDLE;
        vcpus[i].state = VCPU_OFF;
    }
    virq_stop(bench_partition);
    fake_system = FAKE_ON;
    fake_count = 0;
    machine_on_end = BH_PLATFORM_OFF;
    bench_partition->state = BH_PARTITION_NEW;
    bench_partition->awaited = true;
    bench_partition->on_reset = true;
    bench_partition->on_failure = BH_FAILURE_RESTART;
    bench_partition->budget = 2;
    bench_partition->period = 100;
    bench_partition->remaining = LIFE_VCPUS;
    partition_start(bench_partition, BH_PARTITION_NEW);
    fake_kicked |= 1; /* as the seal does */
}

enum bh_partition_state life_state(void)
{
    return (enum bh_partition_state)(bench_partition->state & PARTITION_STATE);
}

uint32_t life_reason(void)
{
    return partition_reason(bench_partition->state);
}

/* --- steps of a core ------------------------------------------------------------------------ */
struct step {
    uint64_t value[4];
    int64_t status;
};

void life_enter(void)
{
    fake_self->vcpu->upcall = BH_UPCALL_CALL;
    fake_self->frame = &fake_self->user;
    fake_self->mode = CORE_USER;
}

static void job_upcall(void *argument)
{
    (void)argument;
    FAKE_REQUIRE(fake_self->mode == CORE_GUEST);
    life_enter();
    core_next(fake_self);
}

void life_upcall(uint32_t core)
{
    bench_run(core, job_upcall, NULL);
}

void life_return(enum bh_action action, uint64_t a, uint64_t b, uint64_t c)
{
    FAKE_REQUIRE(fake_self->mode == CORE_USER);
    fake_self->user.x[1] = action;
    fake_self->user.x[2] = a;
    fake_self->user.x[3] = b;
    fake_self->user.x[4] = c;
    if (action == BH_DO_RESUME) /* quick_return does */
        fake_self->mode = CORE_GUEST;
    else
        upcall_return(fake_self);
}

static void job_answer(void *argument)
{
    struct step *step = argument;

    life_return((enum bh_action)step->value[0], step->value[1], step->value[2], step->value[3]);
    core_next(fake_self);
}

void life_answer(uint32_t core, enum bh_action action, uint64_t a, uint64_t b, uint64_t c)
{
    bench_run(core, job_answer, &(struct step){.value = {action, a, b, c}});
}

static void job_fault(void *argument)
{
    struct step *step = argument;

    partition_fail(fake_self->vcpu, (uint32_t)step->value[0], step->value[1], 0x5e, 0xadd);
    core_next(fake_self);
}

void life_fault(uint32_t core, uint32_t reason, uint64_t pc)
{
    bench_run(core, job_fault, &(struct step){.value = {reason, pc}});
}

int64_t life_invoke(uint64_t label, const uint64_t *argument, uint64_t *result)
{
    struct cap cap = {.type = BH_TYPE_PARTITION, .rights = BH_RIGHTS_ALL, .object = 1};
    struct partition caller = {.caps = &cap, .slots = 1};
    struct frame frame = {.x = {label, 0, argument[0], argument[1]}};

    call_dispatch(fake_self, &caller, &frame, false);
    if (result)
        memcpy(result, &frame.x[1], 3 * sizeof(uint64_t));
    return (int64_t)frame.x[0];
}

static void job_call(void *argument)
{
    struct step *step = argument;

    step->status = life_invoke(step->value[0], &step->value[1], NULL);
    bench_leave();
}

int64_t life_call(uint32_t core, uint64_t label, uint64_t a, uint64_t b)
{
    struct step step = {.value = {label, a, b}};

    bench_run(core, job_call, &step);
    return step.status;
}

static void job_start(void *argument)
{
    struct cap cap = {.type = BH_TYPE_VCPU, .rights = BH_RIGHTS_ALL};
    struct partition caller = {.caps = &cap, .slots = 1};
    struct frame frame = {.x = {BH_VCPU_START, 0, 0x1000, 7}};

    cap.object = (uint16_t)((struct step *)argument)->value[0];
    call_dispatch(fake_self, &caller, &frame, false);
}

void life_start_vcpu(uint32_t core, uint32_t vcpu)
{
    bench_run(core, job_start, &(struct step){.value = {vcpu}});
}

void life_begin_on(void)
{
    life_begin();
    bench_settle();
    for (uint32_t i = 1; i < LIFE_VCPUS; i++)
        life_start_vcpu(0, i);
    life_answer(0, BH_DO_START, 0x1000, 0, 0);
    bench_settle();
    for (uint32_t i = 0; i < LIFE_VCPUS; i++) {
        assert_int_equal(cores[i].mode, CORE_GUEST);
        ich_configure(bench_ich(i), ICH_GROUPS, 3);
        ich_configure(bench_ich(i), ICH_PMR, 0xf8);
    }
}

/* --- as after the seal ---------------------------------------------------------------------- */
static void require_fresh_shared(const struct virq_shared *shared)
{
    struct virq_shared fresh;

    memset(&fresh, 0, sizeof(fresh));
    virq_init_shared(&fresh);
    FAKE_REQUIRE(!shared->control);
    for (uint32_t i = 0; i < LIMIT_SPI_BANKS; i++) {
        const struct virq_bank *bank = &shared->bank[i];

        FAKE_REQUIRE(!(bank->enable | bank->latch | bank->line | bank->active | bank->group));
        FAKE_REQUIRE(!(bank->listed | bank->latched | bank->unlinked));
        FAKE_REQUIRE(bank->edge == bank->wired);
        FAKE_REQUIRE(!memcmp(bank->priority, fresh.bank[i].priority, sizeof(bank->priority)));
        FAKE_REQUIRE(!memcmp(bank->route, fresh.bank[i].route, sizeof(bank->route)));
    }
}

void life_require_fresh(void)
{
    struct virq_cpu fresh;

    virq_init_cpu(&fresh);
    FAKE_REQUIRE(life_state() == BH_PARTITION_LOADING);
    FAKE_REQUIRE(cores[0].mode == CORE_USER && vcpus[0].upcall == BH_UPCALL_LOAD);
    FAKE_REQUIRE(bench_partition->remaining == LIFE_VCPUS);
    for (uint32_t i = 0; i < LIFE_VCPUS; i++) {
        FAKE_REQUIRE(!i || cores[i].mode == CORE_IDLE);
        FAKE_REQUIRE(!cores[i].resident);
        FAKE_REQUIRE(vcpus[i].state == VCPU_OFF && !vcpus[i].suspended);
        FAKE_REQUIRE(vcpus[i].stop == partition_stops(bench_partition->state));
        FAKE_REQUIRE(vcpus[i].deadline == ~0ull);
        FAKE_REQUIRE(!memcmp(&vcpus[i].virq, &fresh, sizeof(fresh)));
        for (uint32_t n = 0; n < 4; n++)
            FAKE_REQUIRE(!(bench_ich(i)->list[n] >> 62));
    }
    require_fresh_shared(&bench_partition->virq);
}
