/* SPDX-License-Identifier: BSD-2-Clause */
/* Static event channels, as Xen's binding has them: two nodes, of two domains or of one, that name
 * each other. */
#include "binding.h"
#include "layout.h"
#include "tree.h"
#include <libfdt.h>
#include <string.h>

#define CHANNEL_PORT_MAX 131071u /* of Xen's larger table of ports; 0 is none */

static const char channel_property[] = "xen,evtchn";

/* The partition's own number; 0, reported, when it is none or another node's. */
static uint32_t channel_port(struct build *build, const struct build_end *end, uint32_t port)
{
    if (!port || port > CHANNEL_PORT_MAX) {
        report_error(build, NOTE_CHANNEL_PORT, build->system, end->node, channel_property,
                     "port %lu is not 1 to %lu", (unsigned long)port,
                     (unsigned long)CHANNEL_PORT_MAX);
        return 0;
    }
    for (uint32_t i = 0; i < build->end_count; i++)
        if (build->end[i].partition == end->partition && build->end[i].port == port) {
            report_error(build, NOTE_CHANNEL_PORT_TWICE, build->system, end->node, channel_property,
                         "port %lu is %s's already", (unsigned long)port,
                         fdt_get_name(build->system, build->end[i].node, NULL));
            return 0;
        }
    return port;
}

void channel_read(struct build *build, uint32_t partition, int node)
{
    static const char *const notify[] = {"interrupt", "gpio"};
    struct plan_partition *at = &build->plan->partition[partition];
    struct build_end end = {.node = node, .partition = partition};
    int length = 0;
    const uint8_t *cells = fdt_getprop(build->system, node, channel_property, &length);

    binding_check(build, node, BINDING_CHANNEL);
    if (build->end_count == BUILD_ENDS) {
        report_error(build, NOTE_CHANNELS_MANY, build->system, node, "compatible",
                     "more than %lu ends of event channels", (unsigned long)BUILD_ENDS);
        return;
    }
    end.gpio = tree_choice(build, build->system, node, "bulkhead,notify", notify, 2, 0);
    if (end.gpio && at->gpio_lines == BH_DOORBELL_LINES)
        report_error(build, NOTE_CHANNEL_LINES_MANY, build->system, node, "bulkhead,notify",
                     "more than %lu lines of one domain", (unsigned long)BH_DOORBELL_LINES);
    else if (end.gpio)
        end.line = at->gpio_lines++;
    end.number = at->doorbell_count++;
    if (end.number == BH_DOORBELLS)
        report_error(build, NOTE_CHANNELS_MANY, build->system, node, "compatible",
                     "more than %lu event channels of one domain", (unsigned long)BH_DOORBELLS);
    if (!cells || length != 8) {
        report_error(build, NOTE_CHANNEL_VALUE, build->system, node, channel_property,
                     cells ? "%lu bytes long, must be 8" : "missing", (unsigned long)length);
    } else {
        end.port = channel_port(build, &end, (uint32_t)tree_number(cells, 1));
        end.peer = (uint32_t)tree_number(cells + 4, 1);
    }
    build->end[build->end_count++] = end;
}

/* The node that an end names: the index of that end; end_count, reported, when it names none. */
static uint32_t channel_peer(struct build *build, const struct build_end *end)
{
    const void *tree = build->system;
    int node = fdt_node_offset_by_phandle(tree, end->peer);

    if (node < 0) {
        report_error(build, NOTE_PHANDLE_UNKNOWN, tree, end->node, channel_property,
                     "0x%lx is no node's phandle", (unsigned long)end->peer);
        return build->end_count;
    }
    if (node == end->node) {
        report_error(build, NOTE_CHANNEL_SELF, tree, node, channel_property,
                     "names the node itself");
        return build->end_count;
    }
    for (uint32_t i = 0; i < build->end_count; i++)
        if (build->end[i].node == node)
            return i;
    if (tree_compatible(tree, node, "xen,evtchn-v1"))
        report_error(build, NOTE_CHANNEL_PEER_OFF, tree, end->node, channel_property,
                     "%s is disabled, or its domain is, or it is in none",
                     fdt_get_name(tree, node, NULL));
    else
        report_error(build, NOTE_CHANNEL_NO_PEER, tree, end->node, channel_property,
                     "%s is no event channel", fdt_get_name(tree, node, NULL));
    return build->end_count;
}

