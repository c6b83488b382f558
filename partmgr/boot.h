/* SPDX-License-Identifier: BSD-2-Clause */
/* What lies in memory when the manager starts: the trees and the bundle behind the kernel. */
#ifndef BOOT_H
#define BOOT_H

#include "plan/plan.h"
#include <bulkhead/program.h>

/* An EL0 program of the bundle. */
struct boot_program {
    uint64_t slot; /* Memory: the whole image, as RAM; what is behind its rodata is nobody's */
    struct bh_program header;
};

struct boot {
    const void *hardware;
    uint64_t hardware_limit;
    const void *system; /* the hardware tree when the bundle has none */
    uint64_t system_limit;
    struct boot_program monitor;
    struct boot_program console;
    struct plan_facts facts;
};

/* Addresses as the kernel passes them. False when an error was told. */
bool boot_read(struct boot *boot, uint64_t tree, uint64_t kernel, uint64_t bundle,
               uint64_t boot_core);

/* Cuts the program's image of `size` bytes: its slot keeps the text, *rodata gets the read-only
 * data, and what lies behind that is nobody's. */
bool boot_cut_program(const char *who, const struct boot_program *program, uint64_t size,
                      uint64_t *rodata);

#endif
