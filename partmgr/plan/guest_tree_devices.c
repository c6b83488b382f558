/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest's tree says of the machine's devices that it has. */
#include "guest_tree_writer.h"
#include <libfdt.h>
#include <string.h>

/* What is said to us, and means nothing to the guest. */
static bool devices_ours(const char *name)
{
    return strcmp(name, "xen,reg") == 0 || strcmp(name, "xen,path") == 0 ||
           strcmp(name, "xen,force-assign-without-iommu") == 0;
}

static void devices_copy_properties(struct writer *writer, const void *tree, int node)
{
    int property;

    fdt_for_each_property_offset(property, tree, node)
    {
        const char *name = NULL;
        int length = 0;
        const void *value = fdt_getprop_by_offset(tree, property, &name, &length);

        if (value && name && !devices_ours(name))
            guest_tree_bytes(writer, name, value, (size_t)length);
    }
}

/* The root's first node of just that name, as passthrough_read_root() finds it. */
static int devices_root(const void *tree, const char *name)
{
    int node;

    fdt_for_each_subnode(node, tree, 0)
    {
        if (strcmp(fdt_get_name(tree, node, NULL), name) == 0)
            return node;
    }
    return -1;
}

/* A node of the root with all that is below it. */
static void devices_copy(struct writer *writer, const void *tree, const char *name)
{
    int depth = 0;
    int open = 0; /* nodes that have begun */

    for (int node = devices_root(tree, name); node >= 0 && depth >= 0;
         node = fdt_next_node(tree, node, &depth)) {
        for (; open > depth; open--)
            guest_tree_end(writer);
        guest_tree_begin(writer, fdt_get_name(tree, node, NULL));
        devices_copy_properties(writer, tree, node);
        open++;
    }
    for (; open; open--)
        guest_tree_end(writer);
}

uint32_t guest_tree_gic_phandle(const struct plan *plan, uint32_t index)
{
    const void *fragment = plan->partition[index].fragment;
    const int gic = fragment ? fdt_subnode_offset(fragment, 0, "gic") : -1;
    const uint32_t phandle = gic < 0 ? 0 : fdt_get_phandle(fragment, gic);

    return phandle ? phandle : PHANDLE_GIC;
}

void guest_tree_devices(struct writer *writer, const struct plan *plan, uint32_t index)
{
    const void *fragment = plan->partition[index].fragment;

    guest_tree_nodes(writer, plan, index);
    if (!fragment)
        return;
    devices_copy(writer, fragment, "aliases");
    devices_copy(writer, fragment, "passthrough");
}
