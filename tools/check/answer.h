/* SPDX-License-Identifier: BSD-2-Clause */
/* The answer in JSON: notes and plan. */
#ifndef ANSWER_H
#define ANSWER_H

#include "boot.h"

/* Nothing could be planned: the boot's own error is all there is. */
void answer_wrong(const struct boot *boot);

void answer(const struct boot *boot, const struct plan *plan, bool starts);

/* "memory": every page of the machine's RAM, each of it once. False, told on stderr, when something
 * has two owners. */
bool answer_memory(const struct boot *boot, const struct plan *plan);

/* "partitions". */
void answer_partitions(const struct plan *plan);

#endif
