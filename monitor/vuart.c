/* SPDX-License-Identifier: BSD-2-Clause */
/* A PL011 (DDI 0183, r1p5: FIFOs of 32). Behind the transmit FIFO is the port: while that has room
 * the FIFO is empty again when a store ends, and a store has then taken it through its trigger
 * level, which sets TXRIS. Characters come from the port into the receive FIFO as it has room, and
 * whatever came last is taken to be followed by the silence that sets RTRIS. Neither baud rate nor
 * enables keep anything: a guest that has set up nothing can write and read. */
#include "monitor.h"

enum {
    UARTDR = 0x00,
    UARTRSR = 0x04, /* written: UARTECR */
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

#define FR_BUSY (1u << 3) /* transmitting */
#define FR_RXFE (1u << 4) /* receive FIFO empty */
#define FR_TXFF (1u << 5) /* transmit FIFO full */
#define FR_RXFF (1u << 6) /* receive FIFO full */
#define FR_TXFE (1u << 7) /* transmit FIFO empty */
#define INT_RX  (1u << 4)
#define INT_TX  (1u << 5)
#define INT_RT  (1u << 6)
#define INT_OE  (1u << 10)
#define INT_ALL 0x7ffu
#define DR_OE   (1u << 11) /* characters were lost before this one */
#define LCR_FEN (1u << 4)  /* FIFOs; without them there is room for one character */

enum { FIFO = 32, LOOK_MS = 20 };

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

struct fifo {
    uint16_t data[FIFO];
    uint32_t first, count;
};

/* All of it under the lock. */
static struct {
    uint32_t kept[KEPT_COUNT];
    uint32_t imsc, ris, rsr;
    bool asserted;       /* the level that the virtual interrupt has now */
    bool armed;          /* a timer will look at the port … */
    uint32_t timer_vcpu; /* … this vCPU's */
    struct fifo out, in;
} uart = {.kept = {[KEPT_CR] = 0x300, [KEPT_IFLS] = 0x12}};

static void fifo_put(struct fifo *fifo, uint32_t value)
{
    fifo->data[(fifo->first + fifo->count++) % FIFO] = (uint16_t)value;
}

static uint32_t fifo_get(struct fifo *fifo)
{
    uint32_t value = fifo->data[fifo->first];

    fifo->first = (fifo->first + 1) % FIFO;
    fifo->count--;
    return value;
}

static uint32_t vuart_depth(void)
{
    return uart.kept[KEPT_LCR_H] & LCR_FEN ? FIFO : 1;
}

/* UARTIFLS: eighths of the FIFO. `shift` is where the field begins. */
static uint32_t vuart_level(uint32_t shift)
{
    static const uint8_t levels[8] = {FIFO / 8,     FIFO / 4,     FIFO / 2,     FIFO * 3 / 4,
                                      FIFO * 7 / 8, FIFO * 7 / 8, FIFO * 7 / 8, FIFO * 7 / 8};

    return levels[uart.kept[KEPT_IFLS] >> shift & 7];
}

static uint32_t vuart_tx_level(void)
{
    return vuart_depth() == 1 ? 0 : vuart_level(0);
}

static uint32_t vuart_rx_level(void)
{
    return vuart_depth() == 1 ? 1 : vuart_level(3);
}

static void vuart_update(const struct bh_mon_config *config)
{
    line_drive(config->uart_intid, uart.ris & uart.imsc, &uart.asserted);
}

/* From the FIFO to the port, as far as there is room. */
static void vuart_drain(const struct bh_mon_config *config)
{
    const bool above = uart.out.count > vuart_tx_level();

    while (uart.out.count && (port_room() || port_wait()))
        port_put(config, (uint8_t)fifo_get(&uart.out));
    if (above && uart.out.count <= vuart_tx_level())
        uart.ris |= INT_TX;
}

/* From the port to the FIFO. */
static void vuart_fill(void)
{
    bool came = false, overrun;
    uint8_t byte;

    while (uart.in.count < vuart_depth() && port_input(&byte, &overrun)) {
        fifo_put(&uart.in, byte | (overrun ? DR_OE : 0));
        uart.ris |= overrun ? INT_OE : 0;
        came = true;
    }
    if (!came)
        return;
    if (uart.in.count >= vuart_rx_level())
        uart.ris |= INT_RX;
    if (!port_more())
        uart.ris |= INT_RT;
}

/* The calling vCPU's timer looks at the port. */
static void vuart_arm(uint32_t vcpu)
{
    uint64_t patience = clock_frequency() / 1000 * LOOK_MS;

    if (uart.armed || !port_looking())
        return;
    uart.armed = true;
    uart.timer_vcpu = vcpu;
    alarm_set(vcpu, ALARM_UART, clock_now() + patience);
}

/* Whatever the port can take or give now. */
static void vuart_pump(const struct bh_mon_config *config)
{
    vuart_drain(config);
    vuart_fill();
}

static void vuart_send(const struct bh_mon_config *config, uint8_t byte)
{
    if (uart.out.count >= vuart_depth())
        return; /* its flag said so */
    fifo_put(&uart.out, byte);
    vuart_drain(config);
    if (uart.out.count <= vuart_tx_level())
        uart.ris |= INT_TX;
    else
        uart.ris &= ~INT_TX;
}

static uint32_t vuart_receive(void)
{
    uint32_t value;

    if (!uart.in.count)
        return 0;
    value = fifo_get(&uart.in);
    uart.rsr = value >> 8;
    if (uart.in.count < vuart_rx_level())
        uart.ris &= ~INT_RX;
    if (!uart.in.count)
        uart.ris &= ~INT_RT;
    vuart_fill();
    return value;
}

static uint32_t vuart_flags(void)
{
    return (uart.out.count ? FR_BUSY : FR_TXFE) | (uart.in.count ? 0 : FR_RXFE) |
           (uart.out.count >= vuart_depth() ? FR_TXFF : 0) |
           (uart.in.count >= vuart_depth() ? FR_RXFF : 0);
}

static uint64_t vuart_register(uint64_t offset)
{
    static const uint8_t ids[8] = {0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1}; /* r1p5 */

    if (offset % 4)
        return 0;
    if (offset >= UARTPERIPHID0)
        return ids[(offset - UARTPERIPHID0) / 4 % 8];
    for (uint32_t i = 0; i < KEPT_COUNT; i++)
        if (kept_registers[i].offset == offset)
            return uart.kept[i];
    switch (offset) {
    case UARTDR:
        return vuart_receive();
    case UARTRSR:
        return uart.rsr;
    case UARTFR:
        return vuart_flags();
    case UARTIMSC:
        return uart.imsc;
    case UARTRIS:
        return uart.ris;
    case UARTMIS:
        return uart.ris & uart.imsc;
    default:
        return 0;
    }
}

uint64_t vuart_read(const struct bh_mon_config *config, uint32_t vcpu, uint64_t offset)
{
    uint64_t value;

    lock_take();
    vuart_pump(config);
    value = vuart_register(offset);
    vuart_update(config);
    vuart_arm(vcpu);
    lock_drop();
    return value;
}

/* With or without FIFOs: what was received is gone, as in QEMU's; what is to be sent is not. */
static void vuart_set_kept(uint32_t index, uint32_t value)
{
    if (index == KEPT_LCR_H && ((value ^ uart.kept[index]) & LCR_FEN)) {
        uart.in.count = 0;
        uart.ris &= ~(INT_RX | INT_RT);
    }
    uart.kept[index] = value & kept_registers[index].mask;
}

void vuart_write(const struct bh_mon_config *config, uint32_t vcpu, uint64_t offset, uint64_t value)
{
    lock_take();
    for (uint32_t i = 0; i < KEPT_COUNT; i++)
        if (kept_registers[i].offset == offset)
            vuart_set_kept(i, (uint32_t)value);
    switch (offset) {
    case UARTDR:
        vuart_send(config, (uint8_t)value);
        break;
    case UARTRSR:
        uart.rsr = 0;
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
    vuart_pump(config);
    vuart_update(config);
    vuart_arm(vcpu);
    lock_drop();
}

/* The timer has run out. One long look would not do where the whole core stands still for a while:
 * under a simulator. */
void vuart_timer(const struct bh_mon_config *config, uint32_t vcpu)
{
    lock_take();
    if (uart.armed && uart.timer_vcpu == vcpu) {
        uart.armed = false;
        port_look(config);
        vuart_pump(config);
        vuart_update(config);
        vuart_arm(vcpu);
    }
    lock_drop();
}

/* The console has rung: there is room, or input. */
void vuart_event(const struct bh_mon_config *config, uint32_t vcpu)
{
    lock_take();
    vuart_pump(config);
    vuart_update(config);
    vuart_arm(vcpu);
    lock_drop();
}

/* This vCPU goes off and its timer with it. A line that the timer looks after is not cut for that:
 * a driver may have moved to another vCPU in the middle of it, whose next access sets its timer.
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

/* The partition ends: what is in the FIFO goes where lines of the monitor's own still find room. */
void vuart_flush(const struct bh_mon_config *config)
{
    lock_take();
    while (uart.out.count)
        port_last(config, (uint8_t)fifo_get(&uart.out));
    port_flush(config);
    lock_drop();
}
