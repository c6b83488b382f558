/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of all properties that a description may have: binding.def. */
#ifndef PLAN_BINDING_H
#define PLAN_BINDING_H

#include "build.h"

enum binding_kind {
#define KIND(kind, rest) BINDING_##kind,
#define PROPERTY(kind, name, type, fate, low, high, words)
#include "binding.def"
#undef KIND
#undef PROPERTY
    BINDING_KINDS
};

enum binding_rest { BINDING_WARN, BINDING_PREFIX, BINDING_LEAVE };

enum binding_type {
    BINDING_FLAG,
    BINDING_CELL,
    BINDING_LONG,
    BINDING_ADDRESS,
    BINDING_PAIR,
    BINDING_WORD,
    BINDING_STRING,
    BINDING_STRINGS,
    BINDING_PHANDLE,
    BINDING_PHANDLES,
    BINDING_REG,
    BINDING_REGS,
    BINDING_CELLS,
    BINDING_ANY,
};

enum binding_fate {
    BINDING_NEEDED,
    BINDING_READ,
    BINDING_IGNORED,
    BINDING_MISPLACED,
};

struct binding_property {
    enum binding_kind kind;
    const char *name;
    enum binding_type type;
    enum binding_fate fate;
    uint64_t low;
    uint64_t high;
    const char *words;
};

/* What becomes of properties that are in no row. */
enum binding_rest binding_rest_of(enum binding_kind kind);

/* The row with this number; NULL behind the last one. */
const struct binding_property *binding_at(uint32_t index);

/* Says of each property of a node what there is to say of it as long as nobody has read it: that it
 * is unknown, that it means nothing here or counts elsewhere, that it is not supported yet. */
void binding_check(struct build *build, int node, enum binding_kind kind);

#endif
