/* SPDX-License-Identifier: BSD-2-Clause */
/* Stands between a unit test and plan_build(): which notes there have been goes to the file that
 * $PLAN_NOTES names, for tests/unit/notes.py. */
#include "partmgr/plan/plan.h"
#include <stdio.h>
#include <stdlib.h>

bool __real_plan_build(struct plan *plan, const struct plan_facts *facts, const void *hardware,
                       uint64_t hardware_limit, const void *system, uint64_t system_limit);
bool __wrap_plan_build(struct plan *plan, const struct plan_facts *facts, const void *hardware,
                       uint64_t hardware_limit, const void *system, uint64_t system_limit);

static bool notes_seen[NOTE_NAMES];

static void notes_add(const struct plan_note *notes, uint32_t count, uint32_t kept)
{
    for (uint32_t i = 0; i < count && i < kept; i++)
        notes_seen[notes[i].name] = true;
}

bool __wrap_plan_build(struct plan *plan, const struct plan_facts *facts, const void *hardware,
                       uint64_t hardware_limit, const void *system, uint64_t system_limit)
{
    bool good = __real_plan_build(plan, facts, hardware, hardware_limit, system, system_limit);

    notes_add(plan->error, plan->error_count, PLAN_ERRORS);
    notes_add(plan->warning, plan->warning_count, PLAN_WARNINGS);
    return good;
}

static void __attribute__((destructor)) notes_write(void)
{
    const char *path = getenv("PLAN_NOTES");
    FILE *file = path ? fopen(path, "a") : NULL;

    for (uint32_t i = 0; file && i < NOTE_NAMES; i++)
        if (notes_seen[i])
            fprintf(file, "%s\n", plan_note_name((enum plan_note_name)i));
    if (file)
        fclose(file);
}
