/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests of partitions' lives run on: the cores of virq_bench.h, whose vCPUs' monitors and
 * guests are the test's. */
#ifndef LIFE_BENCH_H
#define LIFE_BENCH_H

#include "virq_bench.h"

#include "exit.h"
#include <bulkhead/upcall.h>

enum { LIFE_VCPUS = 3 };

/* A partition of LIFE_VCPUS vCPUs, sealed, its first load not begun; the machine waits for its end
 * alone. It may begin anew after a reset, and after failures while its budget of 2 in 100 ticks
 * lasts. */
void life_begin(void);
/* The same, and on: every vCPU in its guest. */
void life_begin_on(void);

enum bh_partition_state life_state(void);
uint32_t life_reason(void);

/* On a core, and what follows at EL2 until it leaves or waits. */
void life_upcall(uint32_t core);
void life_enter(void);
    /* what quick_upcall does, on the core that executes */ /* its guest calls its monitor */
void life_answer(uint32_t core, enum bh_action action, uint64_t a, uint64_t b, uint64_t c);
void life_start_vcpu(uint32_t core, uint32_t vcpu); /* its monitor does */
void life_fault(uint32_t core, uint32_t reason, uint64_t pc);
int64_t life_call(uint32_t core, uint64_t label, uint64_t a, uint64_t b); /* on the partition */
/* The same without what follows, inside of a job. */
void life_return(enum bh_action action, uint64_t a, uint64_t b, uint64_t c);
int64_t life_invoke(uint64_t label, const uint64_t *argument, uint64_t *result);

/* Fails unless everything is as after the seal: no core but vCPU 0's does anything, vCPUs are off,
 * virtual interrupts as after reset. */
void life_require_fresh(void);

#endif
