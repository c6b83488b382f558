/* SPDX-License-Identifier: BSD-2-Clause */
/* A broken invariant of the kernel fails the test; its text output goes nowhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lib.h"
#include <stdlib.h>

void (*fake_caught)(const char *what);
void (*fake_race)(void);

_Noreturn void fake_fail(const char *what)
{
    if (fake_caught)
        fake_caught(what);
    fail_msg("%s", what);
    abort();
}

void panic(const char *reason, uint64_t a, uint64_t b, uint64_t c)
{
    if (fake_caught)
        fake_caught(reason);
    fail_msg("panic: %s %llx %llx %llx", reason, (unsigned long long)a, (unsigned long long)b,
             (unsigned long long)c);
    abort();
}

void print(const char *text)
{
    (void)text;
}

void print_number(const char *label, uint64_t value)
{
    (void)label;
    (void)value;
}
