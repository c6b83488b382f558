/* SPDX-License-Identifier: BSD-2-Clause */
/* Edits: each reads a few bytes of the program; bytes that are missing are zeroes. */
#include "edit.h"
#include "edit_words.h"
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

enum {
    EDIT_CELLS,  /* a property becomes some numbers */
    EDIT_STRING, /* .. a string */
    EDIT_NUMBER, /* one cell of a property that is there changes */
    EDIT_LENGTH, /* a property is cut, or made longer */
    EDIT_DROP,   /* a property goes */
    EDIT_MOVE,   /* a property gets another name */
    EDIT_NODE,   /* a node appears */
    EDIT_COPY,   /* .. as a copy of its neighbour */
    EDIT_REMOVE, /* a node goes */
    EDIT_NAME,   /* a node gets another name */
    EDIT_HANDLE, /* a property names other nodes */
    EDIT_KEEP,   /* an entry of /memreserve/ */
    EDIT_FACTS,
    EDIT_KINDS,
};

static uint8_t edit_byte(struct edit *edit)
{
    if (!edit->size)
        return 0;
    edit->size--;
    return *edit->data++;
}

/* A number of the kind that trees hold, near the edges of what is right, or any. */
static uint32_t edit_number(struct edit *edit)
{
    uint32_t which = edit_byte(edit);
    uint32_t small = edit_byte(edit);

    if (which < edit_number_count)
        return edit_numbers[which] + (small & 3) - (small >> 2 & 3);
    if (which < 0x80)
        return small;
    if (which < 0xc0)
        return 0x40000000u + (small << 22) + (which & 0x3fu) * 0x200000u;
    if (which < 0xe0)
        return (which & 0x1fu) << 8 | small;
    return (uint32_t)(which & 0x1fu) << 27 | small << 12;
}

static const char *edit_word(struct edit *edit)
{
    return edit_words[edit_byte(edit) % edit_word_count];
}

/* Nodes in the order of the tree, from the root on. */
static int edit_node(struct edit *edit, const void *tree)
{
    uint32_t left = edit_byte(edit);
    uint32_t count = 0;
    int node;

    for (node = 0; node >= 0; node = fdt_next_node(tree, node, NULL))
        count++;
    left = count ? left % count : 0;
    for (node = 0; left && node >= 0; left--)
        node = fdt_next_node(tree, node, NULL);
    return node;
}

static const struct fdt_property *edit_property(struct edit *edit, const void *tree, int node,
                                                char name[64])
{
    const struct fdt_property *property = NULL;
    uint32_t left = edit_byte(edit);
    uint32_t count = 0;
    int at;

    fdt_for_each_property_offset(at, tree, node) count++;
    if (!count)
        return NULL;
    left %= count;
    fdt_for_each_property_offset(at, tree, node)
    {
        if (left--)
            continue;
        property = fdt_get_property_by_offset(tree, at, NULL);
        snprintf(name, 64, "%s", fdt_string(tree, (int)fdt32_to_cpu((fdt32_t)property->nameoff)));
        break;
    }
    return property;
}

static void edit_set_cells(struct edit *edit, void *tree, int node)
{
    const char *name = edit_word(edit);
    uint32_t count = edit_byte(edit) % 9;
    fdt32_t cells[8];

    for (uint32_t i = 0; i < count; i++)
        cells[i] = cpu_to_fdt32(edit_number(edit));
    fdt_setprop(tree, node, name, cells, (int)(count * 4));
}

/* Sometimes two, as compatible has, or without its end. */
static void edit_set_string(struct edit *edit, void *tree, int node)
{
    const char *name = edit_word(edit);
    uint32_t how = edit_byte(edit);
    char text[160];
    int length = snprintf(text, 64, "%s", edit_word(edit)) + 1;

    if (how & 1)
        length += snprintf(text + length, 64, "%s", edit_word(edit)) + 1;
    if ((how & 0xe) == 0xe)
        length--;
    fdt_setprop(tree, node, name, text, length);
}

static void edit_set_number(struct edit *edit, void *tree, int node)
{
    char name[64];
    const struct fdt_property *property = edit_property(edit, tree, node, name);
    uint32_t index = edit_byte(edit);
    uint32_t number = edit_number(edit);
    fdt32_t cells[64];
    uint32_t length = property ? fdt32_to_cpu((fdt32_t)property->len) : 0;

    if (length < 4 || length > sizeof(cells))
        return;
    memcpy(cells, property->data, length);
    cells[index % (length / 4)] = cpu_to_fdt32(number);
    fdt_setprop(tree, node, name, cells, (int)length);
}

static void edit_set_length(struct edit *edit, void *tree, int node)
{
    static uint8_t bytes[2048];
    char name[64];
    const struct fdt_property *property = edit_property(edit, tree, node, name);
    uint32_t length = property ? fdt32_to_cpu((fdt32_t)property->len) : 0;
    uint32_t by = edit_byte(edit);
    uint32_t wanted = by & 0x80 ? length + (by & 0x7f) * 8 : by;

    if (!property)
        return;
    if (wanted > sizeof(bytes))
        wanted = sizeof(bytes);
    memset(bytes, by & 1 ? 'x' : 0, wanted);
    memcpy(bytes, property->data, length < wanted ? length : wanted);
    fdt_setprop(tree, node, name, bytes, (int)wanted);
}

static void edit_move(struct edit *edit, void *tree, int node, bool keep)
{
    uint8_t bytes[512];
    char name[64];
    const struct fdt_property *property = edit_property(edit, tree, node, name);
    uint32_t length = property ? fdt32_to_cpu((fdt32_t)property->len) : 0;

    if (!property || length > sizeof(bytes))
        return;
    memcpy(bytes, property->data, length);
    fdt_delprop(tree, node, name);
    if (keep)
        fdt_setprop(tree, node, edit_word(edit), bytes, (int)length);
}

