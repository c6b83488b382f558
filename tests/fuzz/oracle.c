/* SPDX-License-Identifier: BSD-2-Clause */
/* The invariants of plans: whatever the trees say, this holds. */
#include "oracle.h"
#include "oracle_list.h"
#include "oracle_rules.h"
#include "partmgr/plan/layout.h"
#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char oracle_text[256];

bool oracle_broken(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(oracle_text, sizeof(oracle_text), format, arguments);
    va_end(arguments);
    return false;
}

bool oracle_printable(const char *what, const char *text, size_t size)
{
    size_t i = 0;

    for (; i < size && text[i]; i++)
        if (text[i] < ' ' || text[i] > '~')
            return oracle_broken("%s: character 0x%x", what, (unsigned char)text[i]);
    return i < size || oracle_broken("%s: not terminated", what);
}

static bool oracle_notes(const struct plan_note *notes, uint32_t count, uint32_t limit)
{
    char text[sizeof(struct plan_note) + 8];

    for (uint32_t i = 0; i < count && i < limit; i++) {
        uint64_t length = plan_note_text(&notes[i], text, sizeof(text));

        if (notes[i].name >= NOTE_NAMES || !notes[i].message[0] || !notes[i].path[0] ||
            length != strlen(text))
            return oracle_broken("note %u: no name, path or message", i);
        if (!plan_note_name(notes[i].name)[0] || !plan_note_advice(notes[i].name)[0])
            return oracle_broken("note %u: nothing to be done about it", i);
        if (!oracle_printable("note", text, sizeof(text)) ||
            !oracle_printable("note's path", notes[i].path, sizeof(notes[i].path)) ||
            !oracle_printable("note's property", notes[i].property, sizeof(notes[i].property)) ||
            !oracle_printable("note's message", notes[i].message, sizeof(notes[i].message)))
            return false;
    }
    return true;
}

/* Every vCPU has a core of its own, and the console's is one of the machine's. */
static bool oracle_cores(const struct plan *plan)
{
    bool taken[PLAN_CORES] = {false};

    if (plan->core_count > PLAN_CORES)
        return oracle_broken("%u cores", plan->core_count);
    for (uint32_t i = 0; i < plan->core_count; i++)
        for (uint32_t k = 0; k < i; k++)
            if (plan->core[i].mpidr == plan->core[k].mpidr)
                return oracle_broken("cores %u and %u are one", i, k);
    for (uint32_t i = 0; i < plan->partition_count; i++)
        for (uint32_t vcpu = 0; vcpu < plan->partition[i].vcpus; vcpu++) {
            uint32_t core = plan->partition[i].core[vcpu];

            if (core >= plan->core_count || taken[core])
                return oracle_broken("partition %u, vCPU %u: core %u is no core, or another's", i,
                                     vcpu, core);
            taken[core] = true;
        }
    if (plan->console.used && plan->console.core >= plan->core_count)
        return oracle_broken("the console's core %u", plan->console.core);
    if (plan->console.used)
        taken[plan->console.core] = true;
    for (uint32_t i = 0; i < plan->core_count; i++)
        if (taken[i] != plan->core[i].used)
            return oracle_broken("core %u is %s", i,
                                 taken[i] ? "used and not started" : "used by nobody");
    return true;
}

static bool oracle_banks(const struct plan_partition *partition)
{
    uint64_t sum = 0;

    if (!partition->bank_count || partition->bank_count > PLAN_BANKS)
        return oracle_broken("%s: %u banks", partition->name, partition->bank_count);
    for (uint32_t i = 0; i < partition->bank_count; i++) {
        sum += partition->bank[i].size;
        if (partition->bank[i].guest % PAGE_SIZE ||
            (i &&
             partition->bank[i].guest < partition->bank[i - 1].guest + partition->bank[i - 1].size))
            return oracle_broken("%s: bank %u", partition->name, i);
    }
    return sum == partition->ram_size || oracle_broken("%s: the sum of its banks", partition->name);
}

static bool oracle_names(const struct plan *plan)
{
    if (plan->partition_count > PLAN_PARTITIONS)
        return oracle_broken("%u partitions", plan->partition_count);
    for (uint32_t i = 0; i < plan->partition_count; i++) {
        const struct plan_partition *partition = &plan->partition[i];

        if (!partition->name[0] ||
            !oracle_printable("name", partition->name, sizeof(partition->name)) ||
            !memchr(partition->bootargs, 0, sizeof(partition->bootargs)))
            return oracle_broken("partition %u: its name or its bootargs", i);
        for (uint32_t k = 0; k < i; k++)
            if (strcmp(partition->name, plan->partition[k].name) == 0)
                return oracle_broken("two partitions are named %s", partition->name);
        if (!oracle_banks(partition))
            return false;
        if (!partition->vcpus || partition->vcpus > BH_MAX_VCPUS)
            return oracle_broken("%s: %u vCPUs", partition->name, partition->vcpus);
    }
    return true;
}

/* Whom a partition controls is another one, once each, under its own name. */
static bool oracle_targets(const struct plan *plan, uint32_t index)
{
    const struct plan_partition *partition = &plan->partition[index];

    if (partition->target_count > PLAN_TARGETS ||
        (!partition->control && (partition->target_count || partition->resets)))
        return oracle_broken("%s: %u targets", partition->name, partition->target_count);
    for (uint32_t i = 0; i < partition->target_count; i++) {
        const struct plan_target *target = &partition->target[i];

        if (target->partition >= plan->partition_count || target->partition == index ||
            strcmp(target->name, plan->partition[target->partition].name) != 0)
            return oracle_broken("%s: target %u", partition->name, i);
        for (uint32_t k = 0; k < i; k++)
            if (partition->target[k].partition == target->partition)
                return oracle_broken("%s: target %u twice", partition->name, i);
    }
    return true;
}

