/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's `virt` board: the few physical addresses that the kernel needs (QEMU hw/arm/virt.c,
 * base_memmap). */
#ifndef PLATFORM_H
#define PLATFORM_H

#define PLATFORM_NAME "qemu-virt"
#define PLATFORM_GIC  3

#define PLATFORM_UART 0x09000000u /* PL011: early boot, panic, console */
#define PLATFORM_GICD 0x08000000u /* 64 KiB */
#define PLATFORM_GICR 0x080a0000u /* 128 KiB a core */

/* What EL2 maps for itself: {first byte, pages}. */
#define PLATFORM_DEVICES                                                                           \
    {PLATFORM_UART, 1}, {PLATFORM_GICD, 16},                                                       \
    {                                                                                              \
        PLATFORM_GICR, 32 * LIMIT_CORES                                                            \
    }

/* What nobody outside the kernel may ever map: {first byte, size}, ascending, page granular. */
#define PLATFORM_NEVER_MAP                                                                         \
    {0x00000000u, 0x08000000u},     /* flash: firmware */                                          \
        {0x08000000u, 0x01000000u}, /* distributor, v2m and ITS frames, redistributors */          \
        {0x09000000u, 0x00001000u}, /* the console's UART */                                       \
        {0x09020000u, 0x00001000u}, /* fw_cfg: its DMA register writes any address */              \
        {0x09040000u, 0x00001000u}, /* secure UART */                                              \
        {0x09050000u, 0x00020000u}, /* SMMU */                                                     \
        {0x09080000u, 0x00001000u}, /* ACPI events, power off by GPIO */                           \
        {0x0e000000u, 0x01000000u}, /* secure RAM */                                               \
    {                                                                                              \
        0x4000000000u, 0x04000000u                                                                 \
    } /* second redistributor region */
#define PLATFORM_NEVER_MAPS 9

#endif
