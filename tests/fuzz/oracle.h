/* SPDX-License-Identifier: BSD-2-Clause */
/* What holds for every plan without an error, said a second time: it knows struct plan and the
 * binding, and nothing of how the plan is made. */
#ifndef FUZZ_ORACLE_H
#define FUZZ_ORACLE_H

#include "partmgr/plan/plan.h"

/* NULL, or what is wrong with the plan; the text stays until the next call. After errors only the
 * notes are looked at. */
const char *oracle_wrong(const struct plan *plan, const struct plan_facts *facts,
                         const void *hardware, const void *system);

#endif
