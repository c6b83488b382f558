/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared memory, at the address below, over the lives of those who share it. Boot arguments:
 * times=N: begins anew so often, and finds each time what it has left there, and what the other one
 * has written since, while its own RAM is empty; watch=N: is that other one, and sees it begin N
 * times; answers=N: answers so many requests of a program on Linux
 * (tests/guests/linux/init-shared).
 */
#include "guest.h"

enum { PAGE = 4096, DATA = 64, WAIT_S = 60, MARK_MIB = 2 };
#define AREA 0x70000000ul
#define PEER (AREA + PAGE) /* the other one's page */

/* What a page begins with; DATA and what follows is the pattern of that life. */
enum {
    LIFE = 0,  /* starts, the last one whose pattern is complete; the watcher's: that it has seen */
    WRONG = 8, /* what was found wrong until now */
};

static uint64_t pattern(uint64_t at, uint64_t life)
{
    uint64_t x = (at << 24 | life) * 0x9e3779b97f4a7c15;

    return life ? x ^ x >> 29 : 0;
}

/* The number goes last: who sees it sees the rest. */
static void fill(uint64_t page, uint64_t life)
{
    for (uint64_t at = page + DATA; at < page + PAGE; at += 8)
        write64(at, pattern(at, life));
    dsb();
    write64(page + LIFE, life);
    dsb();
}

static uint64_t compare(uint64_t page, uint64_t life)
{
    uint64_t wrong = 0;

    for (uint64_t at = page + DATA; at < page + PAGE; at += 8)
        wrong += read64(at) != pattern(at, life);
    return wrong;
}

/* Until the next number is there; false when it does not come, or what was there is forgotten. */
static bool wait_for(uint64_t at, uint64_t next)
{
    const uint64_t start = clock_ticks();
    uint64_t now;

    while ((now = read64(at)) < next)
        if (now < next - 1 || clock_ticks() - start > WAIT_S * clock_hz())
            return false;
    dsb();
    return true;
}

/* One life: what stands in the area is all that it knows of the others. */
static void live(uint64_t times)
{
    const uint64_t lived = read64(AREA + LIFE);
    uint64_t wrong = read64(AREA + WRONG);

    wrong += read64(RAM + MARK_MIB * 0x100000) != 0;
    write64(RAM + MARK_MIB * 0x100000, 1);
    wrong += compare(AREA, lived);
    wrong += read64(PEER + LIFE) != lived;
    wrong += compare(PEER, lived);
    write64(AREA + WRONG, wrong);
    fill(AREA, lived + 1);
    wrong += !wait_for(PEER + LIFE, lived + 1);
    if (lived < times && !wrong)
        psci(PSCI_SYSTEM_RESET, 0, 0, 0);
    tap_ok(lived == times && !wrong, "began anew %u times, %u wrong", (unsigned)lived,
           (unsigned)wrong);
}

static void watch(uint64_t times)
{
    uint64_t wrong = 0;

    for (uint64_t life = 1; life <= times && !wrong; life++) {
        wrong += !wait_for(AREA + LIFE, life);
        wrong += compare(AREA, life);
        fill(PEER, life);
    }
    tap_ok(!wrong, "saw it begin %u times, %u wrong", (unsigned)times, (unsigned)wrong);
}

/* Requests are numbered from 1 on: a word, and its complement as the answer. */
static void answer(uint64_t times)
{
    bool good = true;

    for (uint64_t i = 1; i <= times && good; i++) {
        good = wait_for(AREA, i);
        write32(PEER + 8, ~read32(AREA + 8));
        dsb();
        write32(PEER, (uint32_t)i);
    }
    tap_ok(good, "answered %u requests", (unsigned)times);
}

void guest_main(const void *tree)
{
    const uint64_t answers = bootargs_number(tree, "answers", 0);
    const uint64_t watched = bootargs_number(tree, "watch", 0);

    if (answers)
        answer(answers);
    else if (watched)
        watch(watched);
    else
        live(bootargs_number(tree, "times", 1));
    tap_end();
}
