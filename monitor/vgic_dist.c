/* SPDX-License-Identifier: BSD-2-Clause */
/* The GICv3 distributor (IHI 0069, section 12.9): affinity routing and a single security state,
 * both fixed. */
#include "monitor.h"
#include "vgic.h"

enum {
    GICD_CTLR = 0x0000,
    GICD_TYPER = 0x0004,
    GICD_IIDR = 0x0008,
    GICD_IROUTER = 0x6000, /* of INTID 0, which does not exist: the first is that of INTID 32 */
    GICD_IROUTER_END = 0x8000,
    INTIDS = 1020,
    DIST_PART = 0x92,
};

#define CTLR_GROUPS  0x3u       /* EnableGrp0, EnableGrp1 */
#define CTLR_ARE     (1u << 4)  /* affinity routing, always */
#define CTLR_DS      (1u << 6)  /* security disabled, always */
#define TYPER_IDBITS (9u << 19) /* INTIDs have 10 bits */
#define TYPER_A3V    (1u << 24) /* Aff3 counts, as at the CPU interface (ICC_CTLR_EL1.A3V) */

#define ROUTE_ANY (1ull << 31) /* Interrupt_Routing_Mode: any vCPU */
#define AFFINITY  0xff00ffffffull

/* What the guest wrote to GICD_IROUTER<n>: any affinity reads back. One that names no vCPU sends
 * the interrupt nowhere: it stays pending until the guest routes it to a vCPU. */
static uint64_t dist_route[INTIDS];

static struct vgic_frame dist_frame(const struct bh_mon_config *config)
{
    return (struct vgic_frame){BH_MON_PARTITION, VGIC_PRIVATE, VGIC_PRIVATE + config->spis};
}

/* The set of vCPUs that a route means; vCPU n has affinity n. */
static uint64_t dist_targets(uint64_t route)
{
    if (route & ROUTE_ANY)
        return ~(uint64_t)0;
    return route < BH_MAX_VCPUS ? (uint64_t)1 << route : 0;
}

/* True when the access is to an existing interrupt's GICD_IROUTER: 64 bits, or one half. */
static bool dist_is_route(const struct bh_mon_config *config, uint64_t offset, uint64_t bytes,
                          uint32_t *intid)
{
    if (offset < GICD_IROUTER || offset >= GICD_IROUTER_END)
        return false;
    *intid = (uint32_t)(offset - GICD_IROUTER) / 8;
    return *intid >= VGIC_PRIVATE && *intid < VGIC_PRIVATE + config->spis && *intid < INTIDS &&
           (bytes == 8 || bytes == 4) && offset % bytes == 0;
}

uint64_t vgic_dist_read(const struct bh_mon_config *config, uint64_t offset, uint64_t bytes)
{
    struct vgic_frame frame = dist_frame(config);
    uint32_t intid;

    if (dist_is_route(config, offset, bytes, &intid))
        return dist_route[intid] >> offset % 8 * 8; /* the kernel cuts it to the access */
    if (offset >= 0xffd0)
        return bytes == 4 ? vgic_id(offset, DIST_PART) : 0;
    if (bytes == 4 && offset == GICD_CTLR)
        return CTLR_ARE | CTLR_DS |
               (vgic_get(BH_MON_PARTITION, BH_VIRQ_CONTROL, VGIC_PRIVATE) & CTLR_GROUPS);
    if (bytes == 4 && offset == GICD_TYPER)
        return TYPER_A3V | TYPER_IDBITS | (config->spis / 32 & 0x1f);
    if (bytes == 4 && offset == GICD_IIDR)
        return VGIC_IIDR;
    return vgic_read(&frame, offset, bytes);
}

void vgic_dist_write(const struct bh_mon_config *config, uint64_t offset, uint64_t bytes,
                     uint64_t value)
{
    struct vgic_frame frame = dist_frame(config);
    uint32_t intid;

    if (dist_is_route(config, offset, bytes, &intid)) {
        lock_take(); /* what reads back and where it goes must agree */
        if (bytes == 4)
            value = offset % 8 ? value << 32 | (uint32_t)dist_route[intid]
                               : (dist_route[intid] >> 32 << 32) | (uint32_t)value;
        value &= ROUTE_ANY | AFFINITY;
        dist_route[intid] = value;
        vgic_set(BH_MON_PARTITION, BH_VIRQ_ROUTE, intid, dist_targets(value), ~(uint64_t)0);
        lock_drop();
        return;
    }
    if (bytes == 4 && offset == GICD_CTLR) {
        vgic_set(BH_MON_PARTITION, BH_VIRQ_CONTROL, VGIC_PRIVATE, value & CTLR_GROUPS, CTLR_GROUPS);
        return;
    }
    vgic_write(&frame, offset, bytes, value);
}
