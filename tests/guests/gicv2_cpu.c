/* SPDX-License-Identifier: BSD-2-Clause */
/* What only a GICv2 has, one core: the CPU interface in memory, its groups and AckCtl, its active
 * priorities, SGIs that are pending for each sender, targets that a single core cannot have. */
#include "guest.h"

enum { CTLR = 0x0, PMR = 0x4, BPR = 0x8, IAR = 0xc, EOIR = 0x10, RPR = 0x14, HPPIR = 0x18 };
enum { APR = 0xd0, IIDR = 0xfc, DIR = 0x1000 };
enum { ENABLE0 = 1, ENABLE1 = 2, ACKCTL = 4, FIQEN = 8, EOIMODE = 1 << 9 };
enum { SGI = 5, SPI = 44, SPI2 = 45, WAIT_US = 3000000, NONE_US = 3000, GROUP1 = 1022 };

static volatile unsigned irqs, fiqs;

static unsigned take(void)
{
    return gic_wait(WAIT_US);
}

void irq_handle(struct frame *frame)
{
    (void)frame;
    irqs++;
    gic_eoi(gic_ack());
}

void fiq_handle(struct frame *frame)
{
    (void)frame;
    fiqs++;
    gic_eoi(gic_ack());
}

static void control(unsigned value)
{
    write32(GICC + CTLR, value);
    dsb();
}

static void check_interface(void)
{
    tap_ok((read32(GICC + IIDR) & 0xf0fff) == 0x2043b, "GICC_IIDR: GICv2 of Arm");
    tap_ok(read32(GICC + CTLR) == ENABLE0, "GICC_CTLR: group 0 is on");
    control(ENABLE0 | EOIMODE);
    tap_ok(read32(GICC + CTLR) == (ENABLE0 | EOIMODE), "GICC_CTLR: EOImode is kept");
    control(ENABLE0);
    gic_mask(0xa8);
    tap_ok(read32(GICC + PMR) == 0xa8, "GICC_PMR reads back");
    gic_mask(0xff);
    tap_ok(read32(GICC + PMR) >= 0xf0, "GICC_PMR: all priority bits");
    gic_binary_point(5);
    tap_ok(read32(GICC + BPR) == 5, "GICC_BPR reads back");
    gic_binary_point(0);
    tap_ok(read32(GICC + RPR) == 0xff, "GICC_RPR: idle");
    tap_ok((read32(GICC + HPPIR) & 0x3ff) == SPURIOUS, "GICC_HPPIR: nothing pending");
    tap_ok(read32(GICC + IAR) == SPURIOUS, "GICC_IAR: spurious");
    write32(GICC + EOIR, SPURIOUS);
    tap_ok(read32(GICC + RPR) == 0xff, "the end of a spurious interrupt changes nothing");
}

/* SGIs: enable, pending and priority registers of private interrupts lie in the distributor. */
static void check_sgis(void)
{
    write32(GICD + 0xf00, 2u << 24 | SGI);
    tap_ok(take() == SGI && gic_source(SGI) == 0, "GICD_SGIR to self, from core 0");
    tap_ok(gic_is_active(SGI), "it is active");
    gic_eoi(SGI);
    tap_ok(!gic_is_active(SGI), "and ends");
    write32(GICD + 0xf00, 1u << 24 | SGI);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "GICD_SGIR to all but self: nobody");
    write32(GICD + 0xf00, 1u << 16 | SGI);
    tap_ok(take() == SGI, "GICD_SGIR to a list");
    gic_eoi(SGI);
    write32(GICD + 0xf00, 0xfeu << 16 | SGI);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "GICD_SGIR to cores that are not there: nobody");
    write8(GICD + 0xf20 + SGI, 1);
    tap_ok(read8(GICD + 0xf20 + SGI) == 1 && read8(GICD + 0xf10 + SGI) == 1 &&
               (read32(GICD + ISPENDR) >> SGI & 1),
           "GICD_SPENDSGIR makes one pending");
    tap_ok((read32(GICD + 0xf20 + (SGI & ~3u)) >> SGI % 4 * 8 & 0xff) == 1, "seen by words too");
    write8(GICD + 0xf10 + SGI, 1);
    tap_ok(read8(GICD + 0xf20 + SGI) == 0 && gic_wait(NONE_US) == SPURIOUS,
           "GICD_CPENDSGIR takes it back");
    write8(GICD + 0xf20 + SGI, 1);
    tap_ok(take() == SGI, "GICD_SPENDSGIR: it comes");
    gic_eoi(SGI);
}

