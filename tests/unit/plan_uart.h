/* SPDX-License-Identifier: BSD-2-Clause */
/* A board with a UART, interrupt 39, and a system in which somebody is given it. */
#ifndef PLAN_UART_H
#define PLAN_UART_H

#include "plan_fixture.h"

#define UART "/pl011@9000000"

static inline void uart_add(void *hardware)
{
    const struct fixture_change changes[] = {
        {UART, "compatible", TEXT("arm,pl011\0arm,primecell")},
        {UART, "reg", BYTES("\0\0\0\0\x09\0\0\0\0\0\0\0\0\0\x10\0")},
        {UART, "interrupts", BYTES("\0\0\0\0\0\0\0\7\0\0\0\4")},
        {"/chosen", "stdout-path", TEXT("/pl011@9000000:115200")},
    };

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        fixture_change(hardware, &changes[i]);
}

/* The good system in which it is `given`, and one change to that; NULL: none. */
static inline bool uart_build(struct plan *plan, const struct fixture_change *given,
                              const struct fixture_change *change, bool in_hardware)
{
    struct plan_facts facts = fixture_facts();
    void *hardware = fixture_tree("virt");
    void *system = fixture_tree("system");
    bool good;

    facts.console_ram = 0x8000;
    uart_add(hardware);
    fixture_change(system, given);
    if (change)
        fixture_change(in_hardware ? hardware : system, change);
    good = fixture_build(plan, &facts, hardware, system);
    free(hardware);
    free(system);
    return good;
}

#endif
