/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding and mapping the trees and the bundle. Only what is read is carved out and mapped. */
#include "boot.h"
#include "carve.h"
#include "images.h"
#include "plan/bundle.h"
#include "say.h"

static bool boot_map(const char *who, uint64_t base, uint64_t size, uint64_t *slot, void **at)
{
    return say_done(who, "take its memory", carve_ram(base, size, slot)) &&
           say_done(who, "map", carve_map(*slot, size, BH_RIGHT_READ, at));
}

/* The first page tells the size; then exactly the rest is mapped behind it. */
static bool boot_map_tree(const char *who, uint64_t address, const void **tree, struct range *range)
{
    uint64_t base = align_down(address, PAGE_SIZE);
    char wrong[BUNDLE_WRONG];
    uint64_t slot;
    void *first;
    void *rest;

    if (!bundle_tree_place(address, wrong)) {
        say_error("%s: %s", who, wrong);
        return false;
    }
    if (!boot_map(who, base, PAGE_SIZE, &slot, &first))
        return false;
    *tree = (uint8_t *)first + (address - base);
    if (!bundle_tree_pages(*tree, address, range, wrong)) {
        say_error("%s: %s", who, wrong);
        return false;
    }
    if (range->size > PAGE_SIZE)
        return boot_map(who, base + PAGE_SIZE, range->size - PAGE_SIZE, &slot, &rest);
    return true;
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
    if (!bundle_program_good(&program->header, range->size, stacks)) {
        say_error("%s: its image has no usable header", name);
        return false;
    }
    *ram = program->header.ram_size;
    return true;
}

/* Without memory behind the kernel there is no bundle. */
static bool boot_read_bundle(struct boot *boot, uint64_t base)
{
    struct plan_facts *facts = &boot->facts;
    char wrong[BUNDLE_WRONG];
    uint64_t slot;
    void *page;

    if (carve_ram(base, PAGE_SIZE, &slot) < 0)
        return true;
    facts->bundle = facts->bundle_header = (struct range){base, PAGE_SIZE};
    if (!say_done("bundle", "map", carve_map(slot, PAGE_SIZE, BH_RIGHT_READ, &page)))
        return false;
    if (!bundle_read(facts, page, wrong)) {
        say_error("bundle: %s", wrong);
        return false;
    }
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

    bundle_facts(facts, kernel, bundle, boot_core);
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
