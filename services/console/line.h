/* SPDX-License-Identifier: BSD-2-Clause */
/* One partition's text on its way to a line: what a guest sends, as a terminal would show it. */
#ifndef LINE_H
#define LINE_H

#include <stdbool.h>
#include <stdint.h>

enum { LINE_MAX = 240 }; /* longer lines are broken */

struct line {
    char text[LINE_MAX];
    uint32_t length;
    uint32_t cursor;
    bool note;   /* the monitor's own */
    bool ready;  /* complete: nothing can be added before line_next() */
    bool broken; /* what went before was cut off: a line feed alone only ends it */
    bool back;   /* a carriage return has come, and nothing behind it */
};

/* What a byte did to the line, for whom shows it while it grows. */
enum line_change {
    LINE_SAME,
    LINE_ADDED,   /* a character at the cursor */
    LINE_BACK,    /* the cursor went one to the left */
    LINE_BEGIN,   /* the cursor went to the first column, then the character came */
    LINE_READY,   /* the line is complete; the byte is taken */
    LINE_REFUSED, /* the line is complete; the byte is still to be fed */
};

enum line_change line_feed(struct line *line, uint8_t byte);

/* Cuts off what there is: it is complete as it stands. */
void line_cut(struct line *line);

/* Begins the next line. */
void line_next(struct line *line);

#endif
