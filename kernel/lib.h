/* SPDX-License-Identifier: BSD-2-Clause */
/* What a kernel without a C library needs of one. */
#ifndef LIB_H
#define LIB_H

#include "types.h"

/* The compiler emits calls to these for structures. */
void *memset(void *to, int byte, size_t size);
void *memcpy(void *restrict to, const void *restrict from, size_t size);

/* Prints text and, when `value` is wanted, "label 0x..." pairs: all that boot and panic messages
 * need. */
void print(const char *text);
void print_number(const char *label, uint64_t value);

_Noreturn void panic(const char *reason, uint64_t a, uint64_t b, uint64_t c);

#define STRING2(x) #x
#define STRING(x)  STRING2(x)

/* An internal invariant, in release builds too. Input from outside never decides one. */
#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            panic(__FILE__ ":" STRING(__LINE__) ": " #condition, 0, 0, 0);                         \
    } while (0)

#endif
