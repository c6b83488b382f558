/* SPDX-License-Identifier: BSD-2-Clause */
/* Text without a console service: whole lines, behind the partition's name, by capability call. */
#include "monitor.h"

#include <bulkhead/el0.h>

enum {
    /* Longer lines are broken: behind the longest name one is whole for the kernel, too, which
     * keeps no line together that is longer than 192. */
    LINE = 156,
    LOOKS = 10 /* a begun line comes out when so many looks have found nothing added to it */
};

enum { TAB = 9, LF = 10, ESC = 27, SPACE = 32, DEL = 127 };

static struct {
    bool broken;    /* the last line was cut off before its line feed */
    uint32_t looks; /* since the last character */
    struct text line;
} direct;

/* Prints what the line holds; `broken` says that its line feed has not come. */
static void direct_line(const struct bh_mon_config *config, bool broken)
{
    struct text text = {.length = 0};

    text_char(&text, '[');
    text_string(&text, config->name);
    text_string(&text, "] ");
    text_bytes(&text, direct.line.data, direct.line.length);
    direct_print(&text);
    direct.line.length = 0;
    direct.broken = broken;
}

void direct_print(struct text *text)
{
    text->data[text->length++] = '\n';
    bh_console_write(BH_MON_CONSOLE, text->data, text->length);
    text->length = 0;
}

void direct_put(const struct bh_mon_config *config, uint8_t byte)
{
    if (byte == LF) {
        /* The line feed of a line that is out already would only print an empty one. */
        if (direct.line.length || !direct.broken)
            direct_line(config, false);
        direct.broken = false;
        return;
    }
    if ((byte < SPACE && byte != TAB && byte != ESC) || byte == DEL)
        return; /* carriage returns above all: they would let a guest write over its name */
    text_char(&direct.line, (char)byte);
    direct.looks = 0;
    if (direct.line.length >= LINE)
        direct_line(config, true);
}

bool direct_looking(void)
{
    return direct.line.length > 0;
}

void direct_look(const struct bh_mon_config *config)
{
    if (direct.line.length && ++direct.looks >= LOOKS)
        direct_line(config, true);
}

void direct_flush(const struct bh_mon_config *config)
{
    if (direct.line.length)
        direct_line(config, true);
}
