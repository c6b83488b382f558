/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines go out one after another, a partition's after another's. The one that is typed at may have
 * a line on the terminal that is not complete; another's line ends it, and it is shown again. */
#include "mux.h"

static void mux_put(struct mux *mux, char c)
{
    if (mux->pending < MUX_PENDING)
        mux->text[mux->pending++] = c;
}

static void mux_string(struct mux *mux, const char *string)
{
    while (*string)
        mux_put(mux, *string++);
}

/* Seconds with six digits behind the point. */
static void mux_stamp(struct mux *mux)
{
    char digits[20];
    uint64_t rest = mux->now;
    uint32_t count = 0;

    if (!mux->stamps)
        return;
    do {
        digits[count++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (count < 7 || rest);
    while (count) {
        mux_put(mux, digits[--count]);
        if (count == 6)
            mux_put(mux, '.');
    }
    mux_put(mux, ' ');
}

static void mux_prefix(struct mux *mux, const struct mux_port *port)
{
    mux_stamp(mux);
    if (!port->line.note)
        mux_put(mux, '[');
    mux_string(mux, port->name);
    mux_string(mux, port->line.note ? " " : "] ");
}

static void mux_text(struct mux *mux, const struct mux_port *port)
{
    mux_prefix(mux, port);
    for (uint32_t i = 0; i < port->line.length; i++)
        mux_put(mux, port->line.text[i]);
}

static void mux_close(struct mux *mux)
{
    if (mux->open == MUX_NOBODY)
        return;
    mux_put(mux, '\n');
    mux->port[mux->open].looks = 1; /* it comes again with more text, or later */
    mux->open = MUX_NOBODY;
}

/* What is there of a line, and the cursor where the guest has it. */
static void mux_show(struct mux *mux, uint32_t index)
{
    const struct line *line = &mux->port[index].line;

    mux_close(mux);
    mux_text(mux, &mux->port[index]);
    for (uint32_t i = line->cursor; i < line->length; i++)
        mux_put(mux, '\b');
    mux->open = index;
}

/* The line is complete: it goes out, or only its end if it is on the terminal already. */
static void mux_finish(struct mux *mux, uint32_t index)
{
    struct mux_port *port = &mux->port[index];

    if (mux->open != index) {
        mux_close(mux);
        mux_text(mux, port);
    }
    mux->open = MUX_NOBODY;
    mux_put(mux, '\n');
    line_next(&port->line);
}

/* The terminal follows a line that stands on it. */
static void mux_follow(struct mux *mux, const struct mux_port *port, enum line_change change)
{
    switch (change) {
    case LINE_BEGIN:
        mux_put(mux, '\r');
        mux_prefix(mux, port);
        mux_put(mux, port->line.text[0]);
        break;
    case LINE_ADDED:
        mux_put(mux, port->line.text[port->line.cursor - 1]);
        break;
    case LINE_BACK:
        mux_put(mux, '\b');
        break;
    case LINE_SAME:
    case LINE_READY:
    case LINE_REFUSED:
        break;
    }
}

/* Rings for a monitor that was stuck, once there is room worth it. */
static void mux_room(struct mux *mux, uint32_t index)
{
    struct mux_port *port = &mux->port[index];
    uint32_t stuck;

    bh_console_ring_publish(&port->out);
    bh_console_order();
    stuck = __atomic_load_n(&port->shared->monitor.stuck, __ATOMIC_RELAXED);
    if (stuck != port->told && bh_console_ring_used(&port->out) <= BH_CONSOLE_OUTPUT / 2) {
        port->told = stuck;
        mux->ring |= 1u << index;
    }
}

/* Takes what the partition says, until a line is complete. True when one is. */
static bool mux_pull(struct mux *mux, uint32_t index)
{
    struct mux_port *port = &mux->port[index];
    uint32_t used = bh_console_ring_used(&port->out);
    uint32_t count = used < MUX_BATCH ? used : MUX_BATCH;

    for (uint32_t i = 0; i < count && !port->line.ready; i++) {
        struct bh_console_ring before = port->out;
        enum line_change change = line_feed(&port->line, bh_console_ring_get(&port->out));

        if (change == LINE_REFUSED)
            port->out = before;
        port->looks = 0;
        if (mux->open == index) {
            mux_follow(mux, port, change);
            if (mux->pending > MUX_PENDING - MUX_NAME - MUX_STAMP - 8)
                break;
        }
    }
    if (count)
        mux_room(mux, index);
    else if (port->ended && port->line.length)
        line_cut(&port->line);
    return port->line.ready;
}

static bool mux_waits(const struct mux *mux)
{
    const struct mux_port *port;

    if (mux->chosen == MUX_NOBODY || mux->open == mux->chosen)
        return false;
    port = &mux->port[mux->chosen];
    return port->line.length && !port->line.ready;
}

bool mux_say(struct mux *mux, const char *who, const char *what)
{
    if (mux->sent != mux->pending)
        return false;
    mux->sent = mux->pending = 0;
    mux_close(mux);
    mux_stamp(mux);
    mux_string(mux, who);
    mux_string(mux, what);
    mux_put(mux, '\n');
    return true;
}

/* Finds more for the terminal. */
static void mux_fill(struct mux *mux)
{
    mux->sent = mux->pending = 0;
    if (mux->announce) {
        mux->announce = false;
        mux_say(mux, "console: input goes to ",
                mux->chosen == MUX_NOBODY ? "nobody" : mux->port[mux->chosen].name);
        return;
    }
    /* A line that stands on the terminal goes on while there is more of it. */
    if (mux->open != MUX_NOBODY) {
        uint32_t open = mux->open;

        if (mux_pull(mux, open))
            mux_finish(mux, open);
        if (mux->pending)
            return;
    }
    for (uint32_t i = 0; i < mux->count; i++) {
        uint32_t index = (mux->next + i) % mux->count;

        if (index != mux->open && mux_pull(mux, index)) {
            mux->next = (index + 1) % mux->count;
            mux_finish(mux, index);
            return;
        }
    }
    if (mux_waits(mux) && (mux->port[mux->chosen].looks >= MUX_LOOKS ||
                           (mux->port[mux->chosen].typed && !mux->port[mux->chosen].looks)))
        mux_show(mux, mux->chosen);
}

int mux_next(struct mux *mux)
{
    if (mux->sent == mux->pending)
        mux_fill(mux);
    return mux->sent == mux->pending ? -1 : (uint8_t)mux->text[mux->sent++];
}

bool mux_said(const struct mux *mux, uint32_t index)
{
    const struct mux_port *port = &mux->port[index];

    return port->line.ready || bh_console_ring_used(&port->out) ||
           (port->ended && port->line.length);
}

bool mux_more(const struct mux *mux)
{
    if (mux->sent != mux->pending || mux->announce)
        return true;
    for (uint32_t i = 0; i < mux->count; i++)
        if (mux_said(mux, i))
            return true;
    return false;
}

bool mux_looking(const struct mux *mux)
{
    return mux_waits(mux) && mux->port[mux->chosen].looks < MUX_LOOKS;
}

void mux_look(struct mux *mux)
{
    if (mux_looking(mux))
        mux->port[mux->chosen].looks++;
}

bool mux_sleep(struct mux *mux)
{
    for (uint32_t i = 0; i < mux->count; i++)
        __atomic_store_n(&mux->port[i].shared->service.wants,
                         i == mux->chosen && mux->port[i].typed ? BH_CONSOLE_ALL : BH_CONSOLE_LINES,
                         __ATOMIC_RELAXED);
    bh_console_order();
    return !mux_more(mux);
}

void mux_wake(struct mux *mux)
{
    for (uint32_t i = 0; i < mux->count; i++)
        __atomic_store_n(&mux->port[i].shared->service.wants, BH_CONSOLE_NOTHING, __ATOMIC_RELAXED);
}

void mux_end(struct mux *mux, uint32_t index, bool ended)
{
    mux->port[index].ended = ended;
}

void mux_init(struct mux *mux, const struct bh_console_config *config,
              struct bh_console_port *shared)
{
    mux->count = config->ports < BH_CONSOLE_MAX ? config->ports : BH_CONSOLE_MAX;
    mux->stamps = config->flags & BH_CONSOLE_STAMPS;
    mux->chosen = mux->open = MUX_NOBODY;
    for (uint32_t i = 0; i < mux->count; i++) {
        struct mux_port *port = &mux->port[i];

        port->shared = &shared[i];
        port->name = config->port[i].name;
        port->input = config->port[i].input;
        port->stays = config->port[i].stays;
        if (port->input && mux->chosen == MUX_NOBODY)
            mux->chosen = i;
        port->out = bh_console_ring_consumer(shared[i].output, BH_CONSOLE_OUTPUT,
                                             &shared[i].service.output, &shared[i].monitor.output);
        port->in = bh_console_ring_producer(shared[i].input, BH_CONSOLE_INPUT,
                                            &shared[i].service.input, &shared[i].monitor.input);
    }
}
