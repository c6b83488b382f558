/* SPDX-License-Identifier: BSD-2-Clause */
/* Passthrough trees, as Xen's binding has them: a domain's module that is a device tree by itself
 * and says which of the machine's devices the domain gets. Nothing in it is trusted. */
#include "passthrough.h"
#include "guest_tree_writer.h"
#include "layout.h"
#include "text.h"
#include <libfdt.h>
#include <string.h>

#define PASSTHROUGH_DEPTH 64u /* of nodes; tree_check() lets no more through */

/* Nodes of one tree that are looked at closely, each at the cost of both trees' size. */
#define PASSTHROUGH_LOOKS 256u

static const char passthrough_reg[] = "xen,reg";
static const char passthrough_path[] = "xen,path";

/* A range of the device's; what is wrong with it has been reported when this is false. */
static bool passthrough_range_good(struct passthrough *at, const struct plan_device_range *range)
{
    struct build *build = at->build;
    const uint64_t starts[] = {range->host, range->guest};

    for (uint32_t i = 0; i < 2; i++)
        if (!range_valid(starts[i], range->size)) {
            report_error(build, NOTE_RANGE_BAD, at->tree, at->node, passthrough_reg,
                         "0x%lx with size 0x%lx is no memory range", (unsigned long)starts[i],
                         (unsigned long)range->size);
            return false;
        }
    if (!((range->host | range->guest | range->size) % PAGE_SIZE))
        return true;
    report_error(build, NOTE_DEVICE_ALIGNMENT, at->tree, at->node, passthrough_reg,
                 "host 0x%lx, size 0x%lx, guest 0x%lx are not all multiples of 4 KiB",
                 (unsigned long)range->host, (unsigned long)range->size,
                 (unsigned long)range->guest);
    return false;
}

static void passthrough_add_range(struct passthrough *at, const struct plan_device_range *range)
{
    const struct range host = {range->host, range->size};
    bool again;

    if (!passthrough_range_good(at, range))
        return;
    if (at->has_host && !ranges_contain(&at->host_pages, host.base, host.size))
        report_error(at->build, NOTE_DEVICE_OUTSIDE, at->tree, at->node, passthrough_reg,
                     "0x%lx bytes at 0x%lx are not all in the pages of %s",
                     (unsigned long)host.size, (unsigned long)host.base, at->host_path);
    else if (host_range_free(at, range, &again)) {
        at->device.range[at->device.range_count] = *range;
        at->device.range[at->device.range_count++].again = again;
    }
}

/* <host size guest> as often as there are ranges. */
static void passthrough_read_ranges(struct passthrough *at, int parent)
{
    struct build *build = at->build;
    const struct tree_cells cells = tree_cells(build, at->tree, parent, TREE_ROOT_CELLS);
    const uint32_t one = (2 * cells.address + cells.size) * 4;
    int length = 0;
    const uint8_t *data = fdt_getprop(at->tree, at->node, passthrough_reg, &length);

    if (!data)
        return;
    if (!at->has_path && !at->forced)
        report_error(build, NOTE_DEVICE_NO_PATH, at->tree, at->node, passthrough_reg,
                     "neither xen,path nor xen,force-assign-without-iommu beside it");
    if (!cells.address || !cells.size) {
        report_error(build, NOTE_CELLS_NO_RANGE, at->tree, at->node, passthrough_reg,
                     "#address-cells or #size-cells is 0, so it holds no range");
        return;
    }
    if (!length || (uint32_t)length % one) {
        report_error(build, NOTE_RANGES_LENGTH, at->tree, at->node, passthrough_reg,
                     "%lu bytes long, must be a multiple of %lu (host, size, guest)",
                     (unsigned long)length, (unsigned long)one);
        return;
    }
    if ((uint32_t)length / one > PLAN_DEVICE_RANGES) {
        report_error(build, NOTE_RANGES_MANY, at->tree, at->node, passthrough_reg,
                     "more than %lu ranges", (unsigned long)PLAN_DEVICE_RANGES);
        return;
    }
    for (uint32_t i = 0; i < (uint32_t)length; i += one) {
        const uint8_t *size = data + i + cells.address * 4;
        const struct plan_device_range range = {
            .host = tree_number(data + i, cells.address),
            .guest = tree_number(size + cells.size * 4, cells.address),
            .size = tree_number(size, cells.size),
        };

        passthrough_add_range(at, &range);
    }
}

/* The node of the machine that it is, and what that one has. */
static void passthrough_read_path(struct passthrough *at)
{
    const void *hardware = at->build->hardware;
    const char *path;
    enum tree_found found = tree_string(at->build, at->tree, at->node, passthrough_path, &path);
    int node;

    at->has_path = found != TREE_MISSING;
    if (found != TREE_GOOD)
        return;
    node = path[0] == '/' ? fdt_path_offset(hardware, path) : -1;
    if (node <= 0) {
        report_error(at->build, NOTE_DEVICE_PATH, at->tree, at->node, passthrough_path,
                     "\"%s\" is no node of the machine's tree", path);
        return;
    }
    at->host_path = path;
    at->has_host = host_device_read(at, node);
    if (at->has_host)
        at->device.node = node;
}

