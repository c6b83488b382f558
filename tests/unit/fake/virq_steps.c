/* SPDX-License-Identifier: BSD-2-Clause */
/* Steps become events: what is to be done, doing it, and what was observed. */
#include "virq_steps.h"
#include "exit.h"
#include "virq_plan.h"
#include <string.h>

enum { WORLDS = 4 /* before reads decide between them */ };

struct guest guests[MODEL_VCPUS];

static uint32_t vcpu_total;

void steps_begin(struct bench_config config)
{
    memset(guests, 0, sizeof(guests));
    vcpu_total = config.vcpus;
    bench_begin(config);
    worlds_begin(config.vcpus);
}

uint32_t steps_depth(uint32_t vcpu)
{
    return guests[vcpu].depth;
}

uint32_t steps_drops(uint32_t vcpu)
{
    return guests[vcpu].drops;
}

/* --- doing it ------------------------------------------------------------------------------- */
/* A set of slots of one bank as bits of its INTIDs, and back. */
static uint32_t word_of(uint32_t slots)
{
    uint32_t word = 0;

    for (; slots; slots &= slots - 1)
        word |= 1u << model_intids[__builtin_ctz(slots)] % 32;
    return word;
}

static uint32_t slots_of(uint32_t bank, uint32_t word)
{
    uint32_t slots = 0;

    for (; bank; bank &= bank - 1) {
        uint32_t slot = (uint32_t)__builtin_ctz(bank);

        slots |= (word >> model_intids[slot] % 32 & 1) << slot;
    }
    FAKE_REQUIRE(word_of(slots) == word); /* no interrupt that nobody touched */
    return slots;
}

static void do_access(struct observed *event)
{
    uint32_t slot = event->slots ? (uint32_t)__builtin_ctz(event->slots) : MODEL_PRIVATE;
    uint32_t intid = model_intids[slot];
    struct vcpu *owner = slot < MODEL_PRIVATE ? &vcpus[event->vcpu] : NULL;
    uint32_t word = word_of(event->slots);

    if (event->kind == EVENT_READ)
        event->result = slots_of(
            event->slots, (uint32_t)virq_read(bench_partition, owner, event->field, intid & ~31u));
    else if (event->field == BH_VIRQ_CONTROL)
        virq_write(bench_partition, NULL, event->field, VIRQ_SPI_FIRST, event->value, ~0ull);
    else if (event->field == BH_VIRQ_ROUTE)
        virq_write(bench_partition, NULL, event->field, intid, event->value, ~0ull);
    else if (event->field == BH_VIRQ_PRIORITY)
        virq_write(bench_partition, owner, event->field, intid & ~3u,
                   (uint64_t)event->value << intid % 4 * 8, 0xffull << intid % 4 * 8);
    else
        virq_write(bench_partition, owner, event->field, intid & ~31u, event->value ? word : 0,
                   word);
}

static const enum ich_field fields[PE_REGISTERS] = {
    [PE_MASK] = ICH_PMR,  [PE_GROUPS] = ICH_GROUPS, [PE_SPLIT] = ICH_SPLIT,
    [PE_CBPR] = ICH_CBPR, [PE_BPR0] = ICH_BPR0,     [PE_BPR1] = ICH_BPR1};

