/* SPDX-License-Identifier: BSD-2-Clause */
/* What the oracle's files share: how a broken rule is told, and the rules by what they are about.
 */
#ifndef FUZZ_ORACLE_RULES_H
#define FUZZ_ORACLE_RULES_H

#include "partmgr/plan/plan.h"
#include <stddef.h>

/* Always false, so that checks can be joined by && and ||. */
bool oracle_broken(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Zero terminated, and nothing that a terminal or a JSON file could stumble over. */
bool oracle_printable(const char *what, const char *text, size_t size);

/* Kernels that are not copied. */
bool oracle_in_place(const struct plan *plan);

/* Shared memory, event channels, devices that are passed through. */
bool oracle_shared(const struct plan *plan);
bool oracle_channels(const struct plan *plan, const void *system);
bool oracle_passed(const struct plan *plan, const struct plan_facts *facts, const void *hardware);

#endif
