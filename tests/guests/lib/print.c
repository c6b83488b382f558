/* SPDX-License-Identifier: BSD-2-Clause */
/* Formatted output to the PL011. */
#include "guest.h"

#include <stdarg.h>

static void print_char(char c)
{
    while (read32(UART + 0x18) & 0x20) /* UARTFR.TXFF */
        ;
    write32(UART, (unsigned char)c);
}

static void print_string(const char *string)
{
    while (*string)
        print_char(*string++);
}

static void print_number(uint64_t number, unsigned base)
{
    char digits[20];
    unsigned count = 0;

    do {
        digits[count++] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number);
    while (count)
        print_char(digits[--count]);
}

static void print_list(const char *format, va_list list)
{
    for (; *format; format++) {
        unsigned longs = 0;
        int64_t number;

        if (*format != '%') {
            print_char(*format);
            continue;
        }
        while (*++format == 'l')
            longs++;
        switch (*format) {
        case 's':
            print_string(va_arg(list, const char *));
            break;
        case 'c':
            print_char((char)va_arg(list, int));
            break;
        case 'd':
            number = longs ? va_arg(list, int64_t) : va_arg(list, int);
            if (number < 0)
                print_char('-');
            print_number(number < 0 ? -(uint64_t)number : (uint64_t)number, 10);
            break;
        case 'u':
            print_number(longs ? va_arg(list, uint64_t) : va_arg(list, unsigned), 10);
            break;
        case 'x':
            print_string("0x");
            print_number(longs ? va_arg(list, uint64_t) : va_arg(list, unsigned), 16);
            break;
        default:
            print_char('%');
        }
    }
}

void print(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    print_list(format, list);
    va_end(list);
}

static unsigned tap_count, tap_failed;

void tap_ok(bool passed, const char *format, ...)
{
    va_list list;

    tap_failed += !passed;
    print("%s %u - ", passed ? "ok" : "not ok", ++tap_count);
    va_start(list, format);
    print_list(format, list);
    va_end(list);
    print("\n");
}

void tap_end(void)
{
    print("1..%u\n", tap_count);
    print("# %u failed\n", tap_failed);
}
