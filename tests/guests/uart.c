/* SPDX-License-Identifier: BSD-2-Clause */
/* The PL011: registers, the transmit interrupt as a level, and lines that come in pieces. */
#include "guest.h"

enum { INTID = 33, WAIT_US = 3000000, NONE_US = 20000 };
enum { DR = 0x00, FR = 0x18, IBRD = 0x24, FBRD = 0x28, LCR_H = 0x2c, CR = 0x30, IFLS = 0x34 };
enum { IMSC = 0x38, RIS = 0x3c, MIS = 0x40, ICR = 0x44, ID = 0xfe0, TX = 0x20 };

static void check_kept(const char *name, uint64_t offset, uint32_t value)
{
    uint32_t before = read32(UART + offset), after;

    write32(UART + offset, value);
    after = read32(UART + offset);
    write32(UART + offset, before);
    tap_ok(after == value, "%s keeps %x", name, value);
}

static void check_registers(void)
{
    static const uint8_t id[8] = {0x11, 0x10, 0, 0, 0x0d, 0xf0, 0x05, 0xb1};
    bool right = true;

    for (unsigned i = 0; i < 8; i++) /* 2 and 3 tell the revision */
        right = right && (i == 2 || i == 3 || read32(UART + ID + 4 * i) == id[i]);
    tap_ok(right, "PL011 by its identification registers");
    tap_ok((read32(UART + FR) & 0xb8) == 0x90, "UARTFR: FIFOs empty, not busy");
    check_kept("UARTIBRD", IBRD, 0x1234);
    check_kept("UARTFBRD", FBRD, 0x2a);
    check_kept("UARTLCR_H", LCR_H, 0x70);
    check_kept("UARTCR", CR, 0x301);
    check_kept("UARTIFLS", IFLS, 0x24);
    check_kept("UARTIMSC", IMSC, 0x50);
}

/* Reports follow at the end: their output would change what is looked at. */
static void check_interrupt(void)
{
    bool cleared, early, came, again, shown, ended, unmasked, masked;

    gic_enable(INTID);
    write32(UART + ICR, 0x7ff);
    cleared = !(read32(UART + RIS) & TX);
    write32(UART + IMSC, TX);
    early = gic_wait(NONE_US) != SPURIOUS;
    write32(UART + DR, '#');
    came = gic_wait(WAIT_US) == INTID;
    shown = read32(UART + MIS) == TX;
    gic_eoi(INTID);
    again = gic_wait(WAIT_US) == INTID;
    write32(UART + ICR, TX);
    gic_eoi(INTID);
    ended = gic_wait(NONE_US) == SPURIOUS && read32(UART + MIS) == 0;
    write32(UART + IMSC, 0);
    write32(UART + DR, '\n');
    masked = gic_wait(NONE_US) == SPURIOUS && read32(UART + MIS) == 0;
    write32(UART + IMSC, TX);
    unmasked = gic_wait(WAIT_US) == INTID;
    write32(UART + IMSC, 0);
    gic_eoi(INTID);
    masked = masked && gic_wait(NONE_US) == SPURIOUS;
    gic_disable(INTID);
    tap_ok(cleared, "UARTICR clears TXRIS");
    tap_ok(!early, "no interrupt before something is sent");
    tap_ok(came && shown, "the interrupt comes when it is");
    tap_ok(again, "and again after its end: it is a level");
    tap_ok(ended, "UARTICR ends it");
    tap_ok(masked, "masked it does not come");
    tap_ok(unmasked, "unmasked it does");
}

static volatile bool second_done;

void guest_secondary(uint64_t context)
{
    (void)context;
    print("# the second core begins a line and goes off");
    second_done = true;
    dsb();
}

static void check_pieces(const void *tree)
{
    print("# half a line");
    clock_wait_us(200000);
    print(", the other half\n");
    print("# in");
    clock_wait_us(10000);
    print(" two");
    clock_wait_us(10000);
    print(" quick pieces\n");
    if (bootargs_number(tree, "second", 1) && psci_start(1, 0) == 0) {
        while (!second_done || psci(PSCI_AFFINITY_INFO, 1, 0, 0) != 1)
            ;
        print("\n");
    }
}

void guest_main(const void *tree)
{
    gic_init();
    check_registers();
    check_interrupt();
    check_pieces(tree);
    tap_end();
    print("# last words without a line end");
}
