/* SPDX-License-Identifier: BSD-2-Clause */
/* Invariants of what ties domains to each other and to the machine's devices. */
#include "oracle_list.h"
#include "oracle_rules.h"
#include "partmgr/plan/layout.h"
#include <libfdt.h>
#include <string.h>

/* Each partition once, one owner; one that has the machine's addresses has this one's, too. */
static bool links_peers(const struct plan *plan, const struct plan_shared *area)
{
    uint32_t owners = 0;

    for (uint32_t i = 0; i < area->peer_count; i++) {
        const struct plan_peer *peer = &area->peer[i];

        if (peer->partition >= plan->partition_count || peer->guest % PAGE_SIZE)
            return oracle_broken("shared %s: peer %u", area->id, i);
        if (plan->partition[peer->partition].layout.kind == PLAN_LAYOUT_DIRECT &&
            peer->guest != area->host)
            return oracle_broken("shared %s: moved for %s", area->id,
                                 plan->partition[peer->partition].name);
        owners += peer->role == PLAN_OWNER;
        for (uint32_t k = 0; k < i; k++)
            if (area->peer[k].partition == peer->partition)
                return oracle_broken("shared %s: peer %u twice", area->id, i);
    }
    return owners <= 1 || oracle_broken("shared %s: %u owners", area->id, owners);
}

bool oracle_shared(const struct plan *plan)
{
    if (plan->shared_count > PLAN_SHARED)
        return oracle_broken("%u shared areas", plan->shared_count);
    for (uint32_t i = 0; i < plan->shared_count; i++) {
        const struct plan_shared *area = &plan->shared[i];

        if (!area->id[0] || !oracle_printable("shared id", area->id, sizeof(area->id)))
            return oracle_broken("shared area %u: its id", i);
        if (!area->peer_count || area->peer_count > PLAN_PARTITIONS)
            return oracle_broken("shared %s: %u peers", area->id, area->peer_count);
        for (uint32_t k = 0; k < i; k++)
            if (strcmp(area->id, plan->shared[k].id) == 0)
                return oracle_broken("two shared areas are named %s", area->id);
        if (!links_peers(plan, area))
            return false;
    }
    return true;
}

static bool links_named(const char *name, const char *partition)
{
    const size_t length = strcspn(name, "@");

    return strlen(partition) == length && memcmp(name, partition, length) == 0;
}

static uint32_t links_cell(const void *tree, int node, uint32_t index)
{
    int length = 0;
    const fdt32_t *cells = fdt_getprop(tree, node, "xen,evtchn", &length);

    return cells && (uint32_t)length / 4 > index ? fdt32_to_cpu(cells[index]) : 0;
}

/* The node of an end: in a domain of the partition's name, with its port. */
static int links_end(const struct plan *plan, const void *tree, const struct plan_end *end)
{
    int chosen = fdt_subnode_offset(tree, 0, "chosen");
    int domain;
    int node;

    fdt_for_each_subnode(domain, tree, chosen)
    {
        if (!links_named(fdt_get_name(tree, domain, NULL), plan->partition[end->partition].name))
            continue;
        fdt_for_each_subnode(node, tree, domain)
        {
            if (fdt_node_check_compatible(tree, node, "xen,evtchn-v1") == 0 &&
                links_cell(tree, node, 0) == end->port)
                return node;
        }
    }
    return -1;
}

bool oracle_channels(const struct plan *plan, const void *system)
{
    if (plan->channel_count > PLAN_CHANNELS)
        return oracle_broken("%u channels", plan->channel_count);
    for (uint32_t i = 0; i < 2 * plan->channel_count; i++) {
        const struct plan_end *end = &plan->channel[i / 2].end[i % 2];
        const struct plan_end *other = &plan->channel[i / 2].end[!(i % 2)];
        int node;

        if (end->partition >= plan->partition_count || !end->port ||
            other->partition >= plan->partition_count || !other->port)
            return oracle_broken("channel %u: an end", i / 2);
        for (uint32_t k = 0; k < i; k++)
            if (plan->channel[k / 2].end[k % 2].partition == end->partition &&
                plan->channel[k / 2].end[k % 2].port == end->port)
                return oracle_broken("port %u of %s is in two channels", end->port,
                                     plan->partition[end->partition].name);
        node = links_end(plan, system, other);
        if (node < 0 ||
            links_cell(system, links_end(plan, system, end), 1) != fdt_get_phandle(system, node))
            return oracle_broken("channel %u: port %u of %s does not name the other end", i / 2,
                                 end->port, plan->partition[end->partition].name);
    }
    return true;
}

