/* SPDX-License-Identifier: BSD-2-Clause */
/* Cores that take turns, kicks and interrupts between them, and the physical distributor. */
#include "virq_bench.h"
#include "exit.h"
#include "random.h"
#include "virq_physical.h"
#include <string.h>
#include <ucontext.h>

enum {
    STACK = 64 * 1024,
    PATIENCE = 5000, /* turns, before a core waits for ever */
    CALLS = 200,     /* interrupts in a row, before they have no end */
    PHYSICAL_OFFSET = 100
};

jmp_buf *bench_escape;
char bench_reason[128];

static struct bench_config config;
static struct ich interfaces[MODEL_VCPUS];

/* A core's stack while it is at EL2. */
static struct lane {
    ucontext_t context;
    bench_job *job;
    void *argument;
    bool busy;
} lanes[MODEL_VCPUS];
static char stacks[MODEL_VCPUS][STACK] __attribute__((aligned(16)));
static ucontext_t scheduler;
static struct lane *current; /* NULL: the test itself runs */

static bool bench_turn(uint32_t core);

/* --- failure -------------------------------------------------------------------------------- */
static void bench_give_up(void)
{
    fake_race = NULL;
    if (bench_escape)
        longjmp(*bench_escape, 1);
    fail_msg("%s", bench_reason);
}

void bench_fail(const char *what)
{
    struct lane *lane = current;

    snprintf(bench_reason, sizeof(bench_reason), "%s", what);
    if (!lane)
        bench_give_up();
    current = NULL;
    lane->busy = false;
    setcontext(&scheduler); /* which sees the reason and gives up on its own stack */
}

/* --- cores ---------------------------------------------------------------------------------- */
void bench_on(uint32_t core)
{
    fake_self = &cores[core];
    fake_ich = &interfaces[core];
}

struct ich *bench_ich(uint32_t core)
{
    return &interfaces[core];
}

static void lane_main(void)
{
    struct lane *lane = current;

    lane->job(lane->argument);
    lane->busy = false;
    current = NULL;
    setcontext(&scheduler);
}

static void lane_start(uint32_t core, bench_job *job, void *argument)
{
    struct lane *lane = &lanes[core];

    BENCH_REQUIRE(!lane->busy);
    lane->job = job;
    lane->argument = argument;
    lane->busy = true;
    getcontext(&lane->context);
    lane->context.uc_stack.ss_sp = stacks[core];
    lane->context.uc_stack.ss_size = STACK;
    lane->context.uc_link = NULL;
    makecontext(&lane->context, lane_main, 0);
}

static void lane_resume(uint32_t core)
{
    bench_on(core);
    current = &lanes[core];
    swapcontext(&scheduler, &lanes[core].context);
    current = NULL;
    if (bench_reason[0])
        bench_give_up();
}

static void lane_yield(void)
{
    struct lane *lane = current;
    uint32_t self = (uint32_t)(fake_self - cores);

    if (!lane) { /* the test itself calls the kernel */
        for (uint32_t core = 0; core < config.vcpus; core++)
            if (core != self)
                bench_turn(core);
        bench_on(self);
        return;
    }
    current = NULL;
    swapcontext(&lane->context, &scheduler);
}

static void lane_race(void)
{
    if (current && random_below(3) == 0)
        lane_yield();
}

/* A core that has nothing to do is done, until something calls it. */
static void lane_wait(void)
{
    struct lane *lane = current;

    FAKE_REQUIRE(lane);
    current = NULL;
    lane->busy = false;
    setcontext(&scheduler);
}

void bench_leave(void)
{
    struct core *core = fake_self;

    if (core->mode == CORE_IDLE || core_due(core, ~0u))
        core_next(core);
}

/* --- interrupts that call a core ------------------------------------------------------------ */
static bool bench_maintenance(uint32_t core)
{
    return cores[core].resident && ich_maintenance(&interfaces[core]);
}

void bench_maintain(uint32_t but)
{
    for (uint32_t core = 0; core < config.vcpus; core++)
        if (core != but && bench_maintenance(core))
            bench_take(core);
}

bool bench_called(uint32_t core)
{
    if (fake_kicked >> core & 1 || bench_maintenance(core))
        return true;
    for (uint32_t slot = 0; slot < MODEL_SLOTS; slot++)
        if (model_link(slot) && physical_calls(core, slot))
            return true;
    return false;
}

/* One of them, the one with the lowest number: then back to the guest, where the next calls. */
static void bench_interrupts(void *argument)
{
    uint32_t self = (uint32_t)(fake_self - cores);
    struct vcpu *vcpu = fake_self->vcpu;

    (void)argument;
    if (fake_kicked >> self & 1) {
        fake_kicked &= ~(1u << self);
        if (fake_self->resident)
            virq_serve(vcpu);
    } else if (bench_maintenance(self)) {
        vcpu_due(vcpu, DUE_LISTS);
        virq_deliver(vcpu);
    } else {
        for (uint32_t slot = 0; slot < MODEL_SLOTS; slot++)
            if (model_link(slot) && physical_calls(self, slot)) {
                physical_take(slot);
                break;
            }
    }
    bench_leave();
}

/* --- taking turns --------------------------------------------------------------------------- */
static bool bench_turn(uint32_t core)
{
    if (!lanes[core].busy) {
        if (!bench_called(core))
            return false;
        lane_start(core, bench_interrupts, NULL);
    }
    lane_resume(core);
    return true;
}

