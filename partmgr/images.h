/* SPDX-License-Identifier: BSD-2-Clause */
/* The images that partitions load: one capability each, shared read-only when several use it. */
#ifndef IMAGES_H
#define IMAGES_H

#include "plan/plan.h"

/* The modules' bytes, for the plan. */
extern const struct plan_memory images_memory;

/* Where a partition's kernel is loaded from: the module, or what it was unpacked to. */
const struct plan_module *images_kernel(const struct plan_partition *partition);

/* Takes the memory of every module in the plan, and counts its users. */
bool images_take(const struct plan *plan);

/* The memory of a kernel that stays in its place, which becomes its guest's RAM. */
bool images_take_ram(const char *who, const struct range *pages, uint64_t *slot);

/* Maps a module for the partition's monitor behind *next, and moves *next behind it. *address is
 * where it begins. */
bool images_map(const struct plan_partition *partition, uint64_t slot,
                const struct plan_module *module, uint64_t *next, uint64_t *address);

/* Maps a module's own pages for the partition's guest, read-only. */
bool images_map_flash(const struct plan_partition *partition, uint64_t slot,
                      const struct plan_module *module, uint64_t at);

#endif
