/* SPDX-License-Identifier: BSD-2-Clause */
/* Event channels as capabilities. */
#ifndef CHANNELS_H
#define CHANNELS_H

#include "plan/plan.h"

/* Makes the two doorbells of each channel and gives each to the one partition that may ring it;
 * `slot` has the partitions' capabilities. False when a call was refused, which has been told. */
bool channels_build(const struct plan *plan, const uint64_t *slot);

#endif
