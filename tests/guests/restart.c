/* SPDX-License-Identifier: BSD-2-Clause */
/* Begins anew over and over, each time from whatever it has made of its machine and whatever its
 * vCPUs do: at every start memory, registers, interrupts and timers must be as at the first. Boot
 * arguments: times=N, how= as below (otherwise the first two in turn; 9: all in turn), others=1:
 * others end it, too. */
#include "guest.h"
#include <bulkhead/call.h>
#include <bulkhead/guest.h>

/* How it ends. */
enum { RESET, RESET2, CRASH, EXIT, HOWS, ALL = 9 };
/* What the other vCPUs do meanwhile; the last two end it. */
enum { BUSY, WAITS, GOES_OFF, SUSPENDED, IN_MONITOR, ROLES, ENDS = ROLES, ENDS_TOGETHER };
enum { NOTHING = 0x0b100000, CODE = 0xdead, DETAIL = 0xbeef };
enum { SPI = 60, MARK_MIB = 2, STEP = 4096 };

static struct {
    uint64_t wrong; /* starts that were not clean */
    uint64_t what;  /* the first thing that was not */
} seen;
static volatile uint32_t busy[8];

static volatile uint32_t go;

/* A call of bulkhead/guest.h: x0 to x3. */
struct result {
    uint64_t x[4];
};

static struct result ask(uint64_t function, uint64_t a, uint64_t b)
{
    register uint64_t x0 __asm__("x0") = function;
    register uint64_t x1 __asm__("x1") = a;
    register uint64_t x2 __asm__("x2") = b;
    register uint64_t x3 __asm__("x3");

    __asm__ volatile("hvc #0"
                     : "+r"(x0), "+r"(x1), "+r"(x2), "=r"(x3)::"x4", "x5", "x6", "x7", "x8", "x9",
                       "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
    return (struct result){{x0, x1, x2, x3}};
}

static void expect(bool good, uint64_t what)
{
    if (!good && !seen.wrong++)
        seen.what = what;
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
        psci(BH_GUEST_CRASH, CODE, DETAIL, 0);
    else if (how == EXIT)
        (void)read32(NOTHING);
    psci(PSCI_SYSTEM_RESET, 0, 0, 0);
    for (;;)
        wfi();
}

void guest_secondary(uint64_t context)
{
    unsigned cpu = cpu_number();
    uint64_t role = context & 0xff;

    busy[cpu] = 1;
    dsb();
    if (role == ENDS_TOGETHER)
        while (!go)
            ;
    if (role >= ENDS)
        end(context >> 8);
    if (role == GOES_OFF)
        psci(PSCI_CPU_OFF, 0, 0, 0);
    if (role == SUSPENDED)
        psci(PSCI_CPU_SUSPEND, 0, 0, 0);
    for (;;) {
        if (role == WAITS)
            wfi();
        if (role == IN_MONITOR)
            (void)read32(GICD);
    }
}

/* What its record says of the last failure, if it was one: `how` and which vCPU, and no more. */
static void check_record(uint64_t number, uint64_t how, unsigned vcpu, bool alone)
{
    struct result state = ask(BH_GUEST_STATE, 0, 0);
    struct result what = ask(BH_GUEST_FAILURE, 0, 0);
    struct result where = ask(BH_GUEST_FAILURE, 0, 1);
    uint64_t reason = how == CRASH ? BH_STOP_CRASH : BH_STOP_EXIT;

    if (!number)
        expect(state.x[1] == 0 && what.x[0] == (uint64_t)-2, 10);
    if (!number || how < CRASH)
        return;
    expect(state.x[2] == reason && (state.x[1] & 0xffffffff), 11);
    expect(what.x[0] == 0 && (what.x[1] & 0xff) == reason, 12);
    expect(!alone || what.x[1] >> 8 == vcpu, 13);
    expect(what.x[2] - RAM < 0x100000 * MARK_MIB && what.x[3] <= clock_ticks(), 14);
    expect(where.x[1] == CODE || how != CRASH, 15);
    expect(where.x[2] == (how == CRASH ? DETAIL : NOTHING), 16);
    expect(how == CRASH || where.x[1] >> 26 == 0x24, 17);
}

static uint64_t how_of(uint64_t how, uint64_t number)
{
    return how == ALL ? number % HOWS : how < HOWS ? how : number % 2;
}

/* Starts the others with what they do; then one of all ends it, or all together. */
static _Noreturn void live(uint64_t number, uint64_t how)
{
    unsigned cpus = cpu_count();
    unsigned last = (unsigned)(number % cpus);
    bool together = number % 5 == 4;

    for (unsigned i = 1; i < cpus; i++) {
        uint64_t role = together ? ENDS_TOGETHER : i == last ? ENDS : (number + i) % ROLES;

        if (i == last && !together)
            continue;
        psci_start(i, role | how << 8);
        /* now and then it is still being started */
        while ((number + i) % 7 && !busy[i])
            ;
    }
    if (last && !together)
        psci_start(last, ENDS | how << 8);
    go = 1;
    dsb();
    if (!last || together)
        end(how);
    for (;;)
        wfi();
}

void guest_main(const void *tree)
{
    uint64_t times = bootargs_number(tree, "times", 10);
    uint64_t how = bootargs_number(tree, "how", HOWS);
    uint64_t number = ask(BH_GUEST_STATE, 0, 0).x[1] >> 32;
    unsigned cpus;

    check();
    gic_init();
    cpus = cpu_count();
    for (unsigned i = 1; i < cpus; i++)
        expect(psci(PSCI_AFFINITY_INFO, i, 0, 0) == 1, 6);
    if (!bootargs_number(tree, "others", 0))
        check_record(number, how_of(how, number - 1), (unsigned)((number - 1) % cpus),
                     (number - 1) % 5 != 4);
    if (seen.wrong) {
        print("start %lu: %lu wrong, the first %lx\n", number, seen.wrong, seen.what);
        psci_system_off();
    }
    if (number >= times) {
        tap_ok(true, "clean at %lu starts", times + 1);
        tap_end();
        return;
    }
    soil();
    live(number, how_of(how, number));
}
