/* SPDX-License-Identifier: BSD-2-Clause */
/* What a plan gives to whom, and what of the machine may be given away at all. */
#include "oracle_list.h"
#include "partmgr/plan/layout.h"
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

static void list_add(struct oracle_list *list, enum oracle_kind kind, const char *owner,
                     const char *name, uint64_t base, uint64_t size)
{
    if (list->count == sizeof(list->at) / sizeof(list->at[0]))
        abort(); /* an oracle that has no room would see nothing */
    list->at[list->count++] = (struct oracle_piece){{base, size}, kind, owner, name};
}

/* Images are mapped in whole pages. */
static void list_add_image(struct oracle_list *list, const char *owner, const char *name,
                           const struct plan_module *module)
{
    struct range pages;

    if (!module->size)
        return;
    pages = range_pages(module->host, module->size);
    list_add(list, ORACLE_IMAGE, owner, name, pages.base, pages.size);
}

static void list_ours(struct oracle_list *list, const char *name, const struct range *range)
{
    if (range->size)
        list_add(list, ORACLE_OURS, "Bulkhead", name, range->base, range->size);
}

static void list_partition(struct oracle_list *list, const struct plan_facts *facts,
                           const struct plan_partition *partition)
{
    const char *who = partition->name;

    for (uint32_t i = 0; i < partition->bank_count; i++)
        list_add(list, layout_in_place(partition, i) ? ORACLE_IMAGE : ORACLE_ALONE, who, "RAM",
                 partition->bank[i].host, partition->bank[i].size);
    list_add(list, ORACLE_ALONE, who, "monitor", partition->monitor_host, facts->monitor_ram);
    list_add(list, ORACLE_ALONE, who, "configuration", partition->config_host,
             PLAN_CONFIG_SIZE + PLAN_GUEST_TREE);
    if (!partition->in_place) /* else it is one of the banks */
        list_add_image(list, who, "kernel", &partition->kernel);
    list_add_image(list, who, "unpacked kernel", &partition->unpacked);
    list_add_image(list, who, "ramdisk", &partition->ramdisk);
    for (uint32_t i = 0; i < PLAN_EXTRAS; i++)
        list_add_image(list, who, "module", &partition->extra[i].module);
}

void oracle_list_physical(struct oracle_list *list, const struct plan *plan,
                          const struct plan_facts *facts)
{
    list->count = 0;
    list_ours(list, "kernel", &facts->kernel);
    list_ours(list, "hardware tree", &facts->hardware_tree);
    list_ours(list, "bundle's header", &facts->bundle_header);
    list_ours(list, "system tree", &facts->system_tree);
    list_ours(list, "monitor's image", &facts->monitor);
    list_ours(list, "console's image", &facts->console);
    for (uint32_t i = 0; i < plan->partition_count; i++)
        list_partition(list, facts, &plan->partition[i]);
    if (plan->console.used) {
        list_add(list, ORACLE_ALONE, "console", "memory", plan->console.program_host,
                 facts->console_ram);
        list_add(list, ORACLE_ALONE, "console", "configuration", plan->console.config_host,
                 PLAN_CONFIG_SIZE);
        list_add(list, ORACLE_ALONE, "console", "rings", plan->console.ports_host,
                 plan->partition_count * PLAN_PORT_SIZE);
    }
    for (uint32_t i = 0; i < plan->shared_count; i++)
        list_add(list, ORACLE_ALONE, "shared area", plan->shared[i].id, plan->shared[i].host,
                 plan->shared[i].size);
    for (uint32_t i = 0; i < plan->device_count; i++)
        for (uint32_t k = 0; k < plan->device[i].range_count; k++)
            if (!plan->device[i].range[k].again)
                list_add(list, ORACLE_PASSED, "device", plan->device[i].name,
                         plan->device[i].range[k].host, plan->device[i].range[k].size);
    if (plan->uart.given)
        list_add(list, ORACLE_DEVICE, "machine", "UART", plan->uart.pages.base,
                 plan->uart.pages.size);
    if (plan->gicv.size)
        list_add(list, ORACLE_DEVICE, "machine", "GICV", plan->gicv.base, plan->gicv.size);
}

bool oracle_list_clash(const struct oracle_piece *a, const struct oracle_piece *b)
{
    bool same = a->range.base == b->range.base && a->range.size == b->range.size;

    if (a->kind == ORACLE_OURS && b->kind == ORACLE_OURS)
        return false; /* facts, not the plan's; one tree may be both */
    return range_overlaps(&a->range, &b->range) &&
           !(a->kind == ORACLE_IMAGE && b->kind == ORACLE_IMAGE && same);
}

/* Cells of the root, or of a node that says its own. */
static uint32_t list_cells(const void *tree, int node, const char *property, uint32_t otherwise)
{
    int length = 0;
    const fdt32_t *cell = fdt_getprop(tree, node, property, &length);

    return cell && length == 4 ? fdt32_to_cpu(*cell) : otherwise;
}

