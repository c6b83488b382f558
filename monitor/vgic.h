/* SPDX-License-Identifier: BSD-2-Clause */
/* What distributor and redistributors have in common: the registers with a few bits per interrupt.
 */
#ifndef VGIC_H
#define VGIC_H

#include <stdint.h>

/* GICD_IIDR and GICR_IIDR: implementer Arm (0x43b), product "B". */
#define VGIC_IIDR 0x4200043bu

enum { VGIC_PRIVATE = 32 }; /* INTIDs below are a vCPU's own */

/* The interrupts behind one frame: INTIDs first to end - 1, whose state a capability reaches. */
struct vgic_frame {
    uint64_t slot; /* the Partition or a Vcpu */
    uint32_t first;
    uint32_t end;
};

/* Registers from 0x0080 to 0x0cff of a frame. Reserved ones read as zero and ignore writes. */
uint64_t vgic_read(const struct vgic_frame *frame, uint64_t offset, uint64_t bytes);
void vgic_write(const struct vgic_frame *frame, uint64_t offset, uint64_t bytes, uint64_t value);

/* The identification registers at 0xffd0 to 0xffff; `part` is the low byte of the part number. */
uint64_t vgic_id(uint64_t offset, uint32_t part);

/* Virtual interrupt state (enum bh_virq_field) by capability call. An INTID that the kernel does
 * not know reads as zero. */
uint64_t vgic_get(uint64_t slot, uint32_t field, uint32_t intid);
void vgic_set(uint64_t slot, uint32_t field, uint32_t intid, uint64_t value, uint64_t mask);

#endif