static struct plan_end channel_one(const struct build_end *end)
{
    return (struct plan_end){.partition = end->partition,
                             .port = end->port,
                             .number = end->number,
                             .gpio = end->gpio,
                             .line = end->line};
}

/* Joins an end that names one before it to that. */
static void channel_join(struct build *build, const uint32_t *peers, uint32_t index)
{
    struct plan *plan = build->plan;
    const uint32_t peer = peers[index];
    const struct build_end *end = &build->end[index];
    const struct build_end *other = &build->end[peer];

    if (peers[peer] != index && other->port)
        report_error(build, NOTE_CHANNEL_ONE_WAY, build->system, end->node, channel_property,
                     "%s, which it names, does not name it",
                     fdt_get_name(build->system, other->node, NULL));
    if (peers[peer] != index || peer > index || !end->port || !other->port)
        return;
    plan->channel[plan->channel_count++] = (struct plan_channel){{
        channel_one(other),
        channel_one(end),
    }};
}

void channels_join(struct build *build)
{
    uint32_t peers[BUILD_ENDS];

    for (uint32_t i = 0; i < build->end_count; i++)
        peers[i] = build->end[i].port ? channel_peer(build, &build->end[i]) : build->end_count;
    for (uint32_t i = 0; i < build->end_count; i++)
        if (peers[i] < build->end_count)
            channel_join(build, peers, i);
}

/* Whether something else of the partition has the INTID. */
static bool channel_intid_taken(const struct plan *plan, uint32_t index, uint32_t intid)
{
    const struct plan_partition *partition = &plan->partition[index];
    bool taken =
        ((partition->uart || partition->board_uart) && partition->layout.uart_intid == intid) ||
        (partition->watchdog != BH_MON_WATCHDOG_NONE &&
         partition->layout.watchdog_intid == intid) ||
        partition->gpio_intid == intid;

    for (uint32_t i = 0; i < plan->device_count; i++)
        for (uint32_t k = 0; k < plan->device[i].line_count; k++)
            taken |= plan->device[i].partition == index && plan->device[i].line[k].intid == intid;
    for (uint32_t i = 0; i < 2 * plan->channel_count; i++) {
        const struct plan_end *end = &plan->channel[i / 2].end[i % 2];

        taken |= end->partition == index && end->intid == intid;
    }
    return taken;
}

/* The next one that is free: upwards from where doorbells begin, then, where the partition has no
 * more, downwards from there; 0 when there is none. */
static uint32_t channel_intid(const struct plan *plan, uint32_t index)
{
    const uint32_t end = LAYOUT_SPI_FIRST + plan->partition[index].spis;
    const uint32_t first = end < LAYOUT_DOORBELL_INTID ? end : LAYOUT_DOORBELL_INTID;

    for (uint32_t intid = first; intid < end; intid++)
        if (!channel_intid_taken(plan, index, intid))
            return intid;
    for (uint32_t intid = first - 1; intid >= LAYOUT_SPI_FIRST; intid--)
        if (!channel_intid_taken(plan, index, intid))
            return intid;
    return 0;
}

/* The plan's end that a node is; NULL: it is in no channel, which has been reported. */
static struct plan_end *channel_end(struct plan *plan, const struct build_end *end)
{
    for (uint32_t i = 0; i < 2 * plan->channel_count; i++) {
        struct plan_end *at = &plan->channel[i / 2].end[i % 2];

        if (at->partition == end->partition && at->port == end->port)
            return at;
    }
    return NULL;
}

/* The end's interrupt, or its partition's PL061's; false when there is none left. */
static bool channel_place(struct plan *plan, struct plan_end *end)
{
    struct plan_partition *partition = &plan->partition[end->partition];
    uint32_t *intid = end->gpio ? &partition->gpio_intid : &end->intid;

    if (!*intid)
        *intid = channel_intid(plan, end->partition);
    return *intid;
}

void channels_place(struct build *build)
{
    for (uint32_t i = 0; i < build->end_count; i++) {
        struct plan_end *end = channel_end(build->plan, &build->end[i]);

        if (end && !channel_place(build->plan, end))
            report_error(build, NOTE_CHANNEL_INTERRUPTS, build->system, build->end[i].node, NULL,
                         "no interrupt of its domain is left");
    }
}
