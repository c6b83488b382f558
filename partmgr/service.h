/* SPDX-License-Identifier: BSD-2-Clause */
/* The console service: a partition without a guest, and what each monitor shares with it. */
#ifndef SERVICE_H
#define SERVICE_H

#include "boot.h"

/* Builds it on its core, behind the partitions, whose slots are in the plan's order. False when
 * something was refused, which has been told. */
bool service_build(const struct boot *boot, const struct plan *plan, uint64_t core,
                   const uint64_t *slot);

#endif
