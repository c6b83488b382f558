/* SPDX-License-Identifier: BSD-2-Clause */
/* What a device that is passed through is in the machine's tree: pages and interrupts. */
#include "layout.h"
#include "passthrough.h"
#include <libfdt.h>
#include <string.h>

/* The GIC's binding: type, number, flags. */
enum { LINE_SPI = 0, LINE_CELLS = 12, LINE_EDGE = 3, LINE_SPIS = 988 };

static const char interrupts_property[] = "interrupts";

/* The phandle of the machine's interrupt controller; 0 when it has none. */
static uint32_t host_gic(const void *tree)
{
    static const char *const known[] = {"arm,gic-v3", "arm,gic-400", "arm,cortex-a15-gic",
                                        "arm,cortex-a7-gic"};

    for (uint32_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        int node = fdt_node_offset_by_compatible(tree, -1, known[i]);

        if (node >= 0)
            return fdt_get_phandle(tree, node);
    }
    return 0;
}

/* One interrupt of three cells. */
static bool host_add_line(struct passthrough *at, int node, const uint8_t *cells)
{
    const uint32_t number = (uint32_t)tree_number(cells + 4, 1);

    if (tree_number(cells, 1) != LINE_SPI || number >= LINE_SPIS) {
        report_error(at->build, NOTE_DEVICE_INTERRUPT, at->tree, at->node, at->path_name,
                     "%s has an interrupt that is no shared one", at->host_path);
        return false;
    }
    if (at->line_count == PLAN_DEVICE_LINES) {
        report_error(at->build, NOTE_DEVICE_INTERRUPT, at->tree, at->node, at->path_name,
                     "%s has more than %lu interrupts", fdt_get_name(at->build->hardware, node, 0),
                     (unsigned long)PLAN_DEVICE_LINES);
        return false;
    }
    at->line[at->line_count++] = (struct plan_line){
        .intid = LAYOUT_SPI_FIRST + number,
        .edge = tree_number(cells + 8, 1) & LINE_EDGE,
    };
    return true;
}

static bool host_read_lines(struct passthrough *at, int node, uint32_t controller)
{
    const void *tree = at->build->hardware;
    int length = 0;
    const uint8_t *cells = fdt_getprop(tree, node, interrupts_property, &length);

    if (fdt_getprop(tree, node, "interrupts-extended", NULL)) {
        report_error(at->build, NOTE_DEVICE_INTERRUPT, at->tree, at->node, at->path_name,
                     "%s has interrupts-extended: not supported", at->host_path);
        return false;
    }
    if (!cells)
        return true;
    if (!controller || controller != host_gic(tree)) {
        if (at->written)
            report_error(at->build, NOTE_DEVICE_INTERRUPT, at->tree, at->node, at->path_name,
                         "%s has interrupts that do not go to the GIC", at->host_path);
        return !at->written; /* what goes elsewhere is routed to nobody, as in Xen */
    }
    if (length % LINE_CELLS) {
        report_error(at->build, NOTE_DEVICE_INTERRUPT, tree, node, interrupts_property,
                     "%lu bytes long, must be a multiple of %lu", (unsigned long)length,
                     (unsigned long)LINE_CELLS);
        return false;
    }
    for (int i = 0; i < length; i += LINE_CELLS)
        if (!host_add_line(at, node, cells + i))
            return false;
    return true;
}

static bool host_read_pages(struct passthrough *at, int node, int parent)
{
    struct build *build = at->build;
    const void *tree = build->hardware;
    const struct tree_cells cells =
        tree_cells(build, tree, parent, tree_cells(build, tree, 0, TREE_ROOT_CELLS));
    uint32_t count = (at->written ? fdt_getprop(tree, node, "reg", NULL)
                                  : fdt_getprop(at->tree, at->node, "xen,reg", NULL))
                         ? tree_ranges(build, tree, node, "reg", cells)
                         : 0;

    at->host_pages.count = 0;
    at->device.address_cells = cells.address;
    at->device.size_cells = cells.size;
    if (at->written && count > PLAN_DEVICE_REGS) {
        report_error(build, NOTE_RANGES_MANY, at->tree, at->node, at->reg_name,
                     "%s has more than %lu ranges", at->host_path, (unsigned long)PLAN_DEVICE_REGS);
        return false;
    }
    for (uint32_t i = 0; i < count && i < RANGES_MAX; i++) {
        struct range range;

        if (!tree_range(build, tree, node, "reg", cells, i, &range))
            return false;
        range = range_pages(range.base, range.size);
        if (!ranges_add(&at->host_pages, range.base, range.size))
            return false;
    }
    return true;
}

bool host_device_read(struct passthrough *at, int node)
{
    const void *tree = at->build->hardware;
    const int device = node;
    const int parent = fdt_parent_offset(tree, node);
    uint64_t controller = 0;

    /* Upwards to the root: whose interrupts they are, and that no bus changes addresses. */
    for (; node >= 0; node = node ? fdt_parent_offset(tree, node) : -1) {
        int length = -1;
        const void *ranges = fdt_getprop(tree, node, "ranges", &length);

        if (!controller &&
            tree_value(at->build, tree, node, "interrupt-parent", 1, &controller) == TREE_BAD)
            return false;
        if (node && node != device && (!ranges || length)) {
            report_error(at->build, NOTE_DEVICE_BUS, at->tree, at->node, at->path_name,
                         "%s is behind a bus whose addresses are not the machine's", at->host_path);
            return false;
        }
    }
    return host_read_pages(at, device, parent) && host_read_lines(at, device, (uint32_t)controller);
}

