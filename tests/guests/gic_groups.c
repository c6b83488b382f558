/* SPDX-License-Identifier: BSD-2-Clause */
/* Group 0 and group 1 of a GICv3, one core: signalled as FIQ and IRQ, their own acknowledge and end
 * registers, enables at distributor and interface, the common binary point, SGIs by group. */
#include "guest.h"

enum { SPI0 = 40, SPI1 = 41, SGI0 = 4, SGI1 = 5, WAIT_US = 3000000, NONE_US = 3000 };

static volatile unsigned irqs, fiqs, last_irq, last_fiq;

void irq_handle(struct frame *frame)
{
    (void)frame;
    irqs++;
    last_irq = (unsigned)read_sysreg(icc_iar1_el1);
    write_sysreg(icc_eoir1_el1, last_irq);
    isb();
}

void fiq_handle(struct frame *frame)
{
    (void)frame;
    fiqs++;
    last_fiq = (unsigned)read_sysreg(icc_iar0_el1);
    write_sysreg(icc_eoir0_el1, last_fiq);
    isb();
}

static unsigned ack0(void)
{
    unsigned intid = (unsigned)read_sysreg(icc_iar0_el1);

    dsb();
    return intid;
}

static void eoi0(unsigned intid)
{
    write_sysreg(icc_eoir0_el1, intid);
    isb();
}

static unsigned wait0(uint64_t us)
{
    uint64_t start = clock_ticks();
    unsigned intid;

    do
        intid = ack0();
    while (intid == SPURIOUS && clock_ticks() - start < us * clock_hz() / 1000000);
    return intid;
}

static void enables(unsigned group0, unsigned group1)
{
    write_sysreg(icc_igrpen0_el1, group0);
    write_sysreg(icc_igrpen1_el1, group1);
    isb();
}

static void open(void) /* a window in which interrupts come */
{
    __asm__ volatile("msr daifclr, #3\n isb" ::: "memory");
    clock_wait_us(500);
    __asm__ volatile("msr daifset, #3\n isb" ::: "memory");
}

static void check_signals(void)
{
    gic_priority(SPI1, 0x40); /* only the highest of both groups is signalled */
    gic_pend(SPI0);
    gic_pend(SPI1);
    irqs = fiqs = 0;
    irq_on();
    clock_wait_us(500);
    irq_off();
    tap_ok(irqs == 1 && last_irq == SPI1 && !fiqs, "group 1 is an IRQ, with FIQ masked");
    tap_ok(gic_is_pending(SPI0), "group 0 waits meanwhile");
    fiq_on();
    clock_wait_us(500);
    fiq_off();
    tap_ok(fiqs == 1 && last_fiq == SPI0 && irqs == 1, "group 0 is a FIQ, with IRQ masked");
    tap_ok(read_sysreg(isr_el1) == 0, "ISR_EL1: nothing pending");
    gic_pend(SPI0);
    isb();
    tap_ok((read_sysreg(isr_el1) & 0xc0) == 0x40, "ISR_EL1: FIQ pending");
    eoi0(wait0(WAIT_US));
    gic_pend(SPI1);
    isb();
    tap_ok((read_sysreg(isr_el1) & 0xc0) == 0x80, "ISR_EL1: IRQ pending");
    gic_eoi(gic_wait(WAIT_US));
    gic_priority(SPI1, 0x60);
}

static void check_registers(void)
{
    gic_pend(SPI0);
    clock_wait_us(100);
    tap_ok(gic_ack() == SPURIOUS, "ICC_IAR1_EL1 does not give a group 0 interrupt");
    tap_ok(read_sysreg(icc_hppir0_el1) == SPI0, "ICC_HPPIR0_EL1 shows it");
    tap_ok(read_sysreg(icc_hppir1_el1) == SPURIOUS, "ICC_HPPIR1_EL1 does not");
    tap_ok(wait0(WAIT_US) == SPI0, "ICC_IAR0_EL1 gives it");
    tap_ok(gic_is_active(SPI0) && gic_running() == 0x60, "it is active");
    gic_eoi(SPURIOUS);
    tap_ok(gic_running() == 0x60, "the end of no interrupt changes nothing");
    eoi0(SPI0);
    tap_ok(gic_running() == 0xff && !gic_is_active(SPI0), "ICC_EOIR0_EL1 ends it");
    gic_pend(SPI1);
    clock_wait_us(100);
    tap_ok(ack0() == SPURIOUS && read_sysreg(icc_hppir0_el1) == SPURIOUS &&
               read_sysreg(icc_hppir1_el1) == SPI1,
           "and group 1 shows in its own registers only");
    gic_eoi(gic_wait(WAIT_US));
}

