/* SPDX-License-Identifier: BSD-2-Clause */
/* Static shared memory, as Xen's binding has it: nodes of several domains that name one area. */
#include "binding.h"
#include "tree.h"
#include <libfdt.h>
#include <string.h>

static const char shared_property[] = "xen,shared-mem";

/* What one node says. */
struct shared_node {
    int node;
    const char *id;
    bool fixed;
    bool cacheable;
    uint64_t host;
    uint64_t guest;
    uint64_t size;
    enum plan_role role;
};

static bool shared_read_id(struct build *build, struct shared_node *from)
{
    const void *tree = build->system;
    enum tree_found found = tree_string(build, tree, from->node, "xen,shm-id", &from->id);

    if (found == TREE_MISSING)
        report_error(build, NOTE_SHARED_ID_MISSING, tree, from->node, "xen,shm-id", "missing");
    if (found != TREE_GOOD)
        return false;
    if (from->id[0] && strlen(from->id) < PLAN_SHARED_ID)
        return true;
    report_error(build, NOTE_SHARED_ID_LENGTH, tree, from->node, "xen,shm-id",
                 "%lu characters, must be 1 to %lu", (unsigned long)strlen(from->id),
                 (unsigned long)PLAN_SHARED_ID - 1);
    return false;
}

static bool shared_check_range(struct build *build, const struct shared_node *from)
{
    const uint64_t starts[] = {from->guest, from->host};

    for (uint32_t i = 0; i < (from->fixed ? 2u : 1u); i++)
        if (!range_valid(starts[i], from->size)) {
            report_error(build, NOTE_RANGE_BAD, build->system, from->node, shared_property,
                         "0x%lx with size 0x%lx is no memory range", (unsigned long)starts[i],
                         (unsigned long)from->size);
            return false;
        }
    if (!((from->host | from->guest | from->size) % PAGE_SIZE))
        return true;
    report_error(build, NOTE_SHARED_ALIGNMENT, build->system, from->node, shared_property,
                 "host 0x%lx, guest 0x%lx, size 0x%lx are not all multiples of 4 KiB",
                 (unsigned long)from->host, (unsigned long)from->guest, (unsigned long)from->size);
    return false;
}

/* <guest size> or <host guest size>: the length tells which. */
static bool shared_read_range(struct build *build, struct tree_cells cells,
                              struct shared_node *from)
{
    const uint32_t two = (cells.address + cells.size) * 4;
    const uint32_t three = two + cells.address * 4;
    int length = 0;
    const uint8_t *data = fdt_getprop(build->system, from->node, shared_property, &length);

    if (!data) {
        report_error(build, NOTE_SHARED_RANGE, build->system, from->node, shared_property,
                     "missing");
        return false;
    }
    if (!cells.address || !cells.size) {
        report_error(build, NOTE_CELLS_NO_RANGE, build->system, from->node, shared_property,
                     "#address-cells or #size-cells is 0, so it holds no range");
        return false;
    }
    from->fixed = (uint32_t)length == three;
    if (!from->fixed && (uint32_t)length != two) {
        report_error(build, NOTE_SHARED_RANGE, build->system, from->node, shared_property,
                     "%lu bytes long, must be %lu (host, guest, size) or %lu (guest, size)",
                     (unsigned long)length, (unsigned long)three, (unsigned long)two);
        return false;
    }
    if (from->fixed) {
        from->host = tree_number(data, cells.address);
        data += cells.address * 4;
    }
    from->guest = tree_number(data, cells.address);
    from->size = tree_number(data + cells.address * 4, cells.size);
    return shared_check_range(build, from);
}

/* The area of that id, made when there is none; NULL, reported, when there are too many. */
static struct plan_shared *shared_area(struct build *build, const struct shared_node *from)
{
    struct plan *plan = build->plan;
    struct plan_shared *area;

