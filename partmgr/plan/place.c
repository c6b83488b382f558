/* SPDX-License-Identifier: BSD-2-Clause */
/* Placement: checks where modules lie, then gives cores and memory to partitions as the policy
 * chooses. */
#include "../policy/policy.h"
#include "build.h"
#include "layout.h"
#include "text.h"
#include "tree.h"
#include <libfdt.h>

/* The bundle's own property where a module uses it, so that the message names what stands in the
 * tree. */
const char *place_property(struct build *build, int node)
{
    return fdt_getprop(build->system, node, "reg", NULL) ? "reg" : "bulkhead,image";
}

const char *place_meets_ours(const struct build *build, const struct range *pages, uint64_t *at)
{
    const struct plan_facts *facts = build->facts;
    const struct {
        const struct range *range;
        const char *name;
    } ours[] = {
        {&facts->kernel, "the separation kernel"},
        {&facts->hardware_tree, "the hardware tree"},
        {&facts->bundle_header, "the bundle's header"},
        {&facts->system_tree, "the system tree"},
        {&facts->monitor, "the monitor's image"},
        {&facts->console, "the console's image"},
    };

    for (uint32_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (range_overlaps(ours[i].range, pages)) {
            *at = ours[i].range->base;
            return ours[i].name;
        }
    return NULL;
}

/* Identical ranges are one image, shared read-only; anything else that overlaps is a mistake. */
static void place_check_pairs(struct build *build, uint32_t partition, uint32_t kind,
                              const struct range *pages)
{
    const struct plan_module *module = build_module(build, partition, kind);
    int node = build->module[partition][kind];

    for (uint32_t i = 0; i < (partition * BUILD_KINDS + kind); i++) {
        uint32_t other_partition = i / BUILD_KINDS;
        uint32_t other_kind = i % BUILD_KINDS;
        const struct plan_module *other = build_module(build, other_partition, other_kind);
        struct range other_pages;

        if (!other->size || (other->host == module->host && other->size == module->size))
            continue;
        other_pages = range_pages(other->host, other->size);
        if (range_overlaps(&other_pages, pages))
            report_error(
                build, NOTE_MODULE_OVERLAP, build->system, node, place_property(build, node),
                "overlaps module %s of %s",
                fdt_get_name(build->system, build->module[other_partition][other_kind], NULL),
                build->plan->partition[other_partition].name);
    }
}

static void place_check_module(struct build *build, uint32_t partition, uint32_t kind)
{
    struct plan_module *module = build_module(build, partition, kind);
    int node = build->module[partition][kind];
    uint32_t errors = build->plan->error_count;
    struct range pages;
    const char *ours;
    uint64_t at = 0;

    if (!module->size)
        return;
    pages = range_pages(module->host, module->size);
    ours = place_meets_ours(build, &pages, &at);
    if (ours) {
        report_error(build, NOTE_MODULE_ON_OURS, build->system, node, place_property(build, node),
                     "overlaps %s at 0x%lx", ours, (unsigned long)at);
    } else {
        if (!ranges_contain(&build->usable, pages.base, pages.size))
            report_error(build, NOTE_MODULE_NO_RAM, build->system, node,
                         place_property(build, node),
                         "0x%lx with size 0x%lx is not all in usable RAM",
                         (unsigned long)module->host, (unsigned long)module->size);
        else if (!ranges_remove(&build->free, pages.base, pages.size))
            report_error(build, NOTE_PIECES_MANY, build->system, node, place_property(build, node),
                         "leaves too many pieces of RAM");
    }
    place_check_pairs(build, partition, kind, &pages);
    if (kind == BUILD_KERNEL)
        build->readable[partition] = build->plan->error_count == errors;
    if (kind == BUILD_TREE)
        build->tree_readable[partition] = build->plan->error_count == errors;
}

/* The one that a node names, or else the other. */
static const struct policy *place_policy_of(struct build *build, int node,
                                            const struct policy *otherwise)
{
    const char *names[POLICY_LIMIT];
    uint32_t count = 0;
    uint32_t index;

    for (; policy_at(count); count++)
        names[count] = policy_at(count)->name;
    index = tree_choice(build, build->system, node, "bulkhead,policy", names, count, count);
    return index < count ? policy_at(index) : otherwise;
}

void place_read_policy(struct build *build, int chosen)
{
    build->policy = place_policy_of(build, chosen, build->policy);
    text_format(build->plan->policy, PLAN_POLICY, "%s", build->policy->name);
}

void place_read_domain_policy(struct build *build, uint32_t index)
{
    build->own_policy[index] = place_policy_of(build, build->node[index], NULL);
    text_format(build->plan->partition[index].policy, PLAN_POLICY, "%s",
                build_policy(build, index)->name);
}

/* What a policy answers is believed as little as a tree. */
static bool place_answer_good(const struct build *build, const struct policy_request *request,
                              const struct range *answer)
{
    if (answer->base % request->alignment || !answer->size || answer->size > request->size)
        return false;
    if (answer->size < request->size && (request->pieces < 2 || answer->size % request->alignment))
        return false;
    return ranges_contain(&build->free, answer->base, answer->size);
}

static bool place_take_piece(struct build *build, const struct policy *policy,
                             const struct policy_request *request, struct range *answer)
{
    return policy->memory(build->plan, request, &build->free, answer) &&
           place_answer_good(build, request, answer) &&
           ranges_remove(&build->free, answer->base, answer->size);
}

static bool place_take(struct build *build, const struct policy *policy,
                       const struct policy_request *request, uint64_t *base)
{
    struct range answer = {0, 0};
    bool good = place_take_piece(build, policy, request, &answer);

    *base = answer.base;
    return good;
}

/* RAM for a guest, in one piece or several. */
static bool place_take_ram(struct build *build, uint32_t index)
{
    struct plan_partition *partition = &build->plan->partition[index];
    struct policy_request request = {index,      POLICY_GUEST_RAM, partition->ram_size,
                                     BLOCK_SIZE, PLAN_BANKS,       {0, 0}};

    while (request.size && request.pieces) {
        struct range answer = {0, 0};

        if (!place_take_piece(build, build_policy(build, index), &request, &answer) ||
            !layout_add(partition, answer.base, answer.size))
            return false;
        request.size -= answer.size;
        request.pieces--;
    }
    return !request.size;
}

bool place_unpacked(struct build *build, uint32_t partition, uint64_t size, uint64_t *base)
{
    const struct policy_request request = {partition, POLICY_IMAGE, size, PAGE_SIZE, 1, {0, 0}};

    return place_take(build, build_policy(build, partition), &request, base);
}

bool place_shared(struct build *build, uint32_t partition, uint64_t size, uint64_t *base)
{
    const struct policy_request request = {
        partition, POLICY_SHARED, size, size < BLOCK_SIZE ? PAGE_SIZE : BLOCK_SIZE, 1, {0, 0}};

    return place_take(build, build->policy, &request, base);
}

/* True when the guest's addresses reach all of its RAM. */
static bool place_fits_guest(const struct build *build, const struct plan_partition *partition)
{
    const struct plan_layout *layout = &partition->layout;
    const uint64_t space = 1ull << build->facts->guest_bits;
    const bool high = layout->low_size && partition->ram_size > layout->low_size;
    const uint64_t base = high ? layout->high : layout->ram;

    return base < space && partition->ram_size - (high ? layout->low_size : 0) <= space - base;
}

static void place_guest_ram(struct build *build, uint32_t index)
{
    struct plan_partition *partition = &build->plan->partition[index];
    const uint64_t left = ranges_total(&build->free);
    const uint64_t largest = ranges_largest(&build->free, BLOCK_SIZE);

    if (!partition->ram_size || partition->bank_count || partition->is_static)
        return;
    if (!place_fits_guest(build, partition))
        report_error(build, NOTE_MEMORY_ADDRESSES, build->system, build->node[index], "memory",
                     "%lu KiB is more than a guest's address space of %lu bits holds",
                     (unsigned long)(partition->ram_size / 1024),
                     (unsigned long)build->facts->guest_bits);
    else if (place_take_ram(build, index))
        return;
    else if (build->free.count == RANGES_MAX)
        report_error(build, NOTE_PIECES_MANY, build->system, build->node[index], "memory",
                     "leaves too many pieces of RAM");
    else
        report_error(build, NOTE_MEMORY_NO_ROOM, build->system, build->node[index], "memory",
                     "%lu KiB do not fit: %lu KiB of RAM are left, %lu KiB in one piece",
                     (unsigned long)(partition->ram_size / 1024), (unsigned long)(left / 1024),
                     (unsigned long)(largest / 1024));
}

/* The tree stands in the last 2 MiB block of the RAM that the guest maps early, the ramdisk below
 * it: the bottom is the kernel's. A guest too small for that has its tree in its last pages.
 * Firmware looks for its tree at the bottom of the RAM, as on QEMU's board. */
static void place_images(struct build *build, uint32_t index)
{
    struct plan_partition *partition = &build->plan->partition[index];
    const struct range run = layout_ram(partition);
    const uint64_t base = partition->layout.ram; /* a direct map may begin before it */
    uint64_t ram = base < run.base + run.size ? run.base + run.size - base : 0;
    uint64_t window = ram < LAYOUT_IMAGES_WINDOW ? ram : LAYOUT_IMAGES_WINDOW;
    uint64_t alignment = ram < 4 * BLOCK_SIZE ? PAGE_SIZE : BLOCK_SIZE;
    uint64_t kernel = 0;
    uint64_t room = 0; /* offset of the lowest image in the guest's RAM: what the kernel can have */

    for (uint32_t i = 0; i < partition->segment_count && !partition->firmware; i++)
        kernel += partition->segment[i].room;
    if (!run.size)
        return;
    if (ram > PLAN_GUEST_TREE && partition->firmware) {
        room = window;
        partition->tree_guest = base;
    } else if (ram > PLAN_GUEST_TREE) {
        room = align_down(window - PLAN_GUEST_TREE, alignment);
        partition->tree_guest = base + room;
    }
    if (partition->ramdisk.size && partition->ramdisk.size <= room) {
        room = align_down(room - partition->ramdisk.size, PAGE_SIZE);
        partition->ramdisk_guest = base + room;
    } else if (partition->ramdisk.size) {
        room = 0;
    }
    if (room && kernel <= room)
        pieces_check(build, index);
    else
        report_error(build, NOTE_MEMORY_IMAGES, build->system, build->node[index], "memory",
                     "%lu KiB are too few for kernel (%lu KiB), ramdisk (%lu KiB) and device tree",
                     (unsigned long)(ram / 1024), (unsigned long)(kernel / 1024),
                     (unsigned long)(partition->ramdisk.size / 1024));
}

static void place_private(struct build *build, uint32_t index)
{
    struct plan_partition *partition = &build->plan->partition[index];
    const struct policy *policy = build_policy(build, index);
    struct policy_request monitor = {index, POLICY_PRIVATE, build->facts->monitor_ram, PAGE_SIZE,
                                     1,     {0, 0}};
    struct policy_request config = {
        index, POLICY_PRIVATE, PLAN_CONFIG_SIZE + PLAN_GUEST_TREE, PAGE_SIZE, 1, {0, 0}};

    if (monitor.size && !place_take(build, policy, &monitor, &partition->monitor_host))
        report_error(build, NOTE_PRIVATE_NO_ROOM, build->system, build->node[index], "memory",
                     "no RAM left for its monitor's %lu KiB", (unsigned long)(monitor.size / 1024));
    if (!place_take(build, policy, &config, &partition->config_host))
        report_error(build, NOTE_PRIVATE_NO_ROOM, build->system, build->node[index], "memory",
                     "no RAM left for its configuration's %lu KiB",
                     (unsigned long)(config.size / 1024));
}

static void place_console(struct build *build)
{
    struct plan_console *console = &build->plan->console;
    const uint64_t ports = build->plan->partition_count * PLAN_PORT_SIZE;
    const struct policy_request program = {0, POLICY_PRIVATE, build->facts->console_ram, PAGE_SIZE,
                                           1, {0, 0}};
    const struct policy_request config = {0, POLICY_PRIVATE, PLAN_CONFIG_SIZE + ports, PAGE_SIZE,
                                          1, {0, 0}};

    if (!console->used)
        return;
    if (!place_take(build, build->policy, &program, &console->program_host) ||
        !place_take(build, build->policy, &config, &console->config_host))
        report_plain(build, NOTE_PRIVATE_NO_ROOM, "/chosen",
                     "no RAM left for the console's memory");
    console->ports_host = console->config_host + PLAN_CONFIG_SIZE;
    for (uint32_t i = 0; i < build->plan->partition_count; i++)
        build->plan->partition[i].ring = true;
}

void place_all(struct build *build)
{
    uint32_t count = build->plan->partition_count;

    for (uint32_t i = 0; i < count; i++)
        for (uint32_t kind = 0; kind < BUILD_KINDS; kind++)
            place_check_module(build, i, kind);
    static_take(build);
    shared_take(build);
    passthrough_read_all(build);
    devices_read_all(build);
    masters_check(build);
    kernels_read(build);
    in_place_all(build);
    /* Large and aligned first; the small pieces go where they leave gaps. */
    for (uint32_t i = 0; i < count && !leave_due(build); i++) {
        place_guest_ram(build, i);
        place_images(build, i);
    }
    if (!leave_due(build))
        shared_place(build);
    for (uint32_t i = 0; i < count && !leave_due(build); i++)
        place_private(build, i);
    if (leave_due(build))
        return;
    place_console(build);
    guest_maps_check(build);
    spis_check(build);
    channels_place(build);
    cores_place(build);
    build->plan->free = build->free;
    build->plan->ram_left = ranges_total(&build->free);
}
