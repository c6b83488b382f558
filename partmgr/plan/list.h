/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of numbers as Xen writes them: "0-3,5". */
#ifndef PLAN_LIST_H
#define PLAN_LIST_H

#include <stdbool.h>
#include <stdint.h>

#define LIST_LARGEST 1000000u /* what is larger is told as this */

struct list {
    const char *at;
    bool more; /* an item must follow */
};

enum list_found { LIST_END, LIST_ITEM, LIST_BAD };

static inline struct list list_of(const char *text)
{
    return (struct list){text, true};
}

/* Takes the next item, whose first and last number may be the same. Nothing but digits, one '-' and
 * single ',' is accepted, no range that goes down, no empty list. */
enum list_found list_next(struct list *list, uint32_t *first, uint32_t *last);

/* True when the text is such a list, and no number in it is twice or less than one before. */
bool list_ascends(const char *text);

#endif
