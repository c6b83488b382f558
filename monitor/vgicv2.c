/* SPDX-License-Identifier: BSD-2-Clause */
/* The GICv2 distributor (IHI 0048, section 4.3) of a controller without security. Registers of
 * SGIs and PPIs are banked: they are those of the vCPU that accesses them. The CPU interface is the
 * core's own, GICV, but for GICC_DIR, which lies in a page apart: an interrupt that is active may
 * be in no list register of this core. */
#include "monitor.h"
#include "vgic.h"

#include <bulkhead/invoke.h>

enum {
    GICD_CTLR = 0x000,
    GICD_TYPER = 0x004,
    GICD_IIDR = 0x008,
    GICD_ICENABLER = 0x180,
    GICD_ISPENDR = 0x200,
    GICD_ISACTIVER = 0x300,
    GICD_IPRIORITYR = 0x400,
    GICD_ITARGETSR = 0x800,
    GICD_ICFGR = 0xc00,
    GICD_SGIR = 0xf00,
    GICD_CPENDSGIR = 0xf10,
    GICD_SPENDSGIR = 0xf20,
    GICD_PIDR4 = 0xfd0,
    SGI_COUNT = 16,
};

#define CTLR_GROUPS 0x3u /* EnableGrp0, EnableGrp1 */
#define SGI_BITS    0xffffu

static uint32_t vgicv2_all(const struct bh_mon_config *config)
{
    return (1u << config->vcpus) - 1;
}

/* SGIs are always enabled. */
void vgicv2_load(const struct bh_mon_config *config)
{
    for (uint32_t i = 0; i < config->vcpus; i++)
        vgic_set(BH_MON_VCPU + i, BH_VIRQ_ENABLE, 0, SGI_BITS, SGI_BITS);
}

/* The interrupts that a register with a few bits for each is about: the vCPU's own, or shared. */
static struct vgic_frame vgicv2_frame(const struct bh_mon_config *config, uint32_t vcpu,
                                      uint64_t offset)
{
    uint64_t own = offset < GICD_IPRIORITYR ? offset % 0x80 < 4
                   : offset < GICD_ICFGR    ? offset % 0x400 < VGIC_PRIVATE
                                            : offset - GICD_ICFGR < VGIC_PRIVATE / 4;

    if (own)
        return (struct vgic_frame){BH_MON_VCPU + vcpu, 0, VGIC_PRIVATE};
    return (struct vgic_frame){BH_MON_PARTITION, VGIC_PRIVATE, VGIC_PRIVATE + config->spis};
}

/* --- registers with a byte for each interrupt, or SGI ---------------------------------------- */
static uint32_t vgicv2_byte_read(const struct bh_mon_config *config, uint32_t vcpu, uint64_t offset)
{
    uint32_t intid = (uint32_t)(offset - GICD_ITARGETSR);

    if (offset >= GICD_CPENDSGIR) /* the same state in both */
        return (uint32_t)vgic_get(BH_MON_VCPU + vcpu, BH_VIRQ_ROUTE, offset % SGI_COUNT);
    if (config->vcpus == 1)
        return 0; /* one interface: there is nothing to choose */
    if (intid < VGIC_PRIVATE)
        return 1u << vcpu;
    return (uint32_t)vgic_get(BH_MON_PARTITION, BH_VIRQ_ROUTE, intid);
}

static void vgicv2_byte_write(const struct bh_mon_config *config, uint32_t vcpu, uint64_t offset,
                              uint64_t value)
{
    uint32_t intid = (uint32_t)(offset - GICD_ITARGETSR);
    uint64_t slot = BH_MON_VCPU + vcpu;

    value &= vgicv2_all(config);
    if (offset >= GICD_SPENDSGIR)
        vgic_set(slot, BH_VIRQ_ROUTE, offset % SGI_COUNT, value, value);
    else if (offset >= GICD_CPENDSGIR)
        vgic_set(slot, BH_VIRQ_ROUTE, offset % SGI_COUNT, 0, value);
    else if (config->vcpus > 1 && intid >= VGIC_PRIVATE)
        vgic_set(BH_MON_PARTITION, BH_VIRQ_ROUTE, intid, value, ~(uint64_t)0);
}

