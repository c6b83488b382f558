/* SPDX-License-Identifier: BSD-2-Clause */
/* The partition's end of the console: what its guest and the monitor itself say goes into the ring
 * that the service drains, and what was typed comes out of the other one. All of it under the lock.
 *
 * A guest waits for room by its UART's flags. Where the description says so, or when the service
 * takes nothing for a long time, what finds no room is dropped instead, to the end of its line,
 * and counted. */
#include "monitor.h"

#include <bulkhead/console.h>
#include <bulkhead/invoke.h>

enum {
    PATIENCE = 100,                 /* without a change: the console is dead */
    RESUME = BH_CONSOLE_OUTPUT / 4, /* room with which dropping ends */
    LINE_END = 10
};

static struct {
    bool there;    /* else there is no service */
    bool dropping; /* what finds no room is lost */
    bool dead;     /* nobody drains */
    bool skipping; /* to the end of this line, and until there is room */
    bool stuck;    /* the service knows that room is waited for */
    uint32_t looks, seen;
    uint32_t missed; /* input: what the service has counted so far */
    uint64_t lost;
    struct bh_console_port *shared;
    struct bh_console_ring out, in;
    const char *name;
} port;

/* Room for a guest's characters. */
static uint32_t port_free(void)
{
    uint32_t room = bh_console_ring_room(&port.out);

    return room > BH_CONSOLE_RESERVE ? room - BH_CONSOLE_RESERVE : 0;
}

/* Shows what was put, and wakes the service if it asked for that. */
static void port_publish(bool line)
{
    uint32_t wants;

    bh_console_ring_publish(&port.out);
    bh_console_order();
    wants = __atomic_load_n(&port.shared->service.wants, __ATOMIC_RELAXED);
    if (wants == BH_CONSOLE_ALL ||
        (wants == BH_CONSOLE_LINES && (line || port_free() < BH_CONSOLE_OUTPUT / 2)))
        bh_svc(BH_EVENT_SIGNAL, BH_MON_EVENT_CONSOLE, 0, 0, 0, 0, 0, 0);
}

static void port_note(const char *bytes, size_t length)
{
    if (bh_console_ring_room(&port.out) < length + 2)
        return;
    bh_console_ring_put(&port.out, BH_CONSOLE_NOTE);
    for (size_t i = 0; i < length; i++)
        bh_console_ring_put(&port.out, (uint8_t)bytes[i]);
    bh_console_ring_put(&port.out, LINE_END);
    port_publish(true);
}

/* Says what was lost; from here on nothing is. */
static void port_resume(void)
{
    struct text text = {.length = 0};

    text_string(&text, "lost ");
    text_number(&text, port.lost);
    text_string(&text, " characters");
    port_note(text.data, text.length);
    port.skipping = port.dead = false;
    port.lost = 0;
}

bool port_room(void)
{
    return !port.there || port.dropping || port.dead || port.skipping || port_free();
}

void port_put(const struct bh_mon_config *config, uint8_t byte)
{
    if (!port.there) {
        direct_put(config, byte);
        return;
    }
    if (byte == BH_CONSOLE_NOTE) /* a guest's line is not the monitor's */
        return;
    if (port.skipping || !port_free()) {
        port.skipping = true;
        port.lost++;
        if (byte == LINE_END && port_free() >= RESUME)
            port_resume();
        return;
    }
    bh_console_ring_put(&port.out, byte);
    port_publish(byte == LINE_END);
    port.stuck = false;
}

/* In what is left to the monitor's own lines: nobody waits for room any more. */
void port_last(const struct bh_mon_config *config, uint8_t byte)
{
    if (!port.there || port.skipping || port_free())
        port_put(config, byte);
    else if (byte != BH_CONSOLE_NOTE && bh_console_ring_room(&port.out) > BH_CONSOLE_RESERVE / 2)
        bh_console_ring_put(&port.out, byte);
}

void port_print(struct text *text)
{
    size_t name = 0;

    if (!port.there) {
        direct_print(text);
        return;
    }
    while (port.name[name] && name < text->length && text->data[name] == port.name[name])
        name++;
    /* The service begins such a line with the name. */
    name = name < text->length && !port.name[name] && text->data[name] == ' ' ? name + 1 : 0;
    port_note(text->data + name, text->length - name);
    text->length = 0;
}

bool port_wait(void)
{
    if (!port.there || port.stuck)
        return port_room();
    port.stuck = true;
    port.looks = 0;
    __atomic_store_n(&port.shared->monitor.stuck, port.shared->monitor.stuck + 1, __ATOMIC_RELAXED);
    bh_console_order();
    return port_room(); /* the service may have made some before it could see that */
}

bool port_looking(void)
{
    return port.there ? port.stuck : direct_looking();
}

void port_look(const struct bh_mon_config *config)
{
    uint32_t taken;

    if (!port.there) {
        direct_look(config);
        return;
    }
    taken = __atomic_load_n(&port.shared->service.output, __ATOMIC_RELAXED);
    if (taken != port.seen)
        port.looks = 0;
    port.seen = taken;
    if (++port.looks < PATIENCE)
        return;
    port.dead = true;
    port.stuck = false;
}

void port_flush(const struct bh_mon_config *config)
{
    if (!port.there)
        direct_flush(config);
    else if (port.skipping)
        port_resume();
}

bool port_input(uint8_t *byte, bool *overrun)
{
    uint32_t missed;

    if (!port.there || !bh_console_ring_used(&port.in))
        return false;
    *byte = bh_console_ring_get(&port.in);
    bh_console_ring_publish(&port.in);
    missed = __atomic_load_n(&port.shared->service.lost, __ATOMIC_RELAXED);
    *overrun = missed != port.missed;
    port.missed = missed;
    return true;
}

bool port_more(void)
{
    return port.there && bh_console_ring_used(&port.in);
}

void port_init(const struct bh_mon_config *config)
{
    struct bh_console_port *shared = (struct bh_console_port *)BH_MON_PORT;

    port.name = config->name;
    port.there = config->magic == BH_MON_MAGIC && (config->flags & BH_MON_RING);
    port.dropping = config->flags & BH_MON_DROP;
    if (port.there)
        port_attach(shared);
}

/* Apart, for tests that have the pages elsewhere. */
void port_attach(struct bh_console_port *shared)
{
    port.there = true;
    port.shared = shared;
    port.out = bh_console_ring_producer(shared->output, BH_CONSOLE_OUTPUT, &shared->monitor.output,
                                        &shared->service.output);
    port.in = bh_console_ring_consumer(shared->input, BH_CONSOLE_INPUT, &shared->monitor.input,
                                       &shared->service.input);
    port.missed = __atomic_load_n(&shared->service.lost, __ATOMIC_RELAXED);
    port.seen = __atomic_load_n(&shared->service.output, __ATOMIC_RELAXED);
}
