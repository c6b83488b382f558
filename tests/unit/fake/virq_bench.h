/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests of virtual interrupts run on: a partition whose vCPUs have a core each, with the list
 * registers of fake/ich.c and the physical distributor behind assigned interrupts. A core's work at
 * EL2 runs on a stack of its own, so that cores can wait for each other and overtake each other. */
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

#define bench_partition (&partitions[1])

struct bench_config {
    uint32_t vcpus;
    uint32_t lists; /* list registers */
    bool no_dir_trap;
};

/* The physical side of a linked interrupt. */
struct bench_physical {
    bool line;    /* level, while it is level-sensitive */
    bool pending; /* an edge that has not been taken */
    bool active;
    bool enabled;
    uint32_t core;
};

/* Everything reset, every vCPU on, all its interfaces' groups on and its mask open; everything
 * disabled at the distributor. */
void bench_begin(struct bench_config config);
/* Where a failure goes instead of failing the test; NULL: it fails the test. */
extern jmp_buf *bench_escape;
extern char bench_reason[128];
void bench_fail(const char *what);
#define BENCH_REQUIRE(condition) ((condition) ? (void)0 : bench_fail(#condition))

/* Work on a core at EL2. */
typedef void bench_job(void *argument);
/* Does it now; other cores get on only where this one waits for them. */
void bench_run(uint32_t core, bench_job *job, void *argument);
/* Does it in the next bench_race(), together with what other cores have to do, in steps that
 * take turns as `seed` says. */
void bench_prepare(uint32_t core, bench_job *job, void *argument);
void bench_race(uint64_t seed);
/* At the end of a job: back to the guest. */
void bench_leave(void);

/* Something calls the core out of its guest: a kick, a maintenance or a device's interrupt. */
bool bench_called(uint32_t core);
/* The core takes all that calls it, and goes back to its guest. */
void bench_take(uint32_t core);
/* Maintenance interrupts of all cores but one: only what a guest does at one go is quicker. */
void bench_maintain(uint32_t but);
/* All cores, until nothing calls any more. */
void bench_settle(void);

/* The same when nothing calls it too. */
void bench_enter(uint32_t core);
void bench_enter_all(void);

/* Which core executes what the test itself calls: its guest. */
void bench_on(uint32_t core);
struct ich *bench_ich(uint32_t core);
struct bench_physical *bench_physical(uint32_t vcpu, uint32_t slot);
/* The guest of this core reads both IARs; which of them knew something is `group`. */
uint32_t bench_acknowledge(uint32_t *group);
/* A device's line, or an edge. */
void bench_device(uint32_t vcpu, uint32_t slot, bool on);

/* A field of one interrupt, written and read by the monitor on a core. */
void bench_write(uint32_t self, uint32_t vcpu, enum bh_virq_field field, uint32_t intid,
                 uint32_t value);
bool bench_read(uint32_t self, uint32_t vcpu, enum bh_virq_field field, uint32_t intid);

#endif
