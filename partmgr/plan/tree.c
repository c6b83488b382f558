/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading properties of an untrusted tree. */
#include "tree.h"
#include "text.h"
#include <libfdt.h>
#include <string.h>

#define TREE_RANGES_MAX 1024u

uint64_t tree_number(const uint8_t *at, uint32_t cells)
{
    uint64_t number = 0;

    for (uint32_t i = 0; i < cells * 4; i++)
        number = number << 8 | at[i];
    return number;
}

enum tree_found tree_value(struct build *build, const void *tree, int node, const char *property,
                           uint32_t cells, uint64_t *value)
{
    int length = 0;
    const uint8_t *data = fdt_getprop(tree, node, property, &length);

    if (!data)
        return TREE_MISSING;
    if ((uint32_t)length != cells * 4) {
        report_error(build, NOTE_VALUE_LENGTH, tree, node, property, "%lu bytes long, must be %lu",
                     (unsigned long)length, (unsigned long)cells * 4);
        return TREE_BAD;
    }
    *value = tree_number(data, cells);
    return TREE_GOOD;
}

struct tree_cells tree_cells(struct build *build, const void *tree, int node,
                             struct tree_cells inherited)
{
    static const char *const names[2] = {"#address-cells", "#size-cells"};
    uint32_t cells[2] = {inherited.address, inherited.size};

    for (uint32_t i = 0; i < 2; i++) {
        uint64_t value;

        if (tree_value(build, tree, node, names[i], 1, &value) != TREE_GOOD)
            continue;
        if (value > 2)
            report_error(build, NOTE_CELLS_RANGE, tree, node, names[i], "%lu is more than 2",
                         (unsigned long)value);
        else
            cells[i] = (uint32_t)value;
    }
    return (struct tree_cells){cells[0], cells[1]};
}

enum tree_found tree_string(struct build *build, const void *tree, int node, const char *property,
                            const char **value)
{
    int length = 0;
    const char *data = fdt_getprop(tree, node, property, &length);
    const char *end;

    if (!data)
        return TREE_MISSING;
    end = length > 0 ? memchr(data, 0, (size_t)length) : NULL;
    if (!end) {
        report_error(build, NOTE_STRING_BAD, tree, node, property, "is no terminated string");
        return TREE_BAD;
    }
    if (end != data + length - 1) {
        report_error(build, NOTE_STRING_BAD, tree, node, property,
                     end == data ? "begins with zero: a number, must be a string"
                                 : "more than one string");
        return TREE_BAD;
    }
    *value = data;
    return TREE_GOOD;
}

uint32_t tree_choice(struct build *build, const void *tree, int node, const char *property,
                     const char *const *words, uint32_t count, uint32_t otherwise)
{
    char known[80] = "";
    size_t length = 0;
    const char *word;

    if (tree_string(build, tree, node, property, &word) != TREE_GOOD)
        return otherwise;
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    for (uint32_t i = 0; i < count; i++)
        length +=
            text_format(known + length, sizeof(known) - length, "%s%s", i ? ", " : "", words[i]);
    report_error(build, NOTE_WORD_UNKNOWN, tree, node, property, "\"%s\" is not known, only: %s",
                 word, known);
    return otherwise;
}

uint32_t tree_ranges(struct build *build, const void *tree, int node, const char *property,
                     struct tree_cells cells)
{
    uint32_t pair = (cells.address + cells.size) * 4;
    int length = 0;

    if (!fdt_getprop(tree, node, property, &length))
        return 0;
    if (!cells.address || !cells.size) {
        report_error(build, NOTE_CELLS_NO_RANGE, tree, node, property,
                     "#address-cells or #size-cells is 0, so it holds no range");
        return 0;
    }
    if (!length || (uint32_t)length % pair) {
        report_error(build, NOTE_RANGES_LENGTH, tree, node, property,
                     "%lu bytes long, must be a multiple of %lu (%lu address, %lu size cells)",
                     (unsigned long)length, (unsigned long)pair, (unsigned long)cells.address,
                     (unsigned long)cells.size);
        return 0;
    }
    if ((uint32_t)length / pair > TREE_RANGES_MAX) {
        report_error(build, NOTE_RANGES_MANY, tree, node, property, "more than %lu ranges",
                     (unsigned long)TREE_RANGES_MAX);
        return 0;
    }
    return (uint32_t)length / pair;
}

bool tree_range(struct build *build, const void *tree, int node, const char *property,
                struct tree_cells cells, uint32_t index, struct range *range)
{
    const uint8_t *data = fdt_getprop(tree, node, property, NULL);

    data += (size_t)index * (cells.address + cells.size) * 4;
    range->base = tree_number(data, cells.address);
    range->size = tree_number(data + (size_t)cells.address * 4, cells.size);
    if (range_valid(range->base, range->size))
        return true;
    report_error(build, NOTE_RANGE_BAD, tree, node, property,
                 "0x%lx with size 0x%lx is no memory range", (unsigned long)range->base,
                 (unsigned long)range->size);
    return false;
}

bool tree_flag(struct build *build, const void *tree, int node, const char *property)
{
    int length = 0;

    if (!fdt_getprop(tree, node, property, &length))
        return false;
    if (length)
        report_warning(build, NOTE_FLAG_VALUE, tree, node, property,
                       "its presence counts, its value is ignored");
    return true;
}

bool tree_enabled(struct build *build, const void *tree, int node)
{
    const char *status;

    if (tree_string(build, tree, node, "status", &status) != TREE_GOOD)
        return true;
    if (strcmp(status, "okay") == 0 || strcmp(status, "ok") == 0)
        return true;
    if (strcmp(status, "disabled") != 0)
        report_error(build, NOTE_STATUS_UNKNOWN, tree, node, "status",
                     "\"%s\" is neither okay nor disabled", status);
    return false;
}

bool tree_compatible(const void *tree, int node, const char *compatible)
{
    return fdt_node_check_compatible(tree, node, compatible) == 0;
}
