/* SPDX-License-Identifier: BSD-2-Clause */
/* Hostile use of the emulated UART, watchdog and control page: every offset, width and value, in an
 * order that the seed chooses. The UART has to take characters afterwards; a watchdog runs out at
 * some point, which is all that it may do. */
#include "guest.h"

enum { DR = 0x00, FR = 0x18, LCR_H = 0x2c, IFLS = 0x34, IMSC = 0x38, ICR = 0x44 };
enum { FR_FULL = 0x20, FR_EMPTY = 0x80, FIFO = 0x10, INTID = 33 };
enum { REFRESH = 0x09800000, WATCHDOG = 0x09810000, LOCK = 0xc00, CONTROL = 0x0b000000 };
enum { LIMIT_S = 5 };

static uint64_t state;

static uint64_t any(void)
{
    state = state * 6364136223846793005ul + 1442695040888963407ul;
    return state >> 20;
}

static uint64_t value(void)
{
    static const uint64_t edges[] = {0, 1, 0xff, 0x7fffffff, 0x80000000, 0xffffffff, ~0ul, 0x100};

    return any() % 2 ? any() : edges[any() % 8];
}

/* Loads and stores of every width in a page, aligned to it. */
static void poke(uint64_t base, uint64_t offset)
{
    switch (any() % 8) {
    case 0:
        write8(base + offset, (uint32_t)value());
        break;
    case 1:
        write16(base + (offset & ~1ul), (uint32_t)value());
        break;
    case 2:
    case 3:
        write32(base + (offset & ~3ul), (uint32_t)value());
        break;
    case 4:
        write64(base + (offset & ~7ul), value() << 32 | value());
        break;
    case 5:
        read8(base + offset);
        break;
    case 6:
        read32(base + (offset & ~3ul));
        break;
    default:
        read64(base + (offset & ~7ul));
        break;
    }
}

/* What is sent by chance is no line's end, so that the report's lines stay whole. */
static void poke_uart(void)
{
    uint64_t offset = any() % 4 ? any() % 0x50 : any() % 0x1000;

    if (offset < 8)
        write32(UART + DR, '.');
    else
        poke(UART, offset);
}

static void check_uart(uint64_t rounds)
{
    uint64_t start;
    bool room;

    gic_enable(INTID);
    for (uint64_t i = 0; i < rounds; i++)
        poke_uart();
    write32(UART + IMSC, 0);
    write32(UART + ICR, 0x7ff);
    write32(UART + LCR_H, FIFO);
    write32(UART + IFLS, 0x12);
    start = clock_ticks();
    do
        room = !(read32(UART + FR) & FR_FULL) && read32(UART + FR) & FR_EMPTY;
    while (!room && clock_ticks() - start < LIMIT_S * clock_hz());
    gic_disable(INTID);
    print("\n");
    tap_ok(room, "the UART takes characters again");
}

/* Until it runs out: it does, soon, with what chance makes of its time. Both kinds have what starts
 * them in the first 16 bytes of a frame. */
static void wild_watchdog(bool sbsa)
{
    for (;;) {
        uint64_t offset = any() % 4 ? any() % 0x20 : any() % 0x1000;

        write32(REFRESH + LOCK, 0x1acce551);
        poke(sbsa && any() % 2 ? WATCHDOG : REFRESH, offset);
    }
}

/* Commands to whom it controls are made up, too: that one begins anew, and stops, as it comes. */
static void check_control(uint64_t rounds)
{
    for (uint64_t i = 0; i < rounds; i++)
        poke(CONTROL, any() % 0x1000);
    tap_ok(read64(CONTROL) == 0x314c544344484b42ul, "the control page says what it is");
}

void guest_main(const void *tree)
{
    uint64_t rounds = bootargs_number(tree, "rounds", 20000);
    uint64_t dog = bootargs_number(tree, "dog", 0);

    state = bootargs_number(tree, "seed", 1);
    gic_init();
    check_uart(rounds);
    if (dog)
        wild_watchdog(dog == 1);
    if (bootargs_number(tree, "control", 0))
        check_control(rounds);
    tap_end();
}
