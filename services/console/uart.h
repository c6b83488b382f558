/* SPDX-License-Identifier: BSD-2-Clause */
/* The physical UART, a PL011 (DDI 0183), driven by interrupts: nothing here waits for it. */
#ifndef UART_H
#define UART_H

#include <stdbool.h>
#include <stdint.h>

/* Rate and format stay what firmware has set. */
void uart_init(void);

/* The interrupts that were asserted are seen to: what asserts them again comes again. */
void uart_acknowledge(void);

/* False: its FIFO is full. */
bool uart_send(char c);

/* -1: nothing was received. */
int uart_receive(void);

/* Whether an interrupt comes when the FIFO has room again. */
void uart_want_room(bool on);

/* True when everything sent has left it. */
bool uart_idle(void);

#endif
