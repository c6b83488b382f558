/* SPDX-License-Identifier: BSD-2-Clause */
/* The worlds that are possible by the model after all that was observed: more than one where the
 * specification leaves freedom, or where events overlapped. */
#ifndef VIRQ_WORLDS_H
#define VIRQ_WORLDS_H

#include "virq_bench.h"

/* One of the possible worlds. */
extern struct model worlds_any;

void worlds_begin(uint32_t vcpu_total);
/* An event has been observed: fails when it is impossible in every world. */
void worlds_see(const struct observed *event);
/* Events that overlapped: fails when no order of them is possible. */
void worlds_see_all(const struct observed *seen, uint32_t count);
uint32_t worlds_possible(void); /* how many */
/* Only worlds in which nothing waits that a vCPU must take: fails when there is none. */
void worlds_quiet(void);

/* What has happened, for people. */
extern bool worlds_told;
void worlds_tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
void worlds_tell_event(const struct observed *event);

#endif
