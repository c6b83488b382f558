/* SPDX-License-Identifier: BSD-2-Clause */
/* What is typed: to the partition that was chosen, which the switch key, three times, changes. */
#include "mux.h"

enum { SWITCH_KEY = 1 /* Ctrl-A */, SWITCH_COUNT = 3 };

static bool keys_can(const struct mux *mux, uint32_t index)
{
    return mux->port[index].input && !mux->port[index].ended;
}

static void keys_give(struct mux *mux, uint8_t key)
{
    struct mux_port *port;

    if (mux->chosen == MUX_NOBODY)
        return;
    port = &mux->port[mux->chosen];
    port->typed = true;
    if (bh_console_ring_room(&port->in)) {
        bh_console_ring_put(&port->in, key);
        bh_console_ring_publish(&port->in);
    } else {
        port->lost++;
        __atomic_store_n(&port->shared->service.lost, port->lost, __ATOMIC_RELEASE);
    }
    mux->ring |= 1u << mux->chosen;
}

/* The next one in the order of the description that can be typed at; the same one if there is no
 * other. */
static void keys_switch(struct mux *mux)
{
    uint32_t from = mux->chosen == MUX_NOBODY ? 0 : mux->chosen;

    if (mux->chosen != MUX_NOBODY)
        mux->port[mux->chosen].typed = false;
    mux->chosen = MUX_NOBODY;
    for (uint32_t i = 1; i <= mux->count && mux->chosen == MUX_NOBODY; i++)
        if (keys_can(mux, (from + i) % mux->count))
            mux->chosen = (from + i) % mux->count;
    mux->announce = true;
    if (mux->chosen == MUX_NOBODY)
        return;
    mux->port[mux->chosen].typed = true;
    mux->port[mux->chosen].looks = MUX_LOOKS; /* what it has begun to say is shown */
}

void mux_key(struct mux *mux, uint8_t key)
{
    if (key == SWITCH_KEY) {
        if (++mux->escapes < SWITCH_COUNT)
            return;
        mux->escapes = 0;
        keys_switch(mux);
        return;
    }
    for (; mux->escapes; mux->escapes--) /* they were meant for the partition */
        keys_give(mux, SWITCH_KEY);
    keys_give(mux, key);
}
