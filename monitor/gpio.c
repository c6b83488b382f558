/* SPDX-License-Identifier: BSD-2-Clause */
/* A PL061 (DDI 0190), all inputs of which are doorbells: a ring is a pulse, over when anybody
 * looks. It sets what both edges set in GPIORIS. A line whose interrupt is there already, or that a
 * pulse sets nothing of, has its badge off: until the guest has cleared the interrupt, rings
 * disturb nobody, and what has come meanwhile is one ring then. */
#include "monitor.h"

#include <bulkhead/doorbell.h>
#include <bulkhead/invoke.h>

enum {
    GPIODATA_END = 0x400, /* below: address bits 9 to 2 say which bits are meant */
    GPIODIR = 0x400,
    GPIOIS = 0x404,
    GPIOIBE = 0x408,
    GPIOIEV = 0x40c,
    GPIOIE = 0x410,
    GPIORIS = 0x414,
    GPIOMIS = 0x418,
    GPIOIC = 0x41c,
    GPIOAFSEL = 0x420,
    GPIOPERIPHID0 = 0xfe0,
    GPIO_KEPT = (GPIOAFSEL - GPIODIR) / 4 + 1,
    GPIO_LINES = 0xff
};

/* All of it under the lock. */
static struct {
    uint8_t kept[GPIO_KEPT]; /* registers from GPIODIR on that keep what was written */
    uint8_t data, ris;
    uint32_t off; /* lines whose badge is off */
    bool asserted;
} gpio;

static uint32_t gpio_kept(uint64_t offset)
{
    return gpio.kept[(offset - GPIODIR) / 4];
}

/* Lines on which a pulse sets something: inputs that look at edges. */
static uint32_t gpio_edges(void)
{
    return GPIO_LINES & ~(gpio_kept(GPIODIR) | gpio_kept(GPIOIS));
}

static void gpio_update(const struct bh_mon_config *config)
{
    const uint32_t lines = (1u << config->gpio_lines) - 1;
    const uint32_t off = lines & (~gpio_edges() | gpio.ris);
    const uint64_t changed = (off ^ gpio.off) << BH_MON_BADGE_LINE;

    line_drive(config->gpio_intid, gpio.ris & gpio_kept(GPIOIE), &gpio.asserted);
    gpio.off = off;
    if (changed)
        bh_svc(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_BADGE, 32,
               (uint64_t)(lines & ~off) << BH_MON_BADGE_LINE, changed, 0, 0);
}

static uint32_t gpio_register(uint64_t offset)
{
    static const uint8_t ids[8] = {0x61, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

    if (offset % 4)
        return 0;
    if (offset < GPIODATA_END)
        return gpio.data & gpio_kept(GPIODIR) & (uint32_t)(offset / 4);
    if (offset >= GPIOPERIPHID0)
        return ids[(offset - GPIOPERIPHID0) / 4 % 8];
    switch (offset) {
    case GPIODIR:
    case GPIOIS:
    case GPIOIBE:
    case GPIOIEV:
    case GPIOIE:
    case GPIOAFSEL:
        return gpio_kept(offset);
    case GPIORIS:
        return gpio.ris;
    case GPIOMIS:
        return gpio.ris & gpio_kept(GPIOIE);
    default:
        return 0;
    }
}

uint64_t gpio_read(const struct bh_mon_config *config, uint64_t offset)
{
    uint64_t value;

    (void)config;
    lock_take();
    value = gpio_register(offset);
    lock_drop();
    return value;
}

static void gpio_set(uint64_t offset, uint8_t value)
{
    const uint32_t mask = (uint32_t)(offset / 4);

    if (offset < GPIODATA_END)
        gpio.data = (uint8_t)((gpio.data & ~mask) | (value & mask));
    else if (offset == GPIOIC)
        gpio.ris &= (uint8_t)~value;
    else if (offset <= GPIOIE || offset == GPIOAFSEL)
        gpio.kept[(offset - GPIODIR) / 4] = value;
}

void gpio_write(const struct bh_mon_config *config, uint64_t offset, uint64_t value)
{
    if (offset % 4)
        return;
    lock_take();
    gpio_set(offset, (uint8_t)value);
    gpio_update(config);
    lock_drop();
}

void gpio_event(const struct bh_mon_config *config, uint32_t lines)
{
    lock_take();
    gpio.ris |= (uint8_t)(lines & gpio_edges());
    gpio_update(config);
    lock_drop();
}
