/* SPDX-License-Identifier: BSD-2-Clause */
/* Event channels: for each end an Event that leads to its partition, and that the other end's
 * partition alone may ring. */
#include "channels.h"
#include "carve.h"
#include "say.h"

static bool channels_bell(const struct plan *plan, const uint64_t *slot, const struct plan_end *end,
                          const struct plan_end *peer)
{
    const char *name = plan->partition[end->partition].name;
    const uint64_t event = carve_slot();

    return say_call(name, "create a doorbell", BH_CONTROL_CREATE, BH_ROOT_CONTROL, BH_TYPE_EVENT,
                    event, 0, 0) &&
           say_call(name, "bind a doorbell", BH_EVENT_BIND, event, slot[end->partition],
                    end->gpio ? BH_EVENT_UPCALL | (BH_MON_BADGE_LINE + end->line) : end->intid, 0,
                    0) &&
           say_call(plan->partition[peer->partition].name, "give a doorbell", BH_CAP_COPY, event,
                    slot[peer->partition], BH_MON_DOORBELL + peer->number,
                    BH_RIGHT_SIGNAL | BH_RIGHT_GUEST, 0);
}

bool channels_build(const struct plan *plan, const uint64_t *slot)
{
    for (uint32_t i = 0; i < plan->channel_count; i++) {
        const struct plan_end *end = plan->channel[i].end;

        if (!channels_bell(plan, slot, &end[0], &end[1]) ||
            !channels_bell(plan, slot, &end[1], &end[0]))
            return false;
    }
    return true;
}
