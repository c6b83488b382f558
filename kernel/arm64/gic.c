/* SPDX-License-Identifier: BSD-2-Clause */
/* The physical distributor, as far as GICv2 and GICv3 have it alike. */
#include "gic.h"

enum { PRIORITY = 0xa0 };

void gic_fill(uintptr_t at, uint32_t bytes, uint32_t value)
{
    for (uint32_t i = 0; i < bytes; i += 4)
        mmio_write32(at + i, value);
}

void gic_clear(uintptr_t base, uint32_t first, uint32_t end, uint32_t groups)
{
    gic_fill(base + GICD_ICENABLER + first / 8, (end - first) / 8, ~0u);
    gic_fill(base + GICD_ICPENDR + first / 8, (end - first) / 8, ~0u);
    gic_fill(base + GICD_ICACTIVER + first / 8, (end - first) / 8, ~0u);
    gic_fill(base + GICD_IGROUPR + first / 8, (end - first) / 8, groups);
    gic_fill(base + GICD_IPRIORITYR + first, end - first, PRIORITY * 0x01010101u);
}

void gic_setup(uint32_t intid, bool edge, const struct core *core)
{
    uintptr_t config = mmu_device(DEVICE_GICD) + GICD_ICFGR + intid / 16 * 4;
    uint32_t shift = intid % 16 * 2 + 1;

    mmio_write32(config, (mmio_read32(config) & ~(1u << shift)) | (uint32_t)edge << shift);
    gic_route(intid, core);
}

void gic_enable(uint32_t intid, bool on)
{
    mmio_write32(mmu_device(DEVICE_GICD) + (on ? GICD_ISENABLER : GICD_ICENABLER) + intid / 32 * 4,
                 1u << intid % 32);
}
