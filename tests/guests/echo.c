/* SPDX-License-Identifier: BSD-2-Clause */
/* Says back what is typed, a line at a time, by the UART's receive interrupts alone. "fifo" and
 * "nofifo" change over, "off" ends it, "reset" begins anew with the interrupt still in hand. */
#include "guest.h"

enum { INTID = 33, LINE = 64 };
enum { DR = 0x00, FR = 0x18, LCR_H = 0x2c, CR = 0x30, IMSC = 0x38, MIS = 0x40, ICR = 0x44 };
enum { RXFE = 1 << 4, FEN = 1 << 4, RX = 1 << 4, RT = 1 << 6, ON = 0x301 };

static char line[LINE];
static uint32_t length;
static bool ended;

static bool is(const char *word)
{
    uint32_t at = 0;

    while (at < length && word[at] == line[at])
        at++;
    return at == length && !word[at];
}

static void take(char c)
{
    if (c != '\r' && c != '\n') {
        if (length < LINE - 1)
            line[length++] = c;
        print("%c", c); /* the echo */
        return;
    }
    line[length] = 0;
    print("\nheard %d: %s\n", length, line);
    if (is("fifo"))
        write32(UART + LCR_H, 0x60 | FEN);
    if (is("nofifo"))
        write32(UART + LCR_H, 0x60);
    if (is("reset"))
        psci(PSCI_SYSTEM_RESET, 0, 0, 0);
    ended = is("off");
    length = 0;
}

void guest_main(const void *tree)
{
    (void)tree;
    gic_init();
    write32(UART + LCR_H, 0x60 | FEN);
    write32(UART + CR, ON);
    write32(UART + IMSC, RX | RT);
    gic_enable(INTID);
    print("type\n");
    while (!ended) {
        uint32_t intid = gic_wait(1000000);

        if (intid != INTID)
            continue;
        while (!(read32(UART + FR) & RXFE))
            take((char)read32(UART + DR));
        gic_eoi(INTID);
    }
}
