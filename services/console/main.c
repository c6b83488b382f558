/* SPDX-License-Identifier: BSD-2-Clause */
/* The console: a service that owns the UART. It is entered when a monitor rings, when the UART has
 * something, and to look around; it goes on until there is nothing to do, or the UART is full. */
#include "mux.h"
#include "uart.h"
#include "watch.h"

#include <bulkhead/call.h>
#include <bulkhead/cap.h>
#include <bulkhead/count.h>
#include <bulkhead/invoke.h>
#include <bulkhead/upcall.h>

enum {
    WATCH_MS = 100, /* between two looks at the partitions' states */
    SOON_MS = 20,   /* to the next one when somebody has rung: its last words, maybe */
    SEND = 256,     /* characters before input is looked at again */
    RECEIVE = 64
};

static struct mux mux;
static uint64_t main_watch; /* when to look at states next */
static uint64_t main_look;  /* and at a line that is not complete */
static bool main_ended;     /* there is nobody left to speak */

/* Called by libcap/el0/start.S with the kernel's registers. */
_Noreturn void monitor_upcall(uint64_t kind, uint64_t badges);

static uint64_t main_ms(void)
{
    uint64_t frequency = bh_count_frequency();

    return frequency < 1000 ? 1 : frequency / 1000;
}

/* What is due by the clock. */
static void main_time(uint64_t now)
{
    const uint64_t ms = main_ms();

    mux.now = now / ms * 1000 + now % ms * 1000 / ms;
    if (now >= main_watch) {
        main_watch = now + WATCH_MS * ms;
        main_ended = watch_look(&mux);
    }
    if (now >= main_look) {
        main_look = now + MUX_LOOK_MS * ms;
        mux_look(&mux);
    }
}

static void main_receive(void)
{
    int key;

    for (uint32_t i = 0; i < RECEIVE && (key = uart_receive()) >= 0; i++)
        mux_key(&mux, (uint8_t)key);
}

/* False when the UART is full. */
static bool main_send(void)
{
    static int next = -1; /* what it had no room for */

    for (uint32_t i = 0; i < SEND; i++) {
        if (next < 0)
            next = mux_next(&mux);
        if (next < 0)
            return true;
        if (!uart_send((char)next))
            return false;
        next = -1;
    }
    return true;
}

static void main_ring(void)
{
    for (; mux.ring; mux.ring &= mux.ring - 1)
        bh_svc(BH_EVENT_SIGNAL, BH_CONSOLE_EVENT + (uint64_t)__builtin_ctz(mux.ring), 0, 0, 0, 0, 0,
               0);
}

/* True when it has come to its end: everyone has ended and everything is said. */
static bool main_run(void)
{
    uint64_t next;

    mux_wake(&mux);
    uart_acknowledge();
    for (;;) {
        bool room;

        main_time(bh_count());
        main_receive();
        room = main_send();
        main_ring();
        uart_want_room(!room);
        if (!room)
            break;
        if (mux_more(&mux) || !mux_sleep(&mux)) {
            mux_wake(&mux);
            continue;
        }
        if (main_ended && uart_idle())
            return true;
        break;
    }
    next = mux_looking(&mux) && main_look < main_watch ? main_look : main_watch;
    bh_svc(BH_TIMER_SET, BH_MON_TIMER, next, 0, 0, 0, 0, 0);
    return false;
}

static bool main_load(void)
{
    const struct bh_console_config *config = (const struct bh_console_config *)BH_CONSOLE_CONFIG;

    if (config->magic != BH_CONSOLE_MAGIC)
        return false;
    mux_init(&mux, config, (struct bh_console_port *)BH_CONSOLE_PORTS);
    uart_init();
    bh_svc(BH_TIMER_SET, BH_MON_TIMER, bh_count() + main_ms(), 0, 0, 0, 0, 0);
    return true;
}

_Noreturn void monitor_upcall(uint64_t kind, uint64_t badges)
{
    uint64_t action = BH_DO_RESUME;

    (void)badges; /* whichever it was, all is looked at */
    if (kind == BH_UPCALL_EVENT && main_watch > bh_count() + SOON_MS * main_ms())
        main_watch = bh_count() + SOON_MS * main_ms();
    if (kind == BH_UPCALL_LOAD)
        action = main_load() ? BH_DO_START : BH_DO_STOP;
    else if (main_run())
        action = BH_DO_STOP;
    bh_svc(BH_RETURN, action, kind == BH_UPCALL_LOAD ? BH_STOP_LOAD : BH_STOP_OFF, 0, 0, 0, 0, 0);
    __builtin_trap(); /* a return does not come back */
}