static uint64_t list_number(const fdt32_t *cell, uint32_t cells)
{
    return cells == 1 ? fdt32_to_cpu(*cell)
                      : (uint64_t)fdt32_to_cpu(cell[0]) << 32 | fdt32_to_cpu(cell[1]);
}

static bool list_used(const void *tree, int node)
{
    const char *status = fdt_getprop(tree, node, "status", NULL);

    return !status || strcmp(status, "okay") == 0 || strcmp(status, "ok") == 0;
}

/* One of the ranges of the node's reg; false behind the last. */
static bool list_reg(const void *tree, int node, uint32_t address, uint32_t size, uint32_t index,
                     struct range *range)
{
    int length = 0;
    const fdt32_t *cell = fdt_getprop(tree, node, "reg", &length);
    uint32_t pair = address + size;

    if (!cell || !pair || (index + 1) * pair > (uint32_t)length / 4)
        return false;
    *range = (struct range){list_number(cell + index * pair, address),
                            list_number(cell + index * pair + address, size)};
    return true;
}

static bool list_is_memory(const void *tree, int node)
{
    const char *type = fdt_getprop(tree, node, "device_type", NULL);
    const char *name = fdt_get_name(tree, node, NULL);

    if (type)
        return strcmp(type, "memory") == 0;
    return strcmp(name, "memory") == 0 || strncmp(name, "memory@", 7) == 0;
}

/* Where the RAM at this address ends; the address itself when there is none. */
static uint64_t list_ram_end(const void *tree, uint64_t at)
{
    uint32_t address = list_cells(tree, 0, "#address-cells", 2);
    uint32_t size = list_cells(tree, 0, "#size-cells", 1);
    int node;

    fdt_for_each_subnode(node, tree, 0)
    {
        struct range bank;

        if (!list_is_memory(tree, node) || !list_used(tree, node))
            continue;
        for (uint32_t i = 0; list_reg(tree, node, address, size, i, &bank); i++)
            if (at >= bank.base && at - bank.base < bank.size)
                return bank.base + bank.size;
    }
    return at;
}

static bool list_ram(const void *tree, const struct range *range)
{
    uint64_t at = range->base;
    uint64_t end = at;

    while (at < range->base + range->size && (end = list_ram_end(tree, at)) > at)
        at = end;
    return at >= range->base + range->size;
}

/* Some of it is RAM, of which whole pages count. */
static bool list_meets_ram(const void *tree, const struct range *range)
{
    uint32_t address = list_cells(tree, 0, "#address-cells", 2);
    uint32_t size = list_cells(tree, 0, "#size-cells", 1);
    int node;

    fdt_for_each_subnode(node, tree, 0)
    {
        struct range bank;

        for (uint32_t i = 0; list_is_memory(tree, node) && list_used(tree, node) &&
                             list_reg(tree, node, address, size, i, &bank);
             i++) {
            const uint64_t first = align_up(bank.base, PAGE_SIZE);
            const uint64_t end = align_down(bank.base + bank.size, PAGE_SIZE);

            if (range->base < end && first < range->base + range->size)
                return true;
        }
    }
    return false;
}

static bool list_reserved(const void *tree, const struct range *range)
{
    int parent = fdt_subnode_offset(tree, 0, "reserved-memory");
    uint32_t address;
    uint32_t size;
    int node;

    if (parent < 0)
        return false;
    address = list_cells(tree, parent, "#address-cells", list_cells(tree, 0, "#address-cells", 2));
    size = list_cells(tree, parent, "#size-cells", list_cells(tree, 0, "#size-cells", 1));
    fdt_for_each_subnode(node, tree, parent)
    {
        struct range entry;

        for (uint32_t i = 0;
             list_used(tree, node) && list_reg(tree, node, address, size, i, &entry); i++)
            if (range_overlaps(&entry, range))
                return true;
    }
    return false;
}

/* /memreserve/ */
static bool list_kept(const void *tree, const struct range *range)
{
    for (int i = 0; i < fdt_num_mem_rsv(tree); i++) {
        struct range entry;

        if (fdt_get_mem_rsv(tree, i, &entry.base, &entry.size) == 0 &&
            range_overlaps(&entry, range))
            return true;
    }
    return false;
}

/* Roots ascend and lie apart; two that touch are two capabilities, and a piece is in one. */
static bool list_root(const struct plan_facts *facts, const struct range *range)
{
    for (uint32_t i = 0; i < facts->root_count; i++)
        if (oracle_inside(range, &facts->root[i]))
            return true;
    return !facts->root_count;
}

const char *oracle_list_lies(const struct oracle_piece *piece, const struct plan_facts *facts,
                             const void *hardware)
{
    const struct range *range = &piece->range;

    if (piece->kind == ORACLE_PASSED)
        return list_meets_ram(hardware, range) ? "is RAM"
               : !list_root(facts, range)      ? "cannot be given away"
                                               : NULL;
    if (piece->kind != ORACLE_ALONE && piece->kind != ORACLE_IMAGE)
        return NULL;
    if (!list_ram(hardware, range))
        return "is not all RAM";
    if (list_reserved(hardware, range))
        return "is reserved by the hardware tree";
    if (!list_root(facts, range))
        return "cannot be given away";
    if (piece->kind == ORACLE_ALONE && list_kept(hardware, range))
        return "is in a /memreserve/";
    if (piece->kind == ORACLE_ALONE && range_overlaps(range, &facts->bundle))
        return "is in the bundle";
    return NULL;
}

