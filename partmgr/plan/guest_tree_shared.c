/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory that a guest shares with others, in its tree: reserved, and not its RAM. */
#include "guest_tree_writer.h"

static void guest_tree_area(struct writer *writer, const struct plan_shared *area,
                            const struct plan_peer *peer)
{
    static const char *const roles[] = {
        [PLAN_BORROWER] = "borrower",
        [PLAN_OWNER] = "owner",
        [PLAN_READER] = "reader",
    };
    const uint32_t reg[] = {CELLS_64(peer->guest), CELLS_64(area->size)};
    const uint32_t offset[] = {CELLS_64(0)}; /* in the area: every peer has all of it */

    guest_tree_begin_at(writer, "xen-shmem", peer->guest);
    guest_tree_string(writer, "compatible", "xen,shared-memory-v1");
    guest_tree_cells(writer, "reg", reg, 4);
    guest_tree_string(writer, "xen,id", area->id);
    guest_tree_cells(writer, "xen,offset", offset, 2);
    guest_tree_bytes(writer, "no-map", NULL, 0);
    guest_tree_string(writer, "bulkhead,role", roles[peer->role]);
    if (area->cacheable)
        guest_tree_bytes(writer, "bulkhead,cacheable", NULL, 0);
    guest_tree_end(writer);
}

static const struct plan_peer *guest_tree_peer(const struct plan_shared *area, uint32_t index)
{
    for (uint32_t i = 0; i < area->peer_count; i++)
        if (area->peer[i].partition == index)
            return &area->peer[i];
    return NULL;
}

void guest_tree_shared(struct writer *writer, const struct plan *plan, uint32_t index)
{
    bool begun = false;

    for (uint32_t i = 0; i < plan->shared_count; i++) {
        const struct plan_peer *peer = guest_tree_peer(&plan->shared[i], index);

        if (peer && !begun) {
            guest_tree_begin(writer, "reserved-memory");
            guest_tree_cell(writer, "#address-cells", 2);
            guest_tree_cell(writer, "#size-cells", 2);
            guest_tree_bytes(writer, "ranges", NULL, 0);
            begun = true;
        }
        if (peer)
            guest_tree_area(writer, &plan->shared[i], peer);
    }
    if (begun)
        guest_tree_end(writer);
}