    for (uint32_t i = 0; i < plan->shared_count; i++)
        if (strcmp(plan->shared[i].id, from->id) == 0)
            return &plan->shared[i];
    if (plan->shared_count == PLAN_SHARED) {
        report_error(build, NOTE_SHARED_MANY, build->system, from->node, "xen,shm-id",
                     "more than %lu areas", (unsigned long)PLAN_SHARED);
        return NULL;
    }
    area = &plan->shared[plan->shared_count++];
    memcpy(area->id, from->id, strlen(from->id) + 1);
    area->host = from->host;
    area->size = from->size;
    area->fixed = from->fixed;
    area->cacheable = from->cacheable;
    return area;
}

/* False, reported, when this node contradicts those that named the area before. */
static bool shared_agrees(struct build *build, const struct plan_shared *area,
                          const struct shared_node *from)
{
    const char *first = build->plan->partition[area->peer[0].partition].name;

    if (area->fixed != from->fixed || area->host != from->host || area->size != from->size) {
        if (area->fixed)
            report_error(build, NOTE_SHARED_DISAGREE, build->system, from->node, shared_property,
                         "of \"%s\" %s says that it is 0x%lx bytes at 0x%lx", area->id, first,
                         (unsigned long)area->size, (unsigned long)area->host);
        else
            report_error(build, NOTE_SHARED_DISAGREE, build->system, from->node, shared_property,
                         "of \"%s\" %s says that it is 0x%lx bytes anywhere", area->id, first,
                         (unsigned long)area->size);
        return false;
    }
    if (area->cacheable == from->cacheable)
        return true;
    report_error(build, NOTE_SHARED_DISAGREE, build->system, from->node, "bulkhead,cacheable",
                 "of \"%s\" %s says otherwise", area->id, first);
    return false;
}

static bool shared_may_join(struct build *build, const struct plan_shared *area,
                            const struct shared_node *from, uint32_t partition)
{
    for (uint32_t i = 0; i < area->peer_count; i++) {
        const struct plan_peer *peer = &area->peer[i];

        if (peer->partition == partition) {
            report_error(build, NOTE_SHARED_TWICE, build->system, from->node, "xen,shm-id",
                         "the domain has \"%s\" already", area->id);
            return false;
        }
        if (peer->role == PLAN_OWNER && from->role == PLAN_OWNER) {
            report_error(build, NOTE_SHARED_OWNER_TWICE, build->system, from->node, "role",
                         "%s is the owner of \"%s\" already",
                         build->plan->partition[peer->partition].name, area->id);
            return false;
        }
    }
    return !area->peer_count || shared_agrees(build, area, from);
}

void shared_read(struct build *build, uint32_t partition, int node, struct tree_cells cells)
{
    static const char *const roles[] = {
        [PLAN_BORROWER] = "borrower",
        [PLAN_OWNER] = "owner",
        [PLAN_READER] = "reader",
    };
    struct shared_node from = {.node = node};
    const bool bad = build->shared_bad;
    struct plan_shared *area;
    bool has_id;

    binding_check(build, node, BINDING_SHARED_MEMORY);
    from.role =
        (enum plan_role)tree_choice(build, build->system, node, "role", roles, 3, PLAN_BORROWER);
    from.cacheable = tree_flag(build, build->system, node, "bulkhead,cacheable");
    has_id = shared_read_id(build, &from);
    build->shared_bad = true;
    if (!shared_read_range(build, cells, &from) || !has_id)
        return;
    area = shared_area(build, &from);
    if (!area || !shared_may_join(build, area, &from, partition))
        return;
    build->shared_bad = bad;
    build->shared_node[area - build->plan->shared][area->peer_count] = node;
    area->peer[area->peer_count++] = (struct plan_peer){partition, from.role, from.guest};
}

/* An area that one domain has alone, or that nobody may write, is of no use. */
static void shared_check_use(struct build *build, uint32_t index)
{
    const struct plan_shared *area = &build->plan->shared[index];
    int node = build->shared_node[index][0];
    bool written = false;

    for (uint32_t i = 0; i < area->peer_count; i++)
        written = written || area->peer[i].role != PLAN_READER;
    if (area->peer_count == 1)
        report_warning(build, NOTE_SHARED_ALONE, build->system, node, "xen,shm-id",
                       "no other domain has \"%s\"", area->id);
    else if (!written)
        report_warning(build, NOTE_SHARED_NO_WRITER, build->system, node, "role",
                       "nobody may write to \"%s\"", area->id);
}

