/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside what reads passthrough trees: one tree, one device of it, and the node of the machine that
 * this is. */
#ifndef PLAN_PASSTHROUGH_H
#define PLAN_PASSTHROUGH_H

#include "tree.h"

struct passthrough {
    struct build *build;
    const void *tree;
    uint32_t partition;
    uint32_t gic; /* phandle of /gic; 0: it has none */
    uint32_t looks;
    int node; /* the device's, and what it says */
    bool has_path;
    bool has_host; /* the path's node is there and could be read: the rest means something */
    bool forced;
    bool written;          /* the domain names the node: there is no tree with another one */
    const char *path_name; /* what says which device it is … */
    const char *reg_name;  /* … and where; notes name it */
    const char *host_path;
    struct ranges host_pages;
    uint32_t line_count;
    struct plan_line line[PLAN_DEVICE_LINES]; /* of the machine's node */
    struct plan_device device;
};

/* Reads the machine's node: the pages that its reg touches, its interrupts at the GIC. False,
 * reported, when it is none that can be given away. */
bool host_device_read(struct passthrough *at, int node);

/* Whether the device may have these pages: no RAM, nothing that is kept from everyone, not the
 * console's UART, nobody else's. *again: another device of the domain has them as well. */
bool host_range_free(struct passthrough *at, const struct plan_device_range *wanted, bool *again);

/* Gives the device the interrupts of the machine's node, if nobody has them. */
void lines_take(struct passthrough *at);

/* Sees that the interrupts which the guest will read are those which it gets. */
void lines_agree(struct passthrough *at, const int *parents, uint32_t depth);

#endif
