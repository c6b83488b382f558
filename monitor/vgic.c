/* SPDX-License-Identifier: BSD-2-Clause */
/* GICv3 registers with a few bits per interrupt (IHI 0069, sections 12.9 and 12.11): they lie at
 * the same offsets in the distributor and in a redistributor's SGI frame.
 *
 * Sizes (IHI 0069, section 12.1.3): words everywhere, bytes for IPRIORITYR too. Reserved registers
 * are RES0, and what an access of an unsupported size does is left to the implementation; here both
 * read as zero and ignore writes, because an abort would stop software that merely probes. */
#include "vgic.h"

#include <bulkhead/invoke.h>
#include <stddef.h>

enum effect { REPLACE, SET, CLEAR };

struct block {
    uint16_t begin, end;
    uint8_t bits; /* per interrupt */
    uint8_t field;
    uint8_t effect;
};

static const struct block blocks[] = {
    {0x080, 0x100, 1, BH_VIRQ_GROUP, REPLACE},    /* IGROUPR */
    {0x100, 0x180, 1, BH_VIRQ_ENABLE, SET},       /* ISENABLER */
    {0x180, 0x200, 1, BH_VIRQ_ENABLE, CLEAR},     /* ICENABLER */
    {0x200, 0x280, 1, BH_VIRQ_PENDING, SET},      /* ISPENDR */
    {0x280, 0x300, 1, BH_VIRQ_PENDING, CLEAR},    /* ICPENDR */
    {0x300, 0x380, 1, BH_VIRQ_ACTIVE, SET},       /* ISACTIVER */
    {0x380, 0x400, 1, BH_VIRQ_ACTIVE, CLEAR},     /* ICACTIVER */
    {0x400, 0x800, 8, BH_VIRQ_PRIORITY, REPLACE}, /* IPRIORITYR */
    {0xc00, 0xd00, 2, BH_VIRQ_EDGE, REPLACE},     /* ICFGR; ITARGETSR (0x800) is RES0 with ARE */
};

enum { SGIS = 16 };

uint64_t vgic_get(uint64_t slot, uint32_t field, uint32_t intid)
{
    struct bh_result result = bh_svc(BH_VIRQ_READ, slot, field, intid, 0, 0, 0, 0);

    return result.status == BH_OK ? result.value[0] : 0;
}

void vgic_set(uint64_t slot, uint32_t field, uint32_t intid, uint64_t value, uint64_t mask)
{
    /* A refusal means an INTID without an interrupt: its bits are RES0. */
    if (mask)
        bh_svc(BH_VIRQ_WRITE, slot, field, intid, value, mask, 0, 0);
}

/* The upper of ICFGR's two bits is the trigger mode, the lower is RES0: bits 15..0 to bits 31, 29
 * .. 1. */
static uint64_t vgic_spread(uint64_t edge)
{
    uint64_t config = 0;

    for (uint32_t bit = 0; bit < 16; bit++)
        config |= (edge >> bit & 1) << (2 * bit + 1);
    return config;
}

static uint64_t vgic_gather(uint64_t config)
{
    uint64_t edge = 0;

    for (uint32_t bit = 0; bit < 16; bit++)
        edge |= (config >> (2 * bit + 1) & 1) << bit;
    return edge;
}

/* The block that an access is for, and the first interrupt of its word; NULL when nothing is there.
 */
static const struct block *vgic_decode(const struct vgic_frame *frame, uint64_t offset,
                                       uint64_t bytes, uint32_t *intid)
{
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        const struct block *block = &blocks[i];

        if (offset < block->begin || offset >= block->end)
            continue;
        if ((bytes != 4 || offset % 4) && (bytes != 1 || block->field != BH_VIRQ_PRIORITY))
            return NULL;
        *intid = (uint32_t)((offset - block->begin) / 4) * (32u / block->bits);
        return *intid >= frame->first && *intid < frame->end ? block : NULL;
    }
    return NULL;
}

uint64_t vgic_read(const struct vgic_frame *frame, uint64_t offset, uint64_t bytes)
{
    uint32_t intid;
    const struct block *block = vgic_decode(frame, offset, bytes, &intid);
    uint64_t value;

    if (!block)
        return 0;
    if (block->bits == 2) {
        value = vgic_get(frame->slot, block->field, intid & ~31u);
        return vgic_spread(value >> (intid & 31u));
    }
    value = vgic_get(frame->slot, block->field, intid) & 0xffffffffu;
    return bytes == 1 ? value >> (offset % 4 * 8) & 0xff : value;
}

void vgic_write(const struct vgic_frame *frame, uint64_t offset, uint64_t bytes, uint64_t value)
{
    uint32_t intid;
    const struct block *block = vgic_decode(frame, offset, bytes, &intid);
    uint64_t mask = 0xffffffffu;

    if (!block)
        return;
    value &= mask;
    if (block->bits == 2) {
        if (intid < SGIS)
            return; /* GICR_ICFGR0 is read-only: SGIs are edge-triggered */
        vgic_set(frame->slot, block->field, intid & ~31u, vgic_gather(value) << (intid & 31u),
                 (uint64_t)0xffff << (intid & 31u));
        return;
    }
    if (bytes == 1) {
        mask = (uint64_t)0xff << (offset % 4 * 8);
        value = (value & 0xff) << (offset % 4 * 8);
    }
    switch ((enum effect)block->effect) {
    case REPLACE:
        vgic_set(frame->slot, block->field, intid, value, mask);
        break;
    case SET:
        vgic_set(frame->slot, block->field, intid, value, value);
        break;
    case CLEAR:
        vgic_set(frame->slot, block->field, intid, 0, value);
        break;
    }
}

uint64_t vgic_id(uint64_t offset, uint32_t part)
{
    /* PIDR4 (four 4 KiB blocks as a power of two, JEP106 bank 4), PIDR5-7, PIDR0-3, CIDR0-3; PIDR2
     * says GICv3. */
    static const uint8_t ids[12] = {0x44, 0, 0, 0, 0, 0xb4, 0x3b, 0, 0x0d, 0xf0, 0x05, 0xb1};
    uint64_t index = (offset - 0xffd0) / 4;

    if (offset < 0xffd0 || index >= sizeof(ids) || offset % 4)
        return 0;
    return index == 4 ? part : ids[index];
}
