/* SPDX-License-Identifier: BSD-2-Clause */
/* The generic watchdog of Arm's base system architecture (DEN0029, "Generic Watchdog"), revision 1:
 * it counts as the generic timer does, and compares with WCV. */
#include "monitor.h"
#include "watchdog.h"

enum {
    WRR = 0x000,
    WCS = WATCHDOG_CONTROL,
    WOR = WATCHDOG_CONTROL | 0x008, /* and its upper half behind it */
    WORU = WATCHDOG_CONTROL | 0x00c,
    WCV = WATCHDOG_CONTROL | 0x010,
    WCVU = WATCHDOG_CONTROL | 0x014,
    REFRESH_IIDR = 0xfcc,
    CONTROL_IIDR = WATCHDOG_CONTROL | 0xfcc,
};

#define WCS_EN  (1u << 0)
#define WCS_WS0 (1u << 1)
#define WCS_WS1 (1u << 2)

#define IIDR     0x0001043bu /* architecture revision 1, implementer Arm */
#define WOR_BITS 48

/* WS1 is the partition's end; who begins anew because of it reads it until its first refresh. */
static bool watchdog_sbsa_ws1;

void watchdog_sbsa_load(struct watchdog *dog, uint64_t now, bool expired, uint64_t seconds)
{
    dog->ends = true;
    dog->counts = seconds;
    dog->period = seconds * clock_frequency() / 2; /* it passes twice */
    dog->deadline = seconds ? now + dog->period : 0;
    watchdog_sbsa_ws1 = expired;
}

static uint64_t watchdog_sbsa_merge(uint64_t old, uint32_t value, bool upper)
{
    return upper ? (old & 0xffffffffu) | (uint64_t)value << 32 : old >> 32 << 32 | value;
}

uint32_t watchdog_sbsa_read(const struct watchdog *dog, uint64_t offset)
{
    switch (offset) {
    case WCS:
        return (dog->counts ? WCS_EN : 0) | (dog->signalled ? WCS_WS0 : 0) |
               (watchdog_sbsa_ws1 ? WCS_WS1 : 0);
    case WOR:
        return (uint32_t)dog->period;
    case WORU:
        return (uint32_t)(dog->period >> 32);
    case WCV:
        return (uint32_t)dog->deadline;
    case WCVU:
        return (uint32_t)(dog->deadline >> 32);
    case REFRESH_IIDR:
    case CONTROL_IIDR:
        return IIDR;
    default:
        return 0;
    }
}

/* Writes of WRR, WOR and WCS are explicit refreshes, of WCV not. */
void watchdog_sbsa_write(struct watchdog *dog, uint64_t now, uint64_t offset, uint32_t value)
{
    switch (offset) {
    case WRR:
        break;
    case WCS:
        dog->counts = value & WCS_EN;
        break;
    case WOR:
    case WORU:
        dog->period = watchdog_sbsa_merge(dog->period, value, offset == WORU) &
                      (((uint64_t)1 << WOR_BITS) - 1);
        break;
    case WCV:
    case WCVU:
        dog->deadline = watchdog_sbsa_merge(dog->deadline, value, offset == WCVU);
        return;
    default:
        return;
    }
    dog->signalled = false;
    watchdog_sbsa_ws1 = false;
    if (dog->counts)
        dog->deadline = now + dog->period;
}
