/* SPDX-License-Identifier: BSD-2-Clause */
/* The few things that guests read from their device tree: a walk over the structure block
 * (Devicetree specification 0.4, chapter 5). */
#include "guest.h"

enum { BEGIN_NODE = 1, END_NODE = 2, PROP = 3, NOP = 4 };

static uint32_t fdt_cell(const char *at)
{
    return __builtin_bswap32(*(const volatile uint32_t *)(const void *)at);
}

/* True when the string is `prefix`, ended by zero or `@`. */
static bool fdt_matches(const char *string, const char *prefix)
{
    while (*prefix)
        if (*string++ != *prefix++)
            return false;
    return *string == 0 || *string == '@';
}

/* A property of a child of the root or, unless that is NULL, of that one's child; NULL when there
 * is none. */
static const char *fdt_property(const void *tree, const char *node, const char *child,
                                const char *name, uint32_t *length)
{
    const unsigned wanted = child ? 3 : 2;
    const char *blob = tree;
    const char *at, *strings;
    unsigned depth = 0;
    bool inside[4] = {false};

    if (!tree || fdt_cell(blob) != 0xd00dfeedu)
        return NULL;
    at = blob + fdt_cell(blob + 8);
    strings = blob + fdt_cell(blob + 12);
    for (;;) {
        uint32_t token = fdt_cell(at);

        at += 4;
        switch (token) {
        case BEGIN_NODE:
            if (++depth == 2)
                inside[2] = fdt_matches(at, node);
            else if (depth == 3)
                inside[3] = inside[2] && child && fdt_matches(at, child);
            while (*at)
                at++;
            at = (const char *)(((uintptr_t)at + 4) & ~(uintptr_t)3);
            break;
        case END_NODE:
            depth--;
            break;
        case PROP:
            *length = fdt_cell(at);
            if (depth == wanted && inside[wanted] && fdt_matches(strings + fdt_cell(at + 4), name))
                return at + 8;
            at += 8 + ((*length + 3) & ~3u);
            break;
        case NOP:
            break;
        default:
            return NULL;
        }
    }
}

const char *bootargs(const void *tree)
{
    uint32_t length;
    const char *args = fdt_property(tree, "chosen", NULL, "bootargs", &length);

    return args && length ? args : "";
}

uint64_t bootargs_number(const void *tree, const char *key, uint64_t otherwise)
{
    for (const char *args = bootargs(tree); *args; args++) {
        const char *k = key, *a = args;
        uint64_t number = 0;

        while (*k && *a == *k)
            a++, k++;
        if (*k || *a++ != '=')
            continue;
        for (; *a >= '0' && *a <= '9'; a++)
            number = number * 10 + (uint64_t)(*a - '0');
        return number;
    }
    return otherwise;
}

bool fdt_compatible(const void *tree, const char *node, const char *name)
{
    uint32_t length = 0;
    const char *at = fdt_property(tree, node, NULL, "compatible", &length);
    const char *end = at + length;

    while (at && at < end) {
        if (fdt_matches(at, name))
            return true;
        while (*at++)
            ;
    }
    return false;
}

uint64_t fdt_ram_end(const void *tree)
{
    uint32_t length;
    const char *reg = fdt_property(tree, "memory", NULL, "reg", &length);

    if (!reg || length < 16) /* two cells each, as both QEMU and Bulkhead write it */
        return 0;
    return ((uint64_t)fdt_cell(reg) << 32 | fdt_cell(reg + 4)) +
           ((uint64_t)fdt_cell(reg + 8) << 32 | fdt_cell(reg + 12));
}

const char *fdt_string(const void *tree, const char *node, const char *child, const char *name)
{
    uint32_t length = 0;
    const char *value = fdt_property(tree, node, child, name, &length);

    return value && length ? value : "";
}

bool fdt_flag(const void *tree, const char *node, const char *child, const char *name)
{
    uint32_t length;

    return fdt_property(tree, node, child, name, &length) != NULL;
}

bool fdt_reg(const void *tree, const char *node, const char *child, uint64_t *base, uint64_t *size)
{
    uint32_t length = 0;
    const char *reg = fdt_property(tree, node, child, "reg", &length);

    if (!reg || length != 16)
        return false;
    *base = (uint64_t)fdt_cell(reg) << 32 | fdt_cell(reg + 4);
    *size = (uint64_t)fdt_cell(reg + 8) << 32 | fdt_cell(reg + 12);
    return true;
}

uint64_t fdt_number(const void *tree, const char *node, const char *child, const char *name)
{
    uint32_t length = 0;
    const char *value = fdt_property(tree, node, child, name, &length);

    if (!value || length < 4)
        return 0;
    return length < 8 ? fdt_cell(value) : (uint64_t)fdt_cell(value) << 32 | fdt_cell(value + 4);
}
