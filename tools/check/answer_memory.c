/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's RAM, piece by piece: whose it is and what for. */
#include "answer.h"
#include "json.h"
#include "partmgr/plan/bundle.h"
#include "partmgr/plan/layout.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_PIECES 512u
#define MEMORY_NAME   96u

struct memory_piece {
    struct range range;
    const char *kind;
    const char *owner; /* a partition, or NULL */
    char name[MEMORY_NAME];
    uint32_t users; /* bits: partitions that load the image */
};

struct memory {
    const struct plan *plan;
    uint32_t count;
    struct memory_piece at[MEMORY_PIECES];
};

static struct memory_piece *memory_add(struct memory *memory, const char *kind, uint64_t base,
                                       uint64_t size)
{
    struct memory_piece *piece = &memory->at[memory->count];

    if (!size || memory->count == MEMORY_PIECES)
        return NULL;
    memory->count++;
    *piece = (struct memory_piece){.range = range_pages(base, size), .kind = kind};
    return piece;
}

static void memory_ours(struct memory *memory, const char *kind, const struct range *range,
                        const char *name)
{
    struct memory_piece *piece = memory_add(memory, kind, range->base, range->size);

    if (piece)
        snprintf(piece->name, sizeof(piece->name), "%s", name);
}

static void memory_of(struct memory *memory, const struct plan_partition *partition,
                      const char *kind, uint64_t base, uint64_t size, const char *name)
{
    struct memory_piece *piece = memory_add(memory, kind, base, size);

    if (!piece)
        return;
    piece->owner = partition->name;
    snprintf(piece->name, sizeof(piece->name), "%s of %s", name, partition->name);
}

/* Images that several load are one piece. */
static void memory_image(struct memory *memory, uint32_t partition,
                         const struct plan_module *module, const char *name)
{
    const struct plan_partition *user = &memory->plan->partition[partition];
    const struct range pages = range_pages(module->host, module->size);

    if (!module->size)
        return;
    for (uint32_t i = 0; i < memory->count; i++)
        if (memory->at[i].users && memory->at[i].range.base == pages.base &&
            memory->at[i].range.size == pages.size) {
            memory->at[i].users |= 1u << partition;
            return;
        }
    memory_of(memory, user, "image", pages.base, pages.size, name);
    memory->at[memory->count - 1].users = 1u << partition;
}

static void memory_partition(struct memory *memory, const struct plan_facts *facts, uint32_t index)
{
    const struct plan_partition *partition = &memory->plan->partition[index];
    const bool packed = partition->unpacked.size;

    for (uint32_t i = 0; i < partition->bank_count; i++)
        memory_of(memory, partition, "ram", partition->bank[i].host, partition->bank[i].size,
                  layout_in_place(partition, i) ? "kernel in place" : "RAM");
    memory_of(memory, partition, "private", partition->monitor_host, facts->monitor_ram, "monitor");
    memory_of(memory, partition, "private", partition->config_host, PLAN_CONFIG_SIZE,
              "configuration");
    memory_of(memory, partition, "private", partition->config_host + PLAN_CONFIG_SIZE,
              PLAN_GUEST_TREE, "device tree");
    if (!partition->in_place) /* else it is RAM */
        memory_image(memory, index, &partition->kernel, packed ? "packed kernel" : "kernel");
    memory_image(memory, index, &partition->unpacked, "kernel");
    memory_image(memory, index, &partition->ramdisk, "ramdisk");
    for (uint32_t i = 0; i < PLAN_EXTRAS; i++)
        memory_image(memory, index, &partition->extra[i].module, "module");
}

static void memory_console(struct memory *memory, const struct plan_facts *facts)
{
    const struct plan_console *console = &memory->plan->console;
    const struct range program = {console->program_host, facts->console_ram};
    const struct range config = {console->config_host, PLAN_CONFIG_SIZE};
    const struct range ports = {console->ports_host,
                                memory->plan->partition_count * PLAN_PORT_SIZE};

    if (!console->used)
        return;
    memory_ours(memory, "private", &program, "console service");
    memory_ours(memory, "private", &config, "configuration of the console service");
    memory_ours(memory, "shared", &ports, "console rings");
}

