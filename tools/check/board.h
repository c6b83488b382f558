/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel of a board keeps for itself. */
#ifndef BOARD_H
#define BOARD_H

#include "partmgr/plan/ranges.h"
#include <stddef.h>

struct board {
    const char *name;
    const struct range *never; /* what nobody outside the kernel may map, ascending */
    size_t count;
};

/* Each board's constants, as its kernel is compiled with them: board.c, once for each. */
extern const struct board board_qemu_virt;
extern const struct board board_qemu_virt_gicv2;

#endif
