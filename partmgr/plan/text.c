/* SPDX-License-Identifier: BSD-2-Clause */
/* Short messages built without stdio. */
#include "text.h"

struct text {
    char *out;
    size_t size;
    size_t length;
};

static void text_char(struct text *text, char character)
{
    if (text->length + 1 < text->size)
        text->out[text->length++] = character;
}

static void text_string(struct text *text, const char *string)
{
    for (; *string; string++)
        text_char(text, *string >= ' ' && *string <= '~' ? *string : '?');
}

static void text_number(struct text *text, unsigned long number, unsigned base)
{
    char digits[20]; /* 2^64 has twenty in base ten */
    size_t count = 0;

    do {
        digits[count++] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number);
    while (count)
        text_char(text, digits[--count]);
}

size_t text_vformat(char *out, size_t size, const char *format, va_list arguments)
{
    struct text text = {out, size, 0};

    for (; *format; format++) {
        if (format[0] == '%' && format[1] == 's') {
            text_string(&text, va_arg(arguments, const char *));
            format++;
        } else if (format[0] == '%' && format[1] == 'l' && format[2] == 'u') {
            text_number(&text, va_arg(arguments, unsigned long), 10);
            format += 2;
        } else if (format[0] == '%' && format[1] == 'l' && format[2] == 'x') {
            text_number(&text, va_arg(arguments, unsigned long), 16);
            format += 2;
        } else {
            text_char(&text, *format);
        }
    }
    if (size)
        out[text.length] = 0;
    return text.length;
}

size_t text_format(char *out, size_t size, const char *format, ...)
{
    va_list arguments;
    size_t length;

    va_start(arguments, format);
    length = text_vformat(out, size, format, arguments);
    va_end(arguments);
    return length;
}