static void check_groups(void)
{
    write32(GICD + CTLR, 3);
    control(ENABLE0 | ENABLE1);
    gic_group(SPI, 1);
    gic_group(SPI2, 0);
    gic_pend(SPI);
    tap_ok(gic_wait(NONE_US) == GROUP1, "GICC_IAR: 1022 for one of group 1");
    tap_ok((read32(GICC + HPPIR) & 0x3ff) == GROUP1, "GICC_HPPIR: 1022 too");
    tap_ok(gic_is_pending(SPI), "it stays pending");
    control(ENABLE0 | ENABLE1 | ACKCTL);
    tap_ok((read32(GICC + HPPIR) & 0x3ff) == SPI, "with AckCtl GICC_HPPIR shows it");
    tap_ok(gic_ack() == SPI, "and GICC_IAR takes it");
    tap_ok(gic_is_active(SPI), "it is active");
    write32(GICC + EOIR, SPI);
    tap_ok(!gic_is_active(SPI) && read32(GICC + RPR) == 0xff, "and ends by GICC_EOIR");
    irqs = fiqs = 0;
    control(ENABLE0 | ENABLE1 | ACKCTL | FIQEN);
    gic_pend(SPI);
    irq_on();
    clock_wait_us(500);
    irq_off();
    tap_ok(irqs == 1, "group 1 is an IRQ");
    gic_pend(SPI2);
    irq_on();
    clock_wait_us(500);
    irq_off();
    tap_ok(irqs == 1, "with FIQEn group 0 is no IRQ");
    fiq_on();
    clock_wait_us(500);
    fiq_off();
    tap_ok(fiqs == 1 && irqs == 1, "but a FIQ");
    control(ENABLE0);
    gic_group(SPI, 0);
    write32(GICD + CTLR, 1);
}

static unsigned active_priorities(void)
{
    unsigned bits = 0;

    for (unsigned word = 0; word < 4; word++)
        for (uint32_t left = read32(GICC + APR + 4 * word); left; left &= left - 1)
            bits++;
    return bits;
}

/* They show in GICC_APR0 to 3, as many as there are priority bits for, one bit each. */
static void check_active_priorities(void)
{
    gic_priority(SPI, 0x60);
    gic_priority(SPI2, 0x40);
    tap_ok(active_priorities() == 0, "GICC_APR: none active");
    gic_pend(SPI);
    take();
    tap_ok(active_priorities() == 1, "GICC_APR: one");
    gic_pend(SPI2);
    take();
    tap_ok(active_priorities() == 2, "GICC_APR: two");
    gic_eoi(SPI2);
    tap_ok(active_priorities() == 1, "GICC_APR: one ended");
    gic_eoi(SPI);
    tap_ok(active_priorities() == 0, "GICC_APR: none again");
}

static void check_deactivation(void)
{
    control(ENABLE0 | EOIMODE);
    gic_pend(SPI);
    take();
    gic_eoi(SPI);
    tap_ok(gic_is_active(SPI) && read32(GICC + RPR) == 0xff, "GICC_EOIR drops the priority");
    write32(GICC + DIR, SPI);
    tap_ok(!gic_is_active(SPI), "GICC_DIR deactivates");
    write32(GICD + 0xf00, 2u << 24 | SGI);
    take();
    gic_eoi(SGI);
    tap_ok(gic_is_active(SGI), "an SGI: GICC_EOIR drops the priority");
    gic_dir(SGI);
    tap_ok(!gic_is_active(SGI), "an SGI: GICC_DIR deactivates");
    control(ENABLE0);
}

void guest_main(const void *tree)
{
    (void)tree;
    gic_init();
    gic_edge(SPI, true);
    gic_edge(SPI2, true);
    gic_enable(SPI);
    gic_enable(SPI2);
    check_interface();
    check_sgis();
    check_groups();
    check_active_priorities();
    check_deactivation();
    tap_end();
}