/* The priority order is one for both. */
static void check_preemption(void)
{
    gic_priority(SPI0, 0x60);
    gic_priority(SPI1, 0x40);
    gic_pend(SPI0);
    tap_ok(wait0(WAIT_US) == SPI0, "group 0 runs");
    gic_pend(SPI1);
    tap_ok(gic_wait(WAIT_US) == SPI1 && gic_running() == 0x40, "a higher one of group 1 preempts");
    gic_eoi(SPI1);
    tap_ok(gic_running() == 0x60, "ended, group 0 goes on");
    eoi0(SPI0);
    gic_priority(SPI0, 0x40);
    gic_priority(SPI1, 0x60);
    gic_pend(SPI1);
    tap_ok(gic_wait(WAIT_US) == SPI1, "group 1 runs");
    gic_pend(SPI0);
    tap_ok(wait0(WAIT_US) == SPI0 && gic_running() == 0x40, "a higher one of group 0 preempts");
    gic_pend(SPI1);
    eoi0(SPI0);
    gic_eoi(SPI1);
    tap_ok(gic_wait(WAIT_US) == SPI1, "and each can be pended again");
    gic_eoi(SPI1);
    gic_pend(SPI0);
    gic_pend(SPI1);
    clock_wait_us(100);
    tap_ok(gic_ack() == SPURIOUS && wait0(WAIT_US) == SPI0,
           "with both pending only the higher one is given");
    eoi0(SPI0);
    gic_eoi(gic_wait(WAIT_US));
    gic_priority(SPI0, 0x60);
}

static void check_enables(void)
{
    enables(0, 1);
    gic_pend(SPI0);
    gic_pend(SPI1);
    tap_ok(gic_wait(WAIT_US) == SPI1, "group 0 off at the interface: group 1 comes");
    gic_eoi(SPI1);
    tap_ok(wait0(NONE_US) == SPURIOUS && gic_is_pending(SPI0), "group 0 waits");
    enables(1, 0);
    gic_pend(SPI1);
    tap_ok(wait0(WAIT_US) == SPI0, "the other way round: group 0 comes");
    eoi0(SPI0);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "group 1 waits");
    enables(1, 1);
    tap_ok(gic_wait(WAIT_US) == SPI1, "and comes when it is on");
    gic_eoi(SPI1);
    gic_groups(2);
    gic_pend(SPI0);
    gic_pend(SPI1);
    tap_ok(gic_wait(WAIT_US) == SPI1 && wait0(NONE_US) == SPURIOUS,
           "group 0 off at the distributor");
    gic_eoi(SPI1);
    gic_groups(1);
    gic_pend(SPI1);
    tap_ok(wait0(WAIT_US) == SPI0 && gic_wait(NONE_US) == SPURIOUS,
           "group 1 off at the distributor");
    eoi0(SPI0);
    gic_groups(3);
    tap_ok(gic_wait(WAIT_US) == SPI1, "both on again");
    gic_eoi(SPI1);
    tap_ok(read_sysreg(icc_igrpen0_el1) == 1 && read_sysreg(icc_igrpen1_el1) == 1,
           "ICC_IGRPEN0_EL1 and ICC_IGRPEN1_EL1 read back");
}

static void check_switched(void)
{
    gic_pend(SPI1);
    gic_group(SPI1, 0);
    tap_ok(gic_wait(NONE_US) == SPURIOUS && wait0(WAIT_US) == SPI1,
           "pending, then in group 0: it comes as that");
    eoi0(SPI1);
    gic_pend(SPI1);
    gic_group(SPI1, 1);
    tap_ok(wait0(NONE_US) == SPURIOUS && gic_wait(WAIT_US) == SPI1, "and back as group 1");
    gic_eoi(SPI1);
    irqs = fiqs = 0;
    gic_pend(SPI1);
    gic_group(SPI1, 0);
    open();
    gic_group(SPI1, 1);
    gic_pend(SPI1);
    open();
    tap_ok(fiqs == 1 && irqs == 1, "by FIQ once and by IRQ once");
}