/* On the vCPU's core: the guest's own instruction, or EL2 and back. */
static void do_event(void *argument)
{
    struct observed *event = argument;
    uint32_t intid = event->slots ? model_intids[__builtin_ctz(event->slots)] : 0;

    switch (event->kind) {
    case EVENT_WRITE:
    case EVENT_READ:
        do_access(event);
        break;
    case EVENT_SGI:
        virq_sgi(bench_partition, event->value, intid, event->group);
        break;
    case EVENT_SIGNAL:
        virq_pend(bench_partition, NULL, intid);
        break;
    case EVENT_ACKNOWLEDGE:
        intid = ich_acknowledge(fake_ich, event->group);
        event->result = intid == ICH_NONE ? MODEL_NONE : model_slot(intid);
        return;
    case EVENT_END:
        ich_end(fake_ich, intid, event->group);
        return;
    case EVENT_DEACTIVATE:
        if (ich_deactivate(fake_ich, intid))
            return;
        virq_deactivate(fake_self->vcpu, intid);
        break;
    case EVENT_CONFIGURE:
        ich_configure(fake_ich, fields[event->field], event->value);
        return;
    case EVENT_OFF:
        core_retire(fake_self, fake_self->vcpu);
        __atomic_store_n(&fake_self->vcpu->state, VCPU_OFF, __ATOMIC_RELEASE);
        return;
    case EVENT_ON:
        __atomic_store_n(&vcpus[event->vcpu].state, VCPU_PENDING, __ATOMIC_RELEASE);
        core_kick(vcpus[event->vcpu].core);
        break;
    case EVENT_DEVICE:
        bench_device(event->vcpu, (uint32_t)__builtin_ctz(event->slots), event->value);
        return;
    }
    bench_leave();
}

/* What the guest learns. */
static void learn(const struct observed *event)
{
    struct guest *guest = &guests[event->self];

    if (event->kind == EVENT_ACKNOWLEDGE && event->result != MODEL_NONE) {
        FAKE_REQUIRE(guest->depth < GUEST_DEPTH);
        guest->stack[guest->depth] = (uint8_t)event->result;
        guest->group[guest->depth++] = (uint8_t)event->group;
    } else if (event->kind == EVENT_END) {
        guest->depth--;
        if (worlds_any.pe[event->self].split && guest->drops < GUEST_DEPTH)
            guest->dropped[guest->drops++] = guest->stack[guest->depth];
    } else if (event->kind == EVENT_OFF) {
        memset(guest, 0, sizeof(*guest));
    }
}

static void happen(struct observed *event)
{
    bool guests_own =
        (event->kind >= EVENT_DEVICE && event->kind <= EVENT_END) || event->kind == EVENT_CONFIGURE;

    /* Maintenance interrupts are quicker than what others do, but for what just tells something. */
    if (event->kind == EVENT_SGI || event->kind == EVENT_SIGNAL)
        bench_take(event->self);
    else
        bench_maintain(guests_own && event->kind != EVENT_CONFIGURE ? event->self : MODEL_NONE);
    if (event->prompt)
        bench_settle();
    bench_on(event->self);
    if (guests_own)
        do_event(event);
    else
        bench_run(event->self, do_event, event);
    learn(event);
    worlds_see(event);
}

static void burst(const struct step *step)
{
    for (uint32_t slot = 0; slot < MODEL_SLOTS; slot++) {
        struct step one = *step;
        struct observed event;

        one.slot = slot;
        one.kind = slot < 4 ? STEP_SGI : STEP_SIGNAL;
        one.value |= 0xff70;
        if (plan_event(&one, &event))
            happen(&event);
    }
}

/* Reads that leave one world of those that overlapping events made possible. */
static void resolve(void)
{
    static const uint32_t banks[] = {0, 8, 19, 22, 23, 25, 26, 27}; /* a slot of each bank */

    struct observed event;

    for (uint32_t field = BH_VIRQ_PENDING; field <= BH_VIRQ_ACTIVE; field++)
        for (uint32_t i = 0; i < sizeof(banks) / sizeof(banks[0]) && worlds_possible() > 1; i++)
            for (uint32_t vcpu = 0; vcpu < (i ? 1 : vcpu_total); vcpu++) {
                struct step step = {STEP_READ, 0, vcpu, banks[i], field == BH_VIRQ_PENDING, false};

                if (plan_event(&step, &event))
                    happen(&event);
            }
}

/* Both groups preempt by the same bits of their priorities. Were they different, a less urgent
 * interrupt of one could preempt one of the other that is active, and might find all list registers
 * taken by such (doc/caveats.md). */
static void follow(const struct observed *first)
{
    struct observed second = *first;

    second.field = PE_BPR1;
    second.value++;
    happen(&second);
}

