/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of a monitor share: the answer to an upcall, the lock, the clock, lines of text.
 */
#ifndef MONITOR_H
#define MONITOR_H

#include <bulkhead/call.h>
#include <bulkhead/cap.h>
#include <bulkhead/monitor.h>
#include <bulkhead/upcall.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How an upcall ends: bulkhead/upcall.h. */
struct answer {
    enum bh_action action;
    uint64_t value[4];
};

/* load.c: loads the images, or says what is wrong. */
struct answer load_partition(const struct bh_mon_config *config);

/* quiesce.c: makes the partition's devices leave memory alone. */
void quiesce_devices(const struct bh_mon_config *config);

/* fill.c: writes all of guest RAM. The images lie in it, ascending and apart. */
void fill_ram(const struct bh_mon_config *config);

/* zero.c: zeroes, cleaned. */
void zero_ram(char *at, const char *end);

/* psci.c: a guest's HVC or SMC; its x0 to x3. */
struct answer psci_call(const struct bh_mon_config *config, uint32_t vcpu, uint64_t x0, uint64_t x1,
                        uint64_t x2, uint64_t x3);

/* guest.c: what a guest may ask of its own life. */
struct answer guest_crash(const struct bh_mon_config *config, uint64_t code, uint64_t detail);
struct answer guest_unhandled(const struct bh_mon_config *config, uint64_t address);
struct answer guest_state(void);
struct answer guest_failure(uint64_t back, uint64_t part);

/* vgic_dist.c and vgic_redist.c: the interrupt controller's registers; offsets from the GICD and
 * GICR base, both inside. They are the partition's, whichever vCPU asks. */
uint64_t vgic_dist_read(const struct bh_mon_config *config, uint64_t offset, uint64_t bytes);
void vgic_dist_write(const struct bh_mon_config *config, uint64_t offset, uint64_t bytes,
                     uint64_t value);
uint64_t vgic_redist_read(const struct bh_mon_config *config, uint64_t offset, uint64_t bytes);
void vgic_redist_write(const struct bh_mon_config *config, uint64_t offset, uint64_t bytes,
                       uint64_t value);

/* vgicv2.c: a GICv2's distributor; what vCPU asks matters, for its own interrupts have one place.
 */
void vgicv2_deactivate(uint32_t vcpu, uint64_t value); /* GICC_DIR */
void vgicv2_load(const struct bh_mon_config *config);
uint64_t vgicv2_read(const struct bh_mon_config *config, uint32_t vcpu, uint64_t offset,
                     uint64_t bytes);
void vgicv2_write(const struct bh_mon_config *config, uint32_t vcpu, uint64_t offset,
                  uint64_t bytes, uint64_t value);

/* control.c: the page of a partition that controls others. */
uint64_t control_read(const struct bh_mon_config *config, uint64_t offset, uint64_t bytes);
void control_write(const struct bh_mon_config *config, uint64_t offset, uint64_t bytes,
                   uint64_t value);

/* doorbell.c: the page of a partition that has event channels. */
uint64_t doorbell_read(const struct bh_mon_config *config, uint64_t offset, uint64_t bytes);
void doorbell_write(const struct bh_mon_config *config, uint64_t offset, uint64_t bytes);

/* gpio.c: a PL061, whose lines peers ring; `lines` is a set of them. */
uint64_t gpio_read(const struct bh_mon_config *config, uint64_t offset);
void gpio_write(const struct bh_mon_config *config, uint64_t offset, uint64_t value);
void gpio_event(const struct bh_mon_config *config, uint32_t lines);

/* vuart.c: a PL011; `vcpu` is whose timer looks at the port while that is wanted. */
uint64_t vuart_read(const struct bh_mon_config *config, uint32_t vcpu, uint64_t offset);
void vuart_write(const struct bh_mon_config *config, uint32_t vcpu, uint64_t offset,
                 uint64_t value);
void vuart_timer(const struct bh_mon_config *config, uint32_t vcpu);
void vuart_event(const struct bh_mon_config *config, uint32_t vcpu);
void vuart_vcpu_off(uint32_t vcpu);
void vuart_flush(const struct bh_mon_config *config);

/* watchdog.c: offsets from the watchdog's base, inside one of its frames. */
struct answer watchdog_access(const struct bh_mon_config *config, uint32_t vcpu, bool write,
                              uint64_t offset, uint64_t bytes, uint64_t value);
struct answer watchdog_timer(const struct bh_mon_config *config, uint32_t vcpu);
void watchdog_load(const struct bh_mon_config *config);

/* line.c: a device's output has this level now. `driven` is what it had, under the device's lock.
 */
void line_drive(uint32_t intid, bool level, bool *driven);

/* alarm.c: what waits for a deadline, a value of the physical count; 0 is none. A vCPU's are set on
 * its own core; alarm_due gives the set of those that have come, and forgets them. */
enum alarm { ALARM_UART, ALARM_WATCHDOG, ALARMS };
void alarm_set(uint32_t vcpu, enum alarm alarm, uint64_t deadline);
uint32_t alarm_due(uint32_t vcpu);

/* port.c: the partition's end of the console, or what stands in for it. All under the lock. */
struct bh_console_port;
void port_init(const struct bh_mon_config *config);
void port_attach(struct bh_console_port *shared);
bool port_room(void);                                             /* for a guest's character */
void port_put(const struct bh_mon_config *config, uint8_t byte);  /* there should be room */
void port_last(const struct bh_mon_config *config, uint8_t byte); /* the partition ends */
bool port_wait(void);    /* asks to be told of room; true when there is some already */
bool port_looking(void); /* it is to be looked at from time to time … */
void port_look(const struct bh_mon_config *config); /* … by this */
void port_flush(const struct bh_mon_config *config);
bool port_input(uint8_t *byte, bool *overrun); /* false: nothing was typed */
bool port_more(void);                          /* something more was */

/* direct.c: text without a console service. */
struct text;
void direct_put(const struct bh_mon_config *config, uint8_t byte);
void direct_print(struct text *text);
bool direct_looking(void);
void direct_look(const struct bh_mon_config *config);
void direct_flush(const struct bh_mon_config *config);

/* lock.c: one ticket lock around all shared state of the monitor. What runs under it is short and
 * waits for nothing. */
void lock_take(void);
void lock_drop(void);

/* clock.c: the physical count, which Timers are set by; its frequency, never 0; the count in
 * microseconds. */
uint64_t clock_now(void);
uint64_t clock_frequency(void);
uint64_t clock_us(void);

/* text.c: one line of console output. What does not fit is cut off. */
struct text {
    char data[256];
    size_t length;
};
void text_char(struct text *text, char c);
void text_bytes(struct text *text, const char *bytes, size_t length);
void text_string(struct text *text, const char *string);
void text_number(struct text *text, uint64_t number);
void port_print(struct text *text); /* adds the line feed */

#endif
