/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices without a tree of their own: a domain names nodes of the machine's tree, by phandle where
 * that is the description's tree too, else by path, and its guest gets nodes like them. */
#include "guest_tree_writer.h"
#include "passthrough.h"
#include "text.h"
#include <libfdt.h>
#include <string.h>

static const char devices_phandles[] = "bulkhead,devices";
static const char devices_paths[] = "bulkhead,device-paths";

static bool devices_named(const struct build *build, uint32_t partition, const char *property)
{
    return fdt_getprop(build->system, build->node[partition], property, NULL);
}

int device_asker(const struct build *build, uint32_t partition)
{
    const int module = build->module[partition][BUILD_TREE];

    return module < 0 ? build->node[partition] : module;
}

const char *device_asks(const struct build *build, uint32_t partition)
{
    if (build->module[partition][BUILD_TREE] >= 0)
        return NULL;
    return devices_named(build, partition, devices_phandles) ? devices_phandles : devices_paths;
}

/* What is no device, or is none that may be used. */
static bool devices_good(struct passthrough *at, int node)
{
    const void *tree = at->build->hardware;
    const struct plan *plan = at->build->plan;
    int length = 0;
    const char *status = fdt_getprop(tree, node, "status", &length);

    for (uint32_t i = 0; i < plan->device_count; i++)
        if (plan->device[i].node == node) {
            report_error(at->build, NOTE_DEVICE_TAKEN, at->tree, at->node, at->path_name,
                         "%s is %s's already", at->host_path,
                         plan->partition[plan->device[i].partition].name);
            return false;
        }
    if (!fdt_getprop(tree, node, "compatible", NULL) ||
        tree_compatible(tree, node, "arm,psci-0.2") || tree_compatible(tree, node, "arm,psci")) {
        report_error(at->build, NOTE_DEVICE_NONE, at->tree, at->node, at->path_name,
                     "%s is no device", at->host_path);
        return false;
    }
    if (status && !(length == 5 && memcmp(status, "okay", 5) == 0) &&
        !(length == 3 && memcmp(status, "ok", 3) == 0)) {
        report_error(at->build, NOTE_DEVICE_NONE, at->tree, at->node, at->path_name,
                     "%s is not enabled in the machine's tree", at->host_path);
        return false;
    }
    if (fdt_getprop(tree, node, "ranges", NULL)) {
        report_error(at->build, NOTE_DEVICE_BUS, at->tree, at->node, at->path_name,
                     "%s is a bus, with devices of its own", at->host_path);
        return false;
    }
    if (fdt_get_phandle(tree, node) < PHANDLE_FIRST)
        return true;
    report_error(at->build, NOTE_PHANDLE_RESERVED, at->tree, at->node, at->path_name,
                 "that of %s is not below 0x%lx", at->host_path, (unsigned long)PHANDLE_FIRST);
    return false;
}

/* The guest's addresses are chosen when it is known what else it has: guest_map.c. */
static void devices_add_ranges(struct passthrough *at)
{
    struct plan_device *device = &at->device;

    if (at->host_pages.count > PLAN_DEVICE_RANGES) {
        report_error(at->build, NOTE_RANGES_MANY, at->tree, at->node, at->reg_name,
                     "%s has more than %lu ranges", at->host_path,
                     (unsigned long)PLAN_DEVICE_RANGES);
        return;
    }
    for (uint32_t i = 0; i < at->host_pages.count; i++) {
        const struct range *host = &at->host_pages.at[i];
        const struct plan_device_range range = {host->base, host->base, host->size, false, 0};
        bool again;

        if (!host_range_free(at, &range, &again))
            return;
        device->range[device->range_count] = range;
        device->range[device->range_count++].again = again;
    }
}

