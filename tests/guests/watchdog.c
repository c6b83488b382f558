/* SPDX-License-Identifier: BSD-2-Clause */
/* Hangs in every way, a different one at each start, until its watchdog begins it anew; at last it
 * checks the watchdog's registers. Whichever watchdog the tree has. Three cores. Bootargs: first=N,
 * last=N, of the ways; runs=1, spins without having started it. */
#include "guest.h"

#include <bulkhead/guest.h>

enum { INTID = 42, PERIOD_US = 30000, STALE_US = 200000, WAIT_US = 3000000, NONE_US = 5000 };

#define SYSTEM_SUSPEND 0xc400000eu

/* Arm's generic watchdog */
#define WRR  0x09800000ul
#define WCS  0x09810000ul
#define WOR  (WCS + 8)
#define WCV  (WCS + 16)
#define IIDR 0xfccu
enum { EN = 1, WS0 = 2, WS1 = 4 };

/* SP805 */
#define SP805 0x09800000ul
enum { LOAD = 0, VALUE = 4, CONTROL = 8, INTCLR = 12, RIS = 16, MIS = 20, LOCK = 0xc00 };
enum { INTEN = 1, RESEN = 2 };
#define UNLOCK 0x1acce551u

enum { SPINS, SLEEPS, ARMED_BY_ONE_OFF, BOOT_CORE_OFF, ALL_OFF, SUSPENDED, STALE, WAYS };
static const char *const names[WAYS] = {
    [SPINS] = "spins with interrupts masked",
    [SLEEPS] = "sleeps with interrupts masked",
    [ARMED_BY_ONE_OFF] = "spins, and the core that armed it is off",
    [BOOT_CORE_OFF] = "another core spins, the boot core is off",
    [ALL_OFF] = "all cores are off",
    [SUSPENDED] = "the system is suspended",
    [STALE] = "one core armed it, another refreshed it and spins",
};

static bool sbsa;
static volatile uint64_t stage;

struct results {
    uint64_t x0, x1, x2, x3;
};

static struct results call(uint64_t function, uint64_t a, uint64_t b)
{
    register uint64_t x0 __asm__("x0") = function;
    register uint64_t x1 __asm__("x1") = a;
    register uint64_t x2 __asm__("x2") = b;
    register uint64_t x3 __asm__("x3");

    __asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "=r"(x3)::"memory");
    return (struct results){x0, x1, x2, x3};
}

static uint64_t ticks(uint64_t us)
{
    return us * clock_hz() / 1000000;
}

static void arm(uint64_t us)
{
    if (sbsa) {
        write32(WOR, (uint32_t)ticks(us));
        write32(WCS, EN);
    } else {
        write32(SP805 + LOAD, (uint32_t)us - 1);
        write32(SP805 + CONTROL, INTEN | RESEN);
    }
}

static void refresh(void)
{
    if (sbsa)
        write32(WRR, 0);
    else
        write32(SP805 + INTCLR, 0);
}

static void stop(void)
{
    if (sbsa)
        write32(WCS, 0);
    else
        write32(SP805 + CONTROL, 0);
}

static _Noreturn void spin(void)
{
    for (;;)
        ;
}

/* Before it is armed, and so before its last refresh. */
static void announce(unsigned way)
{
    uint64_t now = clock_ticks();

    print("hangs %u at %lu, %lu: %s\n", way, now, ticks(way == STALE ? STALE_US : PERIOD_US),
          names[way]);
}

void guest_secondary(uint64_t way)
{
    switch (way) {
    case ARMED_BY_ONE_OFF:
    case ALL_OFF:
        arm(PERIOD_US);
        psci_cpu_off();
    case BOOT_CORE_OFF:
        stage = 1;
        spin();
    case STALE:
        arm(STALE_US);
        stage = 1;
        for (;;)
            wfi();
    default:
        spin();
    }
}

static void wait_for(uint64_t cpu, int64_t state)
{
    while (psci(PSCI_AFFINITY_INFO, cpu, 0, 0) != state)
        ;
}