/* A vCPU that begins opens its interface, most of the time. */
static void begin(const struct step *step, uint32_t vcpu)
{
    struct observed open[2] = {
        {.kind = EVENT_CONFIGURE, .self = vcpu, .field = PE_MASK, .value = 0xf8},
        {.kind = EVENT_CONFIGURE, .self = vcpu, .field = PE_GROUPS, .value = 3}};

    bench_take(vcpu);
    for (uint32_t i = 0; i < 2 && step->value & 3; i++)
        happen(&open[i]);
}

void steps_do(const struct step *step)
{
    struct observed event;

    if (step->kind == STEP_BURST)
        burst(step);
    else if (step->kind == STEP_CALLED)
        bench_take(step->self % vcpu_total);
    else if (step->kind == STEP_SETTLE)
        bench_settle();
    else if (plan_event(step, &event))
        happen(&event);
    else
        return;
    if (step->kind == STEP_ON)
        begin(step, event.vcpu);
    if (step->kind == STEP_CONFIGURE && event.field == PE_BPR0)
        follow(&event);
    if (worlds_possible() > WORLDS)
        resolve();
}

/* What a race has already, of which only one may be. */
enum race_kind {
    RACE_SETTING = 1, /* a write of which no read says whether it came last */
    RACE_CLEARS =
        2,         /* ICACTIVER, and a guest with EOImode 0 that may take the same interrupt: as */
    RACE_TAKES = 4 /* plan_in_hand has it */
};

static uint32_t race_kind(const struct observed *event)
{
    if (event->kind == EVENT_ACKNOWLEDGE)
        return worlds_any.pe[event->self].split ? 0 : RACE_TAKES;
    if (event->kind != EVENT_WRITE || event->field == BH_VIRQ_PENDING)
        return 0;
    if (event->field == BH_VIRQ_ACTIVE)
        return event->value ? 0 : RACE_CLEARS;
    return RACE_SETTING;
}

/* A race's next event, if this step may be one; `busy` are the cores that have theirs. */
static bool race_plan(const struct step *step, struct observed *event, uint32_t busy,
                      uint32_t *kinds)
{
    uint32_t kind;

    if (!plan_event(step, event) || busy >> event->self & 1 || (event->kind >= EVENT_OFF && busy) ||
        (event->kind == EVENT_CONFIGURE && event->field == PE_BPR0))
        return false;
    kind = race_kind(event);
    if ((kind == RACE_SETTING && *kinds & RACE_SETTING) ||
        ((*kinds | kind) & (RACE_CLEARS | RACE_TAKES)) == (RACE_CLEARS | RACE_TAKES))
        return false;
    *kinds |= kind;
    return true;
}

void steps_race(const struct step *steps, uint32_t count)
{
    struct observed seen[MODEL_VCPUS];
    uint32_t planned = 0;
    uint32_t busy = 0;
    uint32_t kinds = 0;

    bench_maintain(MODEL_NONE);
    for (uint32_t i = 0; i < count && planned < vcpu_total; i++) {
        struct observed *event = &seen[planned];
        struct guest before[MODEL_VCPUS];

        memcpy(before, guests, sizeof(before));
        if (!race_plan(&steps[i], event, busy, &kinds)) {
            memcpy(guests, before, sizeof(before)); /* what came to nothing leaves no trace */
            continue;
        }
        event->prompt = false;
        if (event->kind == EVENT_SGI) /* one to several is several that have no order */
            event->value &= ~event->value + 1;
        if (event->kind == EVENT_DEVICE)
            do_event(event);
        else
            bench_prepare(event->self, do_event, event);
        busy |= 1u << event->self;
        planned++;
    }
    worlds_tell("  at once:\n");
    bench_race(steps->value);
    for (uint32_t i = 0; i < planned; i++)
        learn(&seen[i]);
    worlds_see_all(seen, planned);
    worlds_tell("  (end)\n");
    resolve();
}
