/* SPDX-License-Identifier: BSD-2-Clause */
/* The hardware tree's interrupt controller: its version, which is every guest's too, and for a
 * GICv2 where its virtual CPU interface lies, which guests reach themselves. */
#include "layout.h"
#include "tree.h"
#include <libfdt.h>

enum { CONTROLLER_GICV = 3 /* of the GICv2 binding's four ranges: GICD, GICC, GICH, GICV */ };

/* Where the machine has its own: a guest with the machine's memory map finds its there. */
static void controller_find(struct build *build)
{
    static const char *const known[] = {"arm,gic-v3", "arm,gic-400", "arm,cortex-a15-gic",
                                        "arm,cortex-a7-gic"};
    const void *tree = build->hardware;
    struct tree_cells cells;
    int node = -1;

    for (uint32_t i = 0; node < 0 && i < sizeof(known) / sizeof(known[0]); i++)
        node = fdt_node_offset_by_compatible(tree, -1, known[i]);
    if (node < 0)
        return;
    cells = tree_cells(build, tree, fdt_parent_offset(tree, node),
                       tree_cells(build, tree, 0, TREE_ROOT_CELLS));
    if (tree_ranges(build, tree, node, "reg", cells) < 2)
        return;
    for (uint32_t i = 0; i < 2; i++) {
        struct range range = {0, 0};

        if (tree_range(build, tree, node, "reg", cells, i, &range))
            build->controller[i] = range.base;
    }
}

/* The kernel has brought its board's controller up before anyone read a tree: what is no GICv2 is a
 * GICv3, and says nothing that is needed here. */
void controller_read(struct build *build)
{
    static const char *const v2[] = {"arm,gic-400", "arm,cortex-a15-gic", "arm,cortex-a7-gic"};
    const void *tree = build->hardware;
    struct range *gicv = &build->plan->gicv;
    struct tree_cells cells;
    int node = -1;

    build->plan->gic = 3;
    controller_find(build);
    for (uint32_t i = 0; node < 0 && i < sizeof(v2) / sizeof(v2[0]); i++)
        node = fdt_node_offset_by_compatible(tree, -1, v2[i]);
    if (node < 0)
        return;
    build->plan->gic = 2;
    cells = tree_cells(build, tree, fdt_parent_offset(tree, node),
                       tree_cells(build, tree, 0, TREE_ROOT_CELLS));
    if (tree_ranges(build, tree, node, "reg", cells) <= CONTROLLER_GICV) {
        report_error(build, NOTE_GICV_MISSING, tree, node, "reg",
                     "names no virtual CPU interface, which guests need");
        return;
    }
    if (!tree_range(build, tree, node, "reg", cells, CONTROLLER_GICV, gicv))
        return;
    if (gicv->base % PAGE_SIZE || gicv->size < LAYOUT_GICV_SIZE)
        report_error(build, NOTE_GICV_RANGE, tree, node, "reg",
                     "0x%lx with size 0x%lx is no virtual CPU interface", (unsigned long)gicv->base,
                     (unsigned long)gicv->size);
    gicv->size = LAYOUT_GICV_SIZE;
}