static int memory_compare(const void *a, const void *b)
{
    const struct memory_piece *first = a;
    const struct memory_piece *second = b;

    return first->range.base < second->range.base   ? -1
           : first->range.base > second->range.base ? 1
                                                    : 0;
}

static void memory_print(const struct memory *memory, const struct memory_piece *piece)
{
    json_object(NULL);
    json_number("base", piece->range.base);
    json_number("size", piece->range.size);
    json_string("kind", piece->kind);
    json_string("owner", piece->owner);
    json_string("name", piece->name);
    if (piece->users) {
        json_array("users");
        for (uint32_t i = 0; i < memory->plan->partition_count; i++)
            if (piece->users >> i & 1)
                json_string(NULL, memory->plan->partition[i].name);
        json_end();
    }
    json_end();
}

/* What lies around a place of which nothing is known yet: how far from `base` on it is the same. */
static uint64_t memory_until(const struct range *range, uint64_t base, uint64_t end, bool *inside)
{
    *inside = base >= range->base && base < range->base + range->size;
    if (*inside)
        return range->base + range->size < end ? range->base + range->size : end;
    return range->base > base && range->base < end ? range->base : end;
}

/* What no piece holds is the bundle's, free or reserved. */
static void memory_gap(const struct memory *memory, const struct range *bundle, uint64_t base,
                       uint64_t end)
{
    const struct ranges *free = &memory->plan->free;

    while (base < end) {
        struct memory_piece piece = {.kind = "reserved", .name = "not to be used"};
        bool inside;
        uint64_t stop = memory_until(bundle, base, end, &inside);

        if (inside) {
            piece.kind = "bundle";
            snprintf(piece.name, sizeof(piece.name), "not used");
        }
        for (uint32_t i = 0; i < free->count && !inside; i++) {
            stop = memory_until(&free->at[i], base, stop, &inside);
            if (inside) {
                piece.kind = "free";
                snprintf(piece.name, sizeof(piece.name), "nobody's");
            }
        }
        piece.range = (struct range){base, stop - base};
        memory_print(memory, &piece);
        base = stop;
    }
}

static bool memory_print_all(const struct memory *memory, const struct range *bundle)
{
    const struct ranges *banks = &memory->plan->ram;
    uint32_t next = 0;

    for (uint32_t i = 0; i < banks->count; i++) {
        const uint64_t end = banks->at[i].base + banks->at[i].size;
        uint64_t at = banks->at[i].base;

        for (; next < memory->count && memory->at[next].range.base < end; next++) {
            const struct memory_piece *piece = &memory->at[next];

            if (piece->range.base < at || piece->range.base + piece->range.size > end) {
                fprintf(stderr, "0x%" PRIx64 " (%s) has two owners, or is no RAM\n",
                        piece->range.base, piece->name);
                return false;
            }
            memory_gap(memory, bundle, at, piece->range.base);
            memory_print(memory, piece);
            at = piece->range.base + piece->range.size;
        }
        memory_gap(memory, bundle, at, end);
    }
    return next == memory->count;
}

bool answer_memory(const struct boot *boot, const struct plan *plan)
{
    static struct memory memory;
    const struct plan_facts *facts = &boot->facts;
    bool good;

    memory.plan = plan;
    memory_ours(&memory, "kernel", &facts->kernel, "separation kernel");
    memory_ours(&memory, "tree", &facts->hardware_tree, "hardware tree");
    memory_ours(&memory, "bundle", &facts->bundle_header, "header");
    memory_ours(&memory, "bundle", &facts->monitor, "monitor's image");
    memory_ours(&memory, "bundle", &facts->console, "console's image");
    memory_ours(&memory, "bundle", &facts->system_tree, "system tree");
    for (uint32_t i = 0; i < plan->partition_count; i++)
        memory_partition(&memory, facts, i);
    memory_console(&memory, facts);
    for (uint32_t i = 0; i < plan->shared_count; i++)
        memory_ours(&memory, "shared", &(struct range){plan->shared[i].host, plan->shared[i].size},
                    plan->shared[i].id);
    qsort(memory.at, memory.count, sizeof(memory.at[0]), memory_compare);
    json_array("memory");
    good = memory_print_all(&memory, &facts->bundle);
    json_end();
    return good;
}
