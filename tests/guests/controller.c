/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest that controls others, by HVC and by the page, or one that does not: what it can do is
 * what it was given. Bootargs: targets=N, of which the first two run for ever unless they are
 * stopped and the last one is not started at boot, and runs for a while; look=1: only looks what it
 * has; reset=1 or 2 ends it by a reset of the platform, by HVC or by the page. */
#include "guest.h"
#include <bulkhead/control.h>
#include <bulkhead/invoke.h>

enum { SLOTS = 64, WAIT_US = 5000000, FIRST = 0, SECOND = 1, RIGHTS = 0x94 };

static uint64_t page, slot[BH_CTL_TARGETS];
static unsigned targets;

static struct bh_result call(uint64_t label, uint64_t at, uint64_t a, uint64_t b)
{
    return bh_hvc(label, at, a, b, 0, 0, 0, 0);
}

static int64_t control(unsigned target, uint64_t action)
{
    return call(BH_PARTITION_CONTROL, slot[target], action, 0).status;
}

static uint64_t state(unsigned target)
{
    return call(BH_PARTITION_STATE, slot[target], 0, 0).value[0];
}

static bool becomes(unsigned target, uint64_t wanted)
{
    uint64_t start = clock_ticks();

    while (state(target) != wanted)
        if (clock_ticks() - start > clock_hz() / 1000000 * WAIT_US)
            return false;
    return true;
}

/* Slots that are not named, rights that are not there. */
static void check_limits(void)
{
    unsigned allowed = 0, wrong = 0;

    for (uint64_t at = 0; at < SLOTS; at++) {
        bool mine = false;

        for (unsigned i = 0; i < targets; i++)
            mine = mine || slot[i] == at;
        allowed += mine;
        if (!mine)
            wrong +=
                call(BH_PARTITION_STATE, at, 0, 0).status != BH_ERR_RIGHTS ||
                call(BH_PARTITION_EXITS, at, 0, 0).status != BH_ERR_RIGHTS ||
                call(BH_PARTITION_FAILURE, at, 0, 0).status != BH_ERR_RIGHTS ||
                call(BH_PARTITION_CONTROL, at, BH_PARTITION_DO_STOP, 0).status != BH_ERR_RIGHTS;
    }
    tap_ok(allowed == targets, "%u partitions are named", allowed);
    tap_ok(wrong == 0, "others are out of reach: %u are not", wrong);
    tap_ok(call(BH_CONTROL_RESET, BH_MON_PLATFORM, 0, 0).status == BH_ERR_RIGHTS,
           "the platform is out of reach");
    for (unsigned i = 0; i < targets; i++) {
        uint64_t what = call(BH_CAP_INSPECT, slot[i], 0, 0).value[0];

        tap_ok(what == (BH_TYPE_PARTITION | RIGHTS << 8), "what is given is %lx", what);
        tap_ok(call(BH_VIRQ_READ, slot[i], BH_VIRQ_ENABLE, 32).status == BH_ERR_RIGHTS &&
                   call(BH_PARTITION_MONITOR, slot[i], 0x200000, 0x400000).status ==
                       BH_ERR_RIGHTS &&
                   call(BH_CAP_COPY, slot[i], slot[i], 60).status == BH_ERR_SEALED,
               "and no more");
    }
}

/* The one that waits for its start. */
static void check_manual(void)
{
    unsigned last = targets - 1;

    tap_ok(state(last) == BH_PARTITION_STOPPED &&
               call(BH_PARTITION_STATE, slot[last], 0, 0).value[1] == BH_STOP_NONE &&
               !call(BH_PARTITION_EXITS, slot[last], 0, 0).value[0],
           "the last one did not start at boot");
    tap_ok(control(last, BH_PARTITION_DO_START) == BH_OK, "it does now");
}

/* Stops, starts and restarts the first one for as long as the last one runs. */
static void check_loops(void)
{
    uint64_t lives = call(BH_PARTITION_STATE, slot[FIRST], 0, 0).value[2];
    uint64_t loops = 0;
    unsigned wrong = 0;

    wrong += !becomes(FIRST, BH_PARTITION_RUNNING);
    for (; state(targets - 1) != BH_PARTITION_STOPPED; loops++) {
        wrong += control(FIRST, BH_PARTITION_DO_STOP) != BH_OK;
        wrong += !becomes(FIRST, BH_PARTITION_STOPPED);
        wrong += control(FIRST, BH_PARTITION_DO_START) != BH_OK;
        wrong += !becomes(FIRST, BH_PARTITION_RUNNING);
        wrong += control(FIRST, BH_PARTITION_DO_RESTART) != BH_OK;
        wrong += !becomes(FIRST, BH_PARTITION_RUNNING);
    }
    lives = call(BH_PARTITION_STATE, slot[FIRST], 0, 0).value[2] - lives;
    tap_ok(wrong == 0 && lives == loops << 32 && loops >= 3,
           "stopped, started and restarted %lu times: %u wrong, %lx", loops, wrong, lives);
    tap_ok(call(BH_PARTITION_STATE, slot[targets - 1], 0, 0).value[1] == BH_STOP_OFF,
           "the other came to its end meanwhile");
}

