/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's half of the CPU interface: list registers and their control (IHI 0048, 5.3). The
 * state machine speaks GICv3's list registers; here they are translated, and back. */
#include "ich.h"
#include "lr.h"
#include "regs.h"

enum {
    GICH_HCR = 0x00,
    GICH_VTR = 0x04,
    GICH_VMCR = 0x08,
    GICH_ELRSR = 0x30,
    GICH_APR = 0xf0,
    GICH_LR = 0x100
};

static uintptr_t ich_at(uint32_t offset)
{
    return mmu_device(DEVICE_GICH) + offset;
}

void ich_init(void)
{
    ich_command(0);
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

void ich_command(uint32_t hcr)
{
    mmio_write32(ich_at(GICH_HCR), hcr);
    dsb(sy); /* in force before anyone looks for interrupts */
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
    ich_command(HCR_EN);
}
