/* SPDX-License-Identifier: BSD-2-Clause */
/* What a mistake in a tree looks like in a test: one row is one change to a good tree and the note
 * that it must bring. The rows are in plan_cases_*.h, by what they are about. */
#ifndef PLAN_CASES_H
#define PLAN_CASES_H

#include "plan_fixture.h"

#define A             "/chosen/linux-a"
#define KERNEL        A "/kernel"
#define RAMDISK       A "/ramdisk"
#define B             "/chosen/linux-b@1"
#define CONTROL       "/chosen/control"
#define MODULE        CONTROL "/module@44000000"
#define ONE_STRING(c) c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c

struct plan_case {
    struct fixture_change change;
    const char *path; /* of the note */
    const char *property;
    const char *message; /* how it begins */
};

#endif