/* False when there is no room for more. */
static bool devices_add(struct passthrough *at, int node)
{
    struct plan *plan = at->build->plan;
    char path[sizeof(((struct plan_note *)0)->path)];

    if (plan->device_count == PLAN_DEVICES) {
        report_error(at->build, NOTE_DEVICES_MANY, at->tree, at->node, at->path_name,
                     "more devices than the %lu that can be passed through",
                     (unsigned long)PLAN_DEVICES);
        return false;
    }
    if (fdt_get_path(at->build->hardware, node, path, sizeof(path)) != 0)
        text_format(path, sizeof(path), "..%s", fdt_get_name(at->build->hardware, node, NULL));
    at->host_path = path;
    at->line_count = 0;
    at->device = (struct plan_device){
        .partition = at->partition, .node = node, .written = true, .forced = at->forced};
    text_format(at->device.name, sizeof(at->device.name), "%s",
                fdt_get_name(at->build->hardware, node, NULL));
    if (devices_good(at, node) && host_device_read(at, node)) {
        devices_add_ranges(at);
        lines_take(at);
        plan->device[plan->device_count++] = at->device;
    }
    at->host_path = NULL;
    return true;
}

static void devices_read_phandles(struct passthrough *at)
{
    struct build *build = at->build;
    int length = 0;
    const uint8_t *cells = fdt_getprop(at->tree, at->node, at->path_name, &length);

    if (!length || length % 4) {
        report_error(build, NOTE_PHANDLE_LIST, at->tree, at->node, at->path_name,
                     "%lu bytes long, must be one or more phandles", (unsigned long)length);
        return;
    }
    if (build->system != build->hardware) {
        report_error(build, NOTE_DEVICE_OTHER_TREE, at->tree, at->node, at->path_name,
                     "the machine's tree is another one than this");
        return;
    }
    for (int i = 0; i < length; i += 4) {
        const uint32_t phandle = (uint32_t)tree_number(cells + i, 1);
        const int node = fdt_node_offset_by_phandle(at->tree, phandle);

        if (node < 0) {
            report_error(build, NOTE_PHANDLE_UNKNOWN, at->tree, at->node, at->path_name,
                         "0x%lx is no node's phandle", (unsigned long)phandle);
            return;
        }
        if (!devices_add(at, node))
            return;
    }
}

static void devices_read_paths(struct passthrough *at)
{
    struct build *build = at->build;
    const int count = fdt_stringlist_count(at->tree, at->node, at->path_name);

    if (count < 1) {
        report_error(build, NOTE_STRING_BAD, at->tree, at->node, at->path_name,
                     "is no list of strings");
        return;
    }
    for (int i = 0; i < count; i++) {
        const char *path = fdt_stringlist_get(at->tree, at->node, at->path_name, i, NULL);
        const int node = path && path[0] == '/' ? fdt_path_offset(build->hardware, path) : -1;

        if (node <= 0) {
            report_error(build, NOTE_DEVICE_PATH, at->tree, at->node, at->path_name,
                         "\"%s\" is no node of the machine's tree", path ? path : "");
            return;
        }
        if (!devices_add(at, node))
            return;
    }
}

void devices_read_all(struct build *build)
{
    for (uint32_t i = 0; i < build->plan->partition_count; i++) {
        struct passthrough at = {.build = build,
                                 .partition = i,
                                 .tree = build->system,
                                 .node = build->node[i],
                                 .written = true};
        const bool phandles = devices_named(build, i, devices_phandles);
        const bool paths = devices_named(build, i, devices_paths);

        at.forced = tree_flag(build, at.tree, at.node, "bulkhead,force-assign-without-iommu");
        if (!phandles && !paths)
            continue;
        at.path_name = at.reg_name = phandles ? devices_phandles : devices_paths;
        if (build->module[i][BUILD_TREE] >= 0 || (phandles && paths)) {
            report_error(build, NOTE_DEVICES_TWICE, at.tree, at.node, at.path_name, "beside %s",
                         phandles && paths ? devices_paths : "a passthrough tree");
            continue;
        }
        if (phandles)
            devices_read_phandles(&at);
        else
            devices_read_paths(&at);
    }
    needs_check(build);
}
