/* SPDX-License-Identifier: BSD-2-Clause */
/* Console lines of EL0 programs, collected per core so that lines of different partitions do not
 * mix. */
#include "lib.h"
#include "object.h"

/* The one lock that partitions share; it goes when a service owns the UART (doc/caveats.md). */
static struct lock console_lock;

void console_begin(void)
{
    lock_take(&console_lock);
}

void console_end(void)
{
    lock_drop(&console_lock);
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