static _Noreturn void hang(unsigned way)
{
    announce(way);
    switch (way) {
    case ARMED_BY_ONE_OFF:
    case ALL_OFF:
        psci_start(1, way);
        wait_for(1, 1);
        break;
    case BOOT_CORE_OFF:
    case STALE:
        psci_start(1, way);
        while (!stage)
            ;
        break;
    default:
        break;
    }
    if (way == STALE)
        for (unsigned i = 0; i < 6; i++) { /* longer than the other core's would have lasted */
            refresh();
            clock_wait_us(STALE_US / 2);
        }
    else if (way != ARMED_BY_ONE_OFF && way != ALL_OFF)
        arm(PERIOD_US);
    if (way == ALL_OFF || way == BOOT_CORE_OFF)
        psci_cpu_off();
    if (way == SUSPENDED)
        psci(SYSTEM_SUSPEND, (uint64_t)(uintptr_t)secondary_start, way, 0);
    for (;;)
        if (way == SLEEPS)
            wfi();
}

/* What there is to know of the last failure. */
static void tell(void)
{
    struct results first = call(BH_GUEST_FAILURE, 0, 0);

    print("failed with %lu on core %lu at %lu, status %x\n", first.x1 & 0xff, first.x1 >> 8,
          first.x3, sbsa ? read32(WCS) : 0);
}

static void check_sbsa(void)
{
    uint64_t before, after, compare;

    tap_ok(read32(WCS) == WS1, "WCS has WS1 alone: why it began");
    write32(WRR, 0);
    tap_ok(read32(WCS) == 0, "a refresh clears it");
    tap_ok((read32(WCS + IIDR) >> 16 & 15) == 1 && read32(WRR + IIDR) == read32(WCS + IIDR),
           "W_IIDR: revision 1, in both frames");
    write32(WOR, 0x12345678);
    write32(WOR + 4, 0xffffffff);
    tap_ok(read64(WOR) == 0xffff12345678, "WOR has 48 bits");
    write64(WOR, ticks(WAIT_US));
    tap_ok(read64(WOR) == ticks(WAIT_US) && read16(WOR) == 0, "takes 64 bits, and not 16");
    before = clock_ticks();
    write32(WCS, ~0u);
    after = clock_ticks();
    compare = read64(WCV);
    tap_ok(read32(WCS) == EN, "WCS: only the enable is written");
    tap_ok(compare >= before + ticks(WAIT_US) && compare <= after + ticks(WAIT_US),
           "WCV is an offset from now");
    write64(WCV, after);
    compare = read64(WCV);
    after = clock_ticks();
    tap_ok(read32(WCS) == (EN | WS0), "WCV is written, and compared with");
    tap_ok(compare >= before + ticks(WAIT_US) && compare <= after + ticks(WAIT_US),
           "and put off by the offset then");
    write32(WCS, 0);
    tap_ok(read32(WCS) == 0, "off, it has no signal");
    write32(WCS, EN);
    tap_ok(read64(WCV) > compare, "on, it begins anew");
    stop();
}

