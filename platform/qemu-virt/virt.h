/* SPDX-License-Identifier: BSD-2-Clause */
/* What QEMU's `virt` board has where, whichever interrupt controller it comes with (QEMU
 * hw/arm/virt.c, base_memmap). */
#ifndef VIRT_H
#define VIRT_H

#define PLATFORM_UART 0x09000000u /* PL011: the kernel's lines; a service may have it, too */
#define PLATFORM_GICD 0x08000000u

/* Parts of the list of what nobody outside the kernel may ever map: below the interrupt controller
 * and above it. */
#define VIRT_NEVER_BELOW                                                                           \
    {                                                                                              \
        0x00000000u, 0x08000000u                                                                   \
    } /* flash: firmware */
#define VIRT_NEVER_ABOVE                                                                           \
    {0x09020000u, 0x00001000u},     /* fw_cfg: its DMA register writes any address */              \
        {0x09040000u, 0x00001000u}, /* secure UART */                                              \
        {0x09050000u, 0x00020000u}, /* SMMU */                                                     \
        {0x09080000u, 0x00001000u}, /* ACPI events, power off by GPIO */                           \
        {0x0e000000u, 0x01000000u}, /* secure RAM */                                               \
    {                                                                                              \
        0x4000000000u, 0x04000000u                                                                 \
    } /* second redistributor region */

#endif
