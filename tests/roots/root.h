/* SPDX-License-Identifier: BSD-2-Clause */
/* What managers made for tests share: they plan and apply like partmgr, do something more, and
 * seal. */
#ifndef ROOT_H
#define ROOT_H

#include "boot.h"
#include <bulkhead/invoke.h>

extern struct boot root_boot;
extern struct plan root_plan;

/* The entry of an EL0 program that is the manager: libcap/el0/start.S. */
_Noreturn void manager_main(uint64_t tree, uint64_t kernel, uint64_t bundle, uint64_t roots,
                            uint64_t boot_core);

/* Everything up to the seal, as partmgr does it; an error ends the manager. */
void root_build(uint64_t tree, uint64_t kernel, uint64_t bundle, uint64_t roots,
                uint64_t boot_core);
_Noreturn void root_seal(void);

/* A call that must succeed, or the manager ends. */
void root_need(const char *step, struct bh_result result);

/* Slot of the manager's table with a capability of that type whose number, or address, is `value`
 * and which has at least those rights. Objects are numbered in the order of creation. */
uint64_t root_find(enum bh_type type, uint64_t value, uint64_t rights);

#endif