void bench_run(uint32_t core, bench_job *job, void *argument)
{
    bool busy = true;

    lane_start(core, job, argument);
    lane_resume(core);
    for (uint32_t turns = 0; busy; turns++) {
        if (turns > PATIENCE)
            bench_fail("a core waits for ever");
        busy = false;
        for (uint32_t other = 0; other < config.vcpus; other++) {
            if (lanes[other].busy || (lanes[core].busy && other != core))
                bench_turn(other);
            busy |= lanes[other].busy;
        }
    }
    bench_on(core);
}

void bench_prepare(uint32_t core, bench_job *job, void *argument)
{
    lane_start(core, job, argument);
}

void bench_race(uint64_t seed)
{
    bool busy = true;

    random_state = seed;
    fake_race = lane_race;
    for (uint32_t turns = 0; busy; turns++) {
        if (turns > PATIENCE)
            bench_fail("cores wait for each other for ever");
        bench_turn((uint32_t)random_below(config.vcpus));
        busy = false;
        for (uint32_t core = 0; core < config.vcpus; core++)
            busy |= lanes[core].busy;
    }
    fake_race = NULL;
}

void bench_take(uint32_t core)
{
    for (uint32_t turns = 0; bench_called(core); turns++) {
        if (turns > CALLS)
            bench_fail("interrupts without end: the guest does not get on");
        bench_run(core, bench_interrupts, NULL);
    }
    bench_on(core);
}

void bench_enter(uint32_t core)
{
    bench_run(core, bench_interrupts, NULL);
    bench_take(core);
}

void bench_enter_all(void)
{
    for (uint32_t core = 0; core < config.vcpus; core++)
        bench_enter(core);
}

void bench_settle(void)
{
    bool called = true;

    for (uint32_t turns = 0; called; turns++) {
        if (turns > CALLS)
            bench_fail("kicks without end: the guests do not get on");
        called = false;
        for (uint32_t core = 0; core < config.vcpus; core++)
            if (bench_called(core)) {
                bench_run(core, bench_interrupts, NULL);
                called = true;
            }
    }
}

uint32_t bench_acknowledge(uint32_t *group)
{
    uint32_t intid = ich_acknowledge(fake_ich, 1);

    *group = intid != ICH_NONE;
    return *group ? intid : ich_acknowledge(fake_ich, 0);
}

/* --- calls of a monitor --------------------------------------------------------------------- */
struct access {
    struct vcpu *vcpu;
    uint32_t field, intid;
    uint64_t value, mask;
};

static void bench_access(void *argument)
{
    struct access *access = argument;

    FAKE_REQUIRE(virq_decode(access->vcpu, access->field, access->intid) == BH_OK);
    if (access->mask)
        virq_write(bench_partition, access->vcpu, access->field, access->intid, access->value,
                   access->mask);
    else
        access->value = virq_read(bench_partition, access->vcpu, access->field, access->intid);
    bench_leave();
}

void bench_write(uint32_t self, uint32_t vcpu, enum bh_virq_field field, uint32_t intid,
                 uint32_t value)
{
    bool wide = field == BH_VIRQ_PRIORITY;
    bool plain = field == BH_VIRQ_ROUTE || field == BH_VIRQ_CONTROL;
    uint32_t unit = plain ? 1 : wide ? 4 : 32;
    uint32_t shift = plain ? 0 : wide ? intid % 4 * 8 : intid % 32;
    struct access access = {.vcpu = intid < 32 ? &vcpus[vcpu] : NULL,
                            .field = field,
                            .intid = intid - intid % unit,
                            .value = (uint64_t)value << shift,
                            .mask = plain ? ~0ull : (wide ? 0xffull : 1ull) << shift};

    bench_run(self, bench_access, &access);
}

bool bench_read(uint32_t self, uint32_t vcpu, enum bh_virq_field field, uint32_t intid)
{
    struct access access = {
        .vcpu = intid < 32 ? &vcpus[vcpu] : NULL, .field = field, .intid = intid & ~31u};

    bench_run(self, bench_access, &access);
    return access.value >> intid % 32 & 1;
}

/* --- the beginning -------------------------------------------------------------------------- */
static void bench_begin_vcpu(uint32_t i)
{
    cores[i].mpidr = i;
    cores[i].vcpu = bench_partition->vcpu[i] = &vcpus[i];
    vcpus[i].partition = bench_partition;
    vcpus[i].core = &cores[i];
    vcpus[i].index = i;
    vcpus[i].state = VCPU_PENDING;
    vcpus[i].deadline = ~0ull;
    virq_init_cpu(&vcpus[i].virq);
    ich_fake_init(&interfaces[i], config.lists);
    interfaces[i].no_dir_trap = config.no_dir_trap;
    fake_kicked |= 1u << i;
}

void bench_begin(struct bench_config wanted)
{
    config = wanted;
    memset(bench_partition, 0, sizeof(*bench_partition));
    memset(vcpus, 0, sizeof(vcpus));
    memset(cores, 0, sizeof(cores));
    memset(lanes, 0, sizeof(lanes));
    bench_reason[0] = 0;
    current = NULL;
    fake_caught = bench_fail;
    fake_turn = lane_yield;
    fake_wait = lane_wait;
    fake_race = NULL;
    fake_kicked = 0;
    partition_count = 2;
    machine_sealed = 1;
    virq_init_shared(&bench_partition->virq);
    bench_partition->index = 1;
    bench_partition->state = BH_PARTITION_RUNNING;
    bench_partition->vcpu_count = core_count = vcpu_count = config.vcpus;
    for (uint32_t i = 0; i < config.vcpus; i++)
        bench_begin_vcpu(i);
    physical_begin(config.vcpus);
    bench_settle();
    for (uint32_t i = 0; i < config.vcpus; i++) {
        ich_configure(&interfaces[i], ICH_GROUPS, 3);
        ich_configure(&interfaces[i], ICH_PMR, 0xf8);
    }
    bench_settle();
}
