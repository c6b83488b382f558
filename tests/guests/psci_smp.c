/* SPDX-License-Identifier: BSD-2-Clause */
/* CPU_ON from several vCPUs at once, and vCPUs that start each other and go off. Four vCPUs.
 * Without caches there are no exclusives: each word has one writer. */
#include "guest.h"

enum { ALREADY_ON = -4, ON_PENDING = -5 };
enum { STARTERS = 3, TARGET = 3, ROUNDS = 15, HOPS = 20, PING = 1000, CLUSTER = 2000 };

static volatile uint64_t phase, done[STARTERS], runs, context_seen, release, hops;
static volatile int64_t result[STARTERS];

static uint64_t entry(void)
{
    return (uint64_t)(uintptr_t)secondary_start;
}

static bool reaches(uint64_t cpu, int64_t state)
{
    uint64_t start = clock_ticks();

    while (psci(PSCI_AFFINITY_INFO, cpu, 0, 0) != state)
        if (clock_ticks() - start > 5 * clock_hz())
            return false;
    return true;
}

static bool waits(volatile uint64_t *word, uint64_t value)
{
    uint64_t start = clock_ticks();

    while (*word != value)
        if (clock_ticks() - start > 5 * clock_hz())
            return false;
    return true;
}

static void start_target(unsigned self, uint64_t round)
{
    result[self] = psci(PSCI_CPU_ON, TARGET, entry(), round << 8 | self);
    dsb();
    done[self] = round;
}

/* The one that is started over and over: runs once a round. */
static void target(uint64_t context)
{
    context_seen = context;
    runs++;
    dsb();
    while (release != context >> 8)
        ;
}

static void starter(unsigned self)
{
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        while (phase < round)
            ;
        start_target(self, round);
    }
}

/* vCPUs 1 and 2 start each other and go off, in turn. */
static void hop(unsigned self)
{
    hops++;
    dsb();
    if (hops < HOPS)
        while (psci(PSCI_CPU_ON, 3 - self, entry(), PING) == ALREADY_ON)
            ;
}

void guest_secondary(uint64_t context)
{
    unsigned self = cpu_number();

    if (context == PING)
        hop(self);
    else if (context == CLUSTER)
        starter(self);
    else
        target(context);
}

static bool round_is_good(uint64_t round)
{
    unsigned started = 0, refused = 0, winner = 0;

    runs = 0;
    dsb();
    phase = round;
    start_target(0, round);
    for (unsigned i = 0; i < STARTERS; i++) {
        if (!waits(&done[i], round))
            return false;
        if (result[i] == 0) {
            started++;
            winner = i;
        }
        refused += result[i] == ALREADY_ON || result[i] == ON_PENDING;
    }
    if (!reaches(TARGET, 0))
        return false;
    while (!runs)
        ;
    release = round;
    dsb();
    if (!reaches(TARGET, 1))
        return false;
    /* QEMU's board lets more than one start through while the first has not happened. */
    return on_bulkhead() ? started == 1 && refused == STARTERS - 1 && runs == 1 &&
                               context_seen == (round << 8 | winner)
                         : started && started + refused == STARTERS;
}

void guest_main(const void *tree)
{
    unsigned good = 0;

    (void)tree;
    for (unsigned cpu = 1; cpu < STARTERS; cpu++)
        tap_ok(psci_start(cpu, CLUSTER) == 0, "starter %u", cpu);
    for (uint64_t round = 1; round <= ROUNDS; round++)
        good += round_is_good(round);
    tap_ok(good == ROUNDS, "of %u that start a vCPU at once one wins, %u times", STARTERS, ROUNDS);
    tap_ok(reaches(1, 1) && reaches(2, 1), "the starters go off");
    tap_ok(psci_start(1, PING) == 0, "two that start each other");
    tap_ok(waits(&hops, HOPS), "%u times", HOPS);
    tap_ok(reaches(1, 1) && reaches(2, 1), "and are off");
    tap_end();
}
