/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of the plan share: trees that can be changed, and the facts of a machine. */
#ifndef PLAN_FIXTURE_H
#define PLAN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "partmgr/plan/guest_tree.h"
#include "partmgr/plan/layout.h"
#include "partmgr/plan/plan.h"
#include "partmgr/policy/policy.h"
#include "tests/fuzz/machine.h"
#include "tests/fuzz/oracle.h"

#define TREE_ROOM 8192

/* The modules' bytes: those set by a test, or zeroes, which are a raw binary. What is unpacked goes
 * to memory that a test can look at. */
#define FIXTURE_FILES 4
static struct fixture_file {
    uint64_t host;
    const uint8_t *data; /* whole pages, or as many bytes as the plan may read */
} fixture_files[FIXTURE_FILES];
static uint8_t fixture_zeroes[0x2000000];
static uint8_t fixture_room[0x100000];
static struct range fixture_written; /* the last pages that were asked for to be written */

static inline const uint8_t *fixture_read(const struct range *pages)
{
    for (uint32_t i = 0; i < FIXTURE_FILES; i++)
        if (fixture_files[i].data && fixture_files[i].host == pages->base)
            return fixture_files[i].data;
    if (fixture_written.size && fixture_written.base == pages->base)
        return fixture_room;
    return pages->size <= sizeof(fixture_zeroes) ? fixture_zeroes : NULL;
}

static inline uint8_t *fixture_write(const struct range *pages)
{
    fixture_written = *pages;
    memset(fixture_room, 0x55, sizeof(fixture_room));
    return pages->size <= sizeof(fixture_room) ? fixture_room : NULL;
}

static const struct plan_memory fixture_memory = {fixture_read, fixture_write, NULL};

/* Reads a compiled tree; there is room for changes. The caller frees it. */
static inline void *fixture_tree(const char *name)
{
    char path[512];
    uint8_t *raw = calloc(1, TREE_ROOM);
    void *tree = calloc(1, TREE_ROOM);
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s.dtb", TREES_DIR, name);
    file = fopen(path, "rb");
    assert_non_null(file);
    assert_true(fread(raw, 1, TREE_ROOM, file) > 0);
    fclose(file);
    assert_int_equal(fdt_open_into(raw, tree, TREE_ROOM), 0);
    free(raw);
    return tree;
}

/* A machine that keeps what is below 0x10000000. */
static inline struct plan_facts fixture_facts(void)
{
    struct plan_facts facts = machine_facts(&fixture_memory);

    facts.root[0] = (struct range){0x10000000, 0x30200000};
    return facts;
}

/* The same for whole.dts. */
static inline struct plan_facts fixture_whole_facts(void)
{
    return (struct plan_facts){
        .kernel = {0x80200000, 0x200000},
        .bundle = {0x80400000, 0x10000},
        .bundle_header = {0x80400000, 0x1000},
        .monitor = {0x80401000, 0x8000},
        .hardware_tree = {0x83000000, 0x2000},
        .monitor_ram = 0x30000,
        .boot_core = 0x100,
        .guest_bits = 40,
        .policy = policy_find("first-fit"),
        .memory = &fixture_memory,
    };
}

/* The smallest passthrough tree, in a module at that offset in the bundle. */
static inline void fixture_passthrough(uint64_t offset)
{
    static uint8_t tree[PAGE_SIZE];

    assert_int_equal(fdt_create_empty_tree(tree, sizeof(tree)), 0);
    assert_true(fdt_add_subnode(tree, 0, "passthrough") > 0);
    fixture_files[0] = (struct fixture_file){0x40400000 + offset, tree};
}

/* Whatever becomes of it, the oracle has nothing against it. */
static inline bool fixture_build(struct plan *plan, const struct plan_facts *facts,
                                 const void *hardware, const void *system)
{
    bool good =
        plan_build(plan, facts, hardware, fdt_totalsize(hardware), system, fdt_totalsize(system));
    const char *wrong = oracle_wrong(plan, facts, hardware, system);

    if (wrong)
        print_message("oracle: %s\n", wrong);
    assert_null(wrong);
    return good;
}

static inline void fixture_print(const struct plan *plan)
{
    char text[512];

    for (uint32_t i = 0; i < plan->error_count && i < PLAN_ERRORS; i++) {
        plan_note_text(&plan->error[i], text, sizeof(text));
        print_message("error: %s\n", text);
    }
    for (uint32_t i = 0; i < plan->warning_count && i < PLAN_WARNINGS; i++) {
        plan_note_text(&plan->warning[i], text, sizeof(text));
        print_message("warning: %s\n", text);
    }
}

/* A change to a tree: property of a node set to bytes, or removed when length is negative. A node
 * that does not exist is added. */
struct fixture_change {
    const char *path;
    const char *property; /* NULL: only the node */
    const char *value;
    int length;
};

static inline void fixture_change(void *tree, const struct fixture_change *change)
{
    int node = fdt_path_offset(tree, change->path);

    if (node < 0) {
        const char *name = strrchr(change->path, '/');
        int parent = fdt_path_offset_namelen(tree, change->path, (int)(name - change->path));

        assert_true(parent >= 0);
        node = fdt_add_subnode(tree, parent, name + 1);
        assert_true(node >= 0);
    }
    if (!change->property)
        return;
    if (change->length < 0)
        assert_int_equal(fdt_delprop(tree, node, change->property), 0);
    else
        assert_int_equal(fdt_setprop(tree, node, change->property, change->value, change->length),
                         0);
}

/* A string literal's bytes with and without the terminator; bytes that are not text; removal. */
#define TEXT(text)  text, (int)sizeof(text)
#define BYTES(text) text, (int)sizeof(text) - 1
#define EMPTY       "", 0
#define GONE        NULL, -1

#endif
