/* SPDX-License-Identifier: BSD-2-Clause */
/* System registers by name, and a log of writes, barriers and invalidations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { REGISTERS = 32, EVENTS = 64, TEXT = 64 };

static struct {
    char name[TEXT];
    uint64_t value;
} registers[REGISTERS];
static char events[EVENTS][TEXT];
static uint32_t event_next;
static uint64_t lines;

void regs_reset(void)
{
    memset(registers, 0, sizeof(registers));
    memset(events, 0, sizeof(events));
    event_next = 0;
    lines = 0;
}

static uint64_t *regs_find(const char *name)
{
    for (uint32_t i = 0; i < REGISTERS; i++) {
        if (!registers[i].name[0])
            snprintf(registers[i].name, TEXT, "%s", name);
        if (!strcmp(registers[i].name, name))
            return &registers[i].value;
    }
    fail_msg("too many registers");
    return NULL;
}

uint64_t regs_read(const char *name)
{
    return *regs_find(name);
}

void regs_set(const char *name, uint64_t value)
{
    *regs_find(name) = value;
}

void regs_event(const char *text)
{
    if (event_next < EVENTS)
        snprintf(events[event_next++], TEXT, "%s", text);
}

void regs_write(const char *name, uint64_t value)
{
    char text[TEXT];

    regs_set(name, value);
    snprintf(text, sizeof(text), "%s = 0x%" PRIx64, name, value);
    regs_event(text);
}

const char *regs_log(uint32_t n)
{
    return n < EVENTS ? events[n] : "";
}

void regs_clean(uintptr_t address)
{
    (void)address;
    lines++;
}

uint64_t regs_cleaned(void)
{
    return lines;
}
