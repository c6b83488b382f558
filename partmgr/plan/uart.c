/* SPDX-License-Identifier: BSD-2-Clause */
/* The board's UART, which is the console service's or one partition's: where it is, and who may
 * have it. */
#include "layout.h"
#include "tree.h"
#include <libfdt.h>
#include <string.h>

/* The GIC's binding: type, number, flags. */
enum { UART_GIC_SPI = 0, UART_RISING = 1, UART_FALLING = 2, UART_SPIS = 988 };

/* A path, or the name of an alias, which must be a path: libfdt would follow aliases of aliases, in
 * a circle until its stack ends. */
static int uart_follow(const void *tree, const char *path, int length)
{
    const int aliases = fdt_subnode_offset(tree, 0, "aliases");
    const char *alias;
    int size = 0;

    if (path[0] == '/')
        return fdt_path_offset_namelen(tree, path, length);
    alias = aliases < 0 ? NULL : fdt_getprop_namelen(tree, aliases, path, length, &size);
    if (!alias || size < 2 || alias[0] != '/' || alias[size - 1])
        return -1;
    return fdt_path_offset(tree, alias);
}

/* The node that stdout-path names, without its options; negative when there is none. */
static int uart_node(const void *tree)
{
    int chosen = fdt_subnode_offset(tree, 0, "chosen");
    int length = 0;
    const char *path = chosen < 0 ? NULL : fdt_getprop(tree, chosen, "stdout-path", &length);

    if (!path || length < 2 || path[length - 1])
        return -1;
    return uart_follow(tree, path, (int)strcspn(path, ":"));
}

bool uart_pages(const struct build *build, struct range *pages)
{
    const int node = uart_node(build->hardware);
    int length = 0;
    const uint8_t *reg = node < 0 ? NULL : fdt_getprop(build->hardware, node, "reg", &length);
    const int parent = reg ? fdt_parent_offset(build->hardware, node) : -1;
    const int cells = parent < 0 ? 0 : fdt_address_cells(build->hardware, parent);

    if ((cells != 1 && cells != 2) || length < cells * 4)
        return false;
    *pages = (struct range){align_down(tree_number(reg, (uint32_t)cells), PAGE_SIZE), PAGE_SIZE};
    return true;
}

bool uart_line(const struct build *build, uint32_t *intid)
{
    const int node = uart_node(build->hardware);
    int length = 0;
    const uint8_t *line =
        node < 0 ? NULL : fdt_getprop(build->hardware, node, "interrupts", &length);

    if (length != 12 || tree_number(line, 1) != UART_GIC_SPI)
        return false;
    *intid = LAYOUT_SPI_FIRST + (uint32_t)tree_number(line + 4, 1);
    return true;
}

static void uart_read_interrupt(struct build *build, int node)
{
    struct plan_uart *uart = &build->plan->uart;
    int length = 0;
    const uint8_t *cells = fdt_getprop(build->hardware, node, "interrupts", &length);
    uint64_t number;

    if (!cells || length != 12 || tree_number(cells, 1) != UART_GIC_SPI ||
        tree_number(cells + 4, 1) >= UART_SPIS) {
        report_error(build, NOTE_UART_INTERRUPT, build->hardware, node, "interrupts",
                     "not one shared interrupt: who gets the UART needs it");
        return;
    }
    number = tree_number(cells + 4, 1);
    uart->line.intid = LAYOUT_SPI_FIRST + (uint32_t)number;
    uart->line.edge = tree_number(cells + 8, 1) & (UART_RISING | UART_FALLING);
}

