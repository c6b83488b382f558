/* SPDX-License-Identifier: BSD-2-Clause */
/* Static event channels, as Xen's binding has them: two nodes, of two domains or of one, that name
 * each other. */
#include "binding.h"
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
    struct build_end end = {.node = node, .partition = partition};
    int length = 0;
    const uint8_t *cells = fdt_getprop(build->system, node, channel_property, &length);

    binding_check(build, node, BINDING_CHANNEL);
    if (build->end_count == BUILD_ENDS) {
        report_error(build, NOTE_CHANNELS_MANY, build->system, node, "compatible",
                     "more than %lu ends of event channels", (unsigned long)BUILD_ENDS);
        return;
    }
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
        {other->partition, other->port},
        {end->partition, end->port},
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
