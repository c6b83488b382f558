/* SPDX-License-Identifier: BSD-2-Clause */
/* The bundle behind the kernel: its header, its programs, and where trees may lie. */
#include "bundle.h"
#include "../policy/policy.h"
#include "text.h"
#include "tree.h"
#include <string.h>

#define BUNDLE_MAGIC      0x314c444e42484b42ull /* "BKHBNDL1", little endian */
#define BUNDLE_SIZE_LIMIT 0x1000000000ull
#define BUNDLE_OURS       0x800000ull /* from BH_MON_CONFIG on: what programs find at fixed addresses */
#define BUNDLE_TREE_MAGIC 0xd00dfeedu
#define BUNDLE_GUEST_BITS 40u /* of the kernel's spaces; cores with fewer cannot run the manager */

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

void bundle_facts(struct plan_facts *facts, uint64_t kernel, uint64_t bundle, uint64_t boot_core)
{
    facts->kernel = (struct range){kernel, bundle - kernel};
    facts->boot_core = boot_core;
    facts->guest_bits = BUNDLE_GUEST_BITS;
    facts->policy = policy_find("first-fit");
}

/* Adds an entry to the facts: the bundle grows to hold it, and it may be one of ours. */
static bool bundle_read_entry(struct plan_facts *facts, const struct bundle_entry *entry,
                              char wrong[BUNDLE_WRONG])
{
    struct range pages;

    if (!range_valid(entry->offset, entry->size) || entry->offset % PAGE_SIZE || !entry->offset ||
        entry->offset + entry->size > BUNDLE_SIZE_LIMIT) {
        text_format(wrong, BUNDLE_WRONG, "an entry with offset 0x%lx and size 0x%lx",
                    (unsigned long)entry->offset, (unsigned long)entry->size);
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

bool bundle_read(struct plan_facts *facts, const void *page, char wrong[BUNDLE_WRONG])
{
    const struct bundle_header *header = page;

    if (header->magic != BUNDLE_MAGIC)
        return true;
    if (header->count > BUNDLE_ENTRIES) {
        text_format(wrong, BUNDLE_WRONG, "%lu entries, at most %lu", (unsigned long)header->count,
                    (unsigned long)BUNDLE_ENTRIES);
        return false;
    }
    for (uint32_t i = 0; i < header->count; i++)
        if (!bundle_read_entry(facts, &header->entry[i], wrong))
            return false;
    return true;
}

bool bundle_program_good(const struct bh_program *program, uint64_t image, uint64_t stacks)
{
    const uint64_t limit = BH_MON_RAM; /* everything of a monitor lies below the guest's RAM */
    uint64_t sizes = program->base | program->text_size | program->rodata_size | program->ram_base |
                     program->ram_size | program->stack_base | program->stack_size;
    const struct range ours = {BH_MON_CONFIG, BUNDLE_OURS};
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

bool bundle_tree_place(uint64_t address, char wrong[BUNDLE_WRONG])
{
    if (address % 8 == 0 && range_valid(address, PLAN_TREE_LIMIT))
        return true;
    text_format(wrong, BUNDLE_WRONG, "0x%lx is no place for a device tree", (unsigned long)address);
    return false;
}

bool bundle_tree_pages(const void *head, uint64_t address, struct range *pages,
                       char wrong[BUNDLE_WRONG])
{
    uint64_t size;

    if (tree_number(head, 1) != BUNDLE_TREE_MAGIC) {
        text_format(wrong, BUNDLE_WRONG, "no device tree at 0x%lx", (unsigned long)address);
        return false;
    }
    size = tree_number((const uint8_t *)head + 4, 1);
    if (size > PLAN_TREE_LIMIT) {
        text_format(wrong, BUNDLE_WRONG, "larger than 2 MiB");
        return false;
    }
    *pages = range_pages(address, size ? size : 1);
    return true;
}