/* By ICC_SGI0R_EL1, ICC_SGI1R_EL1, ICC_ASGI1R_EL1: the register must fit the group of the SGI. */
static void check_sgis(void)
{
    const uint64_t to0 = (uint64_t)SGI0 << 24 | 1, to1 = (uint64_t)SGI1 << 24 | 1;

    write_sysreg(icc_sgi0r_el1, to0);
    isb();
    tap_ok(wait0(WAIT_US) == SGI0, "ICC_SGI0R_EL1 sends an SGI of group 0");
    eoi0(SGI0);
    write_sysreg(icc_sgi0r_el1, to1);
    isb();
    tap_ok(gic_wait(NONE_US) == SPURIOUS && !gic_is_pending(SGI1), "and none of group 1");
    write_sysreg(icc_sgi1r_el1, to1);
    isb();
    tap_ok(gic_wait(WAIT_US) == SGI1, "ICC_SGI1R_EL1 sends an SGI of group 1");
    gic_eoi(SGI1);
    write_sysreg(icc_sgi1r_el1, to0);
    isb();
    tap_ok(wait0(NONE_US) == SPURIOUS && !gic_is_pending(SGI0), "and none of group 0");
    write_sysreg(icc_asgi1r_el1, to1);
    isb();
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "ICC_ASGI1R_EL1 sends none of group 1");
    write_sysreg(icc_asgi1r_el1, to0);
    isb();
    tap_ok(wait0(WAIT_US) == SGI0, "ICC_ASGI1R_EL1 sends one of group 0");
    eoi0(SGI0);
    gic_pend(SGI0);
    tap_ok(wait0(WAIT_US) == SGI0, "GICR_ISPENDR0 sends either");
    eoi0(SGI0);
}

/* ICC_CTLR_EL1.CBPR: group 1 takes the binary point of group 0. */
static void check_common_binary_point(void)
{
    const uint64_t least = read_sysreg(icc_bpr0_el1);

    write_sysreg(icc_bpr0_el1, 5);
    write_sysreg(icc_bpr1_el1, 4);
    isb();
    tap_ok(read_sysreg(icc_bpr0_el1) == 5 && read_sysreg(icc_bpr1_el1) == 4, "two binary points");
    write_sysreg(icc_ctlr_el1, 1);
    isb();
    tap_ok((read_sysreg(icc_ctlr_el1) & 3) == 1, "ICC_CTLR_EL1.CBPR is set");
    tap_ok(read_sysreg(icc_bpr1_el1) == 6, "ICC_BPR1_EL1 reads as group 0's plus one");
    write_sysreg(icc_bpr1_el1, 3);
    isb();
    tap_ok(read_sysreg(icc_bpr1_el1) == 6 && read_sysreg(icc_bpr0_el1) == 5,
           "ICC_BPR1_EL1 cannot be written");
    gic_priority(SPI1, 0x60); /* group priority 0x40 */
    gic_priority(SGI1, 0x48);
    gic_pend(SPI1);
    tap_ok(gic_wait(WAIT_US) == SPI1, "group 1 runs");
    gic_pend(SGI1);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "one of the same group priority does not preempt");
    gic_eoi(SPI1);
    gic_eoi(gic_wait(WAIT_US));
    write_sysreg(icc_ctlr_el1, 0);
    isb();
    tap_ok(read_sysreg(icc_bpr1_el1) == 4, "without CBPR its own binary point is back");
    gic_pend(SPI1);
    gic_wait(WAIT_US);
    gic_pend(SGI1);
    tap_ok(gic_wait(WAIT_US) == SGI1, "and it preempts");
    gic_eoi(SGI1);
    gic_eoi(SPI1);
    write_sysreg(icc_bpr0_el1, 0);
    write_sysreg(icc_bpr1_el1, 0);
    isb();
    tap_ok(read_sysreg(icc_bpr0_el1) == least, "the smallest binary point is a constant");
}

/* EOImode 1: deactivation is one register for both groups. */
static void check_mode_1(void)
{
    gic_eoimode(1);
    gic_pend(SPI0);
    tap_ok(wait0(WAIT_US) == SPI0, "mode 1: group 0 comes");
    eoi0(SPI0);
    tap_ok(gic_is_active(SPI0) && gic_running() == 0xff, "mode 1: ended it is still active");
    gic_dir(SPI0);
    tap_ok(!gic_is_active(SPI0), "mode 1: ICC_DIR_EL1 deactivates it");
    gic_eoimode(0);
}

void guest_main(const void *tree)
{
    (void)tree;
    gic_init();
    gic_groups(3);
    gic_group(SPI0, 0);
    gic_group(SGI0, 0);
    enables(1, 1);
    gic_priority(SPI0, 0x60);
    gic_priority(SPI1, 0x60);
    for (unsigned i = 0; i < 2; i++) {
        gic_edge(SPI0 + i, true);
        gic_enable(SPI0 + i);
        gic_enable(SGI0 + i);
    }
    check_signals();
    check_registers();
    check_preemption();
    check_enables();
    check_switched();
    check_sgis();
    check_common_binary_point();
    check_mode_1();
    tap_end();
}