/* Who has that interrupt; NULL: nobody. */
static const char *line_holder(struct passthrough *at, uint32_t intid)
{
    const struct plan *plan = at->build->plan;
    const struct plan_partition *partition = &plan->partition[at->partition];
    uint32_t uart;

    for (uint32_t i = 0; i < plan->device_count; i++)
        for (uint32_t k = 0; k < plan->device[i].line_count; k++)
            if (plan->device[i].line[k].intid == intid)
                return plan->device[i].name;
    for (uint32_t i = 0; i < at->device.line_count; i++)
        if (at->device.line[i].intid == intid)
            return "itself";
    if (uart_line(at->build, &uart) && uart == intid)
        return "the console's UART";
    if ((partition->uart || partition->board_uart) && partition->layout.uart_intid == intid)
        return "the domain's emulated UART";
    if (partition->watchdog != BH_MON_WATCHDOG_NONE && partition->layout.watchdog_intid == intid)
        return "the domain's emulated watchdog";
    return NULL;
}

void lines_take(struct passthrough *at)
{
    for (uint32_t i = 0; i < at->line_count; i++) {
        const struct plan_line *line = &at->line[i];
        const char *holder = line_holder(at, line->intid);

        if (holder)
            report_error(at->build, NOTE_DEVICE_INTERRUPT_TAKEN, at->tree, at->node, at->path_name,
                         "interrupt %lu of %s is that of %s already", (unsigned long)line->intid,
                         at->host_path, holder);
        else if (line->intid >= LAYOUT_SPI_FIRST + LAYOUT_SPIS)
            report_error(at->build, NOTE_SPIS_MANY, at->tree, at->node, at->path_name,
                         "interrupt %lu of %s: guests have those below %lu",
                         (unsigned long)line->intid, at->host_path,
                         (unsigned long)(LAYOUT_SPI_FIRST + LAYOUT_SPIS));
        else
            at->device.line[at->device.line_count++] = *line;
    }
}

/* The controller that the node's interrupts go to: the nearest interrupt-parent upwards; false,
 * reported, when that is none. */
static bool lines_parent(struct passthrough *at, const int *parents, uint32_t depth, uint32_t *gic)
{
    for (uint32_t i = depth + 1; i-- > 0;) {
        const int node = i == depth ? at->node : parents[i];
        uint64_t phandle;
        enum tree_found found =
            tree_value(at->build, at->tree, node, "interrupt-parent", 1, &phandle);

        if (found == TREE_MISSING)
            continue;
        *gic = (uint32_t)phandle;
        if (found == TREE_GOOD && fdt_node_offset_by_phandle(at->tree, *gic) < 0) {
            report_error(at->build, NOTE_PHANDLE_UNKNOWN, at->tree, node, "interrupt-parent",
                         "0x%lx is no node's phandle", (unsigned long)phandle);
            return false;
        }
        return found == TREE_GOOD;
    }
    *gic = at->gic; /* the generated tree's root names it */
    return true;
}

static bool lines_has(const struct passthrough *at, const uint8_t *cells)
{
    const uint64_t intid = LAYOUT_SPI_FIRST + tree_number(cells + 4, 1);
    const bool edge = tree_number(cells + 8, 1) & LINE_EDGE;

    for (uint32_t i = 0; i < at->line_count; i++)
        if (at->line[i].intid == intid && at->line[i].edge == edge)
            return tree_number(cells, 1) == LINE_SPI;
    return false;
}

void lines_agree(struct passthrough *at, const int *parents, uint32_t depth)
{
    int length = 0;
    const uint8_t *cells = fdt_getprop(at->tree, at->node, interrupts_property, &length);
    uint32_t gic;

    if (!cells || !lines_parent(at, parents, depth, &gic) || gic != at->gic)
        return;
    if (length % LINE_CELLS) {
        report_error(at->build, NOTE_DEVICE_DISAGREES, at->tree, at->node, interrupts_property,
                     "%lu bytes long, must be a multiple of %lu", (unsigned long)length,
                     (unsigned long)LINE_CELLS);
        return;
    }
    for (int i = 0; i < length; i += LINE_CELLS)
        if (!lines_has(at, cells + i)) {
            report_error(at->build, NOTE_DEVICE_DISAGREES, at->tree, at->node, interrupts_property,
                         "<%lu %lu %lu> is no interrupt of %s",
                         (unsigned long)tree_number(cells + i, 1),
                         (unsigned long)tree_number(cells + i + 4, 1),
                         (unsigned long)tree_number(cells + i + 8, 1),
                         at->has_host ? at->host_path : "a node of the machine: no xen,path");
            return;
        }
}