static bool vgicv2_is_byte(const struct bh_mon_config *config, uint64_t offset, uint64_t bytes)
{
    if ((bytes != 1 && bytes != 4) || offset % bytes)
        return false;
    return (offset >= GICD_ITARGETSR && offset < GICD_ITARGETSR + VGIC_PRIVATE + config->spis) ||
           (offset >= GICD_CPENDSGIR && offset < GICD_SPENDSGIR + SGI_COUNT);
}

/* PIDR4 to PIDR7, PIDR0 to PIDR3, CIDR0 to CIDR3: Arm's GICv2 distributor. */
static uint32_t vgicv2_id(uint64_t offset)
{
    static const uint8_t ids[12] = {0x04, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1};

    return offset % 4 ? 0 : ids[(offset - GICD_PIDR4) / 4 % sizeof(ids)];
}

/* --- the distributor ------------------------------------------------------------------------- */
uint64_t vgicv2_read(const struct bh_mon_config *config, uint32_t vcpu, uint64_t offset,
                     uint64_t bytes)
{
    struct vgic_frame frame = vgicv2_frame(config, vcpu, offset);
    uint64_t value = 0;

    if (vgicv2_is_byte(config, offset, bytes)) {
        for (uint64_t i = 0; i < bytes; i++)
            value |= (uint64_t)vgicv2_byte_read(config, vcpu, offset + i) << (8 * i);
        return value;
    }
    if (bytes == 4 && offset == GICD_CTLR)
        return vgic_get(BH_MON_PARTITION, BH_VIRQ_CONTROL, VGIC_PRIVATE) & CTLR_GROUPS;
    if (bytes == 4 && offset == GICD_TYPER)
        return (config->vcpus - 1) << 5 | (config->spis / 32 & 0x1f);
    if (bytes == 4 && offset == GICD_IIDR)
        return VGIC_IIDR;
    if (bytes == 4 && offset >= GICD_PIDR4)
        return vgicv2_id(offset);
    return vgic_read(&frame, offset, bytes);
}

/* GICD_SGIR: by a list of targets, to all others, or to oneself. */
static void vgicv2_sgi(const struct bh_mon_config *config, uint32_t vcpu, uint64_t value)
{
    const uint32_t list[4] = {(uint32_t)value >> 16 & vgicv2_all(config),
                              vgicv2_all(config) & ~(1u << vcpu), 1u << vcpu, 0};
    const uint64_t from = (uint64_t)1 << vcpu;

    for (uint32_t targets = list[value >> 24 & 3]; targets; targets &= targets - 1)
        vgic_set(BH_MON_VCPU + (uint32_t)__builtin_ctz(targets), BH_VIRQ_ROUTE,
                 (uint32_t)value % SGI_COUNT, from, from);
}

void vgicv2_write(const struct bh_mon_config *config, uint32_t vcpu, uint64_t offset,
                  uint64_t bytes, uint64_t value)
{
    struct vgic_frame frame = vgicv2_frame(config, vcpu, offset);

    if (vgicv2_is_byte(config, offset, bytes)) {
        for (uint64_t i = 0; i < bytes; i++)
            vgicv2_byte_write(config, vcpu, offset + i, value >> (8 * i) & 0xff);
        return;
    }
    if (bytes == 4 && offset == GICD_CTLR) {
        vgic_set(BH_MON_PARTITION, BH_VIRQ_CONTROL, VGIC_PRIVATE, value & CTLR_GROUPS, CTLR_GROUPS);
        return;
    }
    if (bytes == 4 && offset == GICD_SGIR) {
        vgicv2_sgi(config, vcpu, value);
        return;
    }
    /* SGIs stay enabled, and become pending and cease to be by registers of their own. */
    if (offset == GICD_ICENABLER || (offset >= GICD_ISPENDR && offset < GICD_ISACTIVER))
        value &= frame.first ? ~(uint64_t)0 : ~(uint64_t)SGI_BITS;
    vgic_write(&frame, offset, bytes, value);
}

void vgicv2_deactivate(uint32_t vcpu, uint64_t value)
{
    uint32_t intid = (uint32_t)value & 0x3ff;

    vgic_set(intid < VGIC_PRIVATE ? BH_MON_VCPU + vcpu : BH_MON_PARTITION, BH_VIRQ_ACTIVE,
             intid & ~31u, 0, (uint64_t)1 << intid % 32);
}
