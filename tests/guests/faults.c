/* SPDX-License-Identifier: BSD-2-Clause */
/* What does not work must fail in the guest as on a real machine: with the right exception, and
 * nothing worse. */
#include "guest.h"

#define NOWHERE 0x0b000000ul /* nothing lies there on the virt board */

enum { EC_UNKNOWN = 0x00, EC_FETCH = 0x21, EC_DATA = 0x25 };
enum { SYNCHRONOUS_EXTERNAL = 0x10, ALIGNMENT = 0x21 };

static void expect_data(struct trap trap, uint64_t address, bool write, const char *what)
{
    tap_ok(trap.count == 1 && trap.esr >> 26 == EC_DATA, "%s: data abort, esr %lx", what, trap.esr);
    tap_ok((trap.esr & 0x3f) == SYNCHRONOUS_EXTERNAL && (trap.esr >> 25 & 1), "%s: external abort",
           what);
    tap_ok((trap.esr >> 6 & 1) == write, "%s: WnR", what);
    tap_ok(trap.far == address, "%s: FAR %lx", what, trap.far);
}

static void check_unmapped(uint64_t address, const char *what)
{
    trap_expect();
    read32(address);
    expect_data(trap_result(), address, false, what);
    trap_expect();
    write32(address, 1);
    expect_data(trap_result(), address, true, what);
}

static void check_fetch(void)
{
    struct trap trap;

    trap_expect();
    __asm__ volatile("blr %0" ::"r"(NOWHERE) : "x30", "memory");
    trap = trap_result();
    tap_ok(trap.count == 1 && trap.esr >> 26 == EC_FETCH, "fetch: instruction abort, esr %lx",
           trap.esr);
    tap_ok((trap.esr & 0x3f) == SYNCHRONOUS_EXTERNAL, "fetch: external abort");
    tap_ok(trap.far == NOWHERE && trap.elr == NOWHERE, "fetch: FAR %lx", trap.far);
}

/* An instruction that must be undefined. */
#define CHECK_UNDEFINED(instruction)                                                               \
    do {                                                                                           \
        struct trap trap_;                                                                         \
        trap_expect();                                                                             \
        __asm__ volatile(instruction ::: "x0", "memory");                                          \
        trap_ = trap_result();                                                                     \
        tap_ok(trap_.count == 1 && trap_.esr >> 26 == EC_UNKNOWN, "undefined: %s, esr %lx",        \
               #instruction, trap_.esr);                                                           \
    } while (0)

static void check_undefined(void)
{
    CHECK_UNDEFINED("udf #0");
    CHECK_UNDEFINED("mrs x0, s3_2_c7_c7_7");
    CHECK_UNDEFINED("msr s3_2_c7_c7_7, x0");
    CHECK_UNDEFINED("mrs x0, hcr_el2");
    CHECK_UNDEFINED("msr vttbr_el2, x0");
    CHECK_UNDEFINED("mrs x0, s3_4_c12_c12_0"); /* ICH_LR0_EL2 */
    CHECK_UNDEFINED("mrs x0, scr_el3");
    CHECK_UNDEFINED("tlbi vmalls12e1");
    /* A board has these or not; Bulkhead hides them. */
    if (on_bulkhead()) {
        CHECK_UNDEFINED("mrs x0, pmcr_el0");
        CHECK_UNDEFINED("msr pmcntenset_el0, x0");
    }
}

/* Accesses that trap without a decodable syndrome. A board does them, Bulkhead aborts them; in
 * neither case may anything else happen. */
static void check_awkward(void)
{
    uint64_t base = GICD, a = 0, b = 0;
    struct trap trap;

    trap_expect();
    __asm__ volatile("ldp %w0, %w1, [%2]" : "+r"(a), "+r"(b) : "r"(base) : "memory");
    trap = trap_result();
    if (on_bulkhead())
        expect_data(trap, GICD, false, "ldp");
    else
        tap_ok(trap.count == 0, "ldp works");

    trap_expect();
    __asm__ volatile("ldr %w0, [%1], #4" : "+r"(a), "+r"(base)::"memory");
    trap = trap_result();
    if (on_bulkhead())
        expect_data(trap, GICD, false, "ldr with writeback");
    tap_ok(base == GICD + (trap.count ? 0 : 4), "ldr with writeback: base register");

    trap_expect();
    __asm__ volatile("ldr %w0, [%1]" : "+r"(a) : "r"(RAM + 0x100001) : "memory");
    trap = trap_result();
    /* QEMU 7.2 does not check this, silicon does */
    tap_ok(trap.count == 0 || (trap.esr >> 26 == EC_DATA && (trap.esr & 0x3f) == ALIGNMENT),
           "unaligned without MMU: alignment fault, or it works");
}

static void check_emulated(void)
{
    uint64_t value = ~0ul;
    int64_t small;

    /* sizes, extensions and registers of emulated loads */
    __asm__ volatile("ldrsb %w0, [%1]" : "=r"(small) : "r"(UART + 0xffc));
    tap_ok(small == 0xffffffb1, "ldrsb to 32 bits: %lx", (uint64_t)small);
    __asm__ volatile("ldrsb %0, [%1]" : "=r"(small) : "r"(UART + 0xffc));
    tap_ok(small == -0x4f, "ldrsb to 64 bits: %lx", (uint64_t)small);
    __asm__ volatile("ldr %w0, [%1]" : "+r"(value) : "r"(UART + 0xfe0));
    tap_ok(value == 0x11, "ldr to 32 bits clears the rest: %lx", value);
    __asm__ volatile("ldr wzr, [%0]" ::"r"(UART + 0xfe0));
    __asm__ volatile("str wzr, [%0]" ::"r"(UART + 0x38));
    tap_ok(read32(UART + 0x38) == 0, "the zero register loads and stores");
    write32(UART + 0x38, 0x20);
    tap_ok(read32(UART + 0x38) == 0x20, "UARTIMSC reads back");
    write32(UART + 0x38, 0);
    tap_ok((read32(UART + 0x18) & 0xb0) == 0x90, "UARTFR: both FIFOs empty");
}

void guest_main(const void *tree)
{
    uint64_t end = fdt_ram_end(tree);

    check_unmapped(NOWHERE, "nowhere");
    tap_ok(end > RAM, "the RAM ends at %lx", end);
    check_unmapped(end, "behind the RAM");
    read32(end - 4); /* its last word is there: no exception */
    check_fetch();
    check_undefined();
    check_awkward();
    check_emulated();
    tap_ok(psci(0x86001234, 1, 2, 3) == -1, "an unknown HVC");
    if (on_bulkhead()) {
        tap_ok(psci_smc(0x86001234, 1, 2, 3) == -1, "an unknown SMC");
        tap_ok(psci(0xc6000006, 1, 0, 0) < 0, "HVC: the seal is not for guests");
        tap_ok(psci(0xc6000010, 8, RAM, 0) < 0, "HVC: nor is starting a vCPU behind PSCI");
        tap_ok(psci(0xc60000ff, 3, 1, 0) < 0, "HVC: nor is a monitor's return");
    }
    tap_end();
}
