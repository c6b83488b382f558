/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading properties of an untrusted tree: every length is checked, every mistake is reported. */
#ifndef PLAN_TREE_H
#define PLAN_TREE_H

#include "build.h"

struct tree_cells {
    uint32_t address;
    uint32_t size;
};

#define TREE_ROOT_CELLS ((struct tree_cells){2, 1}) /* the specification's defaults */

/* NULL when all of the blob can be walked, else what is wrong with it. Every other function needs
 * that. */
const char *tree_check(const void *tree, uint64_t limit);

/* The node's own #address-cells and #size-cells; a missing one is inherited, as Xen does it. */
struct tree_cells tree_cells(struct build *build, const void *tree, int node,
                             struct tree_cells inherited);

enum tree_found { TREE_MISSING, TREE_GOOD, TREE_BAD /* reported */ };

/* One big-endian number of `cells` cells, at most two. */
uint64_t tree_number(const uint8_t *at, uint32_t cells);

/* A property that is one number of exactly `cells` cells. */
enum tree_found tree_value(struct build *build, const void *tree, int node, const char *property,
                           uint32_t cells, uint64_t *value);

/* A property that is one string: terminated, no zero inside. */
enum tree_found tree_string(struct build *build, const void *tree, int node, const char *property,
                            const char **value);

/* One of a few words: its index. What it is when it is missing, and after an error: `otherwise`. */
uint32_t tree_choice(struct build *build, const void *tree, int node, const char *property,
                     const char *const *words, uint32_t count, uint32_t otherwise);

/* How many {base, size} pairs the property holds: 0 when it is missing, or bad and reported. */
uint32_t tree_ranges(struct build *build, const void *tree, int node, const char *property,
                     struct tree_cells cells);

/* Pair number `index` of a property that tree_ranges() has accepted; false (reported) when it is no
 * valid range. */
bool tree_range(struct build *build, const void *tree, int node, const char *property,
                struct tree_cells cells, uint32_t index, struct range *range);

/* A property whose presence counts; a value, which some take for a switch, is reported. */
bool tree_flag(struct build *build, const void *tree, int node, const char *property);

/* False when status says "disabled". Anything that is not a known status is reported. */
bool tree_enabled(struct build *build, const void *tree, int node);

bool tree_compatible(const void *tree, int node, const char *compatible);

#endif
