/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing JSON to standard output. */
#include "json.h"
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#define JSON_DEPTH 16

static struct {
    char close;
    bool filled;
} json_open[JSON_DEPTH];
static int json_depth;

static void json_text(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < ' ' || c > '~') /* bytes of a tree are in no known encoding */
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

static void json_begin(const char *key)
{
    if (json_depth) {
        printf("%s\n%*s", json_open[json_depth - 1].filled ? "," : "", json_depth, "");
        json_open[json_depth - 1].filled = true;
    }
    if (key) {
        json_text(key);
        printf(": ");
    }
}

static void json_nest(const char *key, char open, char close)
{
    json_begin(key);
    putchar(open);
    assert(json_depth < JSON_DEPTH);
    json_open[json_depth].close = close;
    json_open[json_depth++].filled = false;
}

void json_object(const char *key)
{
    json_nest(key, '{', '}');
}

void json_array(const char *key)
{
    json_nest(key, '[', ']');
}

void json_end(void)
{
    if (json_open[--json_depth].filled)
        printf("\n%*s", json_depth, "");
    putchar(json_open[json_depth].close);
    if (!json_depth)
        putchar('\n');
}

void json_string(const char *key, const char *value)
{
    json_begin(key);
    if (value)
        json_text(value);
    else
        printf("null");
}

void json_number(const char *key, uint64_t value)
{
    json_begin(key);
    printf("%" PRIu64, value);
}

void json_bool(const char *key, bool value)
{
    json_begin(key);
    printf(value ? "true" : "false");
}

void json_null(const char *key)
{
    json_string(key, NULL);
}
