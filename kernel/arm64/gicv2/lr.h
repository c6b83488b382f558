/* SPDX-License-Identifier: BSD-2-Clause */
/* GICH_LR<n> (IHI 0048, 5.3.8) from and to the form of ICH_LR<n>_EL2 (IHI 0069, 12.4.8) in which
 * the state machine thinks. Both have the physical INTID's ten bits in one piece, of which, without
 * a link, the highest is EOI; there an SGI has the vCPU that sent it in the lowest three. */
#ifndef LR_H
#define LR_H

#include "types.h"

static inline uint32_t lr_to_v2(uint64_t lr)
{
    return ((uint32_t)lr & 0x3ff)               /* INTID */
           | (uint32_t)(lr >> 32 & 0x3ff) << 10 /* physical INTID; EOI and CPUID */
           | (uint32_t)(lr >> 51 & 0x1f) << 23  /* priority: five bits of eight */
           | (uint32_t)(lr >> 62 & 0x3) << 28   /* pending, active */
           | (uint32_t)(lr >> 60 & 0x3) << 30;  /* group 1, HW */
}

static inline uint64_t lr_from_v2(uint32_t lr)
{
    return (lr & 0x3ff) | (uint64_t)(lr >> 10 & 0x3ff) << 32 | (uint64_t)(lr >> 23 & 0x1f) << 51 |
           (uint64_t)(lr >> 28 & 0x3) << 62 | (uint64_t)(lr >> 30 & 0x3) << 60;
}

#endif
