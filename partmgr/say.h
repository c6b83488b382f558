/* SPDX-License-Identifier: BSD-2-Clause */
/* The manager's lines on the console, and capability calls that say what was refused. */
#ifndef SAY_H
#define SAY_H

#include <bulkhead/invoke.h>
#include <stdbool.h>
#include <stdint.h>

/* One line, "partmgr: " in front and a line feed behind; formats as in plan/text.h. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same with "error: ", and counts. */
void say_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* True when the call succeeded; else an error "who: step: status". */
bool say_done(const char *who, const char *step, int64_t status);

/* Ends the manager without a seal: tells how many errors there were (with `more` that were not
 * printed) and halts. */
_Noreturn void say_stop(uint32_t more);

/* A call whose refusal is an error of `who` in this step. */
static inline bool say_call(const char *who, const char *step, enum bh_label label, uint64_t slot,
                            uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return say_done(who, step, bh_svc(label, slot, a, b, c, d, 0, 0).status);
}

#endif
