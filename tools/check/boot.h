/* SPDX-License-Identifier: BSD-2-Clause */
/* What the manager does when it starts, on a machine that is only thought of. */
#ifndef BOOT_H
#define BOOT_H

#include "machine.h"

struct boot {
    const void *hardware;
    uint64_t hardware_limit;
    const void *system; /* the hardware tree when the bundle has none */
    uint64_t system_limit;
    struct plan_facts facts;
    struct plan_note wrong; /* why there is nothing to plan: the manager's own words */
};

/* Addresses as the kernel passes them; the machine's memory holds what it will. False: see `wrong`.
 */
bool boot_read(struct boot *boot, const struct board *board, uint64_t tree, uint64_t kernel,
               uint64_t bundle);

#endif
