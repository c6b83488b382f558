/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's `virt` board with a GICv2 and its virtualization extensions: the few physical addresses
 * that the kernel needs. */
#ifndef PLATFORM_H
#define PLATFORM_H

#include "../qemu-virt/virt.h"

#define PLATFORM_NAME "qemu-virt-gicv2"
#define PLATFORM_GIC  2
/* Not linked: QEMU 7.2 does not look at the physical line again when a guest ends a linked
 * interrupt, and one whose line rose meanwhile would never come again. */
#define PLATFORM_LINK 0

#define PLATFORM_GICC 0x08010000u
#define PLATFORM_GICH 0x08030000u

/* What EL2 maps for itself: {first byte, pages}. */
#define PLATFORM_DEVICES                                                                           \
    {PLATFORM_UART, 1}, {PLATFORM_GICD, 1}, {PLATFORM_GICC, 2},                                    \
    {                                                                                              \
        PLATFORM_GICH, 1                                                                           \
    }

/* What nobody outside the kernel may ever map: {first byte, size}, ascending, page granular. The
 * hole is the first page of GICV, of which each core sees its own: guests share it. */
#define PLATFORM_NEVER_MAP                                                                         \
    VIRT_NEVER_BELOW, {0x08000000u, 0x00040000u}, /* GICD, GICC, v2m, GICH */                      \
        {0x08041000u, 0x00fbf000u}, VIRT_NEVER_ABOVE

#endif
