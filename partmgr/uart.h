/* SPDX-License-Identifier: BSD-2-Clause */
/* Giving the board's UART to one partition: its registers and its interrupt, each once. */
#ifndef UART_H
#define UART_H

#include "plan/plan.h"
#include <bulkhead/call.h>

/* Both tell what is refused, in the name of `who`. Who gets the interrupt has a vCPU already. */
bool uart_map(const char *who, const struct plan_uart *uart, uint64_t slot, enum bh_space space,
              uint64_t at);
bool uart_bind(const char *who, const struct plan_uart *uart, uint64_t slot, uint64_t to);

#endif
