/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest finds where, and what is the same in all memory maps. */
#ifndef PLAN_LAYOUT_H
#define PLAN_LAYOUT_H

#include "plan.h"

#define LAYOUT_UART_SIZE    0x1000ull
#define LAYOUT_GPIO_SIZE    0x1000ull
#define LAYOUT_GICD_V2_SIZE 0x1000ull
#define LAYOUT_GICV_SIZE    0x1000ull  /* GICv2: the second page, with GICV_DIR, is emulated */
#define LAYOUT_GICR_SIZE    0x20000ull /* of one vCPU */
#define LAYOUT_SPIS         960u       /* INTIDs 32 to 991: as many as controllers of Arm's have */
#define LAYOUT_SPIS_DEFAULT 256u       /* without nr_spis, unless a device needs more */
#define LAYOUT_SPI_FIRST    32u        /* INTID of SPI 0 */

/* Doorbells have INTIDs from here on, beyond the devices of QEMU's virt board and so of what is
 * passed through on it. */
#define LAYOUT_DOORBELL_INTID 224u

/* An SP805 has the first frame, Arm's generic watchdog both. */
#define LAYOUT_WATCHDOG_SIZE    0x1000ull /* of a frame */
#define LAYOUT_WATCHDOG_CONTROL 0x10000ull

/* Linux wants its tree and its ramdisk in RAM that it maps early: the first 2 GiB are safe. */
#define LAYOUT_IMAGES_WINDOW 0x80000000ull

/* The memory maps of QEMU's virt board, and of Xen's guests. */
extern const struct plan_layout layout_qemu_virt;
extern const struct plan_layout layout_xen;

/* The RAM that a guest's kernel, ramdisk and tree lie in: its first bank, with those that touch it;
 * size 0 where there is none. */
struct range layout_ram(const struct plan_partition *partition);

/* True when the bank is where the kernel lies already. */
static inline bool layout_in_place(const struct plan_partition *partition, uint32_t bank)
{
    return partition->in_place && partition->bank[bank].host == partition->kernel.host;
}

/* Gives it RAM of the machine, where its memory map goes on; false when there are too many pieces.
 */
bool layout_add(struct plan_partition *partition, uint64_t host, uint64_t size);

/* Devices of the machine whose place is taken: free in both maps, up to the RAM. */
#define LAYOUT_WINDOW      0x28000000ull
#define LAYOUT_WINDOW_STEP 0x10000ull /* a page of Linux may be so large */

#define LAYOUT_DEVICES 8u

struct layout_device {
    struct range range; /* guest physical */
    const char *name;
};

/* The devices that a partition has beside its RAM and flash; how many they are. */
uint32_t layout_devices(const struct plan_partition *partition, uint32_t gic,
                        struct layout_device device[LAYOUT_DEVICES]);

#endif
