/* SPDX-License-Identifier: BSD-2-Clause */
/* From the plan to capability calls. */
#ifndef APPLY_H
#define APPLY_H

#include "boot.h"

/* Builds everything that the plan says. False when a call was refused, which has been told. */
bool apply_plan(const struct boot *boot, const struct plan *plan);

#endif
