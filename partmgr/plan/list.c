/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of numbers as Xen writes them. */
#include "list.h"

static bool list_number(struct list *list, uint32_t *number)
{
    const char *begin = list->at;

    for (*number = 0; *list->at >= '0' && *list->at <= '9'; list->at++) {
        *number = *number * 10 + (uint32_t)(*list->at - '0');
        if (*number > LIST_LARGEST)
            *number = LIST_LARGEST;
    }
    return list->at != begin;
}

enum list_found list_next(struct list *list, uint32_t *first, uint32_t *last)
{
    if (!list->more)
        return LIST_END;
    if (!list_number(list, first))
        return LIST_BAD;
    *last = *first;
    if (*list->at == '-') {
        list->at++;
        if (!list_number(list, last) || *last < *first)
            return LIST_BAD;
    }
    list->more = *list->at == ',';
    if (*list->at && !list->more)
        return LIST_BAD;
    list->at += list->more;
    return LIST_ITEM;
}

bool list_ascends(const char *text)
{
    struct list list = list_of(text);
    enum list_found found;
    uint32_t first = 0, last = 0, next = 0;

    while ((found = list_next(&list, &first, &last)) == LIST_ITEM) {
        if (first < next)
            return false;
        next = last + 1;
    }
    return found == LIST_END;
}
