/* SPDX-License-Identifier: BSD-2-Clause */
/* Bringing up the physical cores that the plan uses. */
#ifndef CORES_H
#define CORES_H

#include "plan/plan.h"

/* Starts them all, then waits for all. slot[i] becomes the Core capability of the plan's core i, if
 * it is used. */
bool cores_start(const struct plan *plan, uint64_t boot_core, uint64_t slot[PLAN_CORES]);

#endif