/* An interrupt has one owner, and is one that guests have. */
static bool links_lines(const struct plan *plan, uint32_t index)
{
    const struct plan_device *device = &plan->device[index];

    for (uint32_t i = 0; i < device->line_count; i++) {
        const uint32_t intid = device->line[i].intid;

        if (intid < LAYOUT_SPI_FIRST || intid >= LAYOUT_SPI_FIRST + LAYOUT_SPIS)
            return oracle_broken("%s: interrupt %u is none", device->name, intid);
        if (plan->uart.given && plan->uart.line.intid == intid)
            return oracle_broken("%s: interrupt %u is the UART's", device->name, intid);
        for (uint32_t k = 0; k <= index; k++)
            for (uint32_t n = 0; n < (k == index ? i : plan->device[k].line_count); n++)
                if (plan->device[k].line[n].intid == intid)
                    return oracle_broken("%s: interrupt %u is %s's", device->name, intid,
                                         plan->device[k].name);
    }
    return true;
}

/* The passthrough tree's node of that name which says that it is a device; negative: none. */
static int links_fragment_node(const void *fragment, const char *name)
{
    int node = 0;

    while ((node = fdt_next_node(fragment, node, NULL)) >= 0)
        if (strncmp(fdt_get_name(fragment, node, NULL), name,
                    sizeof(((struct plan_device *)0)->name) - 1) == 0 &&
            (fdt_getprop(fragment, node, "xen,path", NULL) ||
             fdt_getprop(fragment, node, "xen,reg", NULL)))
            return node;
    return -1;
}

/* The interrupts of the machine's node, and of the passthrough tree's, are the same. */
static bool links_host_lines(const struct plan_device *device, const void *tree, int node)
{
    int length = 0;
    const fdt32_t *cells = fdt_getprop(tree, node, "interrupts", &length);

    for (uint32_t i = 0; i < device->line_count; i++) {
        bool found = false;

        for (int at = 0; cells && (at + 3) * 4 <= length; at += 3)
            found =
                found || LAYOUT_SPI_FIRST + fdt32_to_cpu(cells[at + 1]) == device->line[i].intid;
        if (!found)
            return oracle_broken("%s: interrupt %u is not its node's", device->name,
                                 device->line[i].intid);
    }
    return true;
}

static bool links_fragment_lines(const struct plan_device *device, const void *fragment, int node)
{
    int length = 0;
    const fdt32_t *cells = fdt_getprop(fragment, node, "interrupts", &length);
    const int gic = fdt_subnode_offset(fragment, 0, "gic");
    const fdt32_t *parent = fdt_getprop(fragment, node, "interrupt-parent", NULL);

    if (!parent || gic < 0 || fdt32_to_cpu(*parent) != fdt_get_phandle(fragment, gic))
        return true;
    for (int at = 0; cells && (at + 3) * 4 <= length; at += 3) {
        bool found = false;

        for (uint32_t i = 0; i < device->line_count; i++)
            found =
                found || (LAYOUT_SPI_FIRST + fdt32_to_cpu(cells[at + 1]) == device->line[i].intid &&
                          (fdt32_to_cpu(cells[at + 2]) & 3) == (device->line[i].edge ? 1 : 0));
        if (!found && (fdt32_to_cpu(cells[at + 2]) & 3) <= 1)
            return oracle_broken("%s: its tree's interrupt %u is not routed", device->name,
                                 LAYOUT_SPI_FIRST + fdt32_to_cpu(cells[at + 1]));
    }
    return true;
}

/* Held against the trees that it was made from. */
static bool links_origin(const struct plan *plan, const struct plan_facts *facts,
                         const void *hardware, const struct plan_device *device)
{
    const struct plan_module *module = &plan->partition[device->partition].passthrough;
    const struct range pages = range_pages(module->host, module->size);
    const void *fragment = module->size ? facts->memory->read(&pages) : NULL;
    const int node = fragment ? links_fragment_node(fragment, device->name) : -1;
    const char *path = node < 0 ? NULL : fdt_getprop(fragment, node, "xen,path", NULL);
    const int host = path ? fdt_path_offset(hardware, path) : -1;

    if (host < 0)
        return true;
    for (uint32_t i = 0; i < device->range_count; i++) {
        const struct range range = {device->range[i].host, device->range[i].size};

        if (!oracle_list_in_reg(hardware, host, &range))
            return oracle_broken("%s: 0x%lx is not in the reg of %s", device->name, range.base,
                                 path);
    }
    return links_host_lines(device, hardware, host) && links_fragment_lines(device, fragment, node);
}

bool oracle_passed(const struct plan *plan, const struct plan_facts *facts, const void *hardware)
{
    if (plan->device_count > PLAN_DEVICES)
        return oracle_broken("%u devices", plan->device_count);
    for (uint32_t i = 0; i < plan->device_count; i++) {
        const struct plan_device *device = &plan->device[i];

        if (device->partition >= plan->partition_count ||
            device->range_count > PLAN_DEVICE_RANGES || device->line_count > PLAN_DEVICE_LINES)
            return oracle_broken("device %u", i);
        if (!links_lines(plan, i) || !links_origin(plan, facts, hardware, device))
            return false;
    }
    return true;
}
