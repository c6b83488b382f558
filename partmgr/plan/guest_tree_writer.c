/* SPDX-License-Identifier: BSD-2-Clause */
/* Nodes and properties of a guest's tree. */
#include "guest_tree_writer.h"
#include "text.h"
#include <libfdt.h>
#include <string.h>

void guest_tree_begin(struct writer *writer, const char *name)
{
    if (!writer->error)
        writer->error = fdt_begin_node(writer->out, name);
}

void guest_tree_end(struct writer *writer)
{
    if (!writer->error)
        writer->error = fdt_end_node(writer->out);
}

void guest_tree_bytes(struct writer *writer, const char *name, const void *value, size_t length)
{
    if (!writer->error)
        writer->error = fdt_property(writer->out, name, value, (int)length);
}

void guest_tree_string(struct writer *writer, const char *name, const char *value)
{
    guest_tree_bytes(writer, name, value, strlen(value) + 1);
}

void guest_tree_cells(struct writer *writer, const char *name, const uint32_t *cells,
                      uint32_t count)
{
    fdt32_t value[4 * (PLAN_BANKS > PLAN_DEVICE_REGS ? PLAN_BANKS : PLAN_DEVICE_REGS)];

    for (uint32_t i = 0; i < count; i++)
        value[i] = cpu_to_fdt32(cells[i]);
    guest_tree_bytes(writer, name, value, count * sizeof(value[0]));
}

void guest_tree_cell(struct writer *writer, const char *name, uint32_t value)
{
    guest_tree_cells(writer, name, &value, 1);
}

void guest_tree_begin_at(struct writer *writer, const char *name, uint64_t address)
{
    char text[40];

    text_format(text, sizeof(text), "%s@%lx", name, (unsigned long)address);
    guest_tree_begin(writer, text);
}

void guest_tree_path(struct writer *writer, const char *property, const char *path,
                     uint64_t address)
{
    char text[40];

    text_format(text, sizeof(text), "%s@%lx", path, (unsigned long)address);
    guest_tree_string(writer, property, text);
}
