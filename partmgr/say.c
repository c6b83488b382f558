/* SPDX-License-Identifier: BSD-2-Clause */
/* The manager's lines on the console. */
#include "say.h"
#include "plan/text.h"
#include <bulkhead/el0.h>

#define SAY_LINE 320u

static uint32_t say_errors;

static const char *say_status(int64_t status)
{
    static const char *const names[] = {
        [-BH_ERR_LABEL] = "no such operation",
        [-BH_ERR_SLOT] = "bad or taken slot",
        [-BH_ERR_TYPE] = "wrong type of capability",
        [-BH_ERR_RIGHTS] = "right missing",
        [-BH_ERR_RANGE] = "argument out of range",
        [-BH_ERR_ALIGN] = "not aligned",
        [-BH_ERR_STATE] = "wrong state",
        [-BH_ERR_SEALED] = "sealed",
        [-BH_ERR_POOL] = "kernel pool exhausted",
        [-BH_ERR_TAKEN] = "taken already",
        [-BH_ERR_ALREADY_ON] = "on already",
        [-BH_ERR_ON_PENDING] = "being started",
        [-BH_ERR_PLATFORM] = "refused by firmware",
    };

    if (status < 0 && -status < (int64_t)(sizeof(names) / sizeof(names[0])))
        return names[-status];
    return "unknown status";
}

static void say_line(const char *prefix, const char *format, va_list arguments)
{
    char line[SAY_LINE];
    size_t length = text_format(line, sizeof(line) - 1, "partmgr: %s", prefix);

    length += text_vformat(line + length, sizeof(line) - 1 - length, format, arguments);
    line[length++] = '\n';
    bh_console_write(BH_ROOT_CONTROL, line, length);
}

void say(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say_line("", format, arguments);
    va_end(arguments);
}

void say_error(const char *format, ...)
{
    va_list arguments;

    say_errors++;
    va_start(arguments, format);
    say_line("error: ", format, arguments);
    va_end(arguments);
}

bool say_done(const char *who, const char *step, int64_t status)
{
    if (status >= 0)
        return true;
    say_error("%s: %s: %s", who, step, say_status(status));
    return false;
}

_Noreturn void say_stop(uint32_t more)
{
    uint32_t errors = say_errors + more;

    say("%lu error%s, nothing started", (unsigned long)errors, errors == 1 ? "" : "s");
    for (;;)
        __asm__ volatile("wfi"); /* nothing is to come: the core may sleep */
}
