/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine as the plan would find it: which bytes lie where, and what the kernel gives away. */
#ifndef MACHINE_H
#define MACHINE_H

#include "board.h"
#include "partmgr/plan/plan.h"

/* How the plan reads and writes the machine's memory. */
extern const struct plan_memory machine_memory;

/* A file's bytes; NULL, told on stderr, when it cannot be read. They stay for good, with zeroes
 * behind them to a whole page. */
const uint8_t *machine_file(const char *path, uint64_t *size);

/* Bytes lie at an address; false, told, when something is there already. */
bool machine_load(const char *what, uint64_t base, const uint8_t *data, uint64_t size);

/* The bytes of a range, or NULL when they are not all known. */
const uint8_t *machine_at(uint64_t base, uint64_t size);

/* The root ranges: everything but the kernel and what its board never gives away. */
void machine_roots(struct plan_facts *facts, const struct board *board, uint32_t address_bits);

#endif
