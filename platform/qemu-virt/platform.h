/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's `virt` board with a GICv3: the few physical addresses that the kernel needs. */
#ifndef PLATFORM_H
#define PLATFORM_H

#include "virt.h"

#define PLATFORM_NAME "qemu-virt"
#define PLATFORM_GIC  3
#define PLATFORM_LINK 1 /* list registers are linked to physical interrupts */

#define PLATFORM_GICR 0x080a0000u /* 128 KiB a core */

/* What EL2 maps for itself: {first byte, pages}. */
#define PLATFORM_DEVICES                                                                           \
    {PLATFORM_UART, 1}, {PLATFORM_GICD, 16},                                                       \
    {                                                                                              \
        PLATFORM_GICR, 32 * LIMIT_CORES                                                            \
    }

/* What nobody outside the kernel may ever map: {first byte, size}, ascending, page granular. */
#define PLATFORM_NEVER_MAP                                                                         \
    VIRT_NEVER_BELOW, {0x08000000u, 0x01000000u}, /* GICD, ITS and its frames, redistributors */   \
        VIRT_NEVER_ABOVE

#endif
