/* SPDX-License-Identifier: BSD-2-Clause */
/* A good system with links between its domains, changes to it, and the notes that they must bring.
 */
#ifndef PLAN_LINKS_H
#define PLAN_LINKS_H

#include "plan_fixture.h"

#define A       "/chosen/linux-a"
#define B       "/chosen/linux-b@1"
#define CONTROL "/chosen/control"

#define LINKS_CHANGES 6

struct link_case {
    const char *name; /* of the note, as in notes.def */
    const char *path; /* of the note */
    const char *property;
    const char *message; /* how it begins */
    struct fixture_change change[LINKS_CHANGES];
};

static struct plan plan;

static inline bool links_build(const struct plan_facts *facts, const struct fixture_change *links,
                               size_t count, const struct fixture_change *changes)
{
    void *hardware = fixture_tree("virt");
    void *system = fixture_tree("system");
    bool good;

    for (size_t i = 0; i < count; i++)
        fixture_change(system, &links[i]);
    for (size_t i = 0; changes && i < LINKS_CHANGES && changes[i].path; i++)
        fixture_change(system, &changes[i]);
    good = fixture_build(&plan, facts, hardware, system);
    free(hardware);
    free(system);
    return good;
}

static inline bool links_has(const struct plan_note *notes, uint32_t count,
                             const struct link_case *test)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(plan_note_name(notes[i].name), test->name) == 0 &&
            strcmp(notes[i].path, test->path) == 0 &&
            strcmp(notes[i].property, test->property) == 0 &&
            strncmp(notes[i].message, test->message, strlen(test->message)) == 0)
            return true;
    return false;
}

/* That note, and no error of another name. */
static inline void links_expect_error(const struct link_case *test)
{
    bool only = plan.error_count > 0;

    for (uint32_t i = 0; i < plan.error_count && i < PLAN_ERRORS; i++)
        only = only && strcmp(plan_note_name(plan.error[i].name), test->name) == 0;
    if (!only || !links_has(plan.error, plan.error_count, test)) {
        print_message("expected: %s: %s: %s: %s\n", test->name, test->path, test->property,
                      test->message);
        fixture_print(&plan);
    }
    assert_true(only);
    assert_true(links_has(plan.error, plan.error_count, test));
}

#endif
