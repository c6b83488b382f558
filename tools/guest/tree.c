/* SPDX-License-Identifier: BSD-2-Clause */
/* Properties of the device tree that Linux has as files. */
#include "tree.h"

#include <stdio.h>

int tree_read(const char *node, const char *property, void *to, size_t room)
{
    char path[512];
    FILE *file;
    size_t length;

    snprintf(path, sizeof(path), "%s/%s", node, property);
    file = fopen(path, "rb");
    if (!file)
        return -1;
    length = fread(to, 1, room, file);
    fclose(file);
    return (int)length;
}

uint64_t tree_cells(const unsigned char *at, unsigned cells)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < 4 * cells; i++)
        value = value << 8 | at[i];
    return value;
}
