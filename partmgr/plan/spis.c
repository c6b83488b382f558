/* SPDX-License-Identifier: BSD-2-Clause */
/* nr_spis: how many shared interrupts a guest has. */
#include "layout.h"
#include "tree.h"
#include <libfdt.h>

#define SPIS_LIMIT 988u /* what Xen has */

static const char spis_property[] = "nr_spis";

void spis_read(struct build *build, uint32_t index)
{
    const void *tree = build->system;
    int node = build->node[index];
    uint64_t value = LAYOUT_SPIS_DEFAULT;

    tree_value(build, tree, node, spis_property, 1, &value);
    if (value > SPIS_LIMIT)
        report_error(build, NOTE_SPIS_RANGE, tree, node, spis_property, "%lu is more than %lu",
                     (unsigned long)value, (unsigned long)SPIS_LIMIT);
    else if (value > LAYOUT_SPIS)
        report_error(build, NOTE_SPIS_MANY, tree, node, spis_property,
                     "%lu is more than the %lu that an interrupt controller of Arm's can have",
                     (unsigned long)value, (unsigned long)LAYOUT_SPIS);
    build->plan->partition[index].spis = (uint32_t)(value < LAYOUT_SPIS ? value : LAYOUT_SPIS);
}

/* One that the guest has anyway must be among them. Who names no number gets as many as that takes.
 */
static void spis_need(struct build *build, uint32_t index, uint32_t intid, const char *name)
{
    struct plan_partition *partition = &build->plan->partition[index];
    const uint32_t needed = intid - LAYOUT_SPI_FIRST + 1;

    if (needed <= partition->spis)
        return;
    if (fdt_getprop(build->system, build->node[index], spis_property, NULL))
        report_error(build, NOTE_SPIS_FEW, build->system, build->node[index], spis_property,
                     "%lu are too few for %s, which has interrupt %lu: it takes %lu",
                     (unsigned long)partition->spis, name, (unsigned long)intid,
                     (unsigned long)needed);
    else
        partition->spis = needed;
}

void spis_check(struct build *build)
{
    const struct plan *plan = build->plan;

    for (uint32_t i = 0; i < plan->partition_count; i++) {
        const struct plan_partition *partition = &plan->partition[i];

        if (partition->uart || partition->board_uart)
            spis_need(build, i, partition->layout.uart_intid, "the UART");
        if (partition->watchdog != BH_MON_WATCHDOG_NONE)
            spis_need(build, i, partition->layout.watchdog_intid, "the watchdog");
    }
    for (uint32_t i = 0; i < plan->device_count; i++)
        for (uint32_t k = 0; k < plan->device[i].line_count; k++)
            spis_need(build, plan->device[i].partition, plan->device[i].line[k].intid,
                      plan->device[i].name);
}
