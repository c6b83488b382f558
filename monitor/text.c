/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines for the console: each is put together here and leaves in one go, so that lines of different
 * cores do not mix. */
#include "monitor.h"

void text_char(struct text *text, char c)
{
    if (text->length < sizeof(text->data) - 1) /* room for the line feed */
        text->data[text->length++] = c;
}

void text_bytes(struct text *text, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        text_char(text, bytes[i]);
}

void text_string(struct text *text, const char *string)
{
    while (*string)
        text_char(text, *string++);
}

void text_number(struct text *text, uint64_t number)
{
    char digits[20];
    size_t count = 0;

    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    while (count)
        text_char(text, digits[--count]);
}
