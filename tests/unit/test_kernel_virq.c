/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtual interrupts: random sequences of what monitors, devices and guests do, each step judged by
 * a plain model of the GIC. BULKHEAD_SEED repeats a run, BULKHEAD_SEQUENCES says how many there
 * are. A sequence that fails is shortened, then told. */
#include "fake/random.h"
#include "fake/virq_steps.h"
#include <string.h>

#ifndef SEQUENCES
#define SEQUENCES 60000 /* of each kind */
#endif

enum { STEPS = 70, FAVOURITES = 6, TRIES = 4000 };

/* How often each kind comes, in a hundred or so. */
static const uint8_t weights[STEP_KINDS] = {
    [STEP_ENABLE] = 6,    [STEP_PENDING] = 8,      [STEP_ACTIVE] = 3,   [STEP_GROUP] = 2,
    [STEP_EDGE] = 2,      [STEP_LINE] = 5,         [STEP_PRIORITY] = 4, [STEP_ROUTE] = 4,
    [STEP_CONTROL] = 1,   [STEP_READ] = 6,         [STEP_SGI] = 6,      [STEP_SIGNAL] = 5,
    [STEP_DEVICE] = 8,    [STEP_ACKNOWLEDGE] = 20, [STEP_END] = 12,     [STEP_DEACTIVATE] = 6,
    [STEP_CONFIGURE] = 4, [STEP_OFF] = 1,          [STEP_ON] = 2,       [STEP_BURST] = 1,
    [STEP_CALLED] = 4,    [STEP_SETTLE] = 3};

struct sequence {
    struct bench_config config;
    uint32_t count;
    struct step steps[STEPS + 5 * MODEL_SLOTS * MODEL_VCPUS];
};

static jmp_buf escape;

static enum step_kind random_kind(void)
{
    uint32_t total = 0;
    uint32_t at;
    uint32_t kind = 0;

    for (uint32_t i = 0; i < STEP_KINDS; i++)
        total += weights[i];
    at = (uint32_t)random_below(total);
    while (at >= weights[kind])
        at -= weights[kind++];
    return (enum step_kind)kind;
}

static void add(struct sequence *sequence, struct step step)
{
    sequence->steps[sequence->count++] = step;
}

/* Most interrupts are enabled and in group 1; priorities and routes are anything. */
static void generate_beginning(struct sequence *sequence)
{
    add(sequence, (struct step){STEP_CONTROL, 0, 0, 0, 4, false});
    for (uint32_t slot = 0; slot < MODEL_SLOTS; slot++)
        for (uint32_t vcpu = 0; vcpu < sequence->config.vcpus; vcpu++) {
            uint32_t luck = (uint32_t)random_next();

            if (vcpu && slot >= MODEL_PRIVATE)
                break;
            if (luck & 7)
                add(sequence, (struct step){STEP_ENABLE, vcpu, vcpu, slot, 257, false});
            if (luck >> 3 & 7)
                add(sequence, (struct step){STEP_GROUP, vcpu, vcpu, slot, 257, false});
            add(sequence, (struct step){STEP_PRIORITY, vcpu, vcpu, slot, luck >> 6, false});
            if (slot >= MODEL_PRIVATE && luck >> 16 & 3)
                add(sequence, (struct step){STEP_ROUTE, vcpu, vcpu, slot, luck >> 18, false});
        }
}

/* Steps keep to a few interrupts more often than not, so that things happen to them while others
 * are on their way. */
static void generate(struct sequence *sequence, bool races)
{
    static const uint8_t lists[] = {4, 4, 4, 2, 16};
    static const uint8_t vcpus_of[] = {1, 1, 2, 2, 2, 3, 3, 4};
    uint32_t favourites[FAVOURITES];
    uint32_t focus = (uint32_t)random_below(4);

    sequence->count = 0;
    sequence->config.vcpus = races ? 2 + (uint32_t)random_below(3) : vcpus_of[random_below(8)];
    sequence->config.lists = lists[random_below(5)];
    sequence->config.no_dir_trap = false;
    for (uint32_t i = 0; i < FAVOURITES; i++)
        favourites[i] = (uint32_t)random_below(MODEL_SLOTS);
    generate_beginning(sequence);
    for (uint32_t i = 0; i < STEPS; i++) {
        struct step step = {.kind = random_kind(),
                            .self = (uint32_t)random_below(MODEL_VCPUS * 3),
                            .vcpu = (uint32_t)random_below(MODEL_VCPUS * 3),
                            .slot = (uint32_t)random_below(MODEL_SLOTS),
                            .value = (uint32_t)random_next()};

        if (random_below(4) >= focus)
            step.slot = favourites[step.slot % FAVOURITES];
        step.joins = races && random_below(3) == 0;
        add(sequence, step);
    }
}

static void run_steps(const struct sequence *sequence)
{
    steps_begin(sequence->config);
    for (uint32_t i = 0; i < sequence->count; i++) {
        uint32_t together = 1;

        while (i + together < sequence->count && sequence->steps[i + together].joins)
            together++;
        if (together > 1)
            steps_race(&sequence->steps[i], together);
        else
            steps_do(&sequence->steps[i]);
        i += together - 1;
    }
    steps_drain();
}

static bool holds(const struct sequence *sequence)
{
    bench_escape = &escape;
    if (setjmp(escape))
        return false;
    run_steps(sequence);
    return true;
}

/* Leaves out what is not needed to fail: ever smaller pieces, as long as one can go. */
static void shorten(struct sequence *sequence)
{
    static struct sequence less;
    uint32_t tries = 0;

    for (uint32_t piece = sequence->count / 2; piece && tries < TRIES;) {
        bool gone = false;

        for (uint32_t at = 0; at + piece <= sequence->count && tries < TRIES; tries++) {
            less = *sequence;
            memmove(&less.steps[at], &less.steps[at + piece],
                    (less.count - at - piece) * sizeof(less.steps[0]));
            less.count -= piece;
            if (holds(&less)) {
                at += piece;
                continue;
            }
            *sequence = less;
            gone = true;
        }
        if (!gone || piece > sequence->count)
            piece /= 2;
    }
}

static void sequences(const char *name, bool races)
{
    static struct sequence sequence;
    uint64_t seed = random_seed(name);
    uint64_t count = random_number("BULKHEAD_SEQUENCES", SEQUENCES);

    for (uint64_t i = 0; i < count; i++) {
        random_state = seed + i;
        generate(&sequence, races);
        if (holds(&sequence))
            continue;
        if (random_number("BULKHEAD_SHORTEN", 1))
            shorten(&sequence);
        fprintf(stderr, "%s: BULKHEAD_SEED=%" PRIu64 " BULKHEAD_SEQUENCES=1: ", name, seed + i);
        fprintf(stderr, "%u vCPUs, %u list registers\n", sequence.config.vcpus,
                sequence.config.lists);
        worlds_told = true;
        holds(&sequence);
        worlds_told = false;
        bench_escape = NULL;
        fail_msg("%s", bench_reason);
    }
}

static void in_turns(void **state)
{
    (void)state;
    sequences("in turns", false);
}

static void at_once(void **state)
{
    (void)state;
    sequences("at once", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_turns),
        cmocka_unit_test(at_once),
    };

    return cmocka_run_group_tests_name("kernel_virq", tests, NULL, NULL);
}