/* An area before this one that lies over it; shared_count when there is none. */
static uint32_t shared_overlapped(const struct plan *plan, uint32_t index)
{
    const struct range range = {plan->shared[index].host, plan->shared[index].size};

    for (uint32_t i = 0; i < index; i++) {
        const struct range other = {plan->shared[i].host, plan->shared[i].size};

        if (plan->shared[i].fixed && range_overlaps(&range, &other))
            return i;
    }
    return plan->shared_count;
}

static bool shared_on_static(const struct plan_partition *partition, const struct range *range)
{
    for (uint32_t i = 0; partition->is_static && i < partition->bank_count; i++) {
        const struct range bank = {partition->bank[i].host, partition->bank[i].size};

        if (range_overlaps(&bank, range))
            return true;
    }
    return false;
}

/* What has that RAM already, for people. */
static const char *shared_holder(struct build *build, const struct range *range)
{
    const struct plan_facts *facts = build->facts;
    const struct range *ours[] = {&facts->bundle, &facts->hardware_tree};
    const struct plan *plan = build->plan;

    for (uint32_t i = 0; i < plan->partition_count; i++) {
        if (shared_on_static(&plan->partition[i], range))
            return "static memory of a domain";
        for (uint32_t kind = 0; kind < BUILD_KINDS; kind++) {
            const struct plan_module *module = build_module(build, i, kind);
            const struct range pages = range_pages(module->host, module->size);

            if (module->size && range_overlaps(&pages, range))
                return "a module";
        }
    }
    for (uint32_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (range_overlaps(ours[i], range))
            return i ? "the hardware tree" : "the bundle";
    return "what the boot loader reserved";
}

static void shared_take_fixed(struct build *build, uint32_t index)
{
    const struct plan *plan = build->plan;
    const struct plan_shared *area = &plan->shared[index];
    const struct range range = {area->host, area->size};
    const uint32_t other = shared_overlapped(plan, index);
    const int node = build->shared_node[index][0];

    if (other != plan->shared_count)
        report_error(build, NOTE_SHARED_OVERLAP, build->system, node, shared_property,
                     "0x%lx bytes at 0x%lx overlap \"%s\", 0x%lx bytes at 0x%lx",
                     (unsigned long)area->size, (unsigned long)area->host, plan->shared[other].id,
                     (unsigned long)plan->shared[other].size,
                     (unsigned long)plan->shared[other].host);
    else if (!ranges_contain(&build->usable, area->host, area->size))
        report_error(build, NOTE_SHARED_NO_RAM, build->system, node, shared_property,
                     "0x%lx bytes at 0x%lx are not all in usable RAM", (unsigned long)area->size,
                     (unsigned long)area->host);
    else if (!ranges_contain(&build->free, area->host, area->size))
        report_error(build, NOTE_SHARED_TAKEN, build->system, node, shared_property,
                     "0x%lx bytes at 0x%lx overlap %s", (unsigned long)area->size,
                     (unsigned long)area->host, shared_holder(build, &range));
    else if (!ranges_remove(&build->free, area->host, area->size))
        report_error(build, NOTE_PIECES_MANY, build->system, node, shared_property,
                     "leaves too many pieces of RAM");
}

void shared_take(struct build *build)
{
    for (uint32_t i = 0; i < build->plan->shared_count; i++) {
        if (!build->shared_bad)
            shared_check_use(build, i);
        if (build->plan->shared[i].fixed)
            shared_take_fixed(build, i);
    }
}

void shared_place(struct build *build)
{
    for (uint32_t i = 0; i < build->plan->shared_count; i++) {
        struct plan_shared *area = &build->plan->shared[i];

        if (!area->fixed && !place_shared(build, area->peer[0].partition, area->size, &area->host))
            report_error(build, NOTE_SHARED_NO_ROOM, build->system, build->shared_node[i][0],
                         shared_property, "no RAM is left for its %lu KiB",
                         (unsigned long)(area->size / 1024));
    }
}
