/* SPDX-License-Identifier: BSD-2-Clause */
/* Notes: errors and warnings with the node and the property that they are about. */
#include "build.h"
#include "text.h"
#include <libfdt.h>
#include <stdarg.h>
#include <string.h>

static const struct {
    const char *name;
    const char *advice;
} report_names[NOTE_NAMES] = {
#define NOTE(name, advice) {#name, advice},
#include "notes.def"
#undef NOTE
};

/* The next note of an array, or NULL once it is full: nothing costly is done for the others, a
 * hostile tree may have many thousand mistakes. */
static struct plan_note *report_next(struct plan_note *notes, uint32_t limit, uint32_t *count)
{
    uint32_t index = (*count)++;

    return index < limit ? &notes[index] : NULL;
}

static struct plan_note *report_next_error(struct build *build)
{
    return report_next(build->plan->error, PLAN_ERRORS, &build->plan->error_count);
}

/* The path of a deep node does not fit: its own name is better than nothing. Either goes through
 * text_format(), which lets no control characters through. */
static void report_path(char *out, size_t size, const void *tree, int node)
{
    char path[sizeof(((struct plan_note *)0)->path)];
    const char *own;

    if (fdt_get_path(tree, node, path, (int)(size < sizeof(path) ? size : sizeof(path))) == 0) {
        text_format(out, size, "%s", path);
        return;
    }
    own = fdt_get_name(tree, node, NULL);
    text_format(out, size, "..%s", own ? own : "?");
}

static void report_fill(struct build *build, struct plan_note *note, enum plan_note_name name,
                        const void *tree, int node, const char *property, const char *format,
                        va_list arguments)
{
    note->name = name;
    note->hardware = tree == build->hardware && tree != build->system;
    if (build->fragment && tree == build->fragment) {
        report_path(note->inside, sizeof(note->inside), tree, node);
        tree = build->system;
        node = build->fragment_node;
    }
    if (build->inside)
        text_format(note->inside, sizeof(note->inside), "%s", build->inside);
    report_path(note->path, sizeof(note->path), tree, node);
    text_format(note->property, sizeof(note->property), "%s", property ? property : "");
    text_vformat(note->message, sizeof(note->message), format, arguments);
}

void report_error(struct build *build, enum plan_note_name name, const void *tree, int node,
                  const char *property, const char *format, ...)
{
    struct plan_note *note = report_next_error(build);
    bool left_out = leave_blame(build, tree, node);
    va_list arguments;

    if (!note)
        return;
    note->left_out = left_out;
    va_start(arguments, format);
    report_fill(build, note, name, tree, node, property, format, arguments);
    va_end(arguments);
}

void report_warning(struct build *build, enum plan_note_name name, const void *tree, int node,
                    const char *property, const char *format, ...)
{
    struct plan_note *note =
        report_next(build->plan->warning, PLAN_WARNINGS, &build->plan->warning_count);
    va_list arguments;

    if (!note)
        return;
    build->warned[note - build->plan->warning] = leave_domain(build, tree, node);
    va_start(arguments, format);
    report_fill(build, note, name, tree, node, property, format, arguments);
    va_end(arguments);
}

void report_plain(struct build *build, enum plan_note_name name, const char *where,
                  const char *message)
{
    struct plan_note *note = report_next_error(build);

    leave_blame(build, NULL, 0);
    if (!note)
        return;
    note->name = name;
    text_format(note->path, sizeof(note->path), "%s", where);
    text_format(note->message, sizeof(note->message), "%s", message);
}

const char *plan_note_name(enum plan_note_name name)
{
    return report_names[name].name;
}

const char *plan_note_advice(enum plan_note_name name)
{
    return report_names[name].advice;
}

uint64_t plan_note_text(const struct plan_note *note, char *out, uint64_t size)
{
    return text_format(out, size, "%s: %s%s%s%s%s", note->path, note->inside,
                       note->inside[0] ? ": " : "", note->property, note->property[0] ? ": " : "",
                       note->message);
}