static void check_control(void)
{
    uint64_t exits;

    tap_ok(becomes(FIRST, BH_PARTITION_RUNNING), "the first one runs");
    tap_ok(control(FIRST, BH_PARTITION_DO_START) == BH_ERR_STATE, "and cannot be started");
    tap_ok(control(FIRST, BH_PARTITION_DO_RESTART + 1) == BH_ERR_RANGE, "there is no fourth verb");
    tap_ok(control(FIRST, BH_PARTITION_DO_STOP) == BH_OK && becomes(FIRST, BH_PARTITION_STOPPED) &&
               control(FIRST, BH_PARTITION_DO_STOP) == BH_ERR_STATE,
           "what is stopped cannot be stopped");
    tap_ok(call(BH_PARTITION_STATE, slot[FIRST], 0, 0).value[1] == BH_STOP_CONTROL, "why");
    exits = call(BH_PARTITION_EXITS, slot[FIRST], 0, 0).value[0];
    clock_wait_us(20000);
    tap_ok(exits && call(BH_PARTITION_EXITS, slot[FIRST], 0, 0).value[0] == exits,
           "it exits no more: %lu upcalls", exits);
    tap_ok(call(BH_PARTITION_EXITS, slot[FIRST], 8, 0).status == BH_ERR_RANGE &&
               call(BH_PARTITION_EXITS, slot[FIRST], ~0ul, 0).status == BH_ERR_RANGE,
           "vCPUs that it does not have");
    tap_ok(call(BH_PARTITION_FAILURE, slot[FIRST], 0, 0).status == BH_ERR_RANGE, "no failure");
}

/* Registers say what the calls say, and do what they do. */
static void check_page(void)
{
    uint64_t at = page + BH_CTL_TARGET(SECOND);
    struct bh_result said = call(BH_PARTITION_STATE, slot[SECOND], 0, 0);

    tap_ok(read64(page + BH_CTL_ID) == BH_CTL_MAGIC && read64(page + BH_CTL_COUNT) == targets &&
               read64(page + BH_CTL_FREQUENCY) == clock_hz(),
           "the page's own registers");
    tap_ok(read32(page + BH_CTL_ID + 4) == BH_CTL_MAGIC >> 32, "a half of one");
    tap_ok(read16(page) == 0 && read8(page) == 0, "smaller pieces read as zero");
    tap_ok(read64(at + BH_CTL_STATE) == (said.value[0] | said.value[1] << 8) &&
               read64(at + BH_CTL_LIVES) == said.value[2],
           "state");
    write64(at + BH_CTL_COMMAND, 0x1234ul << 32 | BH_PARTITION_DO_STOP);
    tap_ok(read64(at + BH_CTL_COMMAND) == 0x1234ul << 32, "stop");
    tap_ok(becomes(SECOND, BH_PARTITION_STOPPED), "stopped");
    write32(at + BH_CTL_COMMAND, BH_PARTITION_DO_STOP);
    tap_ok(read64(at + BH_CTL_COMMAND) == (uint32_t)BH_ERR_STATE, "stop again");
    said = call(BH_PARTITION_EXITS, slot[SECOND], 0, 0);
    tap_ok(read64(at + BH_CTL_UPCALLS) == said.value[0] &&
               read64(at + BH_CTL_INTERRUPTS) == said.value[1] &&
               read64(at + BH_CTL_TRAPS) == said.value[2] && said.value[1],
           "exits: %lu, %lu, %lu", said.value[0], said.value[1], said.value[2]);
    tap_ok(read64(page + BH_CTL_FAILURE(SECOND, 0)) == 0, "no failure");
}

/* Whoever writes to all of it does what the registers are for, and nothing else. */
static void check_all_of_page(void)
{
    uint64_t dice = 1;

    write64(page + BH_CTL_RESET, BH_CTL_RESET_KEY); /* not granted */
    for (unsigned i = 0; i < 4000; i++) {
        uint64_t at;

        dice = dice * 6364136223846793005 + 1442695040888963407;
        at = page + (dice >> 33) % BH_CTL_SIZE;
        if (dice >> 60 & 1)
            write64(at & ~7ul, dice >> 20 & 7);
        else if (dice >> 61 & 1)
            write32(at & ~3ul, (uint32_t)(dice >> 20));
        else
            (void)read64(at & ~7ul);
    }
    for (unsigned i = 0; i < 2; i++) {
        uint64_t left = 100;

        while (control(i, BH_PARTITION_DO_STOP) != BH_OK && state(i) != BH_PARTITION_STOPPED &&
               left--)
            clock_wait_us(1000);
        tap_ok(becomes(i, BH_PARTITION_STOPPED), "%u can be stopped after that", i);
    }
}

static bool faults(uint64_t address)
{
    trap_expect();
    read32(address);
    return trap_result().count == 1;
}

void guest_main(const void *tree)
{
    uint64_t reset = bootargs_number(tree, "reset", 0);
    char child[] = "partition@0";

    page = fdt_number(tree, "control", NULL, "reg");
    targets = (unsigned)bootargs_number(tree, "targets", 0);
    for (unsigned i = 0; i < targets; i++) {
        child[sizeof(child) - 2] = (char)('0' + i);
        slot[i] = fdt_number(tree, "control", child, "bulkhead,slot");
    }
    if (reset == 1)
        call(BH_CONTROL_RESET, fdt_number(tree, "control", NULL, "bulkhead,platform-slot"), 0, 0);
    if (reset == 2)
        write64(page + BH_CTL_RESET, BH_CTL_RESET_KEY);
    check_limits();
    if (targets && !bootargs_number(tree, "look", 0)) {
        check_manual();
        check_loops();
        check_control();
        check_page();
        check_all_of_page();
    } else if (!targets) {
        tap_ok(!page, "no page is named");
        tap_ok(faults(0x0b000000), "and there is none");
    }
    tap_end();
}
