/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory maps that guests can have. */
#include "layout.h"

const struct plan_layout layout_qemu_virt = {
    .kind = PLAN_LAYOUT_QEMU_VIRT,
    .flash_size = 0x08000000,
    .ram = 0x40000000,
    .uart = 0x09000000,
    .uart_intid = LAYOUT_SPI_FIRST + 1,
    .gicd = 0x08000000,
    .gicd_size = 0x10000,
    .gicc = 0x08010000,
    .gicc_size = 0x10000,
    .gicr = 0x080a0000,
    /* Where the virt board has nothing. */
    .watchdog = 0x09800000,
    .watchdog_intid = LAYOUT_SPI_FIRST + 10,
    .control = 0x0b000000,
};

struct range layout_ram(const struct plan_partition *partition)
{
    struct range ram = {partition->bank[0].guest, 0};

    for (uint32_t i = 0; i < partition->bank_count; i++)
        if (partition->bank[i].guest == ram.base + ram.size)
            ram.size += partition->bank[i].size;
    return ram;
}
