/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's nodes for devices of the machine that no tree describes for it: /devices, with nodes
 * like the machine's at the guest's addresses, and the clocks and regulators that they name. */
#include "guest_tree_writer.h"
#include "text.h"
#include "tree.h"
#include <libfdt.h>
#include <string.h>

/* Where the guest has what the machine has at this address; false: nowhere. */
static bool nodes_guest(const struct plan_device *device, uint64_t host, uint64_t *guest)
{
    for (uint32_t i = 0; i < device->range_count; i++) {
        const struct plan_device_range *range = &device->range[i];

        if (host >= range->host && host - range->host < range->size) {
            *guest = range->guest + (host - range->host);
            return true;
        }
    }
    return false;
}

/* The same registers in two cells each. */
static bool nodes_reg(struct writer *writer, const struct plan *plan,
                      const struct plan_device *device, uint64_t *first)
{
    const void *tree = plan->hardware;
    const uint32_t address = device->address_cells;
    const uint32_t size = device->size_cells;
    uint32_t cells[4 * PLAN_DEVICE_REGS];
    uint32_t count = 0;
    int length = 0;
    const uint8_t *reg = fdt_getprop(tree, device->node, "reg", &length);

    for (; reg && length > 0 && count < 4 * PLAN_DEVICE_REGS;
         length -= (int)(4 * (address + size)), reg += 4 * (address + size)) {
        const uint64_t bytes = tree_number(reg + 4 * address, size);
        uint64_t guest;

        if (!nodes_guest(device, tree_number(reg, address), &guest))
            return false;
        *first = count ? *first : guest;
        memcpy(cells + count, (uint32_t[]){CELLS_64(guest), CELLS_64(bytes)}, 16);
        count += 4;
    }
    if (writer && count)
        guest_tree_cells(writer, "reg", cells, count);
    return count;
}

/* Said anew, or of no meaning any more. */
static bool nodes_ours(const char *name)
{
    static const char *const names[] = {"reg", "status", "interrupt-parent"};

    for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static void nodes_properties(struct writer *writer, const void *tree, int node, bool all)
{
    int property;

    fdt_for_each_property_offset(property, tree, node)
    {
        const char *name = NULL;
        int length = 0;
        const void *value = fdt_getprop_by_offset(tree, property, &name, &length);

        if (value && name && (all || !nodes_ours(name)))
            guest_tree_bytes(writer, name, value, (size_t)length);
    }
}

/* What is below the device is its own business. */
static void nodes_children(struct writer *writer, const void *tree, int top)
{
    int depth = 0;
    int open = 0;

    for (int node = fdt_next_node(tree, top, &depth); node >= 0 && depth > 0;
         node = fdt_next_node(tree, node, &depth)) {
        for (; open >= depth; open--)
            guest_tree_end(writer);
        guest_tree_begin(writer, fdt_get_name(tree, node, NULL));
        nodes_properties(writer, tree, node, true);
        open++;
    }
    for (; open; open--)
        guest_tree_end(writer);
}

static void nodes_device(struct writer *writer, const struct plan *plan,
                         const struct plan_device *device)
{
    const char *name = fdt_get_name(plan->hardware, device->node, NULL);
    char own[64];
    uint64_t first = 0;

    if (nodes_reg(NULL, plan, device, &first)) {
        text_format(own, sizeof(own), "%s", name);
        own[strcspn(own, "@")] = 0;
        guest_tree_begin_at(writer, own, first);
    } else {
        guest_tree_begin(writer, name);
    }
    nodes_properties(writer, plan->hardware, device->node, false);
    nodes_reg(writer, plan, device, &first);
    nodes_children(writer, plan->hardware, device->node);
    guest_tree_end(writer);
}

void guest_tree_nodes(struct writer *writer, const struct plan *plan, uint32_t index)
{
    const struct plan_partition *partition = &plan->partition[index];
    bool any = false;

    for (uint32_t i = 0; i < plan->device_count; i++)
        any = any || (plan->device[i].partition == index && plan->device[i].written);
    if (!any)
        return;
    guest_tree_begin(writer, "devices");
    guest_tree_string(writer, "compatible", "simple-bus");
    guest_tree_cell(writer, "#address-cells", 2);
    guest_tree_cell(writer, "#size-cells", 2);
    guest_tree_bytes(writer, "ranges", NULL, 0);
    for (uint32_t i = 0; i < partition->resource_count; i++) {
        guest_tree_begin(writer, fdt_get_name(plan->hardware, partition->resource[i], NULL));
        nodes_properties(writer, plan->hardware, partition->resource[i], false);
        guest_tree_end(writer);
    }
    for (uint32_t i = 0; i < plan->device_count; i++)
        if (plan->device[i].partition == index && plan->device[i].written)
            nodes_device(writer, plan, &plan->device[i]);
    guest_tree_end(writer);
}
