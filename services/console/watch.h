/* SPDX-License-Identifier: BSD-2-Clause */
/* The partitions' lives, as far as the console tells of them. */
#ifndef WATCH_H
#define WATCH_H

#include "mux.h"

/* Looks at each partition: says which have failed, and how. True when whoever is waited for has
 * ended; while nobody who is has begun, as where all stay, the console goes on. */
bool watch_look(struct mux *mux);

#endif
