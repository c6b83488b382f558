/* SPDX-License-Identifier: BSD-2-Clause */
/* Short messages built without stdio: %s, %lu and %lx are all that exists. */
#ifndef PLAN_TEXT_H
#define PLAN_TEXT_H

#include <stdarg.h>
#include <stddef.h>

/* Writes at most size - 1 characters and a terminator; returns the number of characters written.
 * What a tree smuggles into a string cannot reach the terminal: characters outside printable ASCII
 * come out as '?'. */
size_t text_format(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
size_t text_vformat(char *out, size_t size, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

#endif
