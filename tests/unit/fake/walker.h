/* SPDX-License-Identifier: BSD-2-Clause */
/* A table walk as the MMU does it (DDI 0487, D8): 4 KiB granule, from level 1, two tables as root.
 */
#ifndef WALKER_H
#define WALKER_H

#include "arch.h"

struct walk_result {
    uint64_t physical; /* ~0: not mapped */
    uint64_t entry;
    uint32_t level;
};

struct walk_totals {
    uint32_t entries[4]; /* blocks and pages by level */
    uint32_t tables;     /* below the root */
    uint64_t bytes;
};

/* What a mapping with the largest possible blocks asks for. */
struct walk_needs {
    bool taken;
    uint32_t tables;
};

struct walk_result walk(const struct space *space, uint64_t at);
struct walk_totals walk_totals(const struct space *space);
struct walk_needs walk_needs(const struct space *space, uint64_t at, uint64_t from, uint64_t size);
/* Descriptors with a valid bit anywhere in the pool of tables, after everything is destroyed. */
uint64_t walk_leftovers(void);
/* Calls back for every mapped 4 KiB page. */
void walk_pages(const struct space *space,
                void (*page)(void *context, uint64_t at, uint64_t physical, uint64_t entry),
                void *context);

#endif
