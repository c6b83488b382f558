/* SPDX-License-Identifier: BSD-2-Clause */
/* What the list registers' control is told. */
#include "ich.h"
#include "platform.h"

void ich_control(bool outside, bool emptied, bool active_outside)
{
    uint32_t groups = ich_groups();
    /* DIR always traps: with EOImode 1 any vCPU may deactivate what another one has; with EOImode 0
     * nobody writes it. With a GICv2 it is GICV_DIR, which no guest has mapped. */
    uint32_t hcr = PLATFORM_GIC == 3 ? HCR_EN | HCR_TDIR : HCR_EN;

    /* A group that is off waits outside until it is on. While both are on, one that goes off makes
     * room for what waits (asked for only then: QEMU 7.2 looks at group 1 for either). */
    hcr |= groups & 1 ? 0 : HCR_VGRP0EIE;
    hcr |= groups & 2 ? 0 : HCR_VGRP1EIE;
    hcr |= outside && groups == 3 ? HCR_VGRP0DIE | HCR_VGRP1DIE : 0;
    /* With EOImode 1 active ones make room: whatever waits gets in as soon as none is pending. With
     * EOImode 0 that would never stop while all are active; there underflow is the moment, and the
     * other only when the last pending one is taken: the guest may have changed its mode. */
    hcr |= (outside ? HCR_UIE : 0) | (emptied ? HCR_NPIE : 0);
    hcr |= active_outside && !ich_split_eoi() ? HCR_LRENPIE : 0;
    ich_command(hcr);
}

void ich_off(void)
{
    ich_command(0);
}
