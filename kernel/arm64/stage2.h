/* SPDX-License-Identifier: BSD-2-Clause */
/* Stage 2 register values, for the code that switches spaces. */
#ifndef STAGE2_H
#define STAGE2_H

#include "arch.h"

uint64_t stage2_vtcr(void);

#endif
