/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding and mapping the trees and the bundle. Only what is read is carved out and mapped. */
#include "boot.h"
#include "carve.h"
#include "images.h"
#include "policy/policy.h"
#include "say.h"
#include <string.h>

#define BUNDLE_MAGIC      0x314c444e42484b42ull /* "BKHBNDL1", little endian */
#define BUNDLE_SIZE_LIMIT 0x1000000000ull
#define BOOT_OURS         0x800000ull /* from BH_MON_CONFIG on: what programs find at fixed addresses */
#define TREE_MAGIC        0xd00dfeedu
#define GUEST_BITS        40u /* the smallest physical address size of the cores that we run on */

struct bundle_entry {
    char name[16];
    uint64_t offset;
    uint64_t size;
};

struct bundle_header {
    uint64_t magic;
    uint32_t count;
    uint32_t zero;
    struct bundle_entry entry[];
};

#define BUNDLE_ENTRIES ((PAGE_SIZE - sizeof(struct bundle_header)) / sizeof(struct bundle_entry))

_Static_assert(sizeof(struct bundle_header) == 16, "bundle header layout");
_Static_assert(sizeof(struct bundle_entry) == 32, "bundle entry layout");

static bool boot_map(const char *who, uint64_t base, uint64_t size, uint64_t *slot, void **at)
{
    return say_done(who, "take its memory", carve_ram(base, size, slot)) &&
           say_done(who, "map", carve_map(*slot, size, BH_RIGHT_READ, at));
}

static uint32_t boot_big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* The first page tells the size; then exactly the rest is mapped behind it. */
static bool boot_map_tree(const char *who, uint64_t address, const void **tree, struct range *range)
{
    uint64_t base = align_down(address, PAGE_SIZE);
    uint64_t slot;
    uint64_t size;
    void *first;
    void *rest;

    if (address % 8 || !range_valid(address, PLAN_TREE_LIMIT)) {
        say_error("%s: 0x%lx is no place for a device tree", who, (unsigned long)address);
        return false;
    }
    if (!boot_map(who, base, PAGE_SIZE, &slot, &first))
        return false;
    *tree = (uint8_t *)first + (address - base);
    if (boot_big_endian(*tree) != TREE_MAGIC) {
        say_error("%s: no device tree at 0x%lx", who, (unsigned long)address);
        return false;
    }
    size = boot_big_endian((const uint8_t *)*tree + 4);
    if (size > PLAN_TREE_LIMIT) {
        say_error("%s: larger than 2 MiB", who);
        return false;
    }
    *range = range_pages(address, size ? size : 1);
    if (range->size > PAGE_SIZE)
        return boot_map(who, base + PAGE_SIZE, range->size - PAGE_SIZE, &slot, &rest);
    return true;
}

static bool boot_program_good(const struct bh_program *program, uint64_t image, uint64_t stacks)
{
    const uint64_t limit = BH_MON_RAM; /* everything of a monitor lies below the guest's RAM */
    uint64_t sizes = program->base | program->text_size | program->rodata_size | program->ram_base |
                     program->ram_size | program->stack_base | program->stack_size;
    const struct range ours = {BH_MON_CONFIG, BOOT_OURS};
    struct range ram = {program->ram_base, program->ram_size};
    struct range text = {program->base, 0};

    if (program->magic != BH_PROGRAM_MAGIC || sizes % PAGE_SIZE || !program->text_size ||
        !program->rodata_size || !program->stack_size)
        return false;
    if (program->text_size > image || program->rodata_size > image - program->text_size)
        return false;
    text.size = program->text_size + program->rodata_size;
    if (program->base > limit || image > limit || program->ram_base > limit ||
        program->ram_size > limit || program->stack_base > limit || program->stack_size > limit)
        return false;
    return program->entry >= program->base && program->entry - program->base < program->text_size &&
           program->stack_base >= ram.base &&
           program->stack_base + stacks * program->stack_size <= ram.base + ram.size &&
           !range_overlaps(&text, &ram) && !range_overlaps(&text, &ours) &&
           !range_overlaps(&ram, &ours);
}

/* Leaves the size of its RAM; a program that is not in the bundle has none. */
static bool boot_read_program(const char *name, const struct range *range, uint64_t stacks,
                              struct boot_program *program, uint64_t *ram)
{
    void *image;

