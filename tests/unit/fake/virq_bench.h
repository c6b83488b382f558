/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests of virtual interrupts run on: kernel and model side by side. */
#ifndef VIRQ_BENCH_H
#define VIRQ_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "gic_model.h"
#include "object.h"
#include "virq_lists.h"
#include <inttypes.h>
#include <stdio.h>

enum { BENCH_INTIDS = 28, BENCH_HISTORY = 8192 };

extern struct model model;
extern const uint32_t bench_intids[BENCH_INTIDS];

/* What has happened in this sequence, printed when something is wrong. */
extern uint64_t bench_seed;
extern char bench_history[BENCH_HISTORY];
extern size_t bench_history_end;

#define bench_partition (&partitions[1])
#define NOTE(...)                                                                                  \
    bench_history_end +=                                                                           \
        (size_t)snprintf(bench_history + bench_history_end,                                        \
                         bench_history_end < BENCH_HISTORY - 64 ? 64 : 0, __VA_ARGS__)
#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "BULKHEAD_SEED=%" PRIu64 " BULKHEAD_SEQUENCES=1:%s\n", bench_seed,     \
                    bench_history);                                                                \
            fail_msg("%s", #condition);                                                            \
        }                                                                                          \
    } while (0)

/* All reset: groups on at the interfaces, everything disabled at the distributor. */
void bench_begin(uint32_t vcpu_total, bool split);
/* Which core executes. */
void bench_on(uint32_t index);
uint32_t bench_here(void);
/* The core takes what is pending for it and goes back to its guest. */
void bench_enter(uint32_t index);
void bench_enter_all(void);
/* Every kick has arrived; then this core executes. */
void bench_settle(uint32_t vcpu);
/* Priority of what is signalled to the guest of this core, or 0x100. */
uint32_t bench_urgency(void);
/* Takes what is pending at the physical distributor. */
void bench_take_all(void);
/* A field of one interrupt, written and read on a core. */
void bench_write(uint32_t self, uint32_t vcpu, enum bh_virq_field field, uint32_t intid,
                 uint32_t value);
bool bench_read(uint32_t vcpu, enum bh_virq_field field, uint32_t intid);

#endif
