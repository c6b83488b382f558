/* SPDX-License-Identifier: BSD-2-Clause */
/* The one pass over an untrusted blob before libfdt sees it.
 *
 * libfdt alone is not enough: up to 1.6.1 a property of length -12 makes fdt_check_full() walk in
 * place for ever. And with every name short and the nesting shallow, what libfdt does for us later
 * is linear in the tree's size. */
#include "tree.h"
#include <libfdt.h>
#include <string.h>

#define CHECK_VERSION 17u
#define CHECK_HEADER  40u
#define CHECK_NAME    255u /* characters of a property's name */
#define CHECK_DEPTH   64u

struct check {
    const uint8_t *blob;
    uint64_t at;  /* in the structure block */
    uint64_t end; /* of it */
    uint64_t strings;
    uint64_t strings_end;
    uint32_t depth;
};

static uint32_t check_word(const uint8_t *blob, uint64_t offset)
{
    return (uint32_t)tree_number(blob + offset, 1);
}

/* Takes the next cell of the structure block; false at its end. */
static bool check_next(struct check *check, uint32_t *word)
{
    if (check->end - check->at < 4)
        return false;
    *word = check_word(check->blob, check->at);
    check->at += 4;
    return true;
}

/* Skips bytes and what pads them to a cell. */
static bool check_skip(struct check *check, uint64_t bytes)
{
    uint64_t padded = align_up(bytes, 4);

    if (padded > check->end - check->at)
        return false;
    check->at += padded;
    return true;
}

static bool check_node_name(struct check *check)
{
    const uint8_t *name = check->blob + check->at;
    const uint8_t *end = memchr(name, 0, check->end - check->at);

    return end && check_skip(check, (uint64_t)(end - name) + 1);
}

static bool check_property(struct check *check)
{
    uint32_t length;
    uint32_t name;
    uint64_t room;

    if (!check_next(check, &length) || !check_next(check, &name) || !check_skip(check, length))
        return false;
    if (name >= check->strings_end - check->strings)
        return false;
    room = check->strings_end - check->strings - name;
    return memchr(check->blob + check->strings + name, 0,
                  room < CHECK_NAME + 1 ? room : CHECK_NAME + 1) != NULL;
}

/* One root, properties before sub-nodes or not, every node closed. */
static bool check_structure(struct check *check)
{
    bool root = false;
    uint32_t tag;

    while (check_next(check, &tag)) {
        switch (tag) {
        case FDT_BEGIN_NODE:
            if ((!check->depth && root) || check->depth == CHECK_DEPTH || !check_node_name(check))
                return false;
            root = true;
            check->depth++;
            break;
        case FDT_PROP:
            if (!check->depth || !check_property(check))
                return false;
            break;
        case FDT_END_NODE:
            if (!check->depth--)
                return false;
            break;
        case FDT_NOP:
            break;
        case FDT_END:
            return root && !check->depth;
        default:
            return false;
        }
    }
    return false;
}

/* The list of reserved ranges ends with an entry of zeroes before the blob does. */
static bool check_reserved(const uint8_t *blob, uint64_t offset, uint64_t size)
{
    static const uint8_t last[16];

    if (offset % 8 || offset < CHECK_HEADER)
        return false;
    for (; offset <= size && size - offset >= sizeof(last); offset += sizeof(last))
        if (memcmp(blob + offset, last, sizeof(last)) == 0)
            return true;
    return false;
}

const char *tree_check(const void *tree, uint64_t limit)
{
    struct check check = {.blob = tree};
    const uint8_t *blob = tree;
    uint64_t size;
    uint64_t length;

    if (!tree || limit < CHECK_HEADER || check_word(blob, 0) != FDT_MAGIC)
        return "is no device tree";
    size = check_word(blob, 4);
    if (size > PLAN_TREE_LIMIT)
        return "is larger than 2 MiB";
    if (size > limit)
        return "is cut off";
    if (size < CHECK_HEADER || check_word(blob, 20) < CHECK_VERSION ||
        check_word(blob, 24) > CHECK_VERSION)
        return "is of a version that is not known";
    check.at = check_word(blob, 8);
    check.strings = check_word(blob, 12);
    length = check_word(blob, 36);
    check.end = check.at + length;
    check.strings_end = check.strings + check_word(blob, 32);
    if (check.at % 4 || check.at < CHECK_HEADER || check.end > size ||
        check.strings < CHECK_HEADER || check.strings_end > size ||
        !check_reserved(blob, check_word(blob, 16), size) || !check_structure(&check))
        return "is damaged";
    if (fdt_check_header(tree) != 0 || fdt_check_full(tree, size) != 0)
        return "is damaged";
    return NULL;
}
