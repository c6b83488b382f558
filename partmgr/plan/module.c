/* SPDX-License-Identifier: BSD-2-Clause */
/* Modules: the sub-nodes of a domain that say where its images lie. */
#include "binding.h"
#include "tree.h"
#include <libfdt.h>
#include <string.h>

enum module_role {
    MODULE_KERNEL,
    MODULE_RAMDISK,
    MODULE_TREE,    /* a passthrough tree */
    MODULE_GENERIC, /* "this is a module": says nothing more */
    MODULE_NONE,
};

static const struct {
    const char *compatible;
    enum module_role role;
} module_roles[] = {
    {"multiboot,kernel", MODULE_KERNEL},    {"xen,linux-zimage", MODULE_KERNEL},
    {"multiboot,ramdisk", MODULE_RAMDISK},  {"xen,linux-initrd", MODULE_RAMDISK},
    {"multiboot,module", MODULE_GENERIC},   {"xen,multiboot-module", MODULE_GENERIC},
    {"multiboot,device-tree", MODULE_TREE},
};

static enum module_role module_role_of(const char *compatible)
{
    for (uint32_t i = 0; i < sizeof(module_roles) / sizeof(module_roles[0]); i++)
        if (strcmp(module_roles[i].compatible, compatible) == 0)
            return module_roles[i].role;
    return MODULE_NONE;
}

/* What the sub-node is. What is no module, and a generic one that does not say where it goes, has
 * been reported when this returns. */
static enum module_role module_classify(struct build *build, int node)
{
    const void *tree = build->system;
    int length = 0;
    const char *string = fdt_getprop(tree, node, "compatible", &length);
    const char *end = string ? string + length : NULL;
    enum module_role role = MODULE_NONE;

    if (string && (!length || end[-1])) {
        report_error(build, NOTE_COMPATIBLE_LIST, tree, node, "compatible",
                     "is no list of terminated strings");
        return MODULE_NONE;
    }
    for (; string < end; string += strlen(string) + 1) {
        enum module_role this_role = module_role_of(string);

        if (this_role == MODULE_NONE && strncmp(string, "multiboot,", 10) == 0) {
            report_error(build, NOTE_MODULE_UNKNOWN, tree, node, "compatible", "\"%s\" is unknown",
                         string);
            return MODULE_NONE;
        }
        if (this_role < role)
            role = this_role;
    }
    if (role == MODULE_GENERIC && !fdt_getprop(tree, node, "bulkhead,load", NULL))
        report_error(build, NOTE_MODULE_NO_ROLE, tree, node, "compatible",
                     "neither multiboot,kernel nor multiboot,ramdisk, and no bulkhead,load");
    else if (role == MODULE_NONE)
        report_warning(build, NOTE_NODE_UNKNOWN, tree, node, NULL, "unknown node, ignored");
    return role;
}

/* An image in the bundle: offset and size, two cells each, relative to the bundle's start. */
static bool module_read_bundled(struct build *build, int node, struct range *range)
{
    static const struct tree_cells cells = {2, 2};
    const void *tree = build->system;
    const struct range *bundle = &build->facts->bundle;
    int length = 0;
    const uint8_t *data = fdt_getprop(tree, node, "bulkhead,image", &length);

    if (length != 16) {
        report_error(build, NOTE_IMAGE_LENGTH, tree, node, "bulkhead,image",
                     "%lu bytes long, must be 16", (unsigned long)length);
        return false;
    }
    range->base = tree_number(data, cells.address);
    range->size = tree_number(data + 8, cells.size);
    if (!range_valid(range->base, range->size) || range->base + range->size > bundle->size) {
        report_error(build, NOTE_IMAGE_OUTSIDE, tree, node, "bulkhead,image",
                     "offset 0x%lx with size 0x%lx is not in the bundle of 0x%lx bytes",
                     (unsigned long)range->base, (unsigned long)range->size,
                     (unsigned long)bundle->size);
        return false;
    }
    range->base += bundle->base;
    return true;
}

static bool module_read_range(struct build *build, int node, struct tree_cells cells,
                              struct range *range)
{
    const void *tree = build->system;
    bool reg = fdt_getprop(tree, node, "reg", NULL);
    bool image = fdt_getprop(tree, node, "bulkhead,image", NULL);
    uint32_t count;

    if (fdt_getprop(tree, node, "bulkhead,file", NULL)) {
        report_error(build, NOTE_FILE_NOT_PACKED, tree, node, "bulkhead,file",
                     "was not packed into this image");
        return false;
    }
    if (reg && image) {
        report_error(build, NOTE_PLACE_TWICE, tree, node, "reg",
                     "stands beside bulkhead,image: one of them only");
        return false;
    }
    if (!reg && !image) {
        report_error(build, NOTE_REG_MISSING, tree, node, "reg", "missing");
        return false;
    }
    if (image)
        return module_read_bundled(build, node, range);
    count = tree_ranges(build, tree, node, "reg", cells);
    if (count > 1)
        report_error(build, NOTE_REG_MANY, tree, node, "reg", "%lu ranges, must be one",
                     (unsigned long)count);
    return count == 1 && tree_range(build, tree, node, "reg", cells, 0, range);
}

