/* SPDX-License-Identifier: BSD-2-Clause */
/* The trees and the bundle, found as the manager finds them. */
#include "boot.h"
#include "partmgr/plan/bundle.h"
#include "partmgr/plan/tree.h"
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#define BOOT_ADDRESS_BITS 40u /* of Cortex-A53, the smallest that the kernel runs on */

static bool boot_wrong(struct boot *boot, enum plan_note_name name, const char *where,
                       const char *message)
{
    boot->wrong.name = name;
    snprintf(boot->wrong.path, sizeof(boot->wrong.path), "%s", where);
    snprintf(boot->wrong.message, sizeof(boot->wrong.message), "%s", message);
    return false;
}

static bool boot_read_tree(struct boot *boot, const char *who, uint64_t address, const void **tree,
                           struct range *pages)
{
    char wrong[BUNDLE_WRONG];
    const uint8_t *head;

    if (!bundle_tree_place(address, wrong))
        return boot_wrong(boot, NOTE_TREE_BAD, who, wrong);
    head = machine_at(address, 8);
    if (!head)
        return boot_wrong(boot, NOTE_TREE_BAD, who, "map: argument out of range");
    if (!bundle_tree_pages(head, address, pages, wrong))
        return boot_wrong(boot, NOTE_TREE_BAD, who, wrong);
    *tree = head;
    return true;
}

static bool boot_read_program(struct boot *boot, const char *name, const struct range *range,
                              uint64_t stacks, uint64_t *ram)
{
    const struct bh_program *program;

    if (!range->size)
        return true;
    program = (const struct bh_program *)machine_at(range->base, range->size);
    if (!program || !bundle_program_good(program, range->size, stacks))
        return boot_wrong(boot, NOTE_BUNDLE_BAD, name, "its image has no usable header");
    *ram = program->ram_size;
    return true;
}

static bool boot_read_bundle(struct boot *boot, uint64_t base)
{
    struct plan_facts *facts = &boot->facts;
    const void *page = machine_at(base, PAGE_SIZE);
    char wrong[BUNDLE_WRONG];

    facts->bundle = facts->bundle_header = (struct range){base, PAGE_SIZE};
    if (!page)
        return true; /* zeroes, as likely as not */
    if (!bundle_read(facts, page, wrong))
        return boot_wrong(boot, NOTE_BUNDLE_BAD, "bundle", wrong);
    if (!boot_read_program(boot, "monitor", &facts->monitor, BH_MAX_VCPUS, &facts->monitor_ram) ||
        !boot_read_program(boot, "console", &facts->console, 1, &facts->console_ram))
        return false;
    if (!facts->system_tree.size)
        return true;
    if (!boot_read_tree(boot, "system tree", facts->system_tree.base, &boot->system,
                        &facts->system_tree))
        return false;
    boot->system_limit = facts->system_tree.size;
    return true;
}

/* The core that boots: the first one, where nothing else is known. */
static uint64_t boot_core(const void *tree, uint64_t limit)
{
    int length = 0;
    int cpu = -1;
    const void *reg;

    if (!tree_check(tree, limit))
        cpu = fdt_first_subnode(tree, fdt_path_offset(tree, "/cpus"));
    while (cpu >= 0 && strncmp(fdt_get_name(tree, cpu, NULL), "cpu@", 4) != 0)
        cpu = fdt_next_subnode(tree, cpu);
    reg = cpu < 0 ? NULL : fdt_getprop(tree, cpu, "reg", &length);
    return reg && (length == 4 || length == 8) ? tree_number(reg, (uint32_t)length / 4) : 0;
}

bool boot_read(struct boot *boot, const struct board *board, uint64_t tree, uint64_t kernel,
               uint64_t bundle)
{
    struct plan_facts *facts = &boot->facts;

    bundle_facts(facts, kernel, bundle, 0);
    facts->memory = &machine_memory;
    machine_roots(facts, board, BOOT_ADDRESS_BITS);
    if (!boot_read_tree(boot, "hardware tree", tree, &boot->hardware, &facts->hardware_tree))
        return false;
    boot->hardware_limit = facts->hardware_tree.size - tree % PAGE_SIZE;
    facts->boot_core = boot_core(boot->hardware, boot->hardware_limit);
    boot->system = boot->hardware;
    boot->system_limit = boot->hardware_limit;
    return boot_read_bundle(boot, bundle);
}
