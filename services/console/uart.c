/* SPDX-License-Identifier: BSD-2-Clause */
/* The PL011's registers as the console uses them. */
#include "uart.h"

#include <bulkhead/console.h>

enum {
    UARTDR = 0x00,
    UARTFR = 0x18,
    UARTLCR_H = 0x2c,
    UARTCR = 0x30,
    UARTIFLS = 0x34,
    UARTIMSC = 0x38,
    UARTICR = 0x44,
};

#define FR_BUSY (1u << 3)
#define FR_RXFE (1u << 4)
#define FR_TXFF (1u << 5)
#define LCR_FEN (1u << 4)
#define CR_ON   0x301u /* UARTEN, TXE, RXE */
#define IFLS    0x08u  /* transmit at 1/8 full, receive at 1/4 */
#define INT_RX  (1u << 4)
#define INT_TX  (1u << 5)
#define INT_RT  (1u << 6)
#define INT_ALL 0x7ffu

static uint32_t uart_read(uint64_t offset)
{
    uint32_t value;

    /* One load of 32 bits: the compiler must not choose another. */
    __asm__ volatile("ldr %w0, [%1]" : "=r"(value) : "r"(BH_CONSOLE_UART + offset) : "memory");
    return value;
}

static void uart_write(uint64_t offset, uint32_t value)
{
    __asm__ volatile("str %w0, [%1]" ::"r"(value), "r"(BH_CONSOLE_UART + offset) : "memory");
}

void uart_init(void)
{
    uart_write(UARTIMSC, 0);
    uart_write(UARTLCR_H, uart_read(UARTLCR_H) | LCR_FEN);
    uart_write(UARTIFLS, IFLS);
    uart_write(UARTCR, uart_read(UARTCR) | CR_ON);
    uart_write(UARTICR, INT_ALL);
    uart_write(UARTIMSC, INT_RX | INT_RT);
}

void uart_acknowledge(void)
{
    uart_write(UARTICR, INT_ALL);
}

bool uart_send(char c)
{
    if (uart_read(UARTFR) & FR_TXFF)
        return false;
    uart_write(UARTDR, (uint8_t)c);
    return true;
}

int uart_receive(void)
{
    return uart_read(UARTFR) & FR_RXFE ? -1 : (int)(uart_read(UARTDR) & 0xff);
}

void uart_want_room(bool on)
{
    uart_write(UARTIMSC, INT_RX | INT_RT | (on ? INT_TX : 0));
}

bool uart_idle(void)
{
    return !(uart_read(UARTFR) & FR_BUSY);
}