    if (!range->size)
        return true;
    if (!boot_map(name, range->base, range->size, &program->slot, &image))
        return false;
    program->header = *(const struct bh_program *)image;
    if (!boot_program_good(&program->header, range->size, stacks)) {
        say_error("%s: its image has no usable header", name);
        return false;
    }
    *ram = program->header.ram_size;
    return true;
}

/* Adds an entry to the facts: the bundle grows to hold it, and it may be one of ours. */
static bool boot_read_entry(struct boot *boot, const struct bundle_entry *entry)
{
    struct plan_facts *facts = &boot->facts;
    struct range pages;

    if (!range_valid(entry->offset, entry->size) || entry->offset % PAGE_SIZE || !entry->offset ||
        entry->offset + entry->size > BUNDLE_SIZE_LIMIT) {
        say_error("bundle: an entry with offset 0x%lx and size 0x%lx", (unsigned long)entry->offset,
                  (unsigned long)entry->size);
        return false;
    }
    pages = range_pages(facts->bundle.base + entry->offset, entry->size);
    if (pages.base + pages.size - facts->bundle.base > facts->bundle.size)
        facts->bundle.size = pages.base + pages.size - facts->bundle.base;
    if (strncmp(entry->name, "monitor", sizeof(entry->name)) == 0)
        facts->monitor = pages;
    if (strncmp(entry->name, "console", sizeof(entry->name)) == 0)
        facts->console = pages;
    if (strncmp(entry->name, "system", sizeof(entry->name)) == 0)
        facts->system_tree = pages;
    return true;
}

/* A kernel without a bundle is no error: then the hardware tree describes the system, if anything
 * does. */
static bool boot_read_bundle(struct boot *boot, uint64_t base)
{
    struct plan_facts *facts = &boot->facts;
    const struct bundle_header *header;
    uint64_t slot;
    void *page;

    if (carve_ram(base, PAGE_SIZE, &slot) < 0)
        return true;
    facts->bundle = facts->bundle_header = (struct range){base, PAGE_SIZE};
    if (!say_done("bundle", "map", carve_map(slot, PAGE_SIZE, BH_RIGHT_READ, &page)))
        return false;
    header = page;
    if (header->magic != BUNDLE_MAGIC)
        return true;
    if (header->count > BUNDLE_ENTRIES) {
        say_error("bundle: %lu entries, at most %lu", (unsigned long)header->count,
                  (unsigned long)BUNDLE_ENTRIES);
        return false;
    }
    for (uint32_t i = 0; i < header->count; i++)
        if (!boot_read_entry(boot, &header->entry[i]))
            return false;
    if (!boot_read_program("monitor", &facts->monitor, BH_MAX_VCPUS, &boot->monitor,
                           &facts->monitor_ram) ||
        !boot_read_program("console", &facts->console, 1, &boot->console, &facts->console_ram))
        return false;
    if (!facts->system_tree.size)
        return true;
    if (!boot_map_tree("system tree", facts->system_tree.base, &boot->system, &facts->system_tree))
        return false;
    boot->system_limit = facts->system_tree.size;
    return true;
}

bool boot_read(struct boot *boot, uint64_t tree, uint64_t kernel, uint64_t bundle,
               uint64_t boot_core)
{
    struct plan_facts *facts = &boot->facts;

    facts->kernel = (struct range){kernel, bundle - kernel};
    facts->boot_core = boot_core;
    facts->guest_bits = GUEST_BITS;
    facts->policy = policy_find("first-fit");
    facts->memory = &images_memory;
    while (facts->root_count < PLAN_ROOTS &&
           carve_root(facts->root_count, &facts->root[facts->root_count]))
        facts->root_count++;
    if (!boot_map_tree("hardware tree", tree, &boot->hardware, &facts->hardware_tree))
        return false;
    /* The tree may begin inside its first page. */
    boot->hardware_limit = facts->hardware_tree.size - tree % PAGE_SIZE;
    boot->system = boot->hardware;
    boot->system_limit = boot->hardware_limit;
    return boot_read_bundle(boot, bundle);
}

bool boot_cut_program(const char *who, const struct boot_program *program, uint64_t size,
                      uint64_t *rodata)
{
    const struct bh_program *header = &program->header;

    *rodata = carve_slot();
    return say_call(who, "split", BH_MEMORY_SPLIT, program->slot, *rodata, header->text_size, 0,
                    0) &&
           (size == header->text_size + header->rodata_size ||
            say_call(who, "split", BH_MEMORY_SPLIT, *rodata, carve_slot(), header->rodata_size, 0,
                     0));
}