/* A node that says that it is one of the machine's. */
static void passthrough_read_device(struct passthrough *at, const int *parents, uint32_t depth)
{
    struct build *build = at->build;
    struct plan *plan = build->plan;
    const char *name = fdt_get_name(at->tree, at->node, NULL);

    at->path_name = passthrough_path;
    at->reg_name = passthrough_reg;
    at->device = (struct plan_device){.partition = at->partition};
    text_format(at->device.name, sizeof(at->device.name), "%s", name);
    at->has_path = false;
    at->has_host = false;
    at->line_count = 0;
    at->forced = tree_flag(build, at->tree, at->node, "xen,force-assign-without-iommu");
    at->device.forced = at->forced;
    passthrough_read_path(at);
    passthrough_read_ranges(at, parents[depth - 1]);
    lines_take(at);
    if (at->has_host || !at->has_path)
        lines_agree(at, parents, depth);
    if (at->has_path || at->device.range_count)
        plan->device[plan->device_count++] = at->device;
}

static bool passthrough_is_device(const struct passthrough *at)
{
    return fdt_getprop(at->tree, at->node, passthrough_reg, NULL) ||
           fdt_getprop(at->tree, at->node, passthrough_path, NULL) ||
           fdt_getprop(at->tree, at->node, "interrupts", NULL);
}

/* Every node below /passthrough, without recursion: the way down to it is kept. */
static void passthrough_walk(struct passthrough *at, int top)
{
    int parents[PASSTHROUGH_DEPTH + 1] = {0, top};
    int depth = 1;

    for (int node = fdt_next_node(at->tree, top, &depth); node >= 0 && depth > 1;
         node = fdt_next_node(at->tree, node, &depth)) {
        if (depth > (int)PASSTHROUGH_DEPTH)
            return;
        parents[depth] = node;
        at->node = node;
        if (!passthrough_is_device(at))
            continue;
        if (at->build->plan->device_count == PLAN_DEVICES || at->looks++ == PASSTHROUGH_LOOKS) {
            report_error(at->build, NOTE_DEVICES_MANY, at->tree, node, NULL,
                         "more devices than the %lu that can be passed through",
                         (unsigned long)PLAN_DEVICES);
            return;
        }
        passthrough_read_device(at, parents, (uint32_t)depth);
    }
}

/* Only three nodes at the root count. */
static void passthrough_read_root(struct passthrough *at)
{
    int gic = fdt_subnode_offset(at->tree, 0, "gic");
    int top = -1;
    int node;

    at->gic = gic < 0 ? 0 : fdt_get_phandle(at->tree, gic);
    fdt_for_each_subnode(node, at->tree, 0)
    {
        const char *name = fdt_get_name(at->tree, node, NULL);

        if (top < 0 && strcmp(name, "passthrough") == 0)
            top = node;
        else if (strcmp(name, "gic") != 0 && strcmp(name, "aliases") != 0 &&
                 strncmp(name, "__", 2) != 0)
            report_warning(at->build, NOTE_NODE_UNKNOWN, at->tree, node, NULL,
                           "only gic, aliases and passthrough count, ignored");
    }
    if (top < 0)
        report_error(at->build, NOTE_PASSTHROUGH_MISSING, at->tree, 0, NULL,
                     "has no node /passthrough");
    else
        passthrough_walk(at, top);
}

/* Its phandles stay as they are in the guest's tree, beside ours. */
static void passthrough_check_phandles(struct build *build, const void *tree)
{
    for (int node = 0; node >= 0; node = fdt_next_node(tree, node, NULL))
        if (fdt_get_phandle(tree, node) >= PHANDLE_FIRST)
            report_error(build, NOTE_PHANDLE_RESERVED, tree, node, "phandle",
                         "0x%lx is not below 0x%lx", (unsigned long)fdt_get_phandle(tree, node),
                         (unsigned long)PHANDLE_FIRST);
}

/* The module's bytes, checked as a whole; NULL, reported, when they are no tree. */
static const void *passthrough_open(struct build *build, uint32_t partition, int node)
{
    const struct plan_memory *memory = build->facts->memory;
    const struct plan_module *module = &build->plan->partition[partition].passthrough;
    const uint64_t size = module->size < PLAN_TREE_LIMIT ? module->size : PLAN_TREE_LIMIT;
    const struct range pages = range_pages(module->host, size);
    const char *property = place_property(build, node);
    const void *tree;
    const char *wrong;

    if (memory->known && !memory->known(&pages)) {
        report_warning(build, NOTE_CONTENTS_UNKNOWN, build->system, node, property,
                       "contents not checked");
        return NULL;
    }
    leave_touch(build, &pages);
    tree = memory->read(&pages);
    wrong = tree ? tree_check(tree, size) : "cannot be mapped by the manager";
    if (wrong) {
        report_error(build, NOTE_TREE_BAD, build->system, node, property, "%s", wrong);
        return NULL;
    }
    return tree;
}

void passthrough_read_all(struct build *build)
{
    for (uint32_t i = 0; i < build->plan->partition_count; i++) {
        struct passthrough at = {.build = build, .partition = i};
        const int node = build->module[i][BUILD_TREE];

        if (node < 0 || !build->tree_readable[i] || !build->plan->partition[i].passthrough.size)
            continue;
        at.tree = passthrough_open(build, i, node);
        if (!at.tree)
            continue;
        build->fragment = at.tree;
        build->fragment_node = node;
        build->plan->partition[i].fragment = at.tree;
        passthrough_check_phandles(build, at.tree);
        passthrough_read_root(&at);
        build->fragment = NULL;
    }
}
