/* SPDX-License-Identifier: BSD-2-Clause */
/* Many partitions on one terminal: whose line is next, what it looks like, and who is typed at.
 *
 * This part touches no device and makes no call. Whoever does feeds it with keys and time, takes
 * characters from it, and rings for the monitors that it names. */
#ifndef MUX_H
#define MUX_H

#include "line.h"

#include <bulkhead/console.h>

enum {
    MUX_LOOKS = 10,   /* a line that is not complete is shown when so many looks found it so */
    MUX_LOOK_MS = 20, /* as often as the console looks while mux_looking() */
    MUX_BATCH = 256,  /* bytes of one partition between two looks at the others */
    MUX_STAMP = 24,   /* characters of a time stamp, at most */
    MUX_NAME = 36,    /* of a name and what stands around it */
    MUX_PENDING = 2 * LINE_MAX + MUX_STAMP + MUX_NAME + 8,
    MUX_NOBODY = 0xffffffff
};

struct mux_port {
    struct bh_console_port *shared;
    const char *name;
    bool input; /* it can be typed at */
    bool stays; /* it is not waited for */
    bool ended; /* it has stopped, and is not typed at */
    bool typed; /* somebody has, since it has been chosen: every character is shown at once */
    uint32_t looks;
    uint32_t told; /* how often it was stuck when its monitor was told last */
    uint32_t lost;
    struct bh_console_ring out, in;
    struct line line;
};

struct mux {
    uint32_t count;
    bool stamps;
    uint32_t next;    /* whose turn it is */
    uint32_t chosen;  /* who is typed at, or MUX_NOBODY */
    uint32_t open;    /* whose line stands on the terminal without an end, or MUX_NOBODY */
    bool announce;    /* who is typed at, to be said */
    uint32_t escapes; /* switch keys in a row */
    uint32_t ring;    /* set of partitions whose monitors are to be rung for */
    uint64_t now;     /* us */
    uint32_t sent, pending;
    char text[MUX_PENDING]; /* what goes to the terminal next */
    struct mux_port port[BH_CONSOLE_MAX];
};

/* Takes over the shared pages, which lie one behind the other. */
void mux_init(struct mux *mux, const struct bh_console_config *config,
              struct bh_console_port *shared);

/* The next character for the terminal, or -1 if there is none now. */
int mux_next(struct mux *mux);

/* False when all that was said is out, but for lines that are not complete. */
bool mux_more(const struct mux *mux);

/* A key from the terminal. */
void mux_key(struct mux *mux, uint8_t key);

/* A line of the console's own; false when there is no room for it now. */
bool mux_say(struct mux *mux, const char *who, const char *what);

/* True while somebody waits for a look, and the look. */
bool mux_looking(const struct mux *mux);
void mux_look(struct mux *mux);

/* Something that it has said is still to come out. */
bool mux_said(const struct mux *mux, uint32_t port);

/* The partition has ended (what it has said last comes out as it is), or begun again. */
void mux_end(struct mux *mux, uint32_t port, bool ended);

/* Says to the monitors which output the console wants to be woken for: its own looking around is
 * over. False when something has come meanwhile: then it is not. */
bool mux_sleep(struct mux *mux);
void mux_wake(struct mux *mux);

#endif