bool oracle_list_in_reg(const void *tree, int node, const struct range *range)
{
    const int parent = fdt_parent_offset(tree, node);
    const uint32_t address =
        list_cells(tree, parent, "#address-cells", list_cells(tree, 0, "#address-cells", 2));
    const uint32_t size =
        list_cells(tree, parent, "#size-cells", list_cells(tree, 0, "#size-cells", 1));
    uint64_t at = range->base;
    struct range reg;

    /* Ranges may lie side by side in any order. */
    for (uint32_t i = 0;
         at < range->base + range->size && list_reg(tree, node, address, size, i, &reg); i++) {
        const struct range pages = range_pages(reg.base, reg.size);

        if (at >= pages.base && at - pages.base < pages.size) {
            at = pages.base + pages.size;
            i = UINT32_MAX;
        }
    }
    return at >= range->base + range->size;
}

static void list_guest_devices(struct oracle_list *list, const struct plan *plan,
                               const struct plan_partition *partition)
{
    const struct plan_layout *layout = &partition->layout;

    list_add(list, ORACLE_DEVICE, "", "GICD", layout->gicd, layout->gicd_size);
    if (plan->gic == 2)
        list_add(list, ORACLE_DEVICE, "", "GICC", layout->gicc, layout->gicc_size);
    else
        list_add(list, ORACLE_DEVICE, "", "GICR", layout->gicr,
                 partition->vcpus * LAYOUT_GICR_SIZE);
    if (partition->uart || partition->board_uart)
        list_add(list, ORACLE_DEVICE, "", "UART", layout->uart, LAYOUT_UART_SIZE);
    if (partition->watchdog)
        list_add(list, ORACLE_DEVICE, "", "watchdog", layout->watchdog, LAYOUT_WATCHDOG_SIZE);
    if (partition->watchdog == BH_MON_WATCHDOG_SBSA)
        list_add(list, ORACLE_DEVICE, "", "watchdog's control",
                 layout->watchdog + LAYOUT_WATCHDOG_CONTROL, LAYOUT_WATCHDOG_SIZE);
    if (partition->control)
        list_add(list, ORACLE_DEVICE, "", "control page", layout->control, BH_CTL_SIZE);
    for (uint32_t i = 0; i < plan->shared_count; i++)
        for (uint32_t k = 0; k < plan->shared[i].peer_count; k++)
            if (&plan->partition[plan->shared[i].peer[k].partition] == partition)
                list_add(list, ORACLE_DEVICE, "", plan->shared[i].id, plan->shared[i].peer[k].guest,
                         plan->shared[i].size);
    for (uint32_t i = 0; i < plan->device_count; i++)
        for (uint32_t k = 0; k < plan->device[i].range_count; k++)
            if (&plan->partition[plan->device[i].partition] == partition &&
                !plan->device[i].range[k].again)
                list_add(list, ORACLE_DEVICE, "", plan->device[i].name,
                         plan->device[i].range[k].guest, plan->device[i].range[k].size);
}

/* Banks that touch are one RAM to the guest. */
static void list_guest_ram(struct oracle_list *list, const struct plan_partition *partition)
{
    for (uint32_t i = 0; i < partition->bank_count; i++) {
        const struct plan_bank *bank = &partition->bank[i];
        struct range *last = list->count ? &list->at[list->count - 1].range : NULL;

        if (i && last->base + last->size == bank->guest)
            last->size += bank->size;
        else
            list_add(list, ORACLE_RAM, "", "RAM", bank->guest, bank->size);
    }
}

void oracle_list_guest(struct oracle_list *list, const struct plan *plan,
                       const struct plan_partition *partition)
{
    list->count = 0;
    list_guest_devices(list, plan, partition);
    list_guest_ram(list, partition);
    if (partition->layout.flash_size)
        list_add(list, ORACLE_FLASH, "", "flash", 0, partition->layout.flash_size);
    list_add(list, ORACLE_INSIDE, "", "device tree", partition->tree_guest, PLAN_GUEST_TREE);
    if (partition->ramdisk.size)
        list_add(list, ORACLE_INSIDE, "", "ramdisk", partition->ramdisk_guest,
                 partition->ramdisk.size);
    for (uint32_t i = 0; i < partition->segment_count; i++)
        list_add(list, ORACLE_INSIDE, "", "segment", partition->segment[i].target,
                 partition->segment[i].room);
    for (uint32_t i = 0; i < PLAN_EXTRAS && partition->extra[i].module.size; i++)
        list_add(list, ORACLE_INSIDE, "", "module", partition->extra[i].load,
                 partition->extra[i].module.size);
}