bool uart_find(struct build *build, uint64_t *base, uint32_t *intid)
{
    const void *tree = build->hardware;
    int node = uart_node(tree);
    int length = 0;
    const uint8_t *cells;
    struct range range;
    struct tree_cells outside;

    if (node < 0 || !tree_compatible(tree, node, "arm,pl011"))
        return false;
    outside = tree_cells(build, tree, fdt_parent_offset(tree, node),
                         tree_cells(build, tree, 0, TREE_ROOT_CELLS));
    cells = fdt_getprop(tree, node, "interrupts", &length);
    if (!cells || length != 12 || tree_number(cells, 1) != UART_GIC_SPI ||
        tree_number(cells + 4, 1) >= UART_SPIS || !tree_ranges(build, tree, node, "reg", outside) ||
        !tree_range(build, tree, node, "reg", outside, 0, &range) || range.base % PAGE_SIZE)
        return false;
    *base = range.base;
    *intid = LAYOUT_SPI_FIRST + (uint32_t)tree_number(cells + 4, 1);
    return true;
}

void uart_read(struct build *build)
{
    const void *tree = build->hardware;
    struct plan_uart *uart = &build->plan->uart;
    int node = uart_node(tree);
    struct tree_cells cells;

    uart->given = true;
    if (node < 0 || !tree_compatible(tree, node, "arm,pl011")) {
        report_plain(build, NOTE_UART_MISSING, "/chosen",
                     "stdout-path: names no PL011, which is to be given away");
        return;
    }
    cells = tree_cells(build, tree, fdt_parent_offset(tree, node),
                       tree_cells(build, tree, 0, TREE_ROOT_CELLS));
    if (!tree_ranges(build, tree, node, "reg", cells) ||
        !tree_range(build, tree, node, "reg", cells, 0, &uart->pages))
        return;
    if (uart->pages.base % PAGE_SIZE)
        report_error(build, NOTE_UART_ALIGNMENT, tree, node, "reg", "0x%lx begins inside a page",
                     (unsigned long)uart->pages.base);
    uart->pages.size = PAGE_SIZE;
    uart_read_interrupt(build, node);
}

/* One domain's wish, and the console that it has otherwise. */
void uart_read_domain(struct build *build, uint32_t index)
{
    static const char *const whose[] = {"physical"};
    const void *tree = build->system;
    struct plan_partition *partition = &build->plan->partition[index];
    int node = build->node[index];

    partition->uart = tree_flag(build, tree, node, "vpl011");
    partition->board_uart = tree_choice(build, tree, node, "bulkhead,uart", whose, 1, 1) == 0;
    if (partition->board_uart && partition->uart)
        report_error(build, NOTE_UART_BESIDE_VPL011, tree, node, "bulkhead,uart",
                     "\"physical\" beside vpl011: they would be at the same address");
}

/* What all others lose by it. */
static void uart_warn_others(struct build *build, uint32_t owner)
{
    const struct plan *plan = build->plan;

    for (uint32_t i = 0; i < plan->partition_count; i++)
        if (plan->partition[i].uart)
            report_warning(build, NOTE_UART_LOST, build->system, build->node[i], "vpl011",
                           "leads nowhere: the machine's UART is %s's",
                           plan->partition[owner].name);
}

void uart_place(struct build *build)
{
    struct plan *plan = build->plan;
    uint32_t owner = 0;

    while (owner < plan->partition_count && !plan->partition[owner].board_uart)
        owner++;
    if (owner == plan->partition_count)
        return;
    for (uint32_t i = owner + 1; i < plan->partition_count; i++)
        if (plan->partition[i].board_uart)
            report_error(build, NOTE_UART_TWICE, build->system, build->node[i], "bulkhead,uart",
                         "%s has it already", plan->partition[owner].name);
    if (plan->console.used) {
        report_error(build, NOTE_UART_CONSOLE, build->system, build->node[owner], "bulkhead,uart",
                     "the console service has it already");
        return;
    }
    uart_read(build);
    if (plan->uart.line.edge)
        report_error(build, NOTE_UART_EDGE, build->system, build->node[owner], "bulkhead,uart",
                     "the machine's interrupt is an edge: a guest's is a level");
    uart_warn_others(build, owner);
}
