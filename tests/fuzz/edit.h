/* SPDX-License-Identifier: BSD-2-Clause */
/* A fuzzer's input as a program that edits good trees: what comes out is a tree whose header and
 * structure are right, and whose content is not. */
#ifndef FUZZ_EDIT_H
#define FUZZ_EDIT_H

#include "partmgr/plan/plan.h"
#include <stddef.h>

#define EDIT_ROOM  0x8000 /* for a tree */
#define EDIT_STEPS 48     /* of a program; what follows is not read */

/* What a program works on. */
struct edit {
    void *tree[2]; /* hardware and system, EDIT_ROOM bytes each; may be the same */
    struct plan_facts *facts;
    uint32_t content; /* chooses what is in modules */
    const uint8_t *data;
    size_t size;
};

void edit_run(struct edit *edit);

#endif
