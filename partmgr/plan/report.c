/* SPDX-License-Identifier: BSD-2-Clause */
/* Notes: errors and warnings with the node and the property that they are about. */
#include "build.h"
#include "text.h"
#include <libfdt.h>
#include <stdarg.h>
#include <string.h>

static void report_fill(struct plan_note *note, const void *tree, int node, const char *property)
{
    /* The path of a deep node does not fit: its own name is better than nothing. */
    if (fdt_get_path(tree, node, note->path, (int)sizeof(note->path)) != 0) {
        const char *name = fdt_get_name(tree, node, NULL);

        text_format(note->path, sizeof(note->path), "..%s", name ? name : "?");
    }
    text_format(note->property, sizeof(note->property), "%s", property ? property : "");
}

void report_error(struct build *build, const void *tree, int node, const char *property,
                  const char *format, ...)
{
    struct plan *plan = build->plan;
    va_list arguments;

    /* Nothing costly once the array is full: a hostile tree may have many thousand mistakes. */
    if (plan->error_count < PLAN_ERRORS) {
        struct plan_note *note = &plan->error[plan->error_count];

        report_fill(note, tree, node, property);
        va_start(arguments, format);
        text_vformat(note->message, sizeof(note->message), format, arguments);
        va_end(arguments);
    }
    plan->error_count++;
}

void report_warning(struct build *build, const void *tree, int node, const char *property,
                    const char *format, ...)
{
    struct plan *plan = build->plan;
    va_list arguments;

    if (plan->warning_count < PLAN_WARNINGS) {
        struct plan_note *note = &plan->warning[plan->warning_count];

        report_fill(note, tree, node, property);
        va_start(arguments, format);
        text_vformat(note->message, sizeof(note->message), format, arguments);
        va_end(arguments);
    }
    plan->warning_count++;
}

void report_plain(struct build *build, const char *where, const char *message)
{
    struct plan *plan = build->plan;

    if (plan->error_count < PLAN_ERRORS) {
        struct plan_note *note = &plan->error[plan->error_count];

        text_format(note->path, sizeof(note->path), "%s", where);
        text_format(note->message, sizeof(note->message), "%s", message);
    }
    plan->error_count++;
}

uint64_t plan_note_text(const struct plan_note *note, char *out, uint64_t size)
{
    return text_format(out, size, "%s: %s%s%s", note->path, note->property,
                       note->property[0] ? ": " : "", note->message);
}