static void check_sp805(void)
{
    static const uint8_t id[8] = {0x05, 0x18, 0x14, 0, 0x0d, 0xf0, 0x05, 0xb1};
    bool right = true;
    uint32_t value;

    for (unsigned i = 0; i < 8; i++)
        right = right && read32(SP805 + 0xfe0 + 4 * i) == id[i];
    tap_ok(right, "SP805 by its identification registers");
    tap_ok(read32(SP805 + LOAD) == ~0u && read32(SP805 + VALUE) == ~0u &&
               !read32(SP805 + CONTROL) && !read32(SP805 + RIS) && !read32(SP805 + LOCK),
           "as after reset");
    write32(SP805 + LOCK, 1);
    write32(SP805 + LOAD, 5);
    write32(SP805 + CONTROL, INTEN | RESEN);
    tap_ok(read32(SP805 + LOCK) == 1 && read32(SP805 + LOAD) == ~0u && !read32(SP805 + CONTROL),
           "locked, nothing else is written");
    write32(SP805 + LOCK, UNLOCK);
    write32(SP805 + LOAD, WAIT_US);
    tap_ok(read32(SP805 + LOCK) == 0 && read32(SP805 + VALUE) == WAIT_US, "unlocked");
    clock_wait_us(NONE_US);
    tap_ok(read32(SP805 + VALUE) == WAIT_US, "off, it does not count");
    write32(SP805 + CONTROL, INTEN);
    clock_wait_us(NONE_US);
    value = read32(SP805 + VALUE);
    tap_ok(value <= WAIT_US - NONE_US && value > 0, "on, it counts microseconds");
    write32(SP805 + CONTROL, 0);
    value = read32(SP805 + VALUE);
    clock_wait_us(NONE_US);
    tap_ok(value && read32(SP805 + VALUE) == value, "off, it stands");
    write32(SP805 + LOAD, NONE_US);
    write32(SP805 + CONTROL, INTEN); /* and no reset, ever */
    clock_wait_us(NONE_US * 5);
    tap_ok(read32(SP805 + RIS) == 1 && read32(SP805 + MIS) == 1 && read32(SP805 + VALUE) <= NONE_US,
           "without RESEN it goes round");
    write32(SP805 + CONTROL, 0);
    tap_ok(read32(SP805 + RIS) == 1 && read32(SP805 + MIS) == 0, "off, its interrupt is masked");
    write32(SP805 + INTCLR, 0);
    tap_ok(read32(SP805 + RIS) == 0 && read32(SP805 + VALUE) == NONE_US, "cleared and loaded");
}

/* The interrupt of the first time, as a level, and none while it is refreshed. */
static void check_interrupt(void)
{
    unsigned early = 0;

    gic_init();
    gic_enable(INTID);
    arm(PERIOD_US);
    for (unsigned i = 0; i < 20; i++) {
        uint64_t before = clock_ticks();
        unsigned intid;

        refresh();
        intid = gic_wait(PERIOD_US / 8);
        early += intid != SPURIOUS && clock_ticks() - before < ticks(PERIOD_US);
        refresh();
        if (intid != SPURIOUS) /* the simulator stood still for a while */
            gic_eoi(intid);
    }
    tap_ok(!early, "refreshed, it has no interrupt");
    arm(WAIT_US);
    if (sbsa) /* the first time comes soon, the second one late */
        write64(WCV, clock_ticks() + ticks(PERIOD_US));
    else {
        write32(SP805 + CONTROL, INTEN);
        write32(SP805 + LOAD, PERIOD_US);
    }
    tap_ok(gic_wait(WAIT_US) == INTID, "it comes");
    gic_eoi(INTID);
    tap_ok(gic_wait(WAIT_US) == INTID, "and stays");
    refresh();
    gic_eoi(INTID);
    tap_ok(gic_wait(NONE_US) == SPURIOUS, "until a refresh");
    stop();
}

void guest_main(const void *tree)
{
    uint64_t number = call(BH_GUEST_STATE, 0, 0).x1 >> 32;
    uint64_t way = bootargs_number(tree, "first", 0) + number;

    sbsa = fdt_compatible(tree, "watchdog", "arm,sbsa-gwdt");
    if (!sbsa && !fdt_compatible(tree, "watchdog", "arm,sp805")) {
        tap_ok(false, "the tree has a watchdog");
        return;
    }
    if (number)
        tell();
    if (bootargs_number(tree, "runs", 0)) {
        if (!number)
            spin();
        tap_ok(sbsa ? read32(WCS) & EN : read32(SP805 + CONTROL) == (INTEN | RESEN),
               "it runs from the start on");
        stop();
        tap_end();
        return;
    }
    if (way <= bootargs_number(tree, "last", WAYS - 1))
        hang((unsigned)way);
    if (sbsa)
        check_sbsa();
    else
        check_sp805();
    check_interrupt();
    tap_end();
}
