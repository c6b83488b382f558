/* SPDX-License-Identifier: BSD-2-Clause */
/* A test's own copy of the good system, which it changes step by step, and what becomes of it. */
#ifndef PLAN_SYSTEM_H
#define PLAN_SYSTEM_H

#include "plan_fixture.h"

static struct plan_facts facts;
static struct plan plan;
static void *hardware;
static void *system_tree;

static inline int system_setup(void **state)
{
    (void)state;
    facts = fixture_facts();
    hardware = fixture_tree("virt");
    system_tree = fixture_tree("system");
    memset(fixture_files, 0, sizeof(fixture_files));
    return 0;
}

static inline int system_teardown(void **state)
{
    (void)state;
    free(hardware);
    free(system_tree);
    return 0;
}

/* Exactly this error. */
static inline void expect_error(const char *text)
{
    char note[512];

    assert_false(fixture_build(&plan, &facts, hardware, system_tree));
    plan_note_text(&plan.error[0], note, sizeof(note));
    assert_string_equal(note, text);
    assert_int_equal(plan.error_count, 1);
}

static inline void expect_plan(void)
{
    if (!fixture_build(&plan, &facts, hardware, system_tree))
        fixture_print(&plan);
    assert_int_equal(plan.error_count, 0);
}

#endif
