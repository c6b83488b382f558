/* SPDX-License-Identifier: BSD-2-Clause */
/* The GICv3 redistributors (IHI 0069, sections 12.10 and 12.11): two frames per vCPU, no LPIs. */
#include "monitor.h"
#include "vgic.h"

enum {
    GICR_IIDR = 0x0004,
    GICR_TYPER = 0x0008,
    GICR_WAKER = 0x0014,
    FRAME = 0x10000,
    REDIST_PART = 0x93,
};

#define TYPER_LAST            (1u << 4) /* the last redistributor of the range */
#define WAKER_PROCESSOR_SLEEP (1u << 1) /* the guest says that its CPU interface sleeps */
#define WAKER_CHILDREN_ASLEEP (1u << 2) /* and we, that it has gone quiet */

/* Set by the guest's wake-up: zero, the initial state, is asleep. Interrupts of a sleeping CPU
 * interface wait anyway, for the vCPU is off or its ICC_IGRPEN registers are clear, so nothing
 * depends on it. */
static bool redist_awake[BH_MAX_VCPUS];

static uint64_t redist_typer(const struct bh_mon_config *config, uint32_t vcpu)
{
    /* Affinity_Value in the upper word, Processor_Number from bit 8: both are the index */
    return (uint64_t)vcpu << 32 | vcpu << 8 | (vcpu + 1 == config->vcpus ? TYPER_LAST : 0);
}

static struct vgic_frame redist_frame(uint32_t vcpu)
{
    return (struct vgic_frame){BH_MON_VCPU + vcpu, 0, VGIC_PRIVATE};
}

uint64_t vgic_redist_read(const struct bh_mon_config *config, uint64_t offset, uint64_t bytes)
{
    uint32_t vcpu = (uint32_t)(offset / (2 * FRAME)) % BH_MAX_VCPUS;
    struct vgic_frame frame = redist_frame(vcpu);
    bool sgi_frame = offset / FRAME % 2;

    offset %= FRAME;
    if (sgi_frame)
        return vgic_read(&frame, offset, bytes);
    if (offset == GICR_TYPER && bytes == 8)
        return redist_typer(config, vcpu);
    if (bytes != 4 || offset % 4)
        return 0;
    if (offset >= 0xffd0)
        return vgic_id(offset, REDIST_PART);
    switch (offset) {
    case GICR_IIDR:
        return VGIC_IIDR;
    case GICR_TYPER:
        return redist_typer(config, vcpu) & 0xffffffffu;
    case GICR_TYPER + 4:
        return redist_typer(config, vcpu) >> 32;
    case GICR_WAKER:
        return redist_awake[vcpu] ? 0 : WAKER_PROCESSOR_SLEEP | WAKER_CHILDREN_ASLEEP;
    default: /* GICR_CTLR too: no LPIs, no write is ever pending */
        return 0;
    }
}

void vgic_redist_write(const struct bh_mon_config *config, uint64_t offset, uint64_t bytes,
                       uint64_t value)
{
    uint32_t vcpu = (uint32_t)(offset / (2 * FRAME)) % BH_MAX_VCPUS;
    struct vgic_frame frame = redist_frame(vcpu);
    bool sgi_frame = offset / FRAME % 2;

    (void)config;
    offset %= FRAME;
    if (sgi_frame)
        vgic_write(&frame, offset, bytes, value);
    else if (offset == GICR_WAKER && bytes == 4)
        redist_awake[vcpu] = !(value & WAKER_PROCESSOR_SLEEP);
}
