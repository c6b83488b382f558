/* SPDX-License-Identifier: BSD-2-Clause */
/* The control of list registers, which GICv2's GICH_HCR and GICv3's ICH_HCR_EL2 have alike. */
#ifndef ICH_H
#define ICH_H

#include "arch.h"

#define HCR_EN             (1u << 0)
#define HCR_UIE            (1u << 1) /* one or none left: choose again */
#define HCR_LRENPIE        (1u << 2) /* a deactivation found no list register */
#define HCR_NPIE           (1u << 3) /* none pending left */
#define HCR_VGRP0EIE       (1u << 4) /* the guest has enabled group 0 at its interface */
#define HCR_VGRP0DIE       (1u << 5) /* disabled it */
#define HCR_VGRP1EIE       (1u << 6)
#define HCR_VGRP1DIE       (1u << 7)
#define HCR_TDIR           (1u << 14) /* GICv3: ICC_DIR_EL1 traps */
#define HCR_EOICOUNT_SHIFT 27

/* Writes it; a maintenance interrupt that this ends is gone before it is looked for. */
void ich_command(uint32_t hcr);

#endif
