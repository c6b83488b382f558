/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest finds where: the memory map of QEMU's virt board. */
#ifndef PLAN_LAYOUT_H
#define PLAN_LAYOUT_H

/* What the board has as flash: modules may stand there, in memory that guests only read. */
#define LAYOUT_FLASH_SIZE 0x08000000ull

#define LAYOUT_RAM       0x40000000ull
#define LAYOUT_UART      0x09000000ull
#define LAYOUT_UART_SIZE 0x1000ull
#define LAYOUT_UART_SPI  1u
#define LAYOUT_CONTROL   0x0b000000ull /* alone in its 64 KiB, as large as a page of Linux may be */
#define LAYOUT_GICD      0x08000000ull
#define LAYOUT_GICD_SIZE 0x10000ull
#define LAYOUT_GICC      0x08010000ull /* GICv2: there lies GICV */
#define LAYOUT_GICC_SIZE 0x10000ull    /* of which a controller fills the first 8 KiB */
#define LAYOUT_GICV_SIZE 0x1000ull     /* the second page, with GICV_DIR, is emulated */
#define LAYOUT_GICR      0x080a0000ull
#define LAYOUT_GICR_SIZE 0x20000ull /* of one vCPU */
#define LAYOUT_SPIS      256u       /* INTIDs 32 to 287 */
#define LAYOUT_SPI_FIRST 32u        /* INTID of SPI 0 */

/* Where the virt board has nothing. An SP805 has the first frame, Arm's generic watchdog both. */
#define LAYOUT_WATCHDOG         0x09800000ull
#define LAYOUT_WATCHDOG_CONTROL 0x09810000ull
#define LAYOUT_WATCHDOG_SIZE    0x1000ull /* of a frame */
#define LAYOUT_WATCHDOG_SPI     10u

/* Linux wants its tree and its ramdisk in RAM that it maps early: the first 2 GiB are safe. */
#define LAYOUT_IMAGES_WINDOW 0x80000000ull

#endif
