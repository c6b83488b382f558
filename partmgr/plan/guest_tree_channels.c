/* SPDX-License-Identifier: BSD-2-Clause */
/* Doorbells in a guest's tree: how it rings its peers, and how their rings arrive. */
#include "guest_tree_writer.h"
#include "layout.h"
#include "text.h"

static void guest_tree_channel(struct writer *writer, const struct plan *plan,
                               const struct plan_end *end, const struct plan_end *peer)
{
    const uint32_t interrupts[] = {GIC_SPI, end->intid - LAYOUT_SPI_FIRST, EDGE_RISING};
    const uint32_t gpios[] = {PHANDLE_GPIO, end->line, 0};
    char name[16];

    text_format(name, sizeof(name), "channel@%lx", (unsigned long)end->number);
    guest_tree_begin(writer, name);
    guest_tree_cell(writer, "reg", end->number);
    guest_tree_cell(writer, "bulkhead,port", end->port);
    guest_tree_string(writer, "bulkhead,peer", plan->partition[peer->partition].name);
    guest_tree_cell(writer, "bulkhead,slot", BH_MON_DOORBELL + end->number);
    guest_tree_cell(writer, "bulkhead,offset", BH_DOORBELL_RING(end->number));
    if (end->gpio)
        guest_tree_cells(writer, "gpios", gpios, 3);
    else
        guest_tree_cells(writer, "interrupts", interrupts, 3);
    guest_tree_end(writer);
}

/* Lines are named after who rings them, and the port: Linux finds a line by its name. */
static void guest_tree_gpio(struct writer *writer, const struct plan *plan, uint32_t index)
{
    static const char compatible[] = "arm,pl061\0arm,primecell";
    const struct plan_partition *partition = &plan->partition[index];
    const uint32_t reg[] = {CELLS_64(partition->layout.gpio), CELLS_64(LAYOUT_GPIO_SIZE)};
    const uint32_t interrupts[] = {GIC_SPI, partition->gpio_intid - LAYOUT_SPI_FIRST, LEVEL_HIGH};
    char names[BH_DOORBELL_LINES * (PLAN_NAME + 8)];
    uint64_t length = 0;

    for (uint32_t line = 0; line < partition->gpio_lines; line++)
        for (uint32_t i = 0; i < 2 * plan->channel_count; i++) {
            const struct plan_end *end = &plan->channel[i / 2].end[i % 2];
            const struct plan_end *peer = &plan->channel[i / 2].end[!(i % 2)];

            if (end->partition == index && end->gpio && end->line == line)
                length += 1 + text_format(names + length, sizeof(names) - length, "%s.%lu",
                                          plan->partition[peer->partition].name,
                                          (unsigned long)end->port);
        }
    guest_tree_begin_at(writer, "pl061", partition->layout.gpio);
    guest_tree_bytes(writer, "compatible", compatible, sizeof(compatible));
    guest_tree_cells(writer, "reg", reg, 4);
    guest_tree_cells(writer, "interrupts", interrupts, 3);
    guest_tree_cell(writer, "clocks", PHANDLE_CLOCK);
    guest_tree_string(writer, "clock-names", "apb_pclk");
    guest_tree_bytes(writer, "gpio-controller", NULL, 0);
    guest_tree_cell(writer, "#gpio-cells", 2);
    guest_tree_bytes(writer, "interrupt-controller", NULL, 0);
    guest_tree_cell(writer, "#interrupt-cells", 2);
    guest_tree_bytes(writer, "gpio-line-names", names, length);
    guest_tree_cell(writer, "phandle", PHANDLE_GPIO);
    guest_tree_end(writer);
}

void guest_tree_channels(struct writer *writer, const struct plan *plan, uint32_t index)
{
    const struct plan_partition *partition = &plan->partition[index];
    const uint32_t reg[] = {CELLS_64(partition->layout.doorbell), CELLS_64(BH_DOORBELL_SIZE)};

    if (partition->gpio_lines)
        guest_tree_gpio(writer, plan, index);
    guest_tree_begin_at(writer, "doorbell", partition->layout.doorbell);
    guest_tree_string(writer, "compatible", BH_DOORBELL_COMPATIBLE);
    guest_tree_cells(writer, "reg", reg, 4);
    guest_tree_cell(writer, "#address-cells", 1);
    guest_tree_cell(writer, "#size-cells", 0);
    /* In the order of their numbers, which is not that of the plan. */
    for (uint32_t number = 0; number < partition->doorbell_count; number++)
        for (uint32_t i = 0; i < 2 * plan->channel_count; i++) {
            const struct plan_end *end = &plan->channel[i / 2].end[i % 2];

            if (end->partition == index && end->number == number)
                guest_tree_channel(writer, plan, end, &plan->channel[i / 2].end[!(i % 2)]);
        }
    guest_tree_end(writer);
}
