/* SPDX-License-Identifier: BSD-2-Clause */
/* The PL011 as a polled output, for early boot, panic and the console (DDI 0183, section 3.3). */
#include "arch.h"
#include "platform.h"

enum { UART_DR = 0x00, UART_FR = 0x18, UART_FR_TXFF = 1 << 5, UART_POLLS = 100000 };

void platform_putc(char c)
{
    /* Bounded: a dead UART costs characters, never the kernel. */
    for (int i = 0; i < UART_POLLS; i++)
        if (!(mmio_read32(mmu_device(DEVICE_UART) + UART_FR) & UART_FR_TXFF))
            break;
    mmio_write32(mmu_device(DEVICE_UART) + UART_DR, (uint8_t)c);
}
