/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two watchdogs have in common: time that runs out twice. The first time the guest gets an
 * interrupt, the second time its partition has failed. */
#ifndef WATCHDOG_H
#define WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

struct watchdog {
    bool counts;    /* the deadline means something */
    bool signalled; /* it has passed once since it was last put off */
    bool ends;      /* passing again is a failure */
    uint64_t period;
    uint64_t deadline; /* a value of the count, as are periods */
};

/* Registers of 32 bits at multiples of 4; the watchdog is as `now` has made it. The caller holds
 * the lock. */
uint32_t watchdog_sbsa_read(const struct watchdog *dog, uint64_t offset);
void watchdog_sbsa_write(struct watchdog *dog, uint64_t now, uint64_t offset, uint32_t value);

/* After a start, whose reason `expired` says; it runs already, for so many seconds, unless 0. */
void watchdog_sbsa_load(struct watchdog *dog, uint64_t now, bool expired, uint64_t seconds);

uint32_t watchdog_sp805_read(const struct watchdog *dog, uint64_t now, uint64_t offset);
void watchdog_sp805_write(struct watchdog *dog, uint64_t now, uint64_t offset, uint32_t value);
void watchdog_sp805_load(struct watchdog *dog, uint64_t now, uint64_t seconds);

/* Frames of the SBSA's: the refresh frame lies first. */
#define WATCHDOG_FRAME   0x1000u  /* bytes that are registers */
#define WATCHDOG_CONTROL 0x10000u /* the control frame's offset */

#endif
