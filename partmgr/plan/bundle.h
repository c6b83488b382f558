/* SPDX-License-Identifier: BSD-2-Clause */
/* What lies behind the kernel, and where trees may lie: read from bytes that the caller can see. */
#ifndef PLAN_BUNDLE_H
#define PLAN_BUNDLE_H

#include "plan.h"
#include <bulkhead/program.h>

#define BUNDLE_WRONG 96u /* room for what is wrong with it */

/* The facts that are the same wherever the plan runs, and the kernel's own memory. */
void bundle_facts(struct plan_facts *facts, uint64_t kernel, uint64_t bundle, uint64_t boot_core);

/* Reads the bundle's first page, which is at facts->bundle.base: the bundle grows to hold its
 * entries, and those that are ours are found. A page without the bundle's mark is no error: then
 * the hardware tree describes the system, if anything does. False when it is damaged; `wrong` says
 * how. */
bool bundle_read(struct plan_facts *facts, const void *page, char wrong[BUNDLE_WRONG]);

/* True when the program, in an image of that size, can be run with so many stacks. */
bool bundle_program_good(const struct bh_program *program, uint64_t image, uint64_t stacks);

/* False when no tree can be at the address. */
bool bundle_tree_place(uint64_t address, char wrong[BUNDLE_WRONG]);

/* The pages of the tree of which `head` is the beginning (its first page); false when there is
 * none. */
bool bundle_tree_pages(const void *head, uint64_t address, struct range *pages,
                       char wrong[BUNDLE_WRONG]);

#endif
