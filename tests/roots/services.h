/* SPDX-License-Identifier: BSD-2-Clause */
/* What the manager services.c, its service and the guest service.c agree on. */
#ifndef SERVICES_H
#define SERVICES_H

#include <stdint.h>

/* The service's badges: Events that the guest rings (slot SERVICES_RING + badge), an interrupt. */
enum {
    SERVICES_PING,  /* ring back */
    SERVICES_SPIN,  /* until page->enough, then ring back */
    SERVICES_STUCK, /* for ever */
    SERVICES_CRASH,
    SERVICES_ALARM, /* ring back after page->delay ticks */
    SERVICES_RAISE, /* let the clock interrupt until it was reported three times, then ring back */
    SERVICES_BADGES,
    SERVICES_CLOCK = 17 /* the interrupt of the board's PL031, a level */
};

enum {
    SERVICES_RING = 40,  /* the guest's slots: Events */
    SERVICES_BELL = 24,  /* the service's slots: an Event, */
    SERVICES_TIMER = 16, /* its Timer */
    SERVICES_INTID = 48, /* the guest's interrupt */
    SERVICES_CLOCK_INTID = 34,
    SERVICES_REPORTS = 3,
    SERVICES_PERIOD = 62500, /* ticks: 1 ms on QEMU */
    SERVICES_BUDGET = 12500  /* a fifth */
};

#define SERVICES_CLOCK_BASE 0x09010000ull /* physical, and where the service has it */
#define SERVICES_PAGE       0x0c000000ull /* struct services_page, for both */

/* One page that both write: single loads and stores. */
struct services_page {
    volatile uint64_t loads, pings, timers, reports, progress;
    volatile uint64_t found; /* anything in registers that are not the service's */
    volatile uint64_t enough, delay;
};

#endif
