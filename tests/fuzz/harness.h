/* SPDX-License-Identifier: BSD-2-Clause */
/* What the harnesses of the plan share. */
#ifndef FUZZ_HARNESS_H
#define FUZZ_HARNESS_H

#include "partmgr/plan/plan.h"
#include <stddef.h>

/* libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *count, char ***arguments);

/* A machine as QEMU's virt board is. */
struct plan_facts harness_facts(void);

/* Chooses what every module holds: 0 zeroes, and so on. */
void harness_content(uint32_t which);

/* Reads tests' tree NAME.dtb into `room` bytes, with room for changes. */
void harness_tree(const char *name, void *tree, size_t room);

/* Plans these bytes, of which none behind the last is to be read, and judges the plan; ends the
 * program where the plan is wrong. */
void harness_plan(const struct plan_facts *facts, const void *hardware, size_t hardware_size,
                  const void *system, size_t system_size);

#endif
