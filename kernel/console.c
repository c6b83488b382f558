/* SPDX-License-Identifier: BSD-2-Clause */
/* Console lines of EL0 programs, collected per core so that lines of different partitions do not
 * mix. */
#include "lib.h"
#include "object.h"

/* The one lock that partitions share; it goes when a service owns the UART (doc/caveats.md). */
static uint32_t console_next, console_owner;

void console_begin(void)
{
    /* By ticket, in order: no partition can keep another from its turn. */
    uint32_t ticket = __atomic_fetch_add(&console_next, 1, __ATOMIC_RELAXED);

    /* Acquire: pairs with the release in console_end. */
    while (__atomic_load_n(&console_owner, __ATOMIC_ACQUIRE) != ticket)
        arch_relax();
}

void console_end(void)
{
    __atomic_store_n(&console_owner, console_owner + 1, __ATOMIC_RELEASE);
}

static void console_flush(struct core *core)
{
    console_begin();
    for (uint32_t i = 0; i < core->line_length; i++)
        platform_putc(core->line[i]);
    console_end();
    core->line_length = 0;
}

void console_write(struct core *core, uint32_t count, const uint64_t *words)
{
    for (uint32_t i = 0; i < count; i++) {
        char c = (char)(words[i / 8] >> (i % 8 * 8));

        core->line[core->line_length++] = c;
        if (c == '\n' || core->line_length == LIMIT_LINE)
            console_flush(core);
    }
}
