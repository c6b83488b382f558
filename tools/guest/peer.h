/* SPDX-License-Identifier: BSD-2-Clause */
/* What a Linux guest has in common with other partitions, found in its device tree and used without
 * a driver: areas of shared memory, and doorbells. */
#ifndef PEER_H
#define PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct area {
    char id[32];
    uint64_t address; /* guest physical */
    uint64_t size;
    bool reader;  /* this partition may not write it */
    char *memory; /* NULL until area_open() */
};

struct bell {
    char peer[32];
    uint32_t number;
    uint32_t *ring; /* a store here rings at the peer */
    int line;       /* the virtual PL061's that rises when the peer rings; -1: it is an interrupt */
    int events;     /* file descriptor, -1 until bell_listen() */
    uint64_t rung;
    uint64_t heard;
};

_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Call it with each area that the tree names, each bell; the order is the tree's. */
void area_each(void (*found)(const struct area *area));
void bell_each(void (*found)(const struct bell *bell));

/* Maps the area of that id, as Device memory. It ends the program where there is none. */
struct area area_open(const char *id);

/* The bell between here and that partition. */
struct bell bell_open(const char *peer);
void bell_listen(struct bell *bell); /* from now on rings are kept */
void bell_ring(struct bell *bell);
/* Sleeps until one of these has rung since the last time, or so many ms have gone by (-1: for
 * ever); false then. No program hears a bell that rings by an interrupt: for such a one it is 1 ms.
 */
bool bell_wait(struct bell *const *bells, unsigned count, int timeout_ms);

#endif
