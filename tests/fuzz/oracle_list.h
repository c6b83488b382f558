/* SPDX-License-Identifier: BSD-2-Clause */
/* Who owns which addresses by a plan: lists for the oracle. */
#ifndef FUZZ_ORACLE_LIST_H
#define FUZZ_ORACLE_LIST_H

#include "partmgr/plan/plan.h"

enum oracle_kind {
    ORACLE_OURS,   /* kernel, trees, programs: where the loader has put them */
    ORACLE_ALONE,  /* RAM that one owner has */
    ORACLE_IMAGE,  /* RAM that is read: whole, by as many as like */
    ORACLE_DEVICE, /* no RAM */
    ORACLE_PASSED, /* no RAM, and a partition's by a passthrough tree */
    ORACLE_RAM,    /* a guest's, in its own addresses */
    ORACLE_FLASH,
    ORACLE_INSIDE, /* lies in one of the two before */
};

struct oracle_piece {
    struct range range;
    enum oracle_kind kind;
    const char *owner;
    const char *name;
};

struct oracle_list {
    uint32_t count;
    struct oracle_piece at[1024];
};

void oracle_list_physical(struct oracle_list *list, const struct plan *plan,
                          const struct plan_facts *facts);

/* Addresses are the guest's. */
void oracle_list_guest(struct oracle_list *list, const struct plan *plan,
                       const struct plan_partition *partition);

/* True when two pieces of physical memory must not be where they are. */
bool oracle_list_clash(const struct oracle_piece *a, const struct oracle_piece *b);

/* What is wrong with where a piece of physical memory lies; NULL when nothing is. */
const char *oracle_list_lies(const struct oracle_piece *piece, const struct plan_facts *facts,
                             const void *hardware);

/* True when the pages of the node's reg hold the range. */
bool oracle_list_in_reg(const void *tree, int node, const struct range *range);

static inline bool oracle_inside(const struct range *piece, const struct range *whole)
{
    return piece->base >= whole->base && piece->size <= whole->size &&
           piece->base - whole->base <= whole->size - piece->size;
}

#endif
