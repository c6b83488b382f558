/* SPDX-License-Identifier: BSD-2-Clause */
/* One board's constants: compiled once for each board, with its folder and BOARD for a name. */
#include "board.h"
#include "platform.h"

static const struct range board_never[] = {PLATFORM_NEVER_MAP};

const struct board BOARD = {PLATFORM_NAME, board_never,
                            sizeof(board_never) / sizeof(board_never[0])};
