/* SPDX-License-Identifier: BSD-2-Clause */
/* A PL011 (DDI 0183): what the guest sends comes out line by line behind its partition's name.
 * There is no input yet.
 *
 * The transmit FIFO is always empty: a character is gone when its store ends. So a store takes the
 * FIFO through its trigger level and sets TXRIS, until UARTICR clears it; drivers wait for exactly
 * this. */
#include "monitor.h"

#include <bulkhead/invoke.h>

enum {
    UARTDR = 0x00,
    UARTFR = 0x18,
    UARTILPR = 0x20,
    UARTIBRD = 0x24,
    UARTFBRD = 0x28,
    UARTLCR_H = 0x2c,
    UARTCR = 0x30,
    UARTIFLS = 0x34,
    UARTIMSC = 0x38,
    UARTRIS = 0x3c,
    UARTMIS = 0x40,
    UARTICR = 0x44,
    UARTDMACR = 0x48,
    UARTPERIPHID0 = 0xfe0,
};

#define FR_RXFE (1u << 4) /* receive FIFO empty */
#define FR_TXFE (1u << 7) /* transmit FIFO empty */
#define INT_TX  (1u << 5)
#define INT_ALL 0x7ffu

enum {
    LINE = 160, /* longer lines are broken */
    /* A begun line comes out when the timer has seen it unchanged this often. One long look would
     * cut lines where the whole core stands still for a while: under a simulator. */
    LOOKS = 10,
    LOOK_MS = 20
};

enum { TAB = 9, LF = 10, ESC = 27, SPACE = 32, DEL = 127 };

/* Registers that only keep what was written, with their widths and reset values. */
enum kept {
    KEPT_ILPR,
    KEPT_IBRD,
    KEPT_FBRD,
    KEPT_LCR_H,
    KEPT_CR,
    KEPT_IFLS,
    KEPT_DMACR,
    KEPT_COUNT
};
static const struct {
    uint8_t offset;
    uint16_t mask;
} kept_registers[KEPT_COUNT] = {
    [KEPT_ILPR] = {UARTILPR, 0xff},   [KEPT_IBRD] = {UARTIBRD, 0xffff},
    [KEPT_FBRD] = {UARTFBRD, 0x3f},   [KEPT_LCR_H] = {UARTLCR_H, 0xff},
    [KEPT_CR] = {UARTCR, 0xff87},     [KEPT_IFLS] = {UARTIFLS, 0x3f},
    [KEPT_DMACR] = {UARTDMACR, 0x07},
};

/* All of it under the lock. */
static struct {
    uint32_t kept[KEPT_COUNT];
    uint32_t imsc, ris;
    bool asserted;       /* the level that the virtual interrupt has now */
    bool broken;         /* the last line was cut off before its line feed */
    bool armed;          /* a timer will look after the partial line … */
    uint32_t timer_vcpu; /* … this vCPU's */
    uint32_t looks;      /* since the last character */
    struct text line;
} uart = {.kept = {[KEPT_CR] = 0x300, [KEPT_IFLS] = 0x12}};

static void vuart_update(const struct bh_mon_config *config)
{
    bool level = (uart.ris & uart.imsc) != 0;
    uint64_t bit = (uint64_t)1 << config->uart_intid % 32;

    if (level == uart.asserted)
        return;
    uart.asserted = level;
    bh_svc(BH_VIRQ_WRITE, BH_MON_PARTITION, BH_VIRQ_LINE, config->uart_intid & ~31u,
           level ? bit : 0, bit, 0, 0);
}

/* Prints what the line holds; `broken` says that its line feed has not come. */
static void vuart_print(const struct bh_mon_config *config, bool broken)
{
    struct text text = {.length = 0};

    text_char(&text, '[');
    text_string(&text, config->name);
    text_string(&text, "] ");
    text_bytes(&text, uart.line.data, uart.line.length);
    text_print(&text);
    uart.line.length = 0;
    uart.broken = broken;
}

/* The calling vCPU's timer looks after the line that has been begun. */
static void vuart_arm(uint32_t vcpu)
{
    uint64_t patience = clock_frequency() / 1000 * LOOK_MS;

    uart.armed = true;
    uart.timer_vcpu = vcpu;
    alarm_set(vcpu, ALARM_UART, clock_now() + patience);
}

static void vuart_send(const struct bh_mon_config *config, uint32_t vcpu, char c)
{
    unsigned char byte = (unsigned char)c;

    uart.ris |= INT_TX;
    if (c == LF) {
        /* The line feed of a line that is out already would only print an empty one. */
        if (uart.line.length || !uart.broken)
            vuart_print(config, false);
        uart.broken = false;
        return;
    }
    if ((byte < SPACE && c != TAB && c != ESC) || byte == DEL)
        return; /* carriage returns above all: they would let a guest write over its name */
    text_char(&uart.line, c);
    uart.looks = 0;
    if (uart.line.length >= LINE)
        vuart_print(config, true);
    else if (!uart.armed)
        vuart_arm(vcpu);
}

uint64_t vuart_read(const struct bh_mon_config *config, uint64_t offset)
{
    static const uint8_t ids[8] = {0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1}; /* r1p5 */

    (void)config;
    if (offset % 4)
        return 0;
    if (offset >= UARTPERIPHID0)
        return ids[(offset - UARTPERIPHID0) / 4 % 8];
    for (uint32_t i = 0; i < KEPT_COUNT; i++)
        if (kept_registers[i].offset == offset)
            return uart.kept[i];
    switch (offset) {
    case UARTFR:
        return FR_RXFE | FR_TXFE;
    case UARTIMSC:
        return uart.imsc;
    case UARTRIS:
        return uart.ris;
    case UARTMIS:
        return uart.ris & uart.imsc;
    default: /* UARTDR and UARTRSR too: nothing was received, nothing was wrong with it */
        return 0;
    }
}

void vuart_write(const struct bh_mon_config *config, uint32_t vcpu, uint64_t offset, uint64_t value)
{
    lock_take();
    for (uint32_t i = 0; i < KEPT_COUNT; i++)
        if (kept_registers[i].offset == offset)
            uart.kept[i] = (uint32_t)value & kept_registers[i].mask;
    switch (offset) {
    case UARTDR:
        vuart_send(config, vcpu, (char)value);
        break;
    case UARTIMSC:
        uart.imsc = (uint32_t)value & INT_ALL;
        break;
    case UARTICR:
        uart.ris &= ~(uint32_t)value;
        break;
    default:
        break;
    }
    vuart_update(config);
    lock_drop();
}

/* The timer has run out: the line comes out if nothing was added to it for long enough. */
void vuart_timer(const struct bh_mon_config *config, uint32_t vcpu)
{
    lock_take();
    if (uart.armed && uart.timer_vcpu == vcpu) {
        uart.armed = false;
        if (uart.line.length) {
            if (++uart.looks >= LOOKS)
                vuart_print(config, true);
            else
                vuart_arm(vcpu);
        }
    }
    lock_drop();
}

/* This vCPU goes off and its timer with it. A line that the timer looks after is not cut for that:
 * a driver may have moved to another vCPU in the middle of it, whose next character sets its timer.
 */
void vuart_vcpu_off(uint32_t vcpu)
{
    lock_take();
    if (uart.armed && uart.timer_vcpu == vcpu) {
        uart.armed = false;
        alarm_set(vcpu, ALARM_UART, 0);
    }
    lock_drop();
}

void vuart_flush(const struct bh_mon_config *config)
{
    lock_take();
    if (uart.line.length)
        vuart_print(config, true);
    lock_drop();
}