/* The bytes of a node and of all in it once more: two nodes of one name, until one is renamed. */
static void edit_copy(struct edit *edit, void *tree, int node)
{
    uint8_t *bytes = tree;
    uint8_t *from = bytes + fdt_off_dt_struct(tree) + node;
    int depth = 0;
    int next = node;
    uint32_t size;

    do
        next = fdt_next_node(tree, next, &depth);
    while (next >= 0 && depth > 0);
    if (!node || next < 0 || fdt_open_into(tree, tree, EDIT_ROOM) != 0)
        return;
    /* The next one is a neighbour, or the parents' ends lie between. */
    size = (uint32_t)(next - node) - (uint32_t)(depth < 0 ? -depth : 0) * 4;
    if (fdt_off_dt_strings(tree) + fdt_size_dt_strings(tree) + size > EDIT_ROOM)
        return;
    memmove(from + size, from,
            fdt_off_dt_strings(tree) + fdt_size_dt_strings(tree) - (size_t)(from - bytes));
    fdt_set_size_dt_struct(tree, fdt_size_dt_struct(tree) + size);
    fdt_set_off_dt_strings(tree, fdt_off_dt_strings(tree) + size);
    if (edit_byte(edit) & 1)
        fdt_set_name(tree, node, edit_word(edit));
}

static void edit_add(struct edit *edit, void *tree, int node)
{
    char name[64];

    snprintf(name, sizeof(name), "%s", edit_word(edit));
    node = fdt_add_subnode(tree, node, name);
    if (node >= 0) {
        const char *word = edit_word(edit); /* libfdt's macro would ask for it twice */

        fdt_setprop_string(tree, node, "compatible", word);
    }
}

/* Up to four references, some to nodes that do not exist. */
static void edit_refer(struct edit *edit, void *tree, int node)
{
    const char *name = edit_word(edit);
    uint32_t count = edit_byte(edit) % 5;
    fdt32_t cells[4];
    char path[256];

    if (fdt_get_path(tree, node, path, sizeof(path)) != 0)
        return;
    for (uint32_t i = 0; i < count; i++) {
        int to = edit_node(edit, tree);
        uint32_t handle = to < 0 ? 0 : fdt_get_phandle(tree, to);

        if (to >= 0 && !handle) {
            handle = 0x100 + i + (uint32_t)to;
            fdt_setprop_u32(tree, to, "phandle", handle);
        }
        cells[i] = cpu_to_fdt32(handle);
    }
    node = fdt_path_offset(tree, path);
    if (node >= 0)
        fdt_setprop(tree, node, name, cells, (int)(count * 4));
}

/* What no tree says: the machine that the kernel tells of, and what is in modules. */
static void edit_facts(struct edit *edit)
{
    struct plan_facts *facts = edit->facts;
    uint32_t which = edit_byte(edit);
    uint32_t value = edit_byte(edit);

    switch (which % 8) {
    case 0:
        facts->monitor_ram = value * PAGE_SIZE;
        break;
    case 1:
        facts->console = (struct range){0x40410000, value & 1 ? PAGE_SIZE : 0};
        facts->console_ram = value & 1 ? value * PAGE_SIZE : 0;
        break;
    case 2:
        facts->guest_bits = value & 1 ? 32 : 36 + value % 5;
        break;
    case 3:
        facts->boot_core = value;
        break;
    case 4: /* a hole in what may be given away */
        facts->root[1].base = 0x40400000;
        facts->root[1].size = (uint64_t)value << 22;
        facts->root[2].base = 0x40400000 + ((uint64_t)value << 22) + 0x10000;
        facts->root[2].size = 0x10000000000;
        facts->root_count = value ? 3 : 2;
        break;
    default:
        edit->content = value;
        break;
    }
}

static void edit_tree(struct edit *edit, uint32_t kind, void *tree, int node)
{
    switch (kind) {
    case EDIT_CELLS:
        edit_set_cells(edit, tree, node);
        break;
    case EDIT_STRING:
        edit_set_string(edit, tree, node);
        break;
    case EDIT_NUMBER:
        edit_set_number(edit, tree, node);
        break;
    case EDIT_LENGTH:
        edit_set_length(edit, tree, node);
        break;
    case EDIT_DROP:
        edit_move(edit, tree, node, false);
        break;
    case EDIT_MOVE:
        edit_move(edit, tree, node, true);
        break;
    case EDIT_NODE:
        edit_add(edit, tree, node);
        break;
    case EDIT_COPY:
        edit_copy(edit, tree, node);
        break;
    case EDIT_REMOVE:
        if (node)
            fdt_del_node(tree, node);
        break;
    case EDIT_NAME:
        if (node)
            fdt_set_name(tree, node, edit_word(edit));
        break;
    case EDIT_HANDLE:
        edit_refer(edit, tree, node);
        break;
    default:
        break;
    }
}

void edit_run(struct edit *edit)
{
    for (uint32_t step = 0; edit->size && step < EDIT_STEPS; step++) {
        uint32_t kind = edit_byte(edit);
        void *tree = edit->tree[kind >> 7];

        kind = (kind & 0x7f) % EDIT_KINDS;
        if (kind == EDIT_FACTS) {
            edit_facts(edit);
        } else if (kind == EDIT_KEEP) {
            uint64_t base = edit_number(edit);

            fdt_add_mem_rsv(tree, base, edit_number(edit));
        } else {
            int node = edit_node(edit, tree);

            if (node >= 0)
                edit_tree(edit, kind, tree, node);
        }
    }
}
