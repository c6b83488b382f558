/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages of the machine's that a domain wants for itself: whether nobody else has them. */
#include "passthrough.h"
#include "text.h"
#include <libfdt.h>
#include <stddef.h>

#define FREE_NAMED 2u  /* transports: more would not fit in a line */
#define FREE_LOOKS 40u /* at nodes, each at the cost of the tree's size */

/* Several devices of one domain may be in a page, if the guest has it in one place. */
static bool free_shares(const struct plan_device_range *one, const struct plan_device_range *other)
{
    return one->host >= other->host && one->size <= other->size &&
           one->host - other->host <= other->size - one->size &&
           one->guest - one->host == other->guest - other->host;
}

/* Of the device itself no page may come twice. */
static bool free_of_itself(struct passthrough *at, const struct range *host)
{
    for (uint32_t k = 0; k < at->device.range_count; k++) {
        const struct range own = {at->device.range[k].host, at->device.range[k].size};

        if (range_overlaps(&own, host)) {
            report_error(at->build, NOTE_DEVICE_TAKEN, at->tree, at->node, at->reg_name,
                         "pages at 0x%lx stand there twice", (unsigned long)host->base);
            return false;
        }
    }
    return true;
}

/* The pages of a node's first range, at the root of the tree or where no bus changes addresses. */
static bool free_pages(const struct build *build, int node, struct range *pages)
{
    const void *tree = build->hardware;
    const int parent = fdt_parent_offset(tree, node);
    const int address = parent < 0 ? 0 : fdt_address_cells(tree, parent);
    const int size = parent < 0 ? 0 : fdt_size_cells(tree, parent);
    int length = 0;
    const uint8_t *reg = fdt_getprop(tree, node, "reg", &length);
    uint64_t base;
    uint64_t bytes;

    if (!reg || address < 1 || address > 2 || size < 1 || size > 2 || length < 4 * (address + size))
        return false;
    base = tree_number(reg, (uint32_t)address);
    bytes = tree_number(reg + 4 * address, (uint32_t)size);
    if (!range_valid(base, bytes))
        return false;
    *pages = range_pages(base, bytes);
    return true;
}

/* Transports that are alike are often more than one to a page: what could be had instead. */
static void free_alike(struct passthrough *at, char *out, size_t size)
{
    const void *tree = at->build->hardware;
    const struct plan *plan = at->build->plan;
    const char *kind =
        at->device.node ? fdt_getprop(tree, at->device.node, "compatible", NULL) : NULL;
    uint32_t looks = plan->error_count < PLAN_ERRORS ? FREE_LOOKS : 0;
    uint32_t found = 0;
    size_t length = 0;
    int node = -1;

    out[0] = 0;
    while (kind && looks-- && found < FREE_NAMED) {
        struct range pages;
        bool taken;

        node = fdt_node_offset_by_compatible(tree, node, kind);
        if (node < 0)
            return;
        taken = !free_pages(at->build, node, &pages);

        for (uint32_t i = 0; i < plan->device_count && !taken; i++)
            for (uint32_t k = 0; k < plan->device[i].range_count && !taken; k++) {
                const struct range range = {plan->device[i].range[k].host,
                                            plan->device[i].range[k].size};

                taken = range_overlaps(&range, &pages);
            }
        if (taken)
            continue;
        length +=
            text_format(out + length, size - length, "%s%s",
                        found++ ? ", " : "; free in other pages: ", fdt_get_name(tree, node, NULL));
    }
}

static void free_report(struct passthrough *at, const struct plan_device *holder,
                        const struct range *host)
{
    char alike[80];

    free_alike(at, alike, sizeof(alike));
    report_error(at->build, NOTE_DEVICE_TAKEN, at->tree, at->node, at->reg_name,
                 "pages at 0x%lx are %s of %s already%s", (unsigned long)host->base, holder->name,
                 at->build->plan->partition[holder->partition].name, alike);
}

/* Who has one of these pages already: another device that is passed through. */
static bool free_of_devices(struct passthrough *at, const struct plan_device_range *wanted,
                            bool *again)
{
    const struct plan *plan = at->build->plan;
    const struct range host = {wanted->host, wanted->size};

    for (uint32_t i = 0; i < plan->device_count; i++)
        for (uint32_t k = 0; k < plan->device[i].range_count; k++) {
            const struct plan_device_range *other = &plan->device[i].range[k];
            const struct range range = {other->host, other->size};

            if (!range_overlaps(&range, &host))
                continue;
            if (plan->device[i].partition == at->partition && free_shares(wanted, other)) {
                *again = true;
                continue;
            }
            free_report(at, &plan->device[i], &host);
            return false;
        }
    return true;
}

bool host_range_free(struct passthrough *at, const struct plan_device_range *wanted, bool *again)
{
    struct build *build = at->build;
    const struct plan_facts *facts = build->facts;
    const struct range host = {wanted->host, wanted->size};
    bool given = !facts->root_count;
    struct range uart;

    *again = false;
    for (uint32_t i = 0; i < build->plan->ram.count; i++)
        if (range_overlaps(&build->plan->ram.at[i], &host)) {
            report_error(build, NOTE_DEVICE_RAM, at->tree, at->node, at->reg_name,
                         "0x%lx bytes at 0x%lx meet RAM at 0x%lx", (unsigned long)host.size,
                         (unsigned long)host.base, (unsigned long)build->plan->ram.at[i].base);
            return false;
        }
    if (uart_pages(build, &uart) && range_overlaps(&uart, &host)) {
        report_error(build, NOTE_DEVICE_IN_USE, at->tree, at->node, at->reg_name,
                     "0x%lx bytes at 0x%lx meet the console's UART at 0x%lx",
                     (unsigned long)host.size, (unsigned long)host.base, (unsigned long)uart.base);
        return false;
    }
    for (uint32_t i = 0; i < facts->root_count; i++)
        given = given || (host.base >= facts->root[i].base && host.size <= facts->root[i].size &&
                          host.base - facts->root[i].base <= facts->root[i].size - host.size);
    if (given && !range_overlaps(&build->plan->gicv, &host))
        return free_of_itself(at, &host) && free_of_devices(at, wanted, again);
    report_error(build, NOTE_DEVICE_NEVER, at->tree, at->node, at->reg_name,
                 "0x%lx bytes at 0x%lx: the kernel gives these addresses to nobody",
                 (unsigned long)host.size, (unsigned long)host.base);
    return false;
}
