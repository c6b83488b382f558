/* SPDX-License-Identifier: BSD-2-Clause */
/* A kernel for the monitor's sources on the host: it records the calls, answers them, and keeps the
 * console's text. */
#ifndef MONITOR_FAKE_H
#define MONITOR_FAKE_H

#include "monitor/monitor.h"

#include <bulkhead/el0.h>
#include <bulkhead/invoke.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fake_call {
    uint64_t label, slot, argument[6];
};

static struct fake_call fake_calls[64];
static unsigned fake_count;
static struct bh_result fake_answer; /* to every call but the console's */
static char fake_console[4096];
static unsigned fake_writes; /* bh_console_write calls */
static bool fake_locked;
static uint64_t fake_now;

static inline struct bh_result fake_svc(uint64_t label, uint64_t slot, uint64_t a, uint64_t b,
                                        uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
    assert_true(fake_count < sizeof(fake_calls) / sizeof(fake_calls[0]));
    fake_calls[fake_count++] = (struct fake_call){label, slot, {a, b, c, d, e, f}};
    return fake_answer;
}
#define bh_svc fake_svc

void bh_console_write(uint64_t slot, const char *text, size_t length)
{
    size_t had = strlen(fake_console);

    assert_int_equal(slot, BH_MON_CONSOLE);
    assert_true(had + length < sizeof(fake_console));
    memcpy(fake_console + had, text, length);
    fake_console[had + length] = 0;
    fake_writes++;
}

void lock_take(void)
{
    assert_false(fake_locked);
    fake_locked = true;
}

void lock_drop(void)
{
    assert_true(fake_locked);
    fake_locked = false;
}

uint64_t clock_now(void)
{
    return fake_now;
}

uint64_t clock_frequency(void)
{
    return 1000000; /* a tick is a microsecond */
}

uint64_t clock_us(void)
{
    return fake_now;
}

static const struct bh_mon_config fake_config = {
    .magic = BH_MON_MAGIC,
    .name = "guest",
    .vcpus = 2,
    .flags = BH_MON_UART,
    .spis = 64,
    .gic = 3,
    .uart_intid = 33,
    .banks = 1,
    .bank = {{0x40000000, 0x10000000, BH_MON_RAM}},
    .gicd_base = 0x08000000,
    .gicr_base = 0x080a0000,
    .uart_base = 0x09000000,
};

/* Forgets what happened so far. */
static int fake_reset(void **state)
{
    (void)state;
    memset(fake_calls, 0, sizeof(fake_calls));
    memset(fake_console, 0, sizeof(fake_console));
    memset(&fake_answer, 0, sizeof(fake_answer));
    fake_count = fake_writes = 0;
    fake_locked = false;
    return 0;
}

/* The one call since fake_reset(): state of virtual interrupts read or written. */
static inline void fake_expect_virq(uint64_t label, uint64_t slot, uint64_t field, uint64_t intid,
                                    uint64_t value, uint64_t mask)
{
    const uint64_t *argument = fake_calls[0].argument;

    assert_int_equal(fake_count, 1);
    assert_int_equal(fake_calls[0].label, label);
    assert_int_equal(fake_calls[0].slot, slot);
    assert_int_equal(argument[0], field);
    assert_int_equal(argument[1], intid);
    assert_int_equal(argument[2], value);
    assert_int_equal(argument[3], mask);
    fake_reset(NULL);
}

#endif
