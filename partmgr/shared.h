/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that several partitions have. */
#ifndef SHARED_H
#define SHARED_H

#include "plan/plan.h"

/* Empties every area and maps it for its peers, whose slots are in the plan's order. False when
 * something was refused, which has been told. */
bool shared_build(const struct plan *plan, const uint64_t *slot);

#endif
