/* SPDX-License-Identifier: BSD-2-Clause */
/* The board's UART: its page is cut out of the root memory, its interrupt out of the root Irq. */
#include "uart.h"
#include "carve.h"
#include "say.h"

#define UART_FIRST_INTID 32 /* where the root Irq begins */

bool uart_map(const char *who, const struct plan_uart *uart, uint64_t slot, enum bh_space space,
              uint64_t at)
{
    uint64_t page;

    return say_done(who, "take the UART",
                    carve_device(uart->pages.base, uart->pages.size, &page)) &&
           say_call(who, "map the UART", BH_MEMORY_MAP, page, slot, space, at,
                    BH_RIGHT_READ | BH_RIGHT_WRITE);
}

/* The root Irq capability keeps what is below, and the rest is nobody's. */
bool uart_bind(const char *who, const struct plan_uart *uart, uint64_t slot, uint64_t to)
{
    uint64_t irq = BH_ROOT_IRQ;

    if (uart->intid > UART_FIRST_INTID) {
        irq = carve_slot();
        if (!say_call(who, "split its interrupt", BH_IRQ_SPLIT, BH_ROOT_IRQ, irq,
                      uart->intid - UART_FIRST_INTID, 0, 0))
            return false;
    }
    return say_call(who, "split its interrupt", BH_IRQ_SPLIT, irq, carve_slot(), 1, 0, 0) &&
           say_call(who, "bind its interrupt", BH_IRQ_BIND, irq, slot, to, uart->edge, 0);
}
