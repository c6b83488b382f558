/* SPDX-License-Identifier: BSD-2-Clause */
/* An SP805 (DDI 0270): a counter of 32 bits that goes down, clocked with 1 MHz. */
#include "monitor.h"
#include "watchdog.h"

enum {
    WDOGLOAD = 0x000,
    WDOGVALUE = 0x004,
    WDOGCONTROL = 0x008,
    WDOGINTCLR = 0x00c,
    WDOGRIS = 0x010,
    WDOGMIS = 0x014,
    WDOGLOCK = 0xc00,
    WDOGPERIPHID0 = 0xfe0,
};

#define INTEN  (1u << 0)
#define RESEN  (1u << 1)
#define UNLOCK 0x1acce551u

enum { CLOCK = 1000000 }; /* as partmgr writes it into the guest's tree */

static struct {
    uint32_t load, held; /* held: the value while it does not count */
    bool locked;
} sp805 = {.load = ~0u, .held = ~0u};

/* It goes through load + 1 values. Neither product overflows: 32 bits by the count's frequency. */
static uint64_t watchdog_sp805_ticks(void)
{
    return (((uint64_t)sp805.load + 1) * clock_frequency() + CLOCK - 1) / CLOCK;
}

static uint32_t watchdog_sp805_value(const struct watchdog *dog, uint64_t now)
{
    uint64_t value;

    if (!dog->counts)
        return sp805.held;
    value = (dog->deadline - now) * CLOCK / clock_frequency(); /* now is before it */
    return value < sp805.load ? (uint32_t)value : sp805.load;
}

static void watchdog_sp805_restart(struct watchdog *dog, uint64_t now)
{
    sp805.held = sp805.load;
    dog->period = watchdog_sp805_ticks();
    dog->deadline = now + dog->period;
}

uint32_t watchdog_sp805_read(const struct watchdog *dog, uint64_t now, uint64_t offset)
{
    static const uint8_t ids[8] = {0x05, 0x18, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

    if (offset >= WDOGPERIPHID0)
        return ids[(offset - WDOGPERIPHID0) / 4 % 8];
    switch (offset) {
    case WDOGLOAD:
        return sp805.load;
    case WDOGVALUE:
        return watchdog_sp805_value(dog, now);
    case WDOGCONTROL:
        return (dog->counts ? INTEN : 0) | (dog->ends ? RESEN : 0);
    case WDOGRIS:
        return dog->signalled;
    case WDOGMIS:
        return dog->signalled && dog->counts;
    case WDOGLOCK:
        return sp805.locked;
    default: /* WDOGITCR and WDOGITOP too: no test mode */
        return 0;
    }
}

void watchdog_sp805_write(struct watchdog *dog, uint64_t now, uint64_t offset, uint32_t value)
{
    if (offset == WDOGLOCK)
        sp805.locked = value != UNLOCK;
    if (sp805.locked)
        return;
    switch (offset) {
    case WDOGLOAD:
        sp805.load = value;
        watchdog_sp805_restart(dog, now);
        break;
    case WDOGCONTROL:
        if (value & INTEN && !dog->counts)
            watchdog_sp805_restart(dog, now);
        else if (!(value & INTEN))
            sp805.held = watchdog_sp805_value(dog, now);
        dog->counts = value & INTEN;
        dog->ends = value & RESEN;
        break;
    case WDOGINTCLR:
        dog->signalled = false;
        watchdog_sp805_restart(dog, now);
        break;
    default:
        break;
    }
}

void watchdog_sp805_load(struct watchdog *dog, uint64_t now, uint64_t seconds)
{
    if (!seconds)
        return;
    sp805.load = (uint32_t)(seconds * CLOCK / 2 - 1); /* it passes twice */
    watchdog_sp805_restart(dog, now);
    dog->counts = dog->ends = true;
}
