/* SPDX-License-Identifier: BSD-2-Clause */
/* A line grows byte by byte. A guest stays behind its prefix: carriage return and backspace move
 * the cursor in its own text only, other control characters but tab and escape are dropped. */
#include "line.h"

#include <bulkhead/console.h>

enum { BACKSPACE = 8, TAB = 9, LF = 10, CR = 13, ESC = 27, SPACE = 32, DEL = 127 };

static bool line_shows(uint8_t byte)
{
    return (byte >= SPACE && byte != DEL) || byte == TAB || byte == ESC;
}

static enum line_change line_end(struct line *line)
{
    /* The line feed of a line that is out already would only print an empty one. */
    if (!line->length && line->broken && !line->note) {
        line->broken = false;
        return LINE_SAME;
    }
    if (!line->note)
        line->broken = false;
    line->ready = true;
    return LINE_READY;
}

static enum line_change line_add(struct line *line, uint8_t byte)
{
    enum line_change change = line->back ? LINE_BEGIN : LINE_ADDED;

    if (line->back)
        line->cursor = 0;
    if (line->cursor == LINE_MAX) {
        line_cut(line);
        return LINE_REFUSED;
    }
    line->back = false;
    line->text[line->cursor++] = (char)byte;
    if (line->length < line->cursor)
        line->length = line->cursor;
    return change;
}

enum line_change line_feed(struct line *line, uint8_t byte)
{
    if (line->ready)
        return LINE_REFUSED;
    if (byte == LF)
        return line_end(line);
    if (byte == BH_CONSOLE_NOTE) {
        if (line->length) {
            line_cut(line);
            return LINE_REFUSED;
        }
        line->note = true;
        return LINE_SAME;
    }
    if (line_shows(byte))
        return line_add(line, byte);
    if (byte == CR)
        line->back = line->cursor > 0;
    if (byte != BACKSPACE || !line->cursor || line->back)
        return LINE_SAME;
    line->cursor--;
    return LINE_BACK;
}

void line_cut(struct line *line)
{
    if (!line->note)
        line->broken = true;
    line->ready = true;
}

void line_next(struct line *line)
{
    line->length = line->cursor = 0;
    line->note = line->ready = line->back = false;
}