/* One UART has one owner, and times are such as the programs that get them can use. */
static bool oracle_devices(const struct plan *plan)
{
    uint32_t owners = plan->console.used;

    for (uint32_t i = 0; i < plan->partition_count; i++) {
        owners += plan->partition[i].board_uart;
        if (plan->partition[i].board_uart && plan->partition[i].uart)
            return oracle_broken("%s: two UARTs at one address", plan->partition[i].name);
        if (plan->partition[i].ring != plan->console.used)
            return oracle_broken("%s: the console service and its ring", plan->partition[i].name);
    }
    if (owners > 1 || plan->uart.given != (owners == 1))
        return oracle_broken("the UART has %u owners", owners);
    if (plan->uart.given &&
        (plan->uart.pages.base % PAGE_SIZE || !plan->uart.pages.size ||
         plan->uart.line.intid < LAYOUT_SPI_FIRST || plan->uart.line.intid > 1019))
        return oracle_broken("the UART");
    if (plan->console.used &&
        (!plan->console.budget || plan->console.budget > plan->console.period))
        return oracle_broken("the console's budget");
    return plan->gic == 2 || plan->gic == 3 || oracle_broken("GIC version %u", plan->gic);
}

/* No two owners share a byte of physical memory; all of it is there to be given away. */
static bool oracle_memory(const struct plan *plan, const struct plan_facts *facts,
                          const void *hardware)
{
    static struct oracle_list list;
    const char *lies;

    oracle_list_physical(&list, plan, facts);
    for (uint32_t i = 0; i < list.count; i++) {
        const struct oracle_piece *a = &list.at[i];

        if (a->range.base % PAGE_SIZE || a->range.size % PAGE_SIZE ||
            !range_valid(a->range.base, a->range.size))
            return oracle_broken("%s's %s: 0x%lx bytes at 0x%lx", a->owner, a->name, a->range.size,
                                 a->range.base);
        for (uint32_t k = 0; k < i; k++)
            if (oracle_list_clash(a, &list.at[k]))
                return oracle_broken("%s's %s at 0x%lx and %s's %s at 0x%lx", a->owner, a->name,
                                     a->range.base, list.at[k].owner, list.at[k].name,
                                     list.at[k].range.base);
        lies = oracle_list_lies(a, facts, hardware);
        if (lies)
            return oracle_broken("%s's %s at 0x%lx %s", a->owner, a->name, a->range.base, lies);
    }
    return true;
}

/* The same in a guest's own addresses: RAM apart from devices, images in the RAM and apart. */
static bool oracle_guest(const struct plan *plan, const struct plan_facts *facts, uint32_t index)
{
    const struct plan_partition *partition = &plan->partition[index];
    static struct oracle_list list;
    bool entry = false;

    oracle_list_guest(&list, plan, partition);
    for (uint32_t i = 0; i < list.count; i++) {
        const struct oracle_piece *a = &list.at[i];
        bool inside = a->kind != ORACLE_INSIDE;

        if (!a->range.size || a->range.base + a->range.size < a->range.base ||
            a->range.base + a->range.size > 1ull << facts->guest_bits)
            return oracle_broken("%s: %s: 0x%lx bytes at guest's 0x%lx", partition->name, a->name,
                                 a->range.size, a->range.base);
        for (uint32_t k = 0; k < list.count; k++) {
            const struct oracle_piece *b = &list.at[k];

            inside = inside || ((b->kind == ORACLE_RAM || b->kind == ORACLE_FLASH) &&
                                oracle_inside(&a->range, &b->range));
            if (k < i && (a->kind == ORACLE_INSIDE) == (b->kind == ORACLE_INSIDE) &&
                range_overlaps(&a->range, &b->range))
                return oracle_broken("%s: %s and %s at guest's 0x%lx", partition->name, a->name,
                                     b->name, a->range.base);
        }
        if (!inside)
            return oracle_broken("%s: %s at guest's 0x%lx is not in its memory", partition->name,
                                 a->name, a->range.base);
        entry = entry || (partition->entry >= a->range.base &&
                          partition->entry - a->range.base < a->range.size);
    }
    return entry || oracle_broken("%s: begins at 0x%lx, where nothing is", partition->name,
                                  partition->entry);
}

/* Whether it is to be believed: what is said of domains that are left out does not count. */
static bool oracle_is_plan(const struct plan *plan)
{
    for (uint32_t i = 0; i < plan->error_count && i < PLAN_ERRORS; i++)
        if (!plan->error[i].left_out)
            return false;
    return true;
}

const char *oracle_wrong(const struct plan *plan, const struct plan_facts *facts,
                         const void *hardware, const void *system)
{
    bool good = oracle_notes(plan->error, plan->error_count, PLAN_ERRORS) &&
                oracle_notes(plan->warning, plan->warning_count, PLAN_WARNINGS);

    if (good && oracle_is_plan(plan)) {
        good = oracle_names(plan) && oracle_cores(plan) && oracle_devices(plan) &&
               oracle_shared(plan) && oracle_channels(plan, system) &&
               oracle_passed(plan, facts, hardware) && oracle_in_place(plan) &&
               oracle_memory(plan, facts, hardware);
        for (uint32_t i = 0; good && i < plan->partition_count; i++)
            good = oracle_targets(plan, i) && oracle_guest(plan, facts, i);
    }
    return good ? NULL : oracle_text;
}
