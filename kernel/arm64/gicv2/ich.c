/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's half of the CPU interface: list registers and their control (IHI 0048, 5.3). The
 * state machine speaks GICv3's list registers; here they are translated, and back. */
#include "arch.h"
#include "lr.h"
#include "regs.h"

enum {
    GICH_HCR = 0x00,
    GICH_VTR = 0x04,
    GICH_VMCR = 0x08,
    GICH_ELRSR = 0x30,
    GICH_APR = 0xf0,
    GICH_LR = 0x100,
    HCR_EOICOUNT_SHIFT = 27
};

#define HCR_EN       (1u << 0)
#define HCR_UIE      (1u << 1) /* one or none left: choose again */
#define HCR_LRENPIE  (1u << 2) /* a deactivation found no list register */
#define HCR_NPIE     (1u << 3) /* none pending left */
#define HCR_VGRP0EIE (1u << 4) /* the guest has enabled group 0 at its interface */
#define HCR_VGRP0DIE (1u << 5) /* disabled it */
#define HCR_VGRP1EIE (1u << 6)
#define HCR_VGRP1DIE (1u << 7)

static uintptr_t ich_at(uint32_t offset)
{
    return mmu_device(DEVICE_GICH) + offset;
}

void ich_init(void)
{
    mmio_write32(ich_at(GICH_HCR), 0);
}

uint32_t ich_count(void)
{
    uint32_t count = (mmio_read32(ich_at(GICH_VTR)) & 63) + 1;

    return count > 16 ? 16 : count; /* as many as the state machine keeps books of */
}

uint64_t ich_read(uint32_t n)
{
    return lr_from_v2(mmio_read32(ich_at(GICH_LR + 4 * n)));
}

void ich_write(uint32_t n, uint64_t value)
{
    mmio_write32(ich_at(GICH_LR + 4 * n), lr_to_v2(value));
}

uint32_t ich_empty(void)
{
    return mmio_read32(ich_at(GICH_ELRSR));
}

bool ich_split_eoi(void)
{
    return mmio_read32(ich_at(GICH_VMCR)) >> 9 & 1; /* VEM */
}

uint32_t ich_groups(void)
{
    return mmio_read32(ich_at(GICH_VMCR)) & 3; /* VMGrp0En, VMGrp1En */
}

void ich_control(bool outside, bool emptied, bool active_outside)
{
    bool split = ich_split_eoi();
    uint32_t groups = ich_groups();
    uint32_t hcr = HCR_EN;

    /* A group that is off waits outside until it is on. While both are on, one that goes off makes
     * room for what waits. */
    hcr |= groups & 1 ? 0 : HCR_VGRP0EIE;
    hcr |= groups & 2 ? 0 : HCR_VGRP1EIE;
    hcr |= outside && groups == 3 ? HCR_VGRP0DIE | HCR_VGRP1DIE : 0;
    /* As with GICv3: what EOImode 1 deactivates it says by GICV_DIR, which no guest has mapped and
     * its monitor answers. */
    hcr |= (outside ? HCR_UIE : 0) | (emptied ? HCR_NPIE : 0);
    hcr |= active_outside && !split ? HCR_LRENPIE : 0;
    mmio_write32(ich_at(GICH_HCR), hcr);
    dsb(sy); /* a maintenance interrupt that this ends is gone before it is looked for */
}

uint32_t ich_take_eoicount(void)
{
    uint32_t hcr = mmio_read32(ich_at(GICH_HCR));

    mmio_write32(ich_at(GICH_HCR), hcr & ((1u << HCR_EOICOUNT_SHIFT) - 1));
    return hcr >> HCR_EOICOUNT_SHIFT;
}

void ich_reset(void)
{
    mmio_write32(ich_at(GICH_APR), 0);
    for (uint32_t n = 0; n < ich_count(); n++)
        ich_write(n, 0);
    /* Groups off, everything masked; binary points go to their minimum. */
    mmio_write32(ich_at(GICH_VMCR), 0);
    mmio_write32(ich_at(GICH_HCR), HCR_EN);
}

void ich_off(void)
{
    mmio_write32(ich_at(GICH_HCR), 0);
    dsb(sy); /* no maintenance interrupt of a vCPU that is gone */
}