static void module_read_bootargs(struct build *build, uint32_t index, int node)
{
    const char *bootargs;

    if (tree_string(build, build->system, node, "bootargs", &bootargs) != TREE_GOOD)
        return;
    if (strlen(bootargs) >= PLAN_BOOTARGS)
        report_error(build, NOTE_BOOTARGS_LONG, build->system, node, "bootargs",
                     "longer than %lu characters", (unsigned long)PLAN_BOOTARGS - 1);
    else
        memcpy(build->plan->partition[index].bootargs, bootargs, strlen(bootargs) + 1);
}

/* A guest physical address, in one cell or two. */
static bool module_read_address(struct build *build, int node, const char *property,
                                uint64_t *address)
{
    int length = 0;

    return fdt_getprop(build->system, node, property, &length) &&
           tree_value(build, build->system, node, property, length == 4 ? 1 : 2, address) ==
               TREE_GOOD;
}

/* Which of the domain's modules this is; BUILD_KINDS, reported, when there is no place for it. */
static uint32_t module_kind(struct build *build, uint32_t index, int node, enum module_role role)
{
    uint32_t kind = role == MODULE_KERNEL    ? BUILD_KERNEL
                    : role == MODULE_RAMDISK ? BUILD_RAMDISK
                    : role == MODULE_TREE    ? BUILD_TREE
                                             : BUILD_EXTRA;

    while (role == MODULE_GENERIC && kind < BUILD_KINDS && build->module[index][kind] >= 0)
        kind++;
    if (kind == BUILD_KINDS) {
        report_error(build, NOTE_MODULES_MANY, build->system, node, "compatible",
                     "the domain has %lu modules beside kernel and ramdisk already",
                     (unsigned long)PLAN_EXTRAS);
    } else if (build->module[index][kind] >= 0) {
        report_error(build, NOTE_MODULE_TWICE, build->system, node, "compatible",
                     "the domain has a %s already",
                     kind == BUILD_KERNEL    ? "kernel"
                     : kind == BUILD_RAMDISK ? "ramdisk"
                                             : "passthrough tree");
        kind = BUILD_KINDS;
    }
    return kind;
}

static void module_read_options(struct build *build, uint32_t index, int node, uint32_t kind)
{
    struct build_raw *raw = &build->raw[index];

    if (kind == BUILD_KERNEL) {
        module_read_bootargs(build, index, node);
        raw->has_load = module_read_address(build, node, "bulkhead,load", &raw->load);
        raw->has_entry = module_read_address(build, node, "bulkhead,entry", &raw->entry);
    } else if (kind >= BUILD_EXTRA) {
        module_read_address(build, node, "bulkhead,load",
                            &build->plan->partition[index].extra[kind - BUILD_EXTRA].load);
    }
}

static void module_read(struct build *build, uint32_t index, int node, struct tree_cells cells)
{
    enum module_role role = module_classify(build, node);
    struct plan_module *module;
    struct range range;
    uint32_t kind;

    if (role == MODULE_NONE ||
        (role == MODULE_GENERIC && !fdt_getprop(build->system, node, "bulkhead,load", NULL)))
        return;
    binding_check(build, node,
                  role == MODULE_KERNEL    ? BINDING_KERNEL
                  : role == MODULE_RAMDISK ? BINDING_RAMDISK
                  : role == MODULE_TREE    ? BINDING_DEVICE_TREE
                                           : BINDING_MODULE);
    kind = module_kind(build, index, node, role);
    if (kind == BUILD_KINDS)
        return;
    build->module[index][kind] = node;
    module_read_options(build, index, node, kind);
    if (!module_read_range(build, node, cells, &range))
        return;
    if (range.base % PAGE_SIZE) {
        report_error(build, NOTE_MODULE_ALIGNMENT, build->system, node,
                     fdt_getprop(build->system, node, "reg", NULL) ? "reg" : "bulkhead,image",
                     "0x%lx is no multiple of 4 KiB", (unsigned long)range.base);
        return;
    }
    module = build_module(build, index, kind);
    module->host = range.base;
    module->size = range.size;
}

void modules_read(struct build *build, uint32_t partition, struct tree_cells cells)
{
    int domain = build->node[partition];
    int node;

    for (uint32_t kind = 0; kind < BUILD_KINDS; kind++)
        build->module[partition][kind] = -1;
    fdt_for_each_subnode(node, build->system, domain)
    {
        if (affinity_is(build->system, node) || !tree_enabled(build, build->system, node))
            continue;
        if (tree_compatible(build->system, node, "xen,domain-shared-memory-v1"))
            shared_read(build, partition, node, cells);
        else if (tree_compatible(build->system, node, "xen,evtchn-v1"))
            channel_read(build, partition, node);
        else
            module_read(build, partition, node, cells);
    }
    if (build->module[partition][BUILD_KERNEL] < 0)
        report_error(build, NOTE_KERNEL_MISSING, build->system, domain, NULL,
                     "has no kernel module");
}
