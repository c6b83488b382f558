/* SPDX-License-Identifier: BSD-2-Clause */
/* Begins anew over and over, each time from whatever it has made of its machine: at every start
 * memory, registers, interrupts and timers must be as at the first. Bootargs: times=N, how= as
 * below. */
#include "guest.h"
#include <bulkhead/guest.h>

enum { RESET, RESET2, CRASH, HOWS, SPI = 60, MARK_MIB = 2, STEP = 4096, WAIT_US = 2000000 };

static struct {
    uint64_t wrong; /* starts that were not clean */
    uint64_t what;  /* the first thing that was not */
} state;
static volatile uint32_t busy[8];

static uint64_t restarts(void)
{
    register uint64_t x0 __asm__("x0") = BH_GUEST_STATE;
    register uint64_t x1 __asm__("x1");

    __asm__ volatile("hvc #0"
                     : "+r"(x0), "=r"(x1)::"x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10",
                       "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
    return x1 >> 32;
}

static void expect(bool good, uint64_t what)
{
    if (!good && !state.wrong++)
        state.what = what;
}

/* As a machine is after reset. */
static void check(void)
{
    uint64_t end = RAM + MARK_MIB * 0x100000;

    for (uint64_t at = RAM + 0x100000; at < end; at += STEP)
        expect(read64(at) == 0, at);
    expect(guest_entry.current_el == 4 && guest_entry.daif == 0x3c0, 1);
    expect((guest_entry.sctlr & 0x1005) == 0, 2);
    expect(!(read_sysreg(cntv_ctl_el0) & 1) && !(read_sysreg(cntp_ctl_el0) & 1), 3);
    expect(read_sysreg(tpidr_el0) == 0 && read_sysreg(ttbr0_el1) == 0, 4);
    expect((read32(GICD) & 3) == 0, 5);
    for (unsigned block = 0x100; block < 0x400; block += 0x80)
        for (unsigned word = 1; word < 9; word++)
            expect(read32(GICD + block + word * 4) == 0, GICD + block + word * 4);
}

/* Leaves traces everywhere that the next start must not find. */
static void soil(void)
{
    uint64_t end = RAM + MARK_MIB * 0x100000;

    for (uint64_t at = RAM + 0x100000; at < end; at += STEP)
        write64(at, ~at);
    for (unsigned i = 0; i < 4; i++) {
        gic_priority(SPI + i, 0x40 + i * 8);
        gic_enable(SPI + i);
        gic_pend(SPI + i);
    }
    gic_enable(27);
    gic_enable(30);
    write_sysreg(cntv_cval_el0, 0);
    write_sysreg(cntv_ctl_el0, 1);
    write_sysreg(cntp_cval_el0, 0);
    write_sysreg(cntp_ctl_el0, 1);
    write_sysreg(tpidr_el0, 0x1234);
    write_sysreg(ttbr0_el1, 0x5000);
    (void)gic_ack(); /* one is active when it ends */
}

static _Noreturn void end(uint64_t how)
{
    if (how == RESET2)
        psci(0xc4000012, 0, 0, 0);
    else if (how == CRASH)
        psci(BH_GUEST_CRASH, 0xdead, 0xbeef, 0);
    psci(PSCI_SYSTEM_RESET, 0, 0, 0);
    for (;;)
        wfi();
}

/* The other cores: busy, or the one that ends it. */
void guest_secondary(uint64_t how)
{
    unsigned cpu = cpu_number();

    busy[cpu] = 1;
    dsb();
    if (how < HOWS)
        end(how);
    for (;;)
        if (cpu % 2)
            wfi();
}

void guest_main(const void *tree)
{
    uint64_t times = bootargs_number(tree, "times", 10);
    uint64_t how = bootargs_number(tree, "how", HOWS);
    uint64_t number = restarts();
    unsigned cpus, last;

    check();
    gic_init();
    cpus = cpu_count();
    last = (unsigned)(number % cpus);
    for (unsigned i = 1; i < cpus; i++)
        expect(psci(PSCI_AFFINITY_INFO, i, 0, 0) == 1, 6);
    if (state.wrong) {
        print("start %lu: %lu wrong, the first %lx\n", number, state.wrong, state.what);
        psci_system_off();
    }
    if (number >= times) {
        tap_ok(true, "clean at %lu starts", times + 1);
        tap_end();
        return;
    }
    if (how >= HOWS)
        how = number % 2;
    soil();
    for (unsigned i = 1; i < cpus; i++) {
        psci_start(i, i == last ? how : HOWS);
        if (i != last)
            while (!busy[i])
                ;
    }
    if (!last)
        end(how);
    for (;;)
        wfi();
}
